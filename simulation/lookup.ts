import type { ObjectRef } from './kubernetes.ts';

/** What an object is looked up by. Kinds of two API groups may share it: compare with `sameRef` then. */
export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ?? ''}/${name}`;
}

/** Keeps what was made for one thing, until it is asked about another. */
export class Latest<Key, Value> {
  private last: { readonly key: Key; readonly value: Value } | undefined;

  of(key: Key, make: () => Value): Value {
    if (this.last?.key !== key) this.last = { key, value: make() };
    return this.last.value;
  }
}

/** Items by a key, in their order. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const known = groups.get(name);
    if (known) known.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/** What a map has under a name that users choose; `constructor` and the like are in it only where somebody wrote them. */
export function lookup<T>(map: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}
