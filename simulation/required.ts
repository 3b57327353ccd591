/** Where an object goes for the sake of others, beside where it goes itself (mergeTargetClusters of pkg/util/helper). */
import { describe, type ObjectRef } from './kubernetes.ts';
import type { Reason } from './model.ts';
import type { Target } from './schedule/binding.ts';
import type { Schedule } from './schedule/schedule.ts';

/** What an object goes along with, and where that goes. */
export interface Required {
  readonly by: ObjectRef;
  readonly targets: readonly Target[];
  /** Where it may go, when that is not known. */
  readonly uncertain?: Schedule['uncertain'] | undefined;
}

type Targets = readonly Target[];

/** Answers that are told at most: each of those that an object goes along with may double them. */
const MOST_ANSWERS = 64;

/** Its own members, then those of whatever requires it. */
export function everywhere(own: Targets, required: readonly Required[]): Targets {
  return required.length === 0 ? own : merged([own, ...required.map(({ targets }) => targets)]);
}

/** Each place that an object may be at, where it is not known of itself, or of what it goes along with. */
export function allAnswers(own: Targets, uncertain: Schedule['uncertain'], required: readonly Required[]): Targets[] {
  const certain = required.filter((one) => one.uncertain === undefined);
  const there = new Set(certain.flatMap(({ targets }) => targets.map(({ name }) => name)));
  let answers: readonly Targets[] = uncertain?.answers ?? [own];
  for (const { targets, uncertain } of required) {
    const choices = distinct(
      (uncertain?.answers ?? [targets]).map((one) => one.filter(({ name }) => !there.has(name))),
    );
    const few = answers.length * choices.length > MOST_ANSWERS ? choices.slice(0, 1) : choices;
    answers = distinct(answers.flatMap((answer) => few.map((choice) => merged([answer, choice]))));
  }
  return answers.map((answer) => everywhere(answer, certain));
}

/** Why it is not known where an object goes. */
export function whyUncertain(own: Schedule['uncertain'], required: readonly Required[]): Reason | undefined {
  if (own) return own.reason;
  const open = required.find(({ uncertain }) => uncertain !== undefined);
  if (!open?.uncertain) return undefined;
  const { code, message } = open.uncertain.reason;
  return { code, message: `it goes along with ${describe(open.by)}, of which this is not known: ${message}` };
}

/** The first that names a member has the say of its replicas. */
function merged(lists: readonly Targets[]): Targets {
  const all = new Map<string, Target>();
  for (const target of lists.flat()) if (!all.has(target.name)) all.set(target.name, target);
  return [...all.values()];
}

function distinct(answers: readonly Targets[]): Targets[] {
  if (answers.length < 2) return [...answers];
  const keyOf = (targets: Targets) =>
    targets
      .map(({ name, replicas }) => `${name} ${replicas}`)
      .sort()
      .join(',');
  return [...new Map(answers.map((answer) => [keyOf(answer), answer])).values()];
}
