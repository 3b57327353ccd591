import type { ObjectRef } from '../kubernetes.ts';
import { groupBy } from '../lookup.ts';
import type { Plan, PlanChange, PlannedObject, Stranded } from '../plan.ts';

/** Members that a table gives a column each; with more, a column lists where objects run. */
const MOST_COLUMNS = 12;
/** Names that a line lists before it counts the rest. */
const MOST_NAMES = 8;

/** A plan as a table for a terminal, and under it every no with its reason. */
export function planText(plan: Plan, members: readonly string[]): string {
  const shown = plan.placements.filter(isShown);
  const matrix = members.length <= MOST_COLUMNS;
  const head = ['OBJECT', 'POLICY', ...(matrix ? members : ['MEMBERS'])];
  const rows = shown.map((object) => [
    nameOf(object),
    object.policy?.name ?? '-',
    ...(matrix ? members.map((member) => cell(object, member)) : [sharesText(object)]),
  ]);
  const text = [table([head, ...rows])];
  section(text, 'NOT PLACED', shown.flatMap(unplacedLines));
  section(text, 'NOT ON', shown.flatMap(refusedLines));
  section(text, 'UNCERTAIN', shown.flatMap(uncertainLines));
  section(text, 'ERRORS', plan.placements.flatMap(errorLines));
  text.push(summary(plan));
  return `${text.join('\n\n')}\n`;
}

/** What a later plan changes, as a table for a terminal. */
export function changesText(changes: readonly PlanChange[], total: number): string {
  const removed = changes.filter((change) => change.removed).length;
  const stay = `${total - changes.length + removed} of ${count(total, 'object')} stay as they are`;
  if (changes.length === 0) return `Nothing changes: ${stay}.\n`;
  const rows = changes.map(({ object, members, lost, removed }) => [
    nameOf(object),
    listed(members.map(({ name, before, after }) => `${name} ${number(before)} → ${number(after)}`)),
    removed ? 'not in the file any more' : lost === undefined ? '' : `nowhere: ${lost}`,
  ]);
  const nowhere = changes.filter(({ lost }) => lost !== undefined).length;
  const moving = changes.length - nowhere - removed;
  const moved = `${count(moving, 'object')} ${moving === 1 ? 'changes' : 'change'}`;
  const gone = removed > 0 ? `${removed} removed, ` : '';
  return `${table([['OBJECT', 'CHANGE', ''], ...rows])}\n\n${moved}, ${nowhere} with nowhere to go, ${gone}${stay}.\n`;
}

/** What is down with members that are lost, those with the same reason on one line. */
export function strandedText(stranded: readonly Stranded[]): string {
  const text: string[] = [];
  const reasons = groupBy(stranded, ({ reason }) => reason);
  section(
    text,
    'DOWN WITH ITS MEMBER',
    [...reasons].map(([reason, objects]) => `${listed(objects.map(nameOf))}: ${reason}`),
  );
  return `${text.join('')}\n`;
}

/** A row for what a policy places, or should have: dependents show with what they go along with. */
export function isShown({ policy, members, unplaced, errors }: PlannedObject): boolean {
  return policy !== null || members.length > 0 || errors.length > 0 || unplaced === undefined;
}

/** `Deployment shop/cart`. */
export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** What a member has of an object: its replicas, `+` where it has none to count, `-` for nothing. */
export function cell(object: PlannedObject, member: string): string {
  const share = object.members.find(({ name }) => name === member);
  if (!share) return '-';
  const failed = object.errors.some((error) => error.member === member);
  const replicas = share.replicas === null ? '+' : String(share.replicas);
  return `${failed ? '!' : ''}${replicas}${isUncertain(object, member) ? '?' : ''}`;
}

/** Room that is not known may change any number; a remainder only those in which the answers differ. */
function isUncertain({ uncertain, answers = [] }: PlannedObject, member: string): boolean {
  const possible = answers.map((shares) => shares.find(({ name }) => name === member)?.replicas);
  return uncertain && (possible.length < 2 || new Set(possible).size > 1);
}

export function sharesText(object: PlannedObject): string {
  if (object.members.length === 0) return '-';
  return listed(object.members.map(({ name, replicas }) => (replicas === null ? name : `${name}(${replicas})`)));
}

function unplacedLines(object: PlannedObject): string[] {
  return object.unplaced === undefined ? [] : [`${nameOf(object)}: ${object.unplaced}`];
}

/** The noes of an object, members with the same reason on one line. */
export function refusedLines(object: PlannedObject): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of object.refused) {
    const names = byReason.get(reason);
    if (names) names.push(name);
    else byReason.set(reason, [name]);
  }
  if (byReason.size === 0) return [];
  return [nameOf(object), ...[...byReason].map(([reason, names]) => `  ${listed(names)}: ${reason}`)];
}

function uncertainLines(object: PlannedObject): string[] {
  const { answers = [] } = object;
  if (!object.uncertain) return [];
  const possible = answers.map((members) => sharesText({ ...object, members }));
  return [
    `${nameOf(object)}: ${possible.length > 1 ? possible.join(', or ') : `${possible[0] ?? '-'}, if there is room`}`,
  ];
}

function errorLines(object: PlannedObject): string[] {
  return object.errors.map(({ message }) => `${nameOf(object)}: ${message}`);
}

/** How many objects are placed, are not, and meet errors. */
function summary({ placements }: Plan): string {
  const shown = placements.filter(isShown);
  const placed = shown.filter(({ members }) => members.length > 0).length;
  const errors = placements.reduce((sum, object) => sum + object.errors.length, 0);
  return `${placed} of ${count(shown.length, 'object')} placed, ${count(errors, 'error')}.`;
}

function section(text: string[], title: string, lines: readonly string[]): void {
  if (lines.length > 0) text.push([title, ...lines.map((line) => `  ${line}`)].join('\n'));
}

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} others`;
}

function number(replicas: number | null | undefined): string {
  return replicas === undefined ? '-' : replicas === null ? '+' : String(replicas);
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

/** Columns as kubectl sets them: as wide as their widest cell, three blanks apart. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, text] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  return rows
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
