import { expect, test } from 'vitest';
import { mergeValues } from '../../constructs/network/values.ts';

test('mappings are merged key by key, and all else is replaced', () => {
  const base = { a: { b: 1, c: [1, 2] }, d: 'x' };
  expect(mergeValues(base, { a: { c: [3], e: true }, f: null })).toEqual({
    a: { b: 1, c: [3], e: true },
    d: 'x',
    f: null,
  });
  expect(mergeValues(base, { a: 'none' })).toEqual({ a: 'none', d: 'x' });
});

test('the values merged into stay as they are', () => {
  const base = { a: { b: 1 } };
  mergeValues(base, { a: { b: 2 } });
  expect(base).toEqual({ a: { b: 1 } });
});

test('a key that JavaScript has its own mind about is data', () => {
  const over = JSON.parse('{"__proto__": {"polluted": true}}');
  const merged = mergeValues({}, over);
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":true}}');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
