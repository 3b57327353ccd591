/** Which of the members that fit are taken: pkg/scheduler/core/spreadconstraint. */
import type { PlacementSpec, SpreadConstraint } from '../karmada.ts';
import type { Member } from '../members.ts';
import { type Binding, failed, type Outcome } from './binding.ts';
import type { Fitting } from './filter.ts';
import { bestRegions, type Region, scoreOf } from './regions.ts';
import { NO_LIMIT, type Room } from './room.ts';

/** A member that fits, with what decides between it and others. */
export interface Candidate {
  readonly member: Member;
  readonly overflow: number;
  /** 100 where the object runs already, so that it stays (plugin ClusterLocality), else 0. */
  readonly score: number;
  /** How many more replicas it takes. */
  readonly free: number;
  /** Those, and the ones that it runs already. */
  readonly available: number;
  readonly roomKnown: boolean;
}

/** The candidates in Karmada's order: overflow groups, those that run it, the most room, the name. */
export function candidatesOf(binding: Binding, fitting: readonly Fitting[], room: Room): Candidate[] {
  const before = new Map(binding.before.map(({ name, replicas }) => [name, replicas]));
  return fitting
    .map(({ member, overflow }): Candidate => {
      const known = room(binding, member);
      const counts = binding.replicas > 0 || binding.components.length > 0;
      const free = (known === undefined || known === NO_LIMIT) && counts ? binding.replicas : (known ?? NO_LIMIT);
      return {
        member,
        overflow,
        score: before.has(member.name) ? 100 : 0,
        free,
        available: free + (before.get(member.name) ?? 0),
        roomKnown: known !== undefined,
      };
    })
    .sort(byPreference);
}

export function byPreference(a: Candidate, b: Candidate): number {
  return (
    a.overflow - b.overflow ||
    b.score - a.score ||
    b.available - a.available ||
    (a.member.name < b.member.name ? -1 : 1)
  );
}

/** Takes candidates as the spread constraints ask for. `needed` replicas must find room, where division depends on it. */
export function spread(
  binding: Binding,
  candidates: readonly Candidate[],
  needed: number,
): Outcome<readonly Candidate[]> {
  const { placement } = binding;
  const constraints = placement.spreadConstraints ?? [];
  if (constraints.length === 0 || ignoresSpread(placement)) return { ok: candidates };
  const by = new Map(constraints.map((constraint) => [constraint.spreadByField || 'label', constraint]));
  const region = by.get('region');
  if (region) return spreadByRegion(binding, candidates, region, by.get('cluster'));
  const cluster = by.get('cluster');
  if (cluster) return spreadByCluster(candidates, cluster, ignoresRoom(placement) ? undefined : needed);
  return failed(
    'SpreadUnsupported',
    'Karmada spreads by cluster and by region alone; with another field a constraint by cluster or region must go along',
  );
}

/** A static division reaches every member that has a weight, whatever the spread says. */
function ignoresSpread({ replicaScheduling: scheduling }: PlacementSpec): boolean {
  const preference = scheduling?.weightPreference;
  return (
    scheduling?.replicaSchedulingType === 'Divided' &&
    scheduling.replicaDivisionPreference === 'Weighted' &&
    (preference === undefined || ((preference.staticWeightList ?? []).length > 0 && !preference.dynamicWeight))
  );
}

function ignoresRoom({ replicaScheduling: scheduling }: PlacementSpec): boolean {
  return scheduling === undefined || scheduling.replicaSchedulingType === 'Duplicated';
}

function spreadByCluster(
  candidates: readonly Candidate[],
  constraint: SpreadConstraint,
  needed: number | undefined,
): Outcome<readonly Candidate[]> {
  const { minGroups = 0, maxGroups = 0 } = constraint;
  if (candidates.length < minGroups) {
    const { length } = candidates;
    return failed(
      'SpreadUnmet',
      `${length} ${length === 1 ? 'member fits' : 'members fit'}, and the spread asks for at least ${minGroups}`,
    );
  }
  const count = Math.min(candidates.length, maxGroups);
  if (count === 0)
    return failed(
      'SpreadUnmet',
      'the spread by cluster has no maxGroups, which Karmada reads as 0: no member is taken',
    );
  if (needed === undefined) return { ok: candidates.slice(0, count) };
  const taken = swapForRoom(candidates, count, needed);
  return taken === undefined
    ? failed('NotEnoughRoom', `no ${count} members have room for ${needed} replicas together`)
    : { ok: taken };
}

/**
 * The first `count` candidates; as long as they lack room, the last of them that can be bettered gives way to the
 * roomiest of the rest (select_clusters_by_cluster.go).
 */
function swapForRoom(
  candidates: readonly Candidate[],
  count: number,
  needed: number,
): readonly Candidate[] | undefined {
  const taken = candidates.slice(0, count);
  const rest = candidates.slice(count);
  const enough = () => taken.reduce((sum, { available }) => sum + available, 0) >= needed;
  for (let index = count - 1; index >= 0 && !enough(); index--) {
    let best = -1;
    let most = taken[index]!.available;
    for (const [place, { available }] of rest.entries()) {
      if (available > most) [best, most] = [place, available];
    }
    if (best >= 0) [taken[index], rest[best]] = [rest[best]!, taken[index]!];
  }
  return enough() ? taken : undefined;
}

/** One member of each taken region, then as many more as the constraint by cluster allows. */
function spreadByRegion(
  binding: Binding,
  candidates: readonly Candidate[],
  region: SpreadConstraint,
  cluster: SpreadConstraint | undefined,
): Outcome<readonly Candidate[]> {
  const minRegions = region.minGroups ?? 0;
  const minClusters = cluster?.minGroups ?? 0;
  const regions = regionsOf(binding, candidates, minRegions);
  if (regions.length < minRegions) {
    const found = regions.length === 1 ? 'one region fit' : `${regions.length} regions fit`;
    return failed('SpreadUnmet', `members of ${found}, and the spread asks for at least ${minRegions}`);
  }
  const most = region.maxGroups ?? 0;
  const taken = bestRegions(regions, { min: minRegions, max: most, members: minClusters });
  if (taken === undefined) {
    const count =
      most === minRegions ? `${most}` : most < NO_LIMIT ? `${minRegions} to ${most}` : `${minRegions} or more`;
    return failed(
      'SpreadUnmet',
      most === 0
        ? 'the spread by region has no maxGroups, which Karmada reads as 0: no region is taken'
        : `no choice of ${count} ${count === '1' ? 'region' : 'regions'} has ${minClusters} members that fit`,
    );
  }
  const first = taken.map(({ candidates: [candidate] }) => candidate!);
  const rest = taken.flatMap(({ candidates: [, ...others] }) => others).sort(byPreference);
  const count = Math.min(first.length + rest.length, cluster?.maxGroups ?? 0);
  return { ok: [...first, ...rest.slice(0, Math.max(0, count - first.length))] };
}

function regionsOf(binding: Binding, candidates: readonly Candidate[], minRegions: number): Region[] {
  const byName = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { region } = candidate.member;
    if (region === '') continue;
    const known = byName.get(region);
    if (known) known.push(candidate);
    else byName.set(region, [candidate]);
  }
  return [...byName].map(([name, members]) => ({
    name,
    candidates: members,
    score: scoreOf(binding, members, minRegions),
  }));
}
