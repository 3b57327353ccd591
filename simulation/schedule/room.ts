/** How many replicas fit on a member: the general estimator, pkg/estimator/client/general.go. */
import type { ResourceSummary } from '../karmada.ts';
import { lookup } from '../lookup.ts';
import type { Member } from '../members.ts';
import type { Requirements } from '../model.ts';
import { isBinary, millis, nanos, units } from '../quantity.ts';
import type { Binding } from './binding.ts';

/** More than any member takes (math.MaxInt32). */
export const NO_LIMIT = 2 ** 31 - 1;

/** How many pods Karmada thinks fit on one node of a resource model. */
const PODS_PER_NODE = 110;

export interface RoomOptions {
  /** The gate CustomizedClusterResourceModeling. */
  readonly models: boolean;
  /** Whether components decide (the gate MultiplePodTemplatesScheduling, and a spread over exactly one member). */
  readonly bySets: (binding: Binding) => boolean;
}

/** Undefined where the room of a member is not known: it is only planned. */
export type Room = (binding: Binding, member: Member) => number | undefined;

export function roomOf(options: RoomOptions): Room {
  const known = new WeakMap<Member, Map<string, number>>();
  return (binding, member) => {
    if (binding.replicas === 0 && binding.components.length === 0) return NO_LIMIT;
    const { status } = member.cluster;
    if (status === undefined) return undefined;
    const rooms = known.get(member) ?? new Map<string, number>();
    known.set(member, rooms);
    let room = rooms.get(binding.needs);
    if (room === undefined) {
      room = status.resourceSummary ? measure(binding, member, status.resourceSummary, options) : 0;
      rooms.set(binding.needs, room);
    }
    return room;
  };
}

function measure(binding: Binding, member: Member, summary: ResourceSummary, { models, bySets }: RoomOptions): number {
  const pods = allowedPods(summary);
  if (pods <= 0) return 0;
  if (bySets(binding)) return Math.min(pods, componentSets(member, summary, binding, pods, models));
  if (binding.requirements === undefined) return pods;
  const { requests } = binding.requirements;
  const modelled = models ? modelledReplicas(member, summary, [{ replicas: 1, requests }], pods) : undefined;
  return Math.min(pods, modelled ?? summedReplicas(summary, requests));
}

function allowedPods({ allocatable, allocated, allocating }: ResourceSummary): number {
  const count = (list: ResourceSummary['allocated']) => units(nanos(list?.pods));
  return Math.max(0, count(allocatable) - count(allocated) - count(allocating));
}

function left(summary: ResourceSummary, name: string): bigint {
  const amount = (list: ResourceSummary['allocated']) => nanos(lookup(list, name));
  return amount(summary.allocatable) - amount(summary.allocated) - amount(summary.allocating);
}

/** What fits into the sum of what is left: cpu counts in thousandths, all else in whole units. */
function summedReplicas(summary: ResourceSummary, requests: Requirements['requests']): number {
  let most = NO_LIMIT;
  for (const [name, quantity] of Object.entries(requests)) {
    const wanted = nanos(quantity);
    if (wanted <= 0n) continue;
    if (lookup(summary.allocatable, name) === undefined) return 0;
    const available = left(summary, name);
    if (units(available) <= 0) return 0;
    const size = measureOf(name);
    most = Math.min(most, Math.floor(size(available) / size(wanted)));
  }
  return most;
}

interface Demand {
  readonly replicas: number;
  readonly requests: Requirements['requests'];
}

/** Sets of all components together, by the sums and then by the nodes. */
function componentSets(
  member: Member,
  summary: ResourceSummary,
  binding: Binding,
  pods: number,
  models: boolean,
): number {
  const demands = binding.components.map(({ replicas, requirements }) => ({
    replicas,
    requests: requirements?.requests ?? {},
  }));
  const podsPerSet = demands.reduce((sum, { replicas }) => sum + replicas, 0);
  if (podsPerSet <= 0) return pods;
  let most = Math.floor(pods / podsPerSet);
  const perSet = new Map<string, number>();
  for (const { replicas, requests } of demands) {
    for (const [name, quantity] of Object.entries(requests)) {
      perSet.set(name, (perSet.get(name) ?? 0) + measured(quantity) * replicas);
    }
  }
  for (const [name, wanted] of perSet) {
    if (wanted <= 0) continue;
    const binary = isBinary(lookup(summary.allocatable, name));
    const available = (binary ? units : millis)(left(summary, name));
    if (available <= 0) return 0;
    most = Math.min(most, Math.floor(available / wanted));
  }
  return models ? Math.min(most, modelledReplicas(member, summary, demands, most) ?? most) : most;
}

function measured(quantity: string | number): number {
  return (isBinary(quantity) ? units : millis)(nanos(quantity));
}

/**
 * What fits onto the nodes that the member's resource models count, each as large as its grade's lower bounds: nodes in
 * the order of grades, filled one after the other (pkg/estimator/scheduling_simulator_components.go). Undefined without
 * models.
 */
function modelledReplicas(
  member: Member,
  summary: ResourceSummary,
  demands: readonly Demand[],
  bound: number,
): number | undefined {
  const counts = summary.allocatableModelings ?? [];
  const models = member.cluster.spec?.resourceModels ?? [];
  if (counts.length === 0 || models.length === 0 || counts.some(({ count }) => count < 0)) return undefined;
  const nodes: Map<string, number>[] = [];
  for (const model of [...models].sort((a, b) => a.grade - b.grade)) {
    const size = new Map(model.ranges.map(({ name, min }) => [name, measureOf(name)(nanos(min))] as const));
    const count = counts.filter(({ grade }) => grade === model.grade).reduce((sum, given) => sum + given.count, 0);
    for (let node = 0; node < count; node++) nodes.push(new Map([...size, ['pods', PODS_PER_NODE]]));
  }
  const [demand] = demands;
  if (demands.length === 1 && demand?.replicas === 1) {
    return Math.min(
      bound,
      nodes.reduce((sum, node) => sum + replicasOn(node, demand), 0),
    );
  }
  let sets = 0;
  while (sets < bound && demands.every((demand) => fill(nodes, demand))) sets += 1;
  return sets;
}

function measureOf(name: string): (nano: bigint) => number {
  return name === 'cpu' ? millis : units;
}

function replicasOn(node: ReadonlyMap<string, number>, { requests }: Demand): number {
  let fits = node.get('pods') ?? 0;
  for (const [name, quantity] of Object.entries(requests)) {
    const size = measureOf(name)(nanos(quantity));
    if (size > 0) fits = Math.min(fits, Math.floor((node.get(name) ?? 0) / size));
  }
  return fits;
}

function fill(nodes: readonly Map<string, number>[], demand: Demand): boolean {
  let remaining = demand.replicas;
  for (const node of nodes) {
    if (remaining === 0) break;
    const taken = Math.min(replicasOn(node, demand), remaining);
    const used = Object.entries({ ...demand.requests, pods: 1 });
    for (const [name, quantity] of used) {
      node.set(name, (node.get(name) ?? 0) - measureOf(name)(nanos(quantity)) * taken);
    }
    remaining -= taken;
  }
  return remaining === 0;
}
