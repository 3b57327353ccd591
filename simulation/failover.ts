/** What becomes of members that are lost: pkg/controllers/{cluster,taint}, gate Failover. */
import { gatesOf } from './gates.ts';
import { list, text } from './interpret/values.ts';
import type { Cluster, ClusterAffinity, PlacementSpec } from './karmada.ts';
import type { KubeObject, Taint } from './kubernetes.ts';
import { affinityMatches, Member } from './members.ts';
import type { Input, Placed, Reason } from './model.ts';
import { taintText, tolerates } from './tolerations.ts';

/**
 * A member that does not answer any more, tainted as Karmada does it: at once so that nothing new comes, and as
 * ClusterTaintPolicies say. Its `Ready` is `Unknown` in pull mode and `False` in push mode.
 */
export function lost(cluster: Cluster, taintPolicies: readonly KubeObject[]): Cluster {
  const pulls = cluster.spec?.syncMode === 'Pull';
  const ready = pulls ? 'Unknown' : 'False';
  const scheduling: Taint = { key: `cluster.karmada.io/${pulls ? 'unreachable' : 'not-ready'}`, effect: 'NoSchedule' };
  const member = new Member(cluster, 0);
  const taints = taintPolicies.reduce(
    (have, policy) => applyPolicy(have, policy, member, ready),
    added(cluster.spec?.taints ?? [], [scheduling]),
  );
  return { ...cluster, spec: { ...cluster.spec, taints } };
}

function applyPolicy(taints: readonly Taint[], policy: KubeObject, member: Member, ready: string): readonly Taint[] {
  const spec = (policy.spec ?? {}) as TaintPolicySpec;
  if (spec.targetClusters && !affinityMatches(spec.targetClusters, member)) return taints;
  const own = spec.taints ?? [];
  const more = holds(spec.addOnConditions, member, ready) ? added(taints, own) : taints;
  return holds(spec.removeOnConditions, member, ready) ? more.filter((taint) => !own.some(isLike(taint))) : more;
}

interface TaintPolicySpec {
  readonly targetClusters?: ClusterAffinity;
  readonly taints?: readonly Taint[];
  readonly addOnConditions?: unknown;
  readonly removeOnConditions?: unknown;
}

function added(taints: readonly Taint[], more: readonly Taint[]): readonly Taint[] {
  return [...taints, ...more.filter((taint) => !taints.some(isLike(taint)))];
}

function isLike(taint: Taint): (other: Taint) => boolean {
  return (other) => other.key === taint.key && other.effect === taint.effect;
}

/** All conditions of a list must hold; an empty list never does. */
function holds(conditions: unknown, member: Member, ready: string): boolean {
  const wanted = list(conditions);
  return (
    wanted.length > 0 &&
    wanted.every(({ conditionType, operator, statusValues }) => {
      const status = conditionType === 'Ready' ? ready : statusOf(member, text(conditionType));
      if (status === undefined) return false;
      const named = Array.isArray(statusValues) && statusValues.includes(status);
      return operator === 'In' ? named : operator === 'NotIn' && !named;
    })
  );
}

function statusOf({ cluster }: Member, type: string | undefined): string | undefined {
  return cluster.status?.conditions?.find((condition) => condition.type === type)?.status;
}

/** What decides whether anything is driven out at all. */
export type Eviction = Pick<Input, 'gates' | 'evictsNoExecute'>;

/** What is placed, once each of these members has driven out what does not tolerate its taints. */
export function evicted(before: readonly Placed[], from: readonly Cluster[], eviction: Eviction): readonly Placed[] {
  return before.map((placed) => {
    const evicting = from
      .filter(({ metadata }) => placed.members.some(({ name }) => name === metadata.name))
      .filter((cluster) => evictionOf(cluster, placed.placement ?? {}, eviction).evicted)
      .map(({ metadata }) => metadata.name);
    return evicting.length === 0
      ? placed
      : {
          ...placed,
          evicting: [...(placed.evicting ?? []), ...evicting],
          members: placed.members.filter(({ name }) => !evicting.includes(name)),
        };
  });
}

/** Whether an object leaves a member that is lost, and why. */
export function evictionOf(
  cluster: Cluster,
  placement: PlacementSpec,
  { gates, evictsNoExecute }: Eviction,
): Reason & { readonly evicted: boolean } {
  const { name } = cluster.metadata;
  const stays = (code: Reason['code'], message: string) => ({ evicted: false, code, message });
  if (!gatesOf(gates).Failover) return stays('FailoverOff', `without the gate Failover nothing leaves ${name}`);
  const taints = (cluster.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  if (!evictsNoExecute)
    return stays('EvictionOff', `without --enable-no-execute-taint-eviction nothing leaves ${name}`);
  if (taints.length === 0)
    return stays('EvictionOff', `no ClusterTaintPolicy gives ${name} a taint NoExecute, so nothing leaves it`);
  const tolerations = placement.clusterTolerations ?? [];
  const used = taints.map((taint) => tolerations.find((toleration) => tolerates(toleration, taint)));
  const open = used.indexOf(undefined);
  if (open >= 0) {
    return {
      evicted: true,
      code: 'Moved',
      message: `${name} has the taint ${taintText(taints[open]!)}, which the placement does not tolerate`,
    };
  }
  const seconds = used.flatMap((toleration) => toleration?.tolerationSeconds ?? []);
  if (seconds.length === 0) return stays('Tolerated', `the placement tolerates the taints of ${name} for ever`);
  return {
    evicted: true,
    code: 'Moved',
    message: `the placement tolerates the taints of ${name} for ${Math.min(...seconds)} s`,
  };
}
