/**
 * What goes into a simulation and what comes out of it. The file to read first: whoever builds on the simulation needs
 * this and `simulate`.
 */
import type { Cluster, Overriders, PlacementSpec } from './karmada.ts';
import type { KubeObject, LabelSelector, ObjectRef, ResourceList } from './kubernetes.ts';

/** Everything that Karmada's detector, scheduler and controllers look at. */
export interface Input {
  /**
   * What the Karmada API server holds: templates, (Cluster)PropagationPolicies, (Cluster)OverridePolicies,
   * FederatedResourceQuotas, in any order. Cluster objects among them are ignored: members stand in `members`.
   */
  readonly objects: readonly KubeObject[];
  /** The members, as `kubectl get clusters -o yaml` prints them. */
  readonly members: readonly Cluster[];
  /** Karmada's feature gates by name. @default - those that Karmada 1.18 has on */
  readonly gates?: Readonly<Partial<Record<Gate, boolean>>>;
  /**
   * What is placed already: Karmada keeps members and scales from what runs. Matched by kind, namespace and name (and
   * apiVersion, where both have one). @default - nothing: a first placement
   */
  readonly before?: readonly Placed[];
  /**
   * Kinds beside those that Karmada knows by itself. @default - SpinApp, where a ResourceInterpreterCustomization for it
   * is among the objects
   */
  readonly interpreters?: readonly Interpreter[];
  /** The name that the scheduler serves (`--scheduler-name`). @default 'default-scheduler' */
  readonly schedulerName?: string;
  /** `--enable-no-execute-taint-eviction` of the controller manager. Eviction needs the gate Failover, too. @default false */
  readonly evictsNoExecute?: boolean;
  /** `--enable-empty-workload-propagation` of the scheduler. @default false */
  readonly propagatesEmptyWorkloads?: boolean;
  /** `--skipped-propagating-namespaces`: regular expressions of whole names. @default - `kube-.*` */
  readonly skippedNamespaces?: readonly string[];
  /** `--skipped-propagating-apis`, beside Karmada's own groups. @default - none */
  readonly skippedApis?: string;
}

/** The gates of pkg/features/features.go that a placement depends on. */
export type Gate =
  | 'Failover'
  | 'GracefulEviction'
  | 'PropagateDeps'
  | 'CustomizedClusterResourceModeling'
  | 'PropagationPolicyPreemption'
  | 'MultiClusterService'
  | 'StatefulFailoverInjection'
  | 'FederatedQuotaEnforcement'
  | 'MultiplePodTemplatesScheduling'
  | 'WorkloadAffinity';

/** One object as it is placed already; a `placements` entry of an earlier plan's JSON is one. */
export interface Placed extends ObjectRef {
  /** The policy that it was claimed by. @default - not known: matched anew */
  readonly policy?: ObjectRef | null;
  readonly members: readonly { readonly name: string; readonly replicas?: number | null }[];
  /** The group of `clusterAffinities` that it was placed by. @default - the first */
  readonly group?: string;
  /** The placement that it was scheduled by; when it is still the same, Karmada lets divided workloads be. @default - another */
  readonly placement?: PlacementSpec;
  /** Each place that it may be at, when that is not known (see Uncertainty). @default - `members` is certain */
  readonly answers?: readonly Placed['members'][];
  /** The members that it is being evicted from. @default - none */
  readonly evicting?: readonly string[];
  /** A WorkloadRebalancer asked to place it afresh. @default false */
  readonly rebalance?: boolean;
}

/** What Karmada reads of one kind: replicas, and what it depends on. Pure functions of the object. */
export interface Interpreter {
  readonly apiVersion: string;
  readonly kind: string;
  /** How many replicas it wants, and what each of them asks of a member. @default - it has no replicas */
  readonly replicas?: (object: KubeObject) => Replicas;
  /** A copy that runs this many. @default - the object as it is */
  readonly revise?: (object: KubeObject, replicas: number) => KubeObject;
  /** For kinds of several pod templates; read with the gate MultiplePodTemplatesScheduling only. @default - none */
  readonly components?: (object: KubeObject) => readonly Component[];
  /** What goes along with `propagateDeps`. @default - nothing */
  readonly dependencies?: (object: KubeObject) => readonly Dependency[];
}

export interface Replicas {
  readonly replicas: number;
  /** Undefined where nothing is asked: no requests, no node selector, no tolerations. */
  readonly requirements?: Requirements;
}

/** What one replica asks of a member. */
export interface Requirements {
  readonly requests: ResourceList;
}

export interface Component extends Replicas {
  readonly name: string;
}

/** One object by its name, or all that a selector matches. */
export type Dependency = (ObjectRef & { readonly apiVersion: string }) | SelectedDependency;

export interface SelectedDependency {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: undefined;
  readonly labelSelector: LabelSelector;
}

export interface Result {
  /** One for each object that could be propagated (no policies), in the order of the input. */
  readonly placements: readonly Placement[];
  /** The placement of one object. `apiVersion` may be left out. */
  of(ref: ObjectRef): Placement | undefined;
  /** What becomes of all when these members are lost, starting from this result as what is placed. */
  whenLost(members: readonly string[]): Result;
}

/** What becomes of one object. */
export interface Placement {
  readonly object: KubeObject;
  readonly ref: ObjectRef;
  /** The policy that claims it; undefined when none does, see `unplaced`. */
  readonly policy?: ObjectRef;
  /** Whether that policy has claimed it. Not while it waits for overrides: until then a better one may come. */
  readonly isClaimed: boolean;
  /** Every policy that selects it, the one that wins first, each with why it wins or loses. */
  readonly policies: readonly PolicyMatch[];
  /**
   * Why nothing places it: no policy, never propagated, no member fits … Undefined when it is placed. With what was
   * placed before it may have members all the same: Karmada lets an object be when it cannot place it anew.
   */
  readonly unplaced?: Reason;
  /** The affinity group (of `clusterAffinities`) that it lands in. */
  readonly group?: string;
  /** The groups of `clusterAffinities` as far as they were tried, each with why it was left. */
  readonly groups: readonly GroupTrial[];
  /** Where it runs. Where two answers are possible, the first of them. */
  readonly members: readonly Share[];
  /** What cannot be known before; undefined when all is certain. */
  readonly uncertain?: Uncertainty;
  /** The objects that go along with it, by `propagateDeps`. */
  readonly along: readonly Along[];
  /** The objects that this one goes along with. */
  readonly requiredBy: readonly ObjectRef[];
  /** What goes wrong on the way to members, though it is placed: a failed override makes no Work for that member. */
  readonly errors: readonly Fault[];
  /** The policy is `activationPreference: Lazy`: nothing moves before the object itself changes. */
  readonly lazy: boolean;
  /** Its yes or no for a member, and why. Undefined for a member that the input lacks. */
  verdict(member: string): Verdict | undefined;
  /** The verdicts of all members, in the order of the input. */
  verdicts(): readonly Verdict[];
  /** The very object that a member gets, once replicas are revised and overrides are applied. */
  manifestFor(member: string): Manifest;
  /** What comes of each overrider that reaches it on one of its members. */
  overriders(): readonly OverriderEffect[];
  /** What failover does with it when this member is lost. */
  failover(member: string): Failover;
}

/** A reason for programs (`code`) and for people (`message`, one sentence without a full stop). */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}

/** A reason that is about a member. */
export interface MemberReason extends Reason {
  /**
   * The message without the member's name: `lacks the labels that the placement asks for`. The same string for all members
   * that it holds for, to group them by.
   */
  readonly text: string;
}

export type ReasonCode =
  // policies
  | 'Wins'
  | 'LowerPriority'
  | 'LessSpecific'
  | 'LaterName'
  | 'ClusterWide'
  | 'AlreadyClaimed'
  // objects
  | 'NoPolicy'
  | 'OverridesMissing'
  | 'NeverPropagated'
  | 'OtherScheduler'
  | 'SpreadUnsupported'
  | 'DivisionUnsupported'
  | 'NoMemberFits'
  | 'SpreadUnmet'
  | 'NotEnoughRoom'
  | 'NoReplicas'
  // members
  | 'Chosen'
  | 'Namespace'
  | 'Along'
  | 'AffinityMismatch'
  | 'Untolerated'
  | 'ApiMissing'
  | 'SpreadPropertyMissing'
  | 'WorkloadAffinity'
  | 'WorkloadAntiAffinity'
  | 'Evicted'
  | 'SpreadFull'
  | 'NoShare'
  | 'Suspended'
  // what cannot be known
  | 'Remainder'
  | 'RoomUnknown'
  // on the way to a member
  | 'OverrideFailed'
  | 'IdentityChanged'
  | 'ReplicasNotSet'
  | 'QuotaExceeded'
  | 'QuotaUnsatisfied'
  // failover
  | 'FailoverOff'
  | 'EvictionOff'
  | 'Tolerated'
  | 'NotThere'
  | 'Moved'
  | 'Lost';

export interface PolicyMatch {
  readonly policy: ObjectRef;
  readonly wins: boolean;
  readonly priority: number;
  /** How it selects the object: by name, by labels, or as one of its kind. */
  readonly by: 'name' | 'labels' | 'kind';
  readonly reason: Reason;
}

export interface GroupTrial {
  readonly name: string;
  /** Undefined for the group that is taken. */
  readonly left?: Reason;
}

export interface Share {
  readonly name: string;
  /** The replicas that it runs there; null for what has none. */
  readonly replicas: number | null;
}

export interface Uncertainty {
  readonly reason: Reason;
  /**
   * Each possible answer. For a remainder two: equal members take it by name ascending, or descending, by the parity of
   * the FNV-1a hash of the object's UID. For room that is not known one: as though every member had room for all.
   * For what goes along with such objects, each combination of theirs, 64 at most.
   */
  readonly answers: readonly (readonly Share[])[];
}

export interface Verdict {
  readonly member: string;
  readonly chosen: boolean;
  readonly reason: MemberReason;
  /** Its overflow group, where it fits by one. */
  readonly overflow?: string;
}

export interface Along {
  readonly ref: ObjectRef;
  readonly members: readonly string[];
  /** False when the Karmada API server holds no such object: nothing goes along. */
  readonly exists: boolean;
}

export interface Fault extends MemberReason {
  /** The member that gets nothing for it; undefined when it concerns all. */
  readonly member?: string;
  /** The policy at fault, or the quota. */
  readonly policy?: ObjectRef;
  /** What of the quota it is about, such as `cpu`. */
  readonly resource?: string;
}

/** One overrider of one rule of one policy. */
export interface OverriderRef {
  readonly policy: ObjectRef;
  /** Which of the policy's rules. */
  readonly rule: number;
  /** The list of the rule that it is in, and its place there. */
  readonly field: keyof Overriders;
  readonly index: number;
}

/** What comes of an overrider: without it a member gets something else, or all get the same; that may be for others undo it. */
export interface OverriderEffect extends OverriderRef {
  readonly does: 'something' | 'nothing' | 'undone';
}

/** Either the object, or why there is none. */
export type Manifest =
  | { readonly object: KubeObject; readonly applied: readonly ObjectRef[]; readonly fault?: undefined }
  | { readonly object?: undefined; readonly applied: readonly ObjectRef[]; readonly fault: Fault };

export interface Failover {
  readonly member: string;
  /** Whether the object is evicted from it. */
  readonly evicted: boolean;
  readonly reason: Reason;
  /** Where it runs then. */
  readonly members: readonly Share[];
}
