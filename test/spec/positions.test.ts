import { describe, expect, test } from 'vitest';
import { positionsIn } from '../../constructs/spec/positions.ts';

const TEXT = `# a comment
kind: Federation
spec:
  members:
    - &edge
      name: "a"
      labels: { tier: edge }
    - { <<: *edge, name: b }
    - *edge
  vpn:
  registry: |
    x
`;
const find = positionsIn(TEXT);
const at = (path: (string | number)[], atKey?: boolean) => {
  const { line, column } = find(path, atKey);
  return `${line}:${column}`;
};

describe('the place of', () => {
  test.each([
    ['a value is where it begins, quotes included', ['spec', 'members', 0, 'name'], '6:13'],
    ['a value in braces likewise', ['spec', 'members', 1, 'name'], '8:26'],
    ['a mapping is its key', ['spec', 'members', 0, 'labels'], '7:7'],
    ['a list is its key', ['spec', 'members'], '4:3'],
    ['a list entry is where it begins', ['spec', 'members', 1], '8:7'],
    ['what is left empty is its key', ['spec', 'vpn'], '10:3'],
    ['a text on lines of its own is its key', ['spec', 'registry'], '11:3'],
    ['what is missing is what it is missing from', ['spec', 'members', 1, 'region'], '8:7'],
    ['what `<<` brings is where it is written', ['spec', 'members', 1, 'labels', 'tier'], '7:23'],
    ['what an alias stands for is where it is written', ['spec', 'members', 2, 'name'], '6:13'],
    ['an alias is where it stands', ['spec', 'members', 2], '9:7'],
    ['the file is its first key', [], '2:1'],
  ])('%s', (_, path, place) => {
    expect(at(path)).toBe(place);
  });

  test('a key is where the key begins, whatever is under it', () => {
    expect(at(['spec', 'members', 0, 'name'], true)).toBe('6:7');
  });
});

test('an alias stands for the last node of its name before it', () => {
  const of = positionsIn('a: &x {k: 1}\nb: *x\nc: &x {k: 2}\nd: [*x, { <<: [*x, { z: 3 }] }]\n');
  expect(of(['b', 'k'])).toEqual({ line: 1, column: 11 });
  expect(of(['d', 0, 'k'])).toEqual({ line: 3, column: 11 });
  expect(of(['d', 1, 'k'])).toEqual({ line: 3, column: 11 });
  expect(of(['d', 1, 'z'])).toEqual({ line: 4, column: 25 });
});

test('each document has places of its own', () => {
  const text = 'a: &x {k: 1}\n---\nb: {c: [1, 2]}\n---\n';
  expect(positionsIn(text, 1)(['b', 'c', 1])).toEqual({ line: 3, column: 12 });
  expect(positionsIn(text, 7)(['b'])).toEqual({ line: 1, column: 1 });
});

test('lines end as they may on any system', () => {
  expect(positionsIn('a: 1\r\nb: 2\r\nc: x\n')(['c'])).toEqual({ line: 3, column: 4 });
});
