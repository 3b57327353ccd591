import type { MemberStatus, PairStatus } from '../cli/status/report.ts';
import type { ObjectRef } from '../simulation/kubernetes.ts';
import type { Count, MemberView, ObjectView } from './outlook.ts';

/** `2`; `✓` for what has no replicas to count; `–` for nothing. */
export function countText(count: Count): string {
  return count === undefined ? '–' : count === null ? '✓' : String(count);
}

/** For those who hear it. */
export function spoken(count: Count): string {
  if (count === undefined) return 'not there';
  return count === null ? 'there' : many(count, 'replica');
}

/** What a number of what is there now is marked with. */
export const LIVE_MARKS = { well: '●', wrong: '▲', unknown: '○' } as const;

/** How an object is on a member, as a sentence says it. */
export function liveText(pair: PairStatus | undefined): string {
  const { live, why } = pair ?? {};
  if (!live) return `not there${why ? `: ${why}` : ''}`;
  const ready = live.ready === undefined ? '' : `, ${live.ready} ready`;
  const health = live.health === 'Unknown' ? '' : `, ${live.health.toLowerCase()}`;
  return `${spoken(live.replicas)}${ready}${health}${why ? `: ${why}` : ''}`;
}

/** What a member's name is marked with, where it is not as it should be. */
export function liveMark({ joined, declared, ready }: MemberStatus): string | undefined {
  if (!joined) return 'not joined';
  if (ready !== 'True') return 'not ready';
  return declared ? undefined : 'in no file';
}

export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `shop/cart` */
export function pathOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export const STATES: Readonly<Record<MemberView['state'], string>> = {
  there: 'joined',
  lost: 'does not answer',
  gone: 'taken away',
};

/** What a question comes to, in a sentence. */
export function summary(objects: readonly ObjectView[], asked: boolean): string {
  const homeless = objects.filter(({ after }) => (after?.members.length ?? 0) === 0);
  if (!asked) return `${many(objects.length, 'object')}, ${homeless.length} without a place.`;
  const moved = objects.filter((object) => object.moved.length > 0);
  const lost = homeless.filter((object) => object.moved.length > 0);
  const stay = objects.length - moved.length;
  const stays = stay === 1 ? '1 stays as it is' : `${stay} stay as they are`;
  if (moved.length === 0) return `Nothing moves: ${stays}.`;
  const change = moved.length - lost.length;
  return `${many(change, 'object')} ${change === 1 ? 'changes' : 'change'}, ${lost.length} with nowhere to go, ${stays}.`;
}
