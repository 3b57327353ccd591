import type { Fault, Path } from './faults.ts';

/**
 * A copy of the data of a file in which each mistake whose remedy is all but certain is mended: a misspelt key has the
 * name that was meant, a wrong choice the one nearest to it. What follows from such a mistake is then no fault of its
 * own. What can't be mended stays, text that is wrong included.
 */
export function repair(data: unknown, faults: readonly Fault[]): unknown {
  const copy = structuredClone(data);
  for (const { path, meant } of faults) {
    const key = path.at(-1);
    const holder = valueAt(copy, path.slice(0, -1)) as Record<PropertyKey, unknown> | undefined;
    if (!meant || !holder || key === undefined) continue;
    if ('value' in meant) holder[key] = meant.value;
    else if (!Object.hasOwn(holder, meant.key)) {
      holder[meant.key] = holder[key];
      delete holder[key];
    }
  }
  return copy;
}

/** What data has at a path. */
export function valueAt(data: unknown, path: Path): unknown {
  let node = data;
  for (const key of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<PropertyKey, unknown>)[key];
  }
  return node;
}
