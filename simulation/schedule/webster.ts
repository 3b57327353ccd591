import type { Order, Target } from './binding.ts';

interface Party {
  readonly name: string;
  readonly votes: number;
  seats: number;
}

/**
 * Divides seats by votes with Webster's method, as pkg/util/helper/webstermethod.go does: each seat goes to whoever has
 * the most votes per (2 × seats + 1). Of equals, the one with fewer seats goes first, then the name, in an order that
 * depends on the UID of the object (pkg/util/helper/binding.go): `fnvOrder`.
 */
export function divideByVotes(seats: number, votes: ReadonlyMap<string, number>, order: Order): Target[] {
  const sign = order === 'ascending' ? 1 : -1;
  const parties = [...votes].map(([name, count]): Party => ({ name, votes: count, seats: 0 }));
  const goesFirst = (a: Party, b: Party): boolean => {
    const byVotes = b.votes / (2 * b.seats + 1) - a.votes / (2 * a.seats + 1);
    if (byVotes !== 0) return byVotes < 0;
    if (a.seats !== b.seats) return a.seats < b.seats;
    return a.name < b.name === sign > 0;
  };
  for (let index = (parties.length >> 1) - 1; index >= 0; index--) sink(parties, index, goesFirst);
  for (let left = parties.length === 0 ? 0 : seats; left > 0; left--) {
    parties[0]!.seats += 1;
    sink(parties, 0, goesFirst);
  }
  return parties.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, seats: replicas }) => ({ name, replicas }));
}

/** Restores a heap whose element at an index may have to go down. */
function sink(heap: Party[], start: number, goesFirst: (a: Party, b: Party) => boolean): void {
  const party = heap[start]!;
  let index = start;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && goesFirst(heap[child + 1]!, heap[child]!)) child += 1;
    if (!goesFirst(heap[child]!, party)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = party;
}

/** The order that Karmada takes for an object: by the parity of the 32-bit FNV-1a hash of its UID. Unknown without UID. */
export function fnvOrder(uid: string | undefined): Order | undefined {
  if (!uid) return undefined;
  let hash = 0x811c9dc5;
  for (let index = 0; index < uid.length; index++) {
    hash = Math.imul(hash ^ uid.charCodeAt(index), 0x01000193);
  }
  return (hash & 1) === 1 ? 'descending' : 'ascending';
}
