import { describe, expect, test } from 'vitest';
import { oslo, said, saidOf, warned } from './said.ts';

const ofKind = (kind: string, more: object = {}) => [{ apiVersion: 'v1', kind, ...more }];
const propagation = (name: string, resources: object[], more: object = {}) => ({
  type: 'propagation',
  name,
  resources,
  ...more,
});
const override = (resources: object[], rule: object = {}, more: object = {}) => ({
  type: 'override',
  name: 'o',
  resources,
  rules: [{ labels: [{ operator: 'add', value: { a: 'b' } }], ...rule }],
  ...more,
});
const deployment = (name: string) => [{ apiVersion: 'apps/v1', kind: 'Deployment', name }];

test('a policy to which another leaves nothing is warned of', () => {
  const strong = propagation('a', ofKind('ConfigMap'), { priority: 5 });
  const both = (resources: object[]) => warned(said({ policies: [strong, propagation('b', resources)] }));
  expect(both(ofKind('ConfigMap', { name: 'x' }))).toEqual([
    'policies[1]: never places anything, for another policy takes all that it selects: its priority is 0, and that of PropagationPolicy default/a is 5',
  ]);
  expect(both([...ofKind('ConfigMap', { name: 'x' }), ...ofKind('Secret', { name: 'x' })])).toEqual([]);
});

test('a policy that takes what is made beside an app is warned of', () => {
  const scaler = [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }];
  const scaling = { per: 'member', max: 3, cpu: '200m' };
  expect(warned(saidOf({ scaling }, { policies: [propagation('p', scaler, { priority: 5 })] }))).toEqual([
    "policies[0]: takes the HorizontalPodAutoscaler of the app 'w' where this policy says, and not where the app is: select other objects, unless that is meant",
  ]);
});

describe('a policy that misses an object of the file by a hair is warned of', () => {
  test('by its namespace', () => {
    expect(warned(saidOf({}, { policies: [override(deployment('w'), {}, { namespace: 'other' })] }))).toEqual([
      "policies[0].resources[0]: selects nothing of the file: its Deployment 'w' is in the namespace 'default'",
    ]);
  });

  test('by its name', () => {
    expect(warned(saidOf({ name: 'shop' }, { policies: [override(deployment('shpo'))] }))).toEqual([
      "policies[0].resources[0].name: is 'shpo', which no Deployment of the file is called, did you mean 'shop'?",
    ]);
    expect(warned(saidOf({ name: 'shop' }, { policies: [override(deployment('bakery'))] }))).toEqual([]);
  });
});

test('a rule for members where nothing of what it selects goes is warned of', () => {
  const lyon = { target: { clusters: ['lyon'] } };
  const of = (rule: object) =>
    warned(saidOf({ placement: { clusters: ['oslo'] } }, { policies: [override(deployment('w'), rule)] }));
  expect(of(lyon)).toEqual([
    "policies[0].rules[0].target: selects 'lyon', where nothing that the policy selects ever goes: the rule does nothing",
  ]);
  expect(of(oslo)).toEqual([]);
});

test('a suspension on members where nothing goes is warned of', () => {
  const placement = { clusters: ['oslo'] };
  expect(warned(saidOf({ placement, propagation: { suspension: ['bern'] } }))).toEqual([
    "apps[0].propagation.suspension[0]: is 'bern', where the placement never takes it: there is nothing to suspend",
  ]);
});

test('an override to wait for that is for other objects is warned of', () => {
  const waits = { propagation: { dependentOverrides: ['o'] } };
  expect(warned(saidOf(waits, { policies: [override(deployment('bakery'))] }))).toEqual([
    "apps[0].propagation.dependentOverrides[0]: is 'o', which selects other objects: the app waits for it, and is not changed by it",
  ]);
  expect(warned(saidOf(waits, { policies: [override(deployment('w'))] }))).toEqual([]);
});
