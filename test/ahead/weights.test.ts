import { expect, test } from 'vitest';
import { said, saidOf, warned } from './said.ts';

const WEIGHTS = 'apps[0].placement.replicas.weights';
const weighted = (weights: object[], app: object = { replicas: 4 }, where: object = { clusters: ['oslo', 'bern'] }) =>
  warned(saidOf({ ...app, placement: { ...where, replicas: { type: 'weighted', weights } } }));
const weight = (member: string, weight = 1) => ({ clusters: [member], weight });

test('weights that divide as they say are taken without a word', () => {
  expect(weighted([weight('oslo', 2), weight('bern')])).toEqual([]);
  expect(weighted([weight('oslo', 2), { labels: { tier: 'edge' }, weight: 1 }])).toEqual([]);
});

test('a weight of a member that the placement leaves out', () => {
  expect(weighted([weight('oslo'), weight('bern'), weight('lyon')])).toEqual([
    `${WEIGHTS}[2]: is for 'lyon', where the placement never takes it: the weight does nothing`,
  ]);
});

test('a member without weight beside others that have one', () => {
  expect(weighted([weight('oslo')])).toEqual([
    `${WEIGHTS}: have none for 'bern', so that no replica goes there: give each a weight, or leave it out of the placement`,
  ]);
});

test('a weight below another of the same member', () => {
  expect(weighted([weight('oslo', 2), weight('oslo', 1), weight('bern')])).toEqual([
    `${WEIGHTS}[1]: does nothing: 'oslo' take the higher weight of weights[0]`,
  ]);
});

test('a group of which no member has a weight', () => {
  const groups = [
    { name: 'a', clusters: ['oslo', 'bern'] },
    { name: 'b', clusters: ['lyon'] },
  ];
  expect(weighted([weight('lyon')], { replicas: 4 }, { groups })).toEqual([
    `${WEIGHTS}: have none for a member of the group 'a': Karmada would divide equally there`,
  ]);
});

test('replicas too few to reach a member that has a weight', () => {
  expect(weighted([weight('oslo', 2), weight('bern')], {})).toEqual([
    `${WEIGHTS}: leave none of the 1 replica for 'bern': 'replicas' are those of all members together`,
  ]);
  // Which of two equal members gets the only one is chance.
  expect(weighted([weight('oslo'), weight('bern')], {})).toEqual([]);
});

test('a division of what has no replicas', () => {
  const resources = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }];
  const placement = { replicas: { type: 'weighted', weights: [weight('oslo')] } };
  expect(warned(said({ policies: [{ type: 'propagation', name: 'p', resources, placement }] }))).toEqual([
    'policies[0].placement.replicas: divides nothing: no ConfigMap has replicas',
  ]);
});
