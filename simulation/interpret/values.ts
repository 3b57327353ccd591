import { lookup } from '../lookup.ts';

/** Reading untyped objects: what is not of the type asked for reads as missing. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** The value behind keys, undefined when one of them is missing. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isFields(inner) ? lookup(inner, key) : undefined), value);
}

/** A copy with another value behind keys; the maps on the way are made where they are missing. */
export function withValue<T>(object: T, keys: readonly string[], value: unknown): T {
  const [key, ...rest] = keys;
  if (key === undefined) return value as T;
  const inner = fields(object);
  return { ...inner, [key]: rest.length === 0 ? value : withValue(lookup(inner, key), rest, value) } as T;
}
