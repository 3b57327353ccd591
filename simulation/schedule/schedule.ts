/** From an object with its policy to members with replicas: pkg/scheduler/{scheduler,core/generic_scheduler}.go. */
import { same } from '../equality.ts';
import type { ClusterAffinityTerm, PlacementSpec } from '../karmada.ts';
import type { Member, Members } from '../members.ts';
import type { GroupTrial, Placed, Reason, Uncertainty } from '../model.ts';
import {
  type Binding,
  divisionOf,
  type Failure,
  failed,
  hasShares,
  isWorkload,
  type Order,
  type Outcome,
  type Target,
  targetsOf,
} from './binding.ts';
import { divide } from './divide.ts';
import { type Filter, type Fitting, fitting } from './filter.ts';
import type { Room } from './room.ts';
import { type Candidate, candidatesOf, spread } from './spread.ts';

export interface SchedulerOptions extends Filter {
  readonly room: Room;
  /** Whether components decide on the room (see room.ts): then one set of them is what must fit. */
  readonly bySets: (binding: Binding) => boolean;
  readonly propagatesEmptyWorkloads: boolean;
}

export interface Schedule {
  readonly targets: readonly Target[];
  readonly failure?: Failure;
  /** The group that it is placed by, or was tried last; what verdicts are about. */
  readonly term?: ClusterAffinityTerm;
  readonly groups: readonly GroupTrial[];
  /** The members that pass the filters. */
  readonly fits: readonly Fitting[];
  /** Those of them that the spread takes. */
  readonly taken: readonly { readonly member: Member }[];
  readonly uncertain?: Omit<Uncertainty, 'answers'> & { readonly answers: readonly (readonly Target[])[] };
}

const UNTOUCHED = { groups: [], fits: [], taken: [] } as const;

/** Places one object: twice, where it may be at two places already. */
export function schedule(binding: Binding, options: SchedulerOptions): Schedule {
  const answers = binding.placed?.answers ?? [];
  if (answers.length !== 2 || binding.order !== undefined) return scheduleOnce(binding, options);
  const [first, second] = [
    startingAt(binding, 'ascending', answers[0]!),
    startingAt(binding, 'descending', answers[1]!),
  ].map((start) => scheduleOnce(start, options));
  if (sameTargets(first!.targets, second!.targets)) return first!;
  return { ...first!, ...uncertainty([first!.targets, second!.targets], undefined) };
}

/** The object as though it were at one of its two places; what is being evicted is gone from either. */
function startingAt(binding: Binding, order: Order, members: Placed['members']): Binding {
  const before = targetsOf(members).filter(({ name }) => !binding.placed?.evicting?.includes(name));
  return { ...binding, order, before, runsOn: new Set(before.map(({ name }) => name)) };
}

/** Groups are tried in their order, from the one that it is placed by. */
function scheduleOnce(binding: Binding, options: SchedulerOptions): Schedule {
  if (isLeftAlone(binding, options.members)) {
    const answers = binding.placed?.answers ?? [];
    const isOpen = answers.length === 1;
    return {
      ...UNTOUCHED,
      targets: binding.before,
      ...termOf(binding),
      ...uncertainty([binding.before], isOpen ? 'some members' : undefined),
    };
  }
  const { clusterAffinity, clusterAffinities } = binding.placement;
  if (clusterAffinity || clusterAffinities === undefined)
    return settle(binding, tryTerm(binding, undefined, options), []);

  const groups: GroupTrial[] = [];
  let first: Trial | undefined;
  for (const term of clusterAffinities.slice(indexOf(clusterAffinities, binding.placed?.group))) {
    const trial = tryTerm(binding, term, options);
    if (trial.failure === undefined) return settle(binding, trial, [...groups, { name: term.affinityName }]);
    groups.push({ name: term.affinityName, left: { code: trial.failure.code, message: trial.failure.message } });
    first ??= trial;
  }
  const none = failed('NoMemberFits', 'clusterAffinities is empty').failed;
  return settle(binding, first ?? { ...UNTOUCHED, targets: [], failure: none }, groups);
}

type Trial = Omit<Schedule, 'groups'>;

/** When nothing fits, Karmada takes the object away; when it fails otherwise, what ran goes on. */
function settle(binding: Binding, trial: Trial, groups: readonly GroupTrial[]): Schedule {
  const keeps = trial.failure !== undefined && !trial.failure.clears;
  return { ...trial, groups, targets: keeps ? binding.before : trial.targets };
}

/**
 * A divided workload that has all its replicas, by the placement of before, on members that are all there, is not
 * scheduled again (doScheduleBinding).
 */
function isLeftAlone(binding: Binding, members: Members): boolean {
  const { placed, placement, before } = binding;
  if (placed?.placement === undefined || placed.rebalance || !isWorkload(binding)) return false;
  if (divisionOf(placement) === 'Duplicated' || isChanged(placement, placed.placement, placed.group)) return false;
  const running = before.reduce((sum, { replicas }) => sum + replicas, 0);
  return running === binding.replicas && before.every(({ name }) => members.get(name) !== undefined);
}

/** Of several groups only the one counts that it is placed by (placementChanged of pkg/scheduler/helper.go). */
function isChanged(placement: PlacementSpec, applied: PlacementSpec, group: string | undefined): boolean {
  if (same(placement, applied)) return false;
  const { clusterAffinities: _, workloadAffinity: __, ...rest } = placement;
  const { clusterAffinities: ___, workloadAffinity: ____, ...appliedRest } = applied;
  if (!same(rest, appliedRest)) return true;
  const term = termNamed(placement, group);
  return term === undefined || !same(term, termNamed(applied, group));
}

function termNamed({ clusterAffinities = [] }: PlacementSpec, name: string | undefined) {
  return clusterAffinities.find(({ affinityName }) => affinityName === name);
}

function termOf({ placement, placed }: Binding): { readonly term?: ClusterAffinityTerm } {
  const term = termNamed(placement, placed?.group);
  return term ? { term } : {};
}

function indexOf(terms: readonly ClusterAffinityTerm[], group: string | undefined): number {
  return Math.max(
    0,
    terms.findIndex(({ affinityName }) => affinityName === group),
  );
}

function tryTerm(binding: Binding, term: ClusterAffinityTerm | undefined, options: SchedulerOptions): Trial {
  const fits = fitting(binding, term, options);
  const about = { ...(term ? { term } : {}), fits, taken: [] };
  if (fits.length === 0) {
    const whose = term === undefined ? '' : ` of the group ${term.affinityName}`;
    return { ...about, targets: [], failure: failed('NoMemberFits', `no member${whose} fits`, true).failed };
  }
  if (goesEverywhere(binding)) {
    return {
      ...about,
      taken: fits,
      targets: fits.map(({ member }) => ({ name: member.name, replicas: binding.replicas })),
    };
  }
  const candidates = candidatesOf(binding, fits, options.room);
  const selected = spread(binding, candidates, options.bySets(binding) ? 1 : binding.replicas);
  if ('failed' in selected) return { ...about, targets: [], failure: selected.failed };
  const taken = selected.ok;
  const answers = answersOf(binding, taken, term, options);
  if ('failed' in answers) return { ...about, targets: [], failure: answers.failed };
  return {
    ...about,
    taken,
    targets: answers.ok[0],
    ...uncertainty(answers.ok, dependsOnRoom(binding, candidates, taken)),
  };
}

/** The one answer, or the two that are possible. Which of them was taken before, is taken again. */
function answersOf(
  binding: Binding,
  taken: readonly Candidate[],
  term: ClusterAffinityTerm | undefined,
  options: SchedulerOptions,
): Outcome<readonly [readonly Target[], ...(readonly Target[])[]]> {
  const known = binding.order;
  const outcome = assign(binding, taken, term, known ?? 'ascending', options);
  if ('failed' in outcome) return outcome;
  if (known !== undefined || !isDivided(binding)) return { ok: [outcome.ok] };
  const other = assign(binding, taken, term, 'descending', options);
  if ('failed' in other || sameTargets(outcome.ok, other.ok)) return { ok: [outcome.ok] };
  const again = [outcome.ok, other.ok].find((targets) => sameTargets(targets, binding.before));
  if (again) return { ok: [again] };
  return { ok: [outcome.ok, other.ok] };
}

function assign(
  binding: Binding,
  taken: readonly Candidate[],
  term: ClusterAffinityTerm | undefined,
  order: Order,
  options: SchedulerOptions,
): Outcome<readonly Target[]> {
  const outcome = divide(binding, taken, term, order);
  if ('failed' in outcome || !options.propagatesEmptyWorkloads) return outcome;
  const have = new Set(outcome.ok.map(({ name }) => name));
  const empty = taken.filter(({ member }) => !have.has(member.name));
  return { ok: [...outcome.ok, ...empty.map(({ member }) => ({ name: member.name, replicas: 0 }))] };
}

function isDivided(binding: Binding): boolean {
  return hasShares(binding) && divisionOf(binding.placement) !== 'Duplicated';
}

/** Members whose room is not known, where room decides: in a division by room, between groups, and who is taken. */
function dependsOnRoom(
  binding: Binding,
  candidates: readonly Candidate[],
  taken: readonly Candidate[],
): string | undefined {
  const unknown = candidates.find(({ roomKnown }) => !roomKnown);
  if (unknown === undefined) return undefined;
  const division = divisionOf(binding.placement);
  const running = binding.before.reduce((sum, { replicas }) => sum + replicas, 0);
  const byRoom =
    (division === 'DynamicWeight' || division === 'Aggregated') && taken.length > 1 && running !== binding.replicas;
  const bySpread = taken.length < candidates.length && !candidates.every(({ score }) => score > 0);
  const byTier = division !== 'Duplicated' && taken.some(({ overflow }) => overflow !== taken[0]!.overflow);
  return byRoom || bySpread || byTier ? unknown.member.name : undefined;
}

function uncertainty(
  answers: readonly (readonly Target[])[],
  unknown: string | undefined,
): Pick<Schedule, 'uncertain'> {
  if (unknown !== undefined) {
    const message = `the room of ${unknown} is not known; this is as though every such member had room for all replicas`;
    return { uncertain: { reason: { code: 'RoomUnknown', message }, answers } };
  }
  if (answers.length < 2) return {};
  const message =
    'equal members take the remainder by name, ascending or descending as the UID of the object falls out';
  return { uncertain: { reason: { code: 'Remainder', message }, answers } };
}

/**
 * One of several schedules, of which it is not known which comes.
 *
 * @param unsure why not, where no schedule says so itself.
 */
export function anyOf(schedules: readonly Schedule[], unsure: Reason): Schedule {
  const first = schedules[0]!;
  const answers: (readonly Target[])[] = [];
  for (const { targets, uncertain } of schedules) {
    for (const answer of uncertain?.answers ?? [targets]) {
      if (!answers.some((known) => sameTargets(known, answer))) answers.push(answer);
    }
  }
  if (answers.length === 1 && unsure.code !== 'RoomUnknown') return first;
  return { ...first, uncertain: { reason: first.uncertain?.reason ?? unsure, answers } };
}

function sameTargets(a: readonly Target[], b: readonly Target[]): boolean {
  const others = new Map(b.map(({ name, replicas }) => [name, replicas]));
  return a.length === b.length && a.every(({ name, replicas }) => others.get(name) === replicas);
}

/** Nothing to choose and nothing to divide: the plain case. */
function goesEverywhere(binding: Binding): boolean {
  const { spreadConstraints = [], clusterAffinity, clusterAffinities = [] } = binding.placement;
  const overflows =
    !clusterAffinity && clusterAffinities.some(({ overflowAffinities }) => overflowAffinities !== undefined);
  const duplicates =
    divisionOf(binding.placement) === 'Duplicated' && (binding.replicas > 0 || binding.requirements === undefined);
  return spreadConstraints.length === 0 && !overflows && (duplicates || !hasShares(binding));
}
