/**
 * Karmada's own API as far as a placement depends on it: pkg/apis/policy/v1alpha1, pkg/apis/cluster/v1alpha1 of
 * Karmada 1.18.2. Objects come from files, so any field may be missing.
 */
import type { KubeObject, LabelSelector, ResourceList, SelectorRequirement, Taint, Toleration } from './kubernetes.ts';

/**
 * A member, as `kubectl get clusters -o yaml` prints it. One without `status` is a member that is only planned: which
 * kinds it serves and what room it has is not known, so neither refuses an object.
 */
export interface Cluster extends KubeObject {
  readonly spec?: ClusterSpec;
  readonly status?: ClusterStatus;
}

export interface ClusterSpec {
  readonly provider?: string;
  readonly region?: string;
  /** Deprecated for `zones`: Karmada's API server moves it there (pkg/apis/cluster/mutation). */
  readonly zone?: string;
  readonly zones?: readonly string[];
  readonly taints?: readonly Taint[];
  readonly resourceModels?: readonly ResourceModel[];
  readonly [field: string]: unknown;
}

export interface ResourceModel {
  readonly grade: number;
  readonly ranges: readonly { readonly name: string; readonly min: string | number; readonly max: string | number }[];
}

export interface ClusterStatus {
  readonly apiEnablements?: readonly {
    readonly groupVersion: string;
    readonly resources?: readonly { readonly name?: string; readonly kind: string }[];
  }[];
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  readonly resourceSummary?: ResourceSummary;
  readonly [field: string]: unknown;
}

export interface ResourceSummary {
  readonly allocatable?: ResourceList;
  readonly allocating?: ResourceList;
  readonly allocated?: ResourceList;
  readonly allocatableModelings?: readonly { readonly grade: number; readonly count: number }[];
}

export interface ResourceSelector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

export interface ClusterAffinity {
  readonly labelSelector?: LabelSelector;
  readonly fieldSelector?: { readonly matchExpressions?: readonly SelectorRequirement[] };
  readonly clusterNames?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface NamedAffinity extends ClusterAffinity {
  readonly affinityName: string;
}

export interface ClusterAffinityTerm extends NamedAffinity {
  readonly overflowAffinities?: readonly NamedAffinity[];
}

export interface SpreadConstraint {
  readonly spreadByField?: string;
  readonly spreadByLabel?: string;
  readonly minGroups?: number;
  readonly maxGroups?: number;
}

export interface StaticWeight {
  readonly targetCluster: ClusterAffinity;
  readonly weight: number;
}

export interface ReplicaScheduling {
  readonly replicaSchedulingType?: string;
  readonly replicaDivisionPreference?: string;
  readonly weightPreference?: {
    readonly staticWeightList?: readonly StaticWeight[];
    readonly dynamicWeight?: string;
  };
}

export interface PlacementSpec {
  readonly clusterAffinity?: ClusterAffinity;
  readonly clusterAffinities?: readonly ClusterAffinityTerm[];
  readonly clusterTolerations?: readonly Toleration[];
  readonly spreadConstraints?: readonly SpreadConstraint[];
  readonly replicaScheduling?: ReplicaScheduling;
  readonly workloadAffinity?: {
    readonly affinity?: { readonly groupByLabelKey: string };
    readonly antiAffinity?: { readonly groupByLabelKey: string };
  };
}

export interface Suspension {
  readonly dispatching?: boolean;
  readonly dispatchingOnClusters?: { readonly clusterNames?: readonly string[] };
}

export interface PropagationSpec {
  readonly resourceSelectors: readonly ResourceSelector[];
  readonly propagateDeps?: boolean;
  readonly placement?: PlacementSpec;
  readonly priority?: number;
  readonly preemption?: string;
  readonly dependentOverrides?: readonly string[];
  readonly schedulerName?: string;
  readonly failover?: {
    readonly cluster?: { readonly purgeMode?: string };
    readonly application?: Readonly<Record<string, unknown>>;
  };
  readonly conflictResolution?: string;
  readonly activationPreference?: string;
  readonly suspension?: Suspension;
  readonly preserveResourcesOnDeletion?: boolean;
}

/** A PropagationPolicy or a ClusterPropagationPolicy. */
export interface PropagationPolicy extends KubeObject {
  readonly spec: PropagationSpec;
}

export interface ImageOverrider {
  readonly predicate?: { readonly path: string };
  readonly component: string;
  readonly operator: string;
  readonly value?: string;
}

export interface CommandArgsOverrider {
  readonly containerName: string;
  readonly operator: string;
  readonly value?: readonly string[];
}

export interface LabelAnnotationOverrider {
  readonly operator: string;
  readonly value?: Readonly<Record<string, string>>;
}

export interface PlaintextOverrider {
  readonly path: string;
  readonly operator: string;
  readonly value?: unknown;
}

export interface FieldPatch {
  readonly subPath: string;
  readonly operator: string;
  readonly value?: unknown;
}

export interface FieldOverrider {
  readonly fieldPath: string;
  readonly json?: readonly FieldPatch[];
  readonly yaml?: readonly FieldPatch[];
}

export interface Overriders {
  readonly plaintext?: readonly PlaintextOverrider[];
  readonly imageOverrider?: readonly ImageOverrider[];
  readonly commandOverrider?: readonly CommandArgsOverrider[];
  readonly argsOverrider?: readonly CommandArgsOverrider[];
  readonly labelsOverrider?: readonly LabelAnnotationOverrider[];
  readonly annotationsOverrider?: readonly LabelAnnotationOverrider[];
  readonly fieldOverrider?: readonly FieldOverrider[];
}

export interface OverrideRule {
  readonly targetCluster?: ClusterAffinity;
  readonly overriders: Overriders;
}

/** An OverridePolicy or a ClusterOverridePolicy. */
export interface OverridePolicy extends KubeObject {
  readonly spec: {
    readonly resourceSelectors?: readonly ResourceSelector[];
    readonly overrideRules?: readonly OverrideRule[];
    /** Deprecated by Karmada for `overrideRules`, still read where those are missing. */
    readonly targetCluster?: ClusterAffinity;
    readonly overriders?: Overriders;
  };
}
