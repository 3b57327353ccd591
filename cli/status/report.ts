import type { ObjectRef } from '../../simulation/kubernetes.ts';

/** How the federation is: what `status -o json` prints. */
export interface StatusReport {
  /** Name of the federation. */
  readonly federation: string;
  /** When it was looked at, as ISO 8601. */
  readonly at: string;
  /** Worse than `wrong` is `unknown`: what does not answer may be wrong, too. */
  readonly verdict: 'well' | 'wrong' | 'unknown';
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
  /** What can't be told, and why. */
  readonly unknown: readonly string[];
  readonly controlPlane: readonly ComponentStatus[];
  readonly estimators: readonly EstimatorStatus[];
  /** The first that ends comes first. */
  readonly certificates: readonly CertificateStatus[];
  readonly members: readonly MemberStatus[];
  readonly objects: readonly ObjectStatus[];
}

/** A workload of the control plane on the host. */
export interface ComponentStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly ready: number;
  readonly wanted: number;
}

/** What counts the room on a member. */
export interface EstimatorStatus {
  readonly member: string;
  readonly ready: number;
  readonly wanted: number;
}

export interface CertificateStatus {
  /** Such as `Secret karmada-system/karmada-ca`, or `karmada.kubeconfig, user admin`. */
  readonly name: string;
  /** As ISO 8601. */
  readonly ends: string;
  /** Whole days that are left; negative once it has ended. */
  readonly days: number;
  readonly soon: boolean;
}

export interface MemberStatus {
  readonly name: string;
  /** Whether dist/ holds it. */
  readonly declared: boolean;
  /** Whether Karmada knows it; what follows is missing where it does not. */
  readonly joined: boolean;
  readonly mode?: string;
  /** Of its Kubernetes. */
  readonly version?: string;
  readonly ready?: string;
  /** Why it is not ready. */
  readonly why?: string;
  /** When the agent of a member by pull was heard of last, as ISO 8601. */
  readonly heard?: string;
}

/** An object that Karmada places, or should. */
export interface ObjectStatus extends ObjectRef {
  /** Whether dist/ holds it, or something there needs it. */
  readonly declared: boolean;
  readonly state: State;
  /** Why it is nowhere. */
  readonly why?: string;
  /** The members where it is computed to be or is. */
  readonly members: readonly PairStatus[];
}

/** An object on a member. */
export interface PairStatus {
  readonly member: string;
  /** What is computed; missing where it should not be there. */
  readonly computed?: { readonly replicas: number | null };
  /** What Karmada has decided and the member has told; missing where it is not there. */
  readonly live?: {
    readonly replicas: number | null;
    /** Replicas that are ready; missing where its kind or the member does not tell. */
    readonly ready?: number;
    /** Whether the member has it. */
    readonly applied: boolean;
    /** Healthy, Unhealthy or Unknown, as Karmada judges. */
    readonly health: string;
  };
  readonly state: State;
  /** Why it is not well. */
  readonly why?: string;
}

/** `unknown` is what is on a member that does not answer. */
export type State = 'well' | 'wrong' | 'unknown';
