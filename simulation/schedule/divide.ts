/** How many replicas each member gets: pkg/scheduler/core/{common,assignment,division_algorithm}.go. */
import type { ClusterAffinityTerm, StaticWeight } from '../karmada.ts';
import { affinityMatches } from '../members.ts';
import { type Binding, divisionOf, failed, hasShares, type Order, type Outcome, type Target } from './binding.ts';
import type { Candidate } from './spread.ts';
import { divideByVotes } from './webster.ts';

/** The members that an object goes to, each with its replicas. Members that get none of them are left out. */
export function divide(
  binding: Binding,
  candidates: readonly Candidate[],
  term: ClusterAffinityTerm | undefined,
  order: Order,
): Outcome<readonly Target[]> {
  if (!hasShares(binding)) return { ok: candidates.map(({ member }) => ({ name: member.name, replicas: 0 })) };
  if (term?.overflowAffinities === undefined || binding.placement.clusterAffinity) {
    return divideAmong(binding, candidates, binding.replicas, order);
  }
  return divideByTiers(binding, candidates, order);
}

/** The group itself takes what it has room for, each overflow group in its turn what is left. */
function divideByTiers(binding: Binding, candidates: readonly Candidate[], order: Order): Outcome<readonly Target[]> {
  const tiers = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const tier = tiers.get(candidate.overflow);
    if (tier) tier.push(candidate);
    else tiers.set(candidate.overflow, [candidate]);
  }
  const targets: Target[] = [];
  let remaining = binding.replicas;
  for (const tier of [...tiers.keys()].sort((a, b) => a - b)) {
    const members = tiers.get(tier)!;
    const available = members.reduce((sum, candidate) => sum + candidate.available, 0);
    const share = Math.min(remaining, available);
    const outcome = divideAmong(binding, members, share, order);
    if ('failed' in outcome) return outcome;
    targets.push(...outcome.ok);
    remaining -= share;
    if (remaining <= 0) return { ok: targets };
  }
  return failed('NotEnoughRoom', `all groups together have no room for ${remaining} of ${binding.replicas} replicas`);
}

function divideAmong(
  binding: Binding,
  candidates: readonly Candidate[],
  replicas: number,
  order: Order,
): Outcome<readonly Target[]> {
  switch (divisionOf(binding.placement)) {
    case 'Duplicated':
      return some(candidates.map(({ member }) => ({ name: member.name, replicas: binding.replicas })));
    case 'StaticWeight':
      return some(divideByVotes(replicas, weightsOf(binding, candidates), order));
    case 'DynamicWeight':
      return divideByRoom(binding, candidates, replicas, order, false);
    case 'Aggregated':
      return divideByRoom(binding, candidates, replicas, order, true);
    default:
      return failed('DivisionUnsupported', 'replicaScheduling asks for a division that Karmada does not know');
  }
}

function some(targets: readonly Target[]): { readonly ok: readonly Target[] } {
  return { ok: targets.filter(({ replicas }) => replicas > 0) };
}

/** The highest weight of those that match a member. Members without one get nothing, unless none has one: then all are equal. */
function weightsOf({ placement }: Binding, candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const rules: readonly StaticWeight[] = placement.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  const weights = new Map<string, number>();
  for (const { member } of candidates) {
    const weight = rules.reduce(
      (most, rule) => (affinityMatches(rule.targetCluster ?? {}, member) ? Math.max(most, rule.weight) : most),
      0,
    );
    if (weight > 0) weights.set(member.name, weight);
  }
  return weights.size > 0 ? weights : new Map(candidates.map(({ member }) => [member.name, 1]));
}

/**
 * Division by the room that members have: in proportion to it, or (aggregated) into as few members as possible. What
 * runs stays: more replicas are divided anew and added, fewer are divided in proportion to what runs. A rebalance forgets
 * what runs where, but not that it takes room.
 */
function divideByRoom(
  binding: Binding,
  candidates: readonly Candidate[],
  replicas: number,
  order: Order,
  aggregated: boolean,
): Outcome<readonly Target[]> {
  const names = new Set(candidates.map(({ member }) => member.name));
  const running = binding.before.filter(({ name }) => names.has(name));
  const assigned = totalOf(running);
  const free = (): Target[] =>
    candidates.map((candidate) => ({ name: candidate.member.name, replicas: candidate.free }));

  if (binding.placed?.rebalance) {
    const held = new Map(running.map((target) => [target.name, target.replicas]));
    const room = free().map((target) => ({ ...target, replicas: target.replicas + (held.get(target.name) ?? 0) }));
    return share(room, [], [], replicas, order, aggregated);
  }
  if (assigned > replicas) return share(running, [], [], replicas, order, aggregated);
  if (assigned < replicas) return share(free(), running, running, replicas - assigned, order, aggregated);
  return some(running);
}

/**
 * @param room what can go where
 * @param preferred what an aggregated division fills first
 * @param kept what runs on, and gets its share on top
 */
function share(
  room: readonly Target[],
  preferred: readonly Target[],
  kept: readonly Target[],
  replicas: number,
  order: Order,
  aggregated: boolean,
): Outcome<readonly Target[]> {
  // Equal ones keep their order, as Go's sort does for up to twelve, and for any number that is in order already.
  let members: readonly Target[] = room.toSorted((a, b) => b.replicas - a.replicas);
  const available = totalOf(members);
  if (available < replicas) {
    return failed('NotEnoughRoom', `the members that fit have room for ${available} of ${replicas} more replicas`);
  }
  if (aggregated) members = fewest(members, preferred, replicas);
  const votes = new Map(members.map((member) => [member.name, member.replicas]));
  const added = totalOf(members) === 0 ? [] : divideByVotes(replicas, votes, order);
  return some(merge(kept, added));
}

/** Members until they have room enough, those that run some of it first. */
function fewest(members: readonly Target[], preferred: readonly Target[], replicas: number): readonly Target[] {
  const first = new Set(preferred.filter((target) => target.replicas > 0).map(({ name }) => name));
  const order = [...members.filter(({ name }) => first.has(name)), ...members.filter(({ name }) => !first.has(name))];
  let sum = 0;
  const last = order.findIndex((member) => {
    sum += member.replicas;
    return sum >= replicas;
  });
  return last < 0 ? order : order.slice(0, last + 1);
}

function merge(kept: readonly Target[], added: readonly Target[]): readonly Target[] {
  const rest = new Map(kept.map(({ name, replicas }) => [name, replicas]));
  const merged = added.map(({ name, replicas }) => {
    const more = rest.get(name) ?? 0;
    rest.delete(name);
    return { name, replicas: replicas + more };
  });
  return [...merged, ...[...rest].map(([name, replicas]) => ({ name, replicas }))];
}

function totalOf(targets: readonly Target[]): number {
  return targets.reduce((sum, { replicas }) => sum + replicas, 0);
}
