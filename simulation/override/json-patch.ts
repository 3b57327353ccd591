/**
 * JSON Patch as github.com/evanphx/json-patch/v5 applies it, which Karmada uses; its habits differ from RFC 6902 and from
 * npm's fast-json-patch: a path must be there for every operation but the last key of `add`; -1 is the last index; a path
 * without a leading slash loses its first part; `replace` takes what is null.
 */
export interface Patch {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** A patch that does not apply. The message is meant for people, and names the path. */
export class PatchError extends Error {}

type Json = unknown;
type JsonObject = Record<string, Json>;

/** A patched copy; parts that no operation touches are shared with the original. */
export function applyPatches(document: Json, patches: readonly Patch[]): Json {
  return patches.reduce(applyPatch, document);
}

function applyPatch(document: Json, { op, path, value = null }: Patch): Json {
  if (op !== 'add' && op !== 'remove' && op !== 'replace')
    throw new PatchError(`unknown operator ${JSON.stringify(op)}`);
  if (path === '') return wholeDocument(op, value);
  const [, ...keys] = path.split('/').map(decodeKey);
  if (keys.length === 0) throw new PatchError(`${path} must start with a slash`);
  return edit(
    document,
    keys,
    (container, key) => {
      if (Array.isArray(container)) return editArray(container, key, op, value, path);
      if (isObject(container)) return editObject(container, key, op, value, path);
      throw missing(path);
    },
    path,
  );
}

function wholeDocument(op: string, value: Json): Json {
  if (op === 'remove') throw new PatchError('the whole object cannot be removed');
  if (typeof value !== 'object' || value === null)
    throw new PatchError('only an object or a list can stand for the whole object');
  return value;
}

/** Copies the containers on the way to the last key. */
function edit(
  container: Json,
  keys: readonly string[],
  last: (container: Json, key: string) => Json,
  path: string,
): Json {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) return last(container, key);
  if (Array.isArray(container)) {
    const index = existingIndex(container, key);
    if (index === undefined || isNull(container[index])) throw missing(path);
    return container.with(index, edit(container[index], rest, last, path));
  }
  if (!isObject(container) || !Object.hasOwn(container, key) || isNull(container[key])) throw missing(path);
  return { ...container, [key]: edit(container[key], rest, last, path) };
}

function editObject(container: JsonObject, key: string, op: string, value: Json, path: string): Json {
  if (op !== 'add' && !Object.hasOwn(container, key) && !(op === 'replace' && key === '')) throw missing(path);
  if (op !== 'remove') return { ...container, [key]: value };
  const { [key]: _, ...rest } = container;
  return rest;
}

function editArray(container: readonly Json[], key: string, op: string, value: Json, path: string): Json {
  if (op === 'add') {
    const index = key === '-' ? container.length : indexOf(key, container.length + 1);
    if (index === undefined) throw missing(path);
    return container.toSpliced(index, 0, value);
  }
  const index = existingIndex(container, key);
  if (index === undefined) throw missing(path);
  return op === 'remove' ? container.toSpliced(index, 1) : container.with(index, value);
}

function existingIndex(container: readonly Json[], key: string): number | undefined {
  return indexOf(key, container.length);
}

/** Negative indexes count from the end. */
function indexOf(key: string, length: number): number | undefined {
  if (!/^[+-]?\d+$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + length : Number(key);
  return index >= 0 && index < length ? index : undefined;
}

/** A key as a part of a JSON pointer (RFC 6901): a slash would end it, and a tilde stands for such. */
export function encodeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `~1` stands for a slash and `~0` for a tilde. */
export function decodeKey(key: string): string {
  return key.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~'));
}

function missing(path: string): PatchError {
  return new PatchError(`${path} is not there`);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNull(value: Json): boolean {
  return value === null || value === undefined;
}
