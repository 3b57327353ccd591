import { labelsMatch } from '../../../simulation/selectors.ts';
import { list, type Path, quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import type { Karmada } from '../karmada.ts';
import { type HostNode, isSelected, keptAway, type NodeRules, nodesFor, nodesOf, unmet } from '../nodes.ts';
import { REPLICAS } from './karmada.ts';

const PATH = ['spec', 'controlPlane', 'karmada'];

/** Components that run on the central cluster: all but the agent. */
const COMPONENTS = ['etcd', ...(Object.keys(REPLICAS) as (keyof typeof REPLICAS)[]), 'schedulerEstimator'] as const;
type Component = Exclude<(typeof COMPONENTS)[number], 'agent'>;

/** Pods that run on the hosts of one cluster, and where the file says what keeps them away from some. */
interface Pods {
  readonly rules: NodeRules;
  readonly at: { readonly [field in keyof NodeRules]-?: Path };
  /** What they are, as messages name it. */
  readonly of: string;
}

/**
 * Whether Karmada's pods find a node on the hosts of the file. It warns, for labels may come from somewhere else, and
 * whoever has the cluster's token, such as a cloud that scales it, may have nodes join that no file lists.
 */
export function checkNodes(spec: FederationSpec, report: Report): void {
  const { hosts, karmada } = spec.controlPlane;
  const told = new Set<string>();
  if (hosts.length > 0) {
    const nodes = nodesOf(spec.controlPlane);
    const { nodeSelector, tolerations } = karmada;
    findNodes({ rules: { nodeSelector, tolerations }, at: placesOf(PATH), of: 'Karmada' }, nodes, told, report);
    for (const component of COMPONENTS) {
      if (component === 'agent') continue;
      const settings = settingsOf(karmada, component);
      if (!settings) continue;
      const pods = podsOf(karmada, component, settings);
      findNodes(pods, nodes, told, report);
      if (isApart(component, settings)) findRoom(component, settings.replicas, pods.rules, nodes, report);
    }
  }
  const { agent } = karmada;
  for (const member of spec.members) {
    if (member.registration !== 'pull' || member.hosts.length === 0) continue;
    const pods = { rules: agent, at: placesOf([...PATH, 'agent']), of: `the agent of ${quote(member.name)}` };
    findNodes(pods, nodesOf(member), told, report);
  }
}

/** What of a component's settings matters here. */
interface Settings extends NodeRules {
  readonly replicas?: number | undefined;
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
}

/** The settings of a component that there is. */
function settingsOf(karmada: Karmada, component: Component): Settings | undefined {
  const settings = karmada[component];
  return settings && !('external' in settings) ? settings : undefined;
}

/** The pods of a component: what it does not say itself is said for all. */
function podsOf({ nodeSelector, tolerations }: Karmada, component: Component, own: Settings): Pods {
  const { nodeSelector: forAll, tolerations: borneByAll } = placesOf(PATH);
  return {
    rules: {
      nodeSelector: own.nodeSelector ?? nodeSelector,
      tolerations: own.tolerations ?? tolerations,
      affinity: own.affinity,
    },
    at: {
      ...placesOf([...PATH, component]),
      ...(own.nodeSelector === undefined && { nodeSelector: forAll }),
      ...(own.tolerations === undefined && { tolerations: borneByAll }),
    },
    of: component,
  };
}

function placesOf(path: Path): Pods['at'] {
  return {
    nodeSelector: [...path, 'nodeSelector'],
    tolerations: [...path, 'tolerations'],
    affinity: [...path, 'affinity'],
  };
}

/** Tells once of each setting that leaves pods without a node. */
function findNodes({ rules, at, of }: Pods, nodes: readonly HostNode[], told: Set<string>, report: Report): void {
  const once = (path: Path, why: string, message: string) => {
    const key = `${path.join('.')} ${why}`;
    if (!told.has(key)) report.warn(path, message);
    told.add(key);
  };
  const { selected, taints } = nodesFor(rules, nodes);
  if (selected.length === 0) {
    const label = unmet(rules.nodeSelector, nodes);
    once(
      label === undefined ? at.affinity : at.nodeSelector,
      '',
      `fits no host${label ?? ''}, so that the pods of ${of} find no node: give a host such 'labels', unless it has them already`,
    );
    return;
  }
  if (taints === undefined) return;
  once(
    at.tolerations,
    taints,
    `leave no host of the file for the pods of ${of}, for ${list(selected.map(({ name }) => name))} ${selected.length === 1 ? 'has' : 'have'} ${taints}: tolerate that, or give a host without`,
  );
}

/** Whether pods must be on nodes of their own: etcd's unless they are told otherwise, others' where they are told. */
function isApart(component: Component, { affinity, podLabels }: Settings): boolean {
  if (component === 'etcd' && affinity === undefined) return true;
  const labels = { app: component === 'etcd' ? 'etcd' : `karmada-${kebab(component)}`, ...podLabels };
  const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some(
    ({ topologyKey, labelSelector }) =>
      topologyKey === 'kubernetes.io/hostname' && labelSelector !== undefined && labelsMatch(labelSelector, labels),
  );
}

function kebab(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Whether there is a node for each of the pods that must be apart. */
function findRoom(
  component: Component,
  given: number | undefined,
  rules: NodeRules,
  nodes: readonly HostNode[],
  report: Report,
): void {
  const replicas = given ?? ({ ...REPLICAS, etcd: 1, schedulerEstimator: 1 } as const)[component];
  const bearing = nodes.filter((node) => keptAway(rules, node).length === 0);
  const room = bearing.filter((node) => isSelected(rules, node)).length;
  // Where there is no node at all, that is told.
  if (room === 0 || room >= replicas) return;
  const quorum = component === 'etcd' ? Math.floor(replicas / 2) + 1 : 1;
  const hosts = `${nodes.length} ${nodes.length === 1 ? 'host' : 'hosts'}`;
  const have = room < nodes.length ? `of ${hosts} only ${room} may have one` : `the file has ${hosts} of the cluster`;
  const lost = replicas - room;
  const follows = room < quorum ? 'it never gets a quorum' : `${lost} of them never ${lost === 1 ? 'starts' : 'start'}`;
  const tolerate = bearing.length < nodes.length ? ", tolerate the others' taints" : '';
  report.warn(
    [...PATH, component, 'replicas'],
    `is ${replicas}, each on a host of its own, and ${have}, so that ${follows}: give more hosts${tolerate}, or take fewer replicas`,
  );
}
