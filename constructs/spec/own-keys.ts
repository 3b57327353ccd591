import type { z } from 'zod';
import type { Path } from './faults.ts';
import { federation } from './federation.ts';

/*
 * Keys that begin with x- are the file's own, wherever the file has fields of ours: a place for anchors, and for what
 * other tools read. Where keys are free, as those of labels and of objects are, x- means nothing.
 */

const isOwn = (key: string) => key.startsWith('x-');

/** The data without the file's own keys. */
export function withoutOwnKeys(data: unknown): unknown {
  if (!holdsOwn(data, new Set())) return data;
  const { error } = federation.safeParse(data);
  const paths = error ? ownPaths(error.issues) : [];
  if (paths.length === 0) return data;
  const copy = structuredClone(data);
  for (const path of paths) {
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], copy);
    delete (holder as Record<PropertyKey, unknown>)[path.at(-1) as PropertyKey];
  }
  return copy;
}

/** Whether there is such a key anywhere, which most files have not. */
function holdsOwn(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  if (!Array.isArray(value) && Object.keys(value).some(isOwn)) return true;
  return Object.values(value).some((inner) => holdsOwn(inner, seen));
}

/** Where the schema has fields, and none of such a name. */
function ownPaths(issues: readonly z.core.$ZodIssue[], under: Path = []): Path[] {
  return issues.flatMap((issue): Path[] => {
    const path = [...under, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.filter(isOwn).map((key) => [...path, key]);
    if (issue.code === 'invalid_union') return issue.errors.flatMap((errors) => ownPaths(errors, path));
    return [];
  });
}
