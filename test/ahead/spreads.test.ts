import { expect, test } from 'vitest';
import { said, saidOf, warned } from './said.ts';

const atLeast = (min: number) => [{ by: 'cluster', min }];
const groups = [
  { name: 'a', clusters: ['oslo', 'bern'] },
  { name: 'b', clusters: ['lyon'] },
];

test('a group that is too small for the spread is warned of', () => {
  expect(warned(saidOf({ placement: { groups, spread: atLeast(2) } }))).toEqual([
    "apps[0].placement.groups[1]: is never taken: it has 1 member, and 'spread' asks for at least 2",
  ]);
  expect(warned(saidOf({ placement: { groups, spread: atLeast(1) } }))).toEqual([]);
});

test('a group of members that an earlier one has already is warned of', () => {
  const third = { name: 'c', labels: { tier: 'edge' } };
  expect(warned(saidOf({ placement: { groups: [...groups, third] } }))).toEqual([
    "apps[0].placement.groups[2]: is never taken: all its members are in the group 'a', which comes before it",
  ]);
  expect(warned(saidOf({ placement: { groups: [{ name: 'z', clusters: ['oslo'] }, third, groups[1]] } }))).toEqual([]);
});

test('fewer replicas than members that they are to be spread over are warned of', () => {
  const placement = { replicas: { type: 'aggregated' }, spread: atLeast(3) };
  expect(warned(saidOf({ replicas: 2, placement }))).toEqual([
    "apps[0].placement.spread[0].min: is 3 members, and the app has 2 replicas in all, which 'aggregated' divides: it never runs in so many",
  ]);
  expect(warned(saidOf({ replicas: 3, placement }))).toEqual([]);
});

test('a policy that spreads by region over a member without one is refused', () => {
  const resources = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }];
  const policy = {
    type: 'propagation',
    name: 'p',
    resources,
    placement: { spread: [{ by: 'region' }, { by: 'cluster' }] },
  };
  expect(said({ policies: [policy] }).faults).toEqual([
    "spec.policies[0].placement.spread[0].by: is region, and 'lyon' have none, so that nothing ever comes there: give them a 'region', or leave them out of the placement",
  ]);
});

test('more regions than members may be taken are refused', () => {
  const spread = [
    { by: 'region', min: 2 },
    { by: 'cluster', max: 1 },
  ];
  expect(() => saidOf({ placement: { clusters: ['oslo', 'bern'], spread } })).toThrow(
    'spec.apps[0].placement.spread[1].max: must not be lower than the min by region, which is 2',
  );
});
