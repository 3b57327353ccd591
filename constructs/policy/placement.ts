import {
  PropagationPolicySpecPlacementReplicaSchedulingWeightPreferenceDynamicWeight as DynamicWeight,
  type PropagationPolicySpecPlacement as KarmadaPlacement,
  PropagationPolicySpecPlacementReplicaSchedulingReplicaDivisionPreference as Preference,
  PropagationPolicySpecPlacementReplicaSchedulingReplicaSchedulingType as Scheduling,
  PropagationPolicySpecPlacementSpreadConstraintsSpreadByField as SpreadByField,
} from '../../imports/propagationpolicy-policy.karmada.io.ts';

/*
 * Where resources go, in shorter words than Karmada's `placement`; what is written here one to one becomes its fields.
 * Source of the rules: Karmada's pkg/apis/policy/v1alpha1/propagation_types.go and pkg/util/validation/validation.go.
 */

/** A requirement on a label, as in Kubernetes: `In` and `NotIn` need values, the others take none. */
export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * @default - none.
   */
  readonly values?: readonly string[];
}

/** A field of a Karmada Cluster that placements select by. A cluster may have several zones. */
export type ClusterField = 'provider' | 'region' | 'zone';

/** A requirement on a field of the cluster. */
export interface FieldExpression {
  readonly key: ClusterField;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly string[];
}

/** Selects member clusters. What is given must all be true of a cluster; nothing given selects every cluster. */
export interface ClusterAffinity {
  /**
   * Names of members.
   *
   * @default - every member.
   */
  readonly clusters?: readonly string[];
  /**
   * Names of members to leave out, whatever else is given.
   *
   * @default - none.
   */
  readonly exclude?: readonly string[];
  /**
   * Labels that the Cluster object carries.
   *
   * @default - any.
   */
  readonly labels?: { readonly [key: string]: string };
  /**
   * Further requirements on labels.
   *
   * @default - none.
   */
  readonly labelExpressions?: readonly LabelExpression[];
  /**
   * Values of which the cluster's provider, region or zone must be one.
   *
   * @default - any.
   */
  readonly fields?: { readonly [field in ClusterField]?: readonly string[] };
  /**
   * Further requirements on provider, region or zone.
   *
   * @default - none.
   */
  readonly fieldExpressions?: readonly FieldExpression[];
}

/** A named group of members, such as those that take what does not fit elsewhere. */
export interface OverflowGroup extends ClusterAffinity {
  /** Name of the group, a label key of at most 32 characters. */
  readonly name: string;
}

/** One of several groups of members. The scheduler takes the first group that the resource fits into. */
export interface ClusterGroup extends OverflowGroup {
  /**
   * Groups that join in, one after the other, when this one is full. Needs replicas that are divided by what is free:
   * `aggregated` or `dynamic`. Since Karmada 1.18.
   *
   * @default - none: what does not fit stays pending.
   */
  readonly overflow?: readonly OverflowGroup[];
}

/** Lets resources onto clusters with a taint, as a toleration of a pod does for nodes. */
export interface ClusterToleration {
  /**
   * @default - every key; the operator must then be `Exists`.
   */
  readonly key?: string;
  /**
   * @default 'Equal'
   */
  readonly operator?: 'Exists' | 'Equal';
  /**
   * @default - the empty value.
   */
  readonly value?: string;
  /**
   * @default - every effect.
   */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /**
   * Seconds to stay on a cluster after it got the taint; for the effect `NoExecute` only.
   *
   * @default - for ever.
   */
  readonly tolerationSeconds?: number;
}

interface SpreadBounds {
  /**
   * At least so many groups.
   *
   * @default 1
   */
  readonly min?: number;
  /**
   * At most so many groups.
   *
   * @default - no limit.
   */
  readonly max?: number;
}

/**
 * Spreads over groups of members: by a field of the clusters, or by a label of them.
 * Karmada 1.18 stores all of these, its scheduler acts on `cluster` and `region` alone
 * (pkg/scheduler/core/spreadconstraint/select_clusters.go).
 */
export type SpreadConstraint =
  | (SpreadBounds & { readonly by: 'cluster' | 'region' | 'zone' | 'provider'; readonly label?: undefined })
  | (SpreadBounds & { readonly label: string; readonly by?: undefined });

/** Members and their share of the replicas. */
export interface StaticWeight extends ClusterAffinity {
  /** Share of each of these members, in proportion to the other weights; at least 1. */
  readonly weight: number;
}

/**
 * How many replicas each selected member gets:
 *
 * - `duplicated`: as many as the resource has, on every member.
 * - `aggregated`: divided over as few members as can hold them.
 * - `dynamic`: divided in proportion to what each member has free.
 * - `weighted`: divided by fixed weights; without a list, evenly.
 */
export type ReplicaScheduling =
  | { readonly type: 'duplicated' | 'aggregated' | 'dynamic'; readonly weights?: undefined }
  | { readonly type: 'weighted'; readonly weights?: readonly StaticWeight[] };

/** Keeps resources with or away from others in the same namespace. Needs Karmada's gate `WorkloadAffinity`. */
export interface WorkloadAffinity {
  /**
   * Label key: resources with the same value of it go to the same clusters.
   *
   * @default - none.
   */
  readonly affinity?: string;
  /**
   * Label key: resources with the same value of it go to different clusters.
   *
   * @default - none.
   */
  readonly antiAffinity?: string;
}

export interface PlacementRules {
  /**
   * Taints of clusters that the resource bears.
   *
   * @default - none: clusters with a taint `NoSchedule` or `NoExecute` are left out.
   */
  readonly tolerations?: readonly ClusterToleration[];
  /**
   * How many clusters or regions to use.
   *
   * @default - every selected member.
   */
  readonly spread?: readonly SpreadConstraint[];
  /**
   * How replicas are shared out.
   *
   * @default - `duplicated`, Karmada's own.
   */
  readonly replicas?: ReplicaScheduling;
  /**
   * @default - none.
   */
  readonly workloadAffinity?: WorkloadAffinity;
}

type NoAffinity = { readonly [key in keyof ClusterAffinity]?: undefined };

/**
 * Where a resource goes: members chosen directly, or by groups of which the first that fits is taken, never both.
 * Nothing at all means every member.
 */
export type Placement = PlacementRules &
  ((ClusterAffinity & { readonly groups?: undefined }) | (NoAffinity & { readonly groups: readonly ClusterGroup[] }));

/** The fields of a Karmada `ClusterAffinity`, which several of its types have in common. */
interface KarmadaAffinity {
  readonly clusterNames?: string[];
  readonly exclude?: string[];
  readonly labelSelector?: LabelSelector;
  readonly fieldSelector?: { readonly matchExpressions: { key: string; operator: string; values: string[] }[] };
}

/** A Kubernetes label selector. */
export interface LabelSelector {
  readonly matchLabels?: { [key: string]: string };
  readonly matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** A label selector of these requirements, or nothing where there are none: Karmada reads an empty one as any. */
export function toLabelSelector(
  labels: { readonly [key: string]: string } = {},
  expressions: readonly LabelExpression[] = [],
): LabelSelector | undefined {
  if (Object.keys(labels).length === 0 && expressions.length === 0) return undefined;
  return {
    matchLabels: Object.keys(labels).length > 0 ? { ...labels } : undefined,
    matchExpressions:
      expressions.length > 0
        ? expressions.map(({ key, operator, values }) => ({ key, operator, values: values && [...values] }))
        : undefined,
  };
}

/**
 * All requirements on fields as expressions, those of `fields` first.
 */
export function fieldExpressions({ fields = {}, fieldExpressions = [] }: ClusterAffinity): FieldExpression[] {
  const listed = (['provider', 'region', 'zone'] as const).flatMap((key) => {
    const values = fields[key];
    return values ? [{ key, operator: 'In' as const, values }] : [];
  });
  return [...listed, ...fieldExpressions];
}

/** Karmada's form of an affinity. */
export function toClusterAffinity(affinity: ClusterAffinity): KarmadaAffinity {
  const fields = fieldExpressions(affinity);
  return {
    clusterNames: listOrNothing(affinity.clusters),
    exclude: listOrNothing(affinity.exclude),
    labelSelector: toLabelSelector(affinity.labels, affinity.labelExpressions),
    fieldSelector:
      fields.length > 0
        ? { matchExpressions: fields.map(({ key, operator, values }) => ({ key, operator, values: [...values] })) }
        : undefined,
  };
}

/** Whether an affinity requires nothing, so that every cluster fits. */
export function selectsAll(affinity: ClusterAffinity): boolean {
  return Object.values(toClusterAffinity(affinity)).every((value) => value === undefined);
}

/** The most that Kubernetes counts with 32 bits: more groups than there are members. */
const NO_LIMIT = 2 ** 31 - 1;

/** Karmada's form of a placement. */
export function toPlacement(placement: Placement): KarmadaPlacement {
  const { groups, tolerations = [], spread = [], replicas, workloadAffinity } = placement;
  return {
    clusterAffinity: groups || selectsAll(placement) ? undefined : toClusterAffinity(placement),
    clusterAffinities: groups?.map(({ name, overflow = [], ...affinity }) => ({
      affinityName: name,
      ...toClusterAffinity(affinity),
      overflowAffinities:
        overflow.length > 0
          ? overflow.map(({ name, ...other }) => ({ affinityName: name, ...toClusterAffinity(other) }))
          : undefined,
    })),
    clusterTolerations: tolerations.length > 0 ? tolerations.map((toleration) => ({ ...toleration })) : undefined,
    spreadConstraints:
      spread.length > 0
        ? spread.map(({ by, label, min, max }) => ({
            spreadByField: by && SPREAD[by],
            spreadByLabel: label,
            // Written out always: the webhook would write the first, and the scheduler reads a missing second as 0, so that
            // nothing is ever placed.
            minGroups: min ?? 1,
            maxGroups: max ?? NO_LIMIT,
          }))
        : undefined,
    replicaScheduling: replicas && toReplicaScheduling(replicas),
    workloadAffinity: workloadAffinity && {
      affinity: groupBy(workloadAffinity.affinity),
      antiAffinity: groupBy(workloadAffinity.antiAffinity),
    },
  };
}

const SPREAD = {
  cluster: SpreadByField.CLUSTER,
  region: SpreadByField.REGION,
  zone: SpreadByField.ZONE,
  provider: SpreadByField.PROVIDER,
};

function toReplicaScheduling(replicas: ReplicaScheduling): KarmadaPlacement['replicaScheduling'] {
  if (replicas.type === 'duplicated') return { replicaSchedulingType: Scheduling.DUPLICATED };
  const divided = { replicaSchedulingType: Scheduling.DIVIDED };
  if (replicas.type === 'aggregated') return { ...divided, replicaDivisionPreference: Preference.AGGREGATED };
  return {
    ...divided,
    replicaDivisionPreference: Preference.WEIGHTED,
    weightPreference:
      replicas.type === 'dynamic'
        ? { dynamicWeight: DynamicWeight.AVAILABLE_REPLICAS }
        : replicas.weights && {
            staticWeightList: replicas.weights.map(({ weight, ...affinity }) => ({
              targetCluster: toClusterAffinity(affinity),
              weight,
            })),
          },
  };
}

function groupBy(key: string | undefined): { groupByLabelKey: string } | undefined {
  return key === undefined ? undefined : { groupByLabelKey: key };
}

function listOrNothing(list: readonly string[] = []): string[] | undefined {
  return list.length > 0 ? [...list] : undefined;
}
