import type { Formatter } from 'picocolors/types';
import { describe } from '../../simulation/kubernetes.ts';
import { colours } from '../colours.ts';
import { table } from '../table.ts';
import type { MemberStatus, ObjectStatus, PairStatus, State, StatusReport } from './report.ts';

/** Members of an object that show though all is well there. */
const MOST_WELL = 12;

/** A line of a table, and how what it tells of is. */
interface Row {
  readonly cells: readonly string[];
  readonly state: State;
}

/** A report as tables for a terminal. */
export function drawn(report: StatusReport): string {
  const { certificates, controlPlane, estimators, members, objects } = report;
  const sections: [head: string[], rows: Row[]][] = [
    [
      ['CONTROL PLANE', 'READY'],
      controlPlane.map(({ namespace, name, ready, wanted }) => podsRow(`${namespace}/${name}`, ready, wanted)),
    ],
    [['ESTIMATOR', 'READY'], estimators.map(({ member, ready, wanted }) => podsRow(member, ready, wanted))],
    [
      ['CERTIFICATE THAT ENDS FIRST', 'ENDS', 'DAYS'],
      certificates
        .filter(({ soon }, i) => soon || i === 0)
        .map(({ name, ends, days, soon }) => ({
          cells: [name, ends.slice(0, 10), String(days)],
          state: soon ? 'wrong' : 'well',
        })),
    ],
    [['MEMBER', 'MODE', 'VERSION', 'READY', 'AGENT HEARD'], members.map((member) => memberRow(member, report.at))],
    [['OBJECT', 'MEMBER', 'COMPUTED', 'LIVE', 'READY', 'HEALTH', 'WHY'], objects.flatMap(objectRows)],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([head, rows]) => painted(head, rows))
    .join('\n');
}

function painted(head: string[], rows: readonly Row[]): string {
  const { bold, red, yellow } = colours();
  const paint: Readonly<Record<State, Formatter>> = { well: String, wrong: red, unknown: yellow };
  return table([head, ...rows.map(({ cells }) => cells)], (line, i) => {
    const row = rows[i - 1];
    return row ? paint[row.state](line) : bold(line);
  });
}

function podsRow(name: string, ready: number, wanted: number): Row {
  return { cells: [name, `${ready}/${wanted}`], state: ready < wanted ? 'wrong' : 'well' };
}

function memberRow({ name, joined, declared, mode, version, ready, heard }: MemberStatus, at: string): Row {
  const state = joined && declared && ready === 'True' ? 'well' : 'wrong';
  if (!joined) return { cells: [name, '-', '-', 'not joined', '-'], state };
  const seconds = heard && Math.max(0, Math.round((Date.parse(at) - Date.parse(heard)) / 1000));
  return {
    cells: [name, mode ?? '-', version ?? '-', ready ?? 'Unknown', heard ? `${span(Number(seconds))} ago` : '-'],
    state,
  };
}

/** Such as `45s`, `12m`, `3h`, `5d`, as kubectl has ages. */
function span(seconds: number): string {
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)}d`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h`;
  return seconds >= 120 ? `${Math.floor(seconds / 60)}m` : `${seconds}s`;
}

/** A line for each member, but for those of many where all is well. */
function objectRows(object: ObjectStatus): Row[] {
  const name = object.declared ? describe(object) : `${describe(object)} (not in dist)`;
  if (object.members.length === 0)
    return [{ cells: [name, '-', '-', '-', '-', '-', object.why ?? ''], state: object.state }];
  const well = object.members.filter(({ state }) => state === 'well');
  const shown = well.length > MOST_WELL ? object.members.filter(({ state }) => state !== 'well') : object.members;
  const rows = shown.map((pair): Row => ({ cells: [name, ...pairCells(pair, object)], state: pair.state }));
  if (shown.length === object.members.length) return rows;
  const rest: Row = { cells: [name, `${well.length} members`, '', '', '', '', 'all is well there'], state: 'well' };
  return [...rows, rest];
}

function pairCells({ member, computed, live, why }: PairStatus, object: ObjectStatus): string[] {
  return [
    member,
    countText(computed),
    countText(live),
    String(live?.ready ?? '-'),
    healthText(live?.health),
    why ?? object.why ?? '',
  ];
}

/** Kinds that Karmada does not judge are Unknown to it. */
function healthText(health = 'Unknown'): string {
  return health === 'Unknown' ? '-' : health;
}

/** `2`; `+` for what has no replicas to count; `-` for nothing. */
function countText(share: { readonly replicas: number | null } | undefined): string {
  return share === undefined ? '-' : share.replicas === null ? '+' : String(share.replicas);
}
