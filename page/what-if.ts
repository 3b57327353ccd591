import { withNamespace } from '../simulation/defaults.ts';
import { evicted, lost } from '../simulation/failover.ts';
import { interpretersOf } from '../simulation/interpret/interpreters.ts';
import type { Cluster } from '../simulation/karmada.ts';
import { type KubeObject, type ObjectRef, refOf, type Taint } from '../simulation/kubernetes.ts';
import type { Input, Result } from '../simulation/model.ts';
import { asBefore, simulate } from '../simulation/simulate.ts';

/** What is asked: how members and replicas would differ from the federation. */
export interface Question {
  readonly members: ReadonlyMap<string, MemberChange>;
  /** Replicas of objects, by `keyOf`. */
  readonly replicas: ReadonlyMap<string, number>;
  /** Places everything as in a new federation; else what runs stays where Karmada lets it be. */
  readonly afresh: boolean;
}

/** How one member would differ. What is left out stays. */
export interface MemberChange {
  /** `lost`: it does not answer any more; `gone`: it has left the federation. @default 'there' */
  readonly state?: 'there' | 'lost' | 'gone';
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly provider?: string;
  readonly region?: string;
  readonly zones?: readonly string[];
}

export const NO_QUESTION: Question = { members: new Map(), replicas: new Map(), afresh: false };

/** Names an object among all others. */
export function keyOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${apiVersion} ${kind} ${namespace ?? ''}/${name}`;
}

/** What becomes of all objects then. */
export function answer(input: Input, before: Result, question: Question): Result {
  const { members: changes, replicas, afresh } = question;
  if (changes.size === 0 && replicas.size === 0 && !afresh) return before;
  const taintPolicies = input.objects.filter(({ kind }) => kind === 'ClusterTaintPolicy');
  const known = new Map(input.members.map((cluster) => [cluster.metadata.name, cluster]));
  const members = input.members.flatMap((cluster) => {
    const change = changes.get(cluster.metadata.name);
    if (change === undefined) return [cluster];
    if (change.state === 'gone') return [];
    const changed = changedMember(cluster, change);
    return [change.state === 'lost' ? lost(changed, taintPolicies) : changed];
  });
  const driving = members.filter((cluster) => drivesOut(cluster, known.get(cluster.metadata.name)));
  return simulate({
    ...input,
    objects: replicas.size === 0 ? input.objects : withReplicas(input, replicas),
    members,
    before: afresh ? [] : evicted(asBefore(before), driving, input),
  });
}

/** A member's Cluster object with what differs. */
export function changedMember(cluster: Cluster, change: MemberChange): Cluster {
  const { labels = cluster.metadata.labels, taints, provider, region, zones } = change;
  return {
    ...cluster,
    metadata: { ...cluster.metadata, ...(labels && { labels }) },
    spec: {
      ...cluster.spec,
      ...(taints && { taints }),
      ...(provider !== undefined && { provider }),
      ...(region !== undefined && { region }),
      ...(zones && { zones }),
    },
  };
}

/** Whether a member has a taint that it had not, and that drives out what does not tolerate it. */
function drivesOut(cluster: Cluster, earlier: Cluster | undefined): boolean {
  const had = new Set((earlier?.spec?.taints ?? []).map((taint) => JSON.stringify(taint)));
  return (cluster.spec?.taints ?? []).some((taint) => taint.effect === 'NoExecute' && !had.has(JSON.stringify(taint)));
}

function withReplicas(input: Input, replicas: ReadonlyMap<string, number>): readonly KubeObject[] {
  const interpreters = interpretersOf(input);
  return input.objects.map((object) => {
    const wanted = replicas.get(keyOf(refOf(withNamespace(object))));
    return wanted === undefined ? object : (interpreters(object)?.revise?.(object, wanted) ?? object);
  });
}

/** The replicas that an object asks for; undefined for one that has none, or none that can be changed. */
export function replicasOf(input: Input, object: KubeObject): number | undefined {
  const interpreter = interpretersOf(input)(object);
  return interpreter?.revise && interpreter.replicas?.(object).replicas;
}
