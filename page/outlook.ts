import type { MemberStatus, ObjectStatus, PairStatus, StatusReport } from '../cli/status/report.ts';
import type { Cluster } from '../simulation/karmada.ts';
import type { ObjectRef } from '../simulation/kubernetes.ts';
import type { Placement, Result, Share } from '../simulation/model.ts';
import { isTold, planKey, WORKLOADS } from '../simulation/plan.ts';
import type { MemberFacts, PageData } from './data.ts';
import { changedMember, keyOf, type Question } from './what-if.ts';

/** A federation as the page shows it: as it is, and as it would be. */
export interface Outlook {
  readonly members: readonly MemberView[];
  readonly objects: readonly ObjectView[];
}

export interface MemberView {
  readonly name: string;
  /** As it would be. */
  readonly cluster: Cluster;
  readonly earlier: Cluster;
  readonly state: 'there' | 'lost' | 'gone';
  readonly facts: MemberFacts;
  /** Whether a label, taint or field of it would differ. */
  readonly changed: boolean;
  /** How it is, where that is told. */
  readonly live: MemberStatus | undefined;
}

/** Replicas of an object on a member: null where it has none to count, undefined where it is not. */
export type Count = number | null | undefined;

export interface ObjectView {
  readonly key: string;
  readonly ref: ObjectRef;
  readonly before: Placement | undefined;
  readonly after: Placement | undefined;
  /** Whether it runs something; others, such as ConfigMaps, are there for those that do. */
  readonly runs: boolean;
  /** The members where something would change. */
  readonly moved: readonly string[];
  was(member: string): Count;
  is(member: string): Count;
  /** Whether the number may be another one. */
  isUncertain(member: string): boolean;
  /** Whether something fails on the way to the member. */
  fails(member: string): boolean;
  /** How it is, where that is told: nothing in it for what nothing is known of. */
  readonly live: LiveObject | undefined;
}

/** How an object is, and on members. */
export interface LiveObject {
  readonly status: ObjectStatus | undefined;
  on(member: string): PairStatus | undefined;
}

export function outlookOf(
  { input, facts }: PageData,
  before: Result,
  after: Result,
  question: Question,
  report: StatusReport | undefined,
): Outlook {
  const liveMembers = new Map(report?.members.map((member) => [member.name, member]));
  const liveObjects = report && new Map(report.objects.map((object) => [planKey(object), object]));
  const factsOf = new Map(facts.map((one) => [one.name, one]));
  const members = input.members.map((earlier): MemberView => {
    const { name } = earlier.metadata;
    const { state = 'there', ...change } = question.members.get(name) ?? {};
    return {
      name,
      earlier,
      cluster: changedMember(earlier, change),
      state,
      facts: factsOf.get(name) ?? { name, vpn: false, runtimes: [] },
      changed: Object.keys(change).length > 0,
      live: liveMembers.get(name),
    };
  });
  const later = new Map(after.placements.map((placement) => [keyOf(placement.ref), placement]));
  const objects = before.placements.filter(isTold).map((placement) => {
    const key = keyOf(placement.ref);
    return objectView(key, placement, later.get(key), liveObjects);
  });
  return { members, objects };
}

function objectView(
  key: string,
  before: Placement,
  after: Placement | undefined,
  live: ReadonlyMap<string, ObjectStatus> | undefined,
): ObjectView {
  const old = counts(before.members);
  const now = counts(after?.members ?? []);
  const failing = new Set(after?.errors.map(({ member }) => member));
  const open = after?.uncertain && openMembers(after.uncertain.answers);
  return {
    key,
    ref: before.ref,
    before,
    after,
    runs: WORKLOADS.has(before.ref.kind) || before.members.some(({ replicas }) => replicas !== null),
    moved: [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name)),
    was: (member) => old.get(member),
    is: (member) => now.get(member),
    isUncertain: (member) => open !== undefined && (open === 'all' ? now.has(member) : open.has(member)),
    fails: (member) => failing.has(member) || (failing.has(undefined) && now.has(member)),
    live: live && liveObject(live.get(planKey(before.ref))),
  };
}

function liveObject(status: ObjectStatus | undefined): LiveObject {
  const pairs = new Map(status?.members.map((pair) => [pair.member, pair]));
  return { status, on: (member) => pairs.get(member) };
}

function counts(shares: readonly Share[]): ReadonlyMap<string, number | null> {
  return new Map(shares.map(({ name, replicas }) => [name, replicas]));
}

/** Those whose number differs between the answers; all, where there is one that hangs on room. */
function openMembers(answers: readonly (readonly Share[])[]): ReadonlySet<string> | 'all' {
  if (answers.length < 2) return 'all';
  const maps = answers.map(counts);
  const names = new Set(maps.flatMap((map) => [...map.keys()]));
  return new Set([...names].filter((name) => new Set(maps.map((map) => map.get(name))).size > 1));
}
