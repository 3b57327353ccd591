/** Which regions are taken: select_groups.go and group_clusters.go of pkg/scheduler/core/spreadconstraint. */
import { type Binding, divisionOf } from './binding.ts';
import type { Candidate } from './spread.ts';

export interface Region {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly score: number;
}

/** What a replica weighs against the members' own score, which is at most 100. */
const REPLICA = 1000;

/**
 * How good a region is. Duplicated: how many of its members have room for all. Divided: for how much of its share, an
 * equal one of each of the fewest regions, the members have room that come first.
 */
export function scoreOf(binding: Binding, candidates: readonly Candidate[], minRegions: number): number {
  if (divisionOf(binding.placement) === 'Duplicated') {
    const roomy = candidates.filter(({ available }) => available >= binding.replicas);
    return roomy.length === 0 ? 0 : roomy.length * REPLICA + Math.trunc(sumOf(roomy, 'score') / roomy.length);
  }
  const share = Math.ceil(binding.replicas / minRegions);
  const byCluster = (binding.placement.spreadConstraints ?? []).findLast(
    ({ spreadByField }) => spreadByField === 'cluster',
  );
  const fewest = Math.max(byCluster?.minGroups ?? 0, minRegions);
  let count = 0;
  let available = 0;
  let score = 0;
  for (const candidate of candidates) {
    available += candidate.available;
    score += candidate.score;
    count += 1;
    if (count >= fewest && available >= share) break;
  }
  return available < share
    ? available * REPLICA + Math.trunc(score / candidates.length)
    : share * REPLICA + Math.trunc(score / count);
}

function sumOf(candidates: readonly Candidate[], key: 'score' | 'available'): number {
  return candidates.reduce((sum, candidate) => sum + candidate[key], 0);
}

interface Wanted {
  readonly min: number;
  readonly max: number;
  /** The fewest members that they must have together. */
  readonly members: number;
}

interface Choice {
  readonly regions: readonly Region[];
  readonly score: number;
  readonly members: number;
}

/**
 * The set of regions with the highest score, then the most members. Sets grow only until they satisfy the constraints;
 * of one set and a part of it that is its beginning by score, the part is enough.
 */
export function bestRegions(regions: readonly Region[], wanted: Wanted): readonly Region[] | undefined {
  if (anyFewSuffice(regions, wanted)) return bestFew(regions, wanted.min);
  const choices = choicesOf(regions, wanted).sort((a, b) => b.score - a.score || b.members - a.members);
  return choices.reduce<Choice | undefined>(
    (best, choice) => (best === undefined || begins(best, choice) ? choice : best),
    undefined,
  )?.regions;
}

/** The plain case: whichever regions are taken, the fewest that may be have members enough. */
function anyFewSuffice(regions: readonly Region[], { min, max, members }: Wanted): boolean {
  if (min < 1 || min > max || regions.length < min) return false;
  const smallest = regions.map(({ candidates }) => candidates.length).sort((a, b) => a - b);
  return smallest.slice(0, min).reduce((sum, size) => sum + size, 0) >= members;
}

/** Then the best are simply the first by score, members and name: no need to look at all sets. */
function bestFew(regions: readonly Region[], count: number): readonly Region[] {
  return regions
    .toSorted((a, b) => b.score - a.score || b.candidates.length - a.candidates.length || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}

/** Sets of regions to look at, at most: Karmada looks at all, which with many regions takes longer than anybody waits. */
const MOST_CHOICES = 100_000;

/** Whether a choice is a proper beginning of another. */
function begins(whole: Choice, part: Choice): boolean {
  return (
    part.regions.length < whole.regions.length &&
    part.regions.every(({ name }, index) => whole.regions[index]!.name === name)
  );
}

/** Depth first, from the smallest region: the order decides between equal choices. */
function choicesOf(regions: readonly Region[], { min, max, members }: Wanted): Choice[] {
  const order = [...regions].sort(
    (a, b) => a.candidates.length - b.candidates.length || b.score - a.score || (a.name < b.name ? -1 : 1),
  );
  const choices: Choice[] = [];
  const path: Region[] = [];
  const grow = (count: number, start: number): void => {
    if (count >= members && path.length >= min && path.length <= max) {
      choices.push(choiceOf(path, count));
      return;
    }
    if (path.length >= max || choices.length >= MOST_CHOICES) return;
    for (let index = start; index < order.length; index++) {
      const region = order[index]!;
      path.push(region);
      grow(count + region.candidates.length, index + 1);
      path.pop();
      // All regions are needed: no other path is as long.
      if (order.length === min) break;
    }
  };
  grow(0, 0);
  return choices;
}

function choiceOf(path: readonly Region[], members: number): Choice {
  const regions = [...path].sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return { regions, members, score: regions.reduce((sum, { score }) => sum + score, 0) };
}
