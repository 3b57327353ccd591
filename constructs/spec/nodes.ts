import type { SelectorRequirement, Taint, Toleration } from '../../simulation/kubernetes.ts';
import { lookup } from '../../simulation/lookup.ts';
import { nodeRequirementHolds } from '../../simulation/selectors.ts';
import { taintText, tolerates } from '../../simulation/tolerations.ts';
import { parseTaint } from '../member.ts';
import { list, quote } from './faults.ts';
import type { Cluster } from './federation.ts';

/** A node that a host of the file becomes, as far as the file tells. */
export interface HostNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that keep pods away: `PreferNoSchedule` does not. */
  readonly taints: readonly Taint[];
}

/** What a pod says of the nodes that it may run on. */
export interface NodeRules {
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  readonly affinity?: NodeRulesAffinity | undefined;
}

interface NodeRulesAffinity {
  readonly nodeAffinity?: NodeAffinity | undefined;
  readonly podAntiAffinity?: PodAntiAffinity | undefined;
}

interface PodAntiAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodTerm[] | undefined;
}

interface PodTerm {
  readonly topologyKey: string;
  readonly labelSelector?: object | undefined;
}

interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?:
    | { readonly nodeSelectorTerms: readonly NodeTerm[] }
    | undefined;
}

interface NodeTerm {
  readonly matchExpressions?: readonly SelectorRequirement[] | undefined;
  readonly matchFields?: readonly SelectorRequirement[] | undefined;
}

/** The nodes of a cluster that the file lists the hosts of. */
export function nodesOf({ hosts }: Pick<Cluster, 'hosts'>): HostNode[] {
  return hosts.map(({ name, role, labels, taints }) => ({
    name,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      ...(role === 'server' && { [CONTROL_PLANE]: 'true' }),
      ...labels,
    },
    taints: taints.map(parseTaint).filter(({ effect }) => effect !== 'PreferNoSchedule'),
  }));
}

/** Whether the labels of a node, and its name, are those that a pod asks for. */
export function isSelected({ nodeSelector = {}, affinity }: NodeRules, node: HostNode): boolean {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    Object.entries(nodeSelector).every(([key, value]) => holds({ key, operator: 'In', values: [value] }, node)) &&
    (terms === undefined || terms.some((term) => isMeant(term, node)))
  );
}

/** The taints of a node that a pod does not bear. */
export function keptAway({ tolerations = [] }: NodeRules, { taints }: HostNode): Taint[] {
  return taints.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/**
 * The nodes that pods may be on by their labels. Where each of these keeps the pods away, `taints` lists by which.
 */
export function nodesFor(
  rules: NodeRules,
  nodes: readonly HostNode[],
): { readonly selected: readonly HostNode[]; readonly taints?: string } {
  const selected = nodes.filter((node) => isSelected(rules, node));
  const taints = selected.map((node) => keptAway(rules, node));
  if (taints.some((away) => away.length === 0)) return { selected };
  return { selected, taints: list(new Set(taints.flat().map(taintText))) };
}

/**
 * Which label no host has, as messages go on with it, and what some have in its place.
 *
 * @returns undefined where a host has all of them.
 */
export function unmet(nodeSelector: NodeRules['nodeSelector'] = {}, nodes: readonly HostNode[]): string | undefined {
  if (nodes.some((node) => isSelected({ nodeSelector }, node))) return undefined;
  const [label] = Object.entries(nodeSelector).filter(
    ([key, value]) => !nodes.some((node) => isSelected({ nodeSelector: { [key]: value } }, node)),
  );
  if (!label) return ', for none has all of these labels';
  const others = [...new Set(nodes.flatMap((node) => lookup(node.labels, label[0]) ?? []))];
  return `, for none has ${quote(label.join(': '))}${others.length > 0 ? `, but ${list(others)}` : ''}`;
}

/** A term that asks for nothing matches nothing (component-helpers/scheduling/corev1/nodeaffinity). */
function isMeant({ matchExpressions = [], matchFields = [] }: NodeTerm, node: HostNode): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => holds(requirement, node)) &&
    matchFields.every((requirement) => nodeRequirementHolds(requirement, { 'metadata.name': node.name }))
  );
}

function holds(requirement: SelectorRequirement, { labels }: HostNode): boolean {
  const { key } = requirement;
  const isUnknown = !Object.hasOwn(labels, key) && key !== CONTROL_PLANE && OTHERS.test(key);
  return isUnknown || nodeRequirementHolds(requirement, labels);
}

/** What k3s labels its servers with (setNodeLabelsAndAnnotations in pkg/server). */
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/**
 * Labels that Kubernetes, k3s and what runs on a node give it, such as what finds its GPUs: whether they are there is not
 * in the file.
 */
const OTHERS = /^([^/]+\.)?((kubernetes|k8s|k3s|cattle|kubevirt)\.io|(nvidia|amd|intel)\.com)\//;
