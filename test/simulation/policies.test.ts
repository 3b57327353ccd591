import { expect, test } from 'vitest';
import { describe as nameOf } from '../../simulation/kubernetes.ts';
import { clusterPolicy, configMap, deployment, member, override, placed, policy, shares } from './objects.ts';

const members = [member('oslo'), member('rome')];
const to = (...clusterNames: string[]) => ({ clusterAffinity: { clusterNames } });

test('a policy of the namespace wins over a cluster-wide one of any priority', () => {
  const result = placed(members, [deployment(), clusterPolicy(to('oslo'), { priority: 9 }), policy(to('rome'))]);
  expect(nameOf(result.policy!)).toBe('PropagationPolicy shop/web');
  expect(shares(result)).toEqual({ rome: 1 });
  expect(result.policies[1]!.reason.code).toBe('ClusterWide');
});

test('the higher priority wins, then the closer selector, then the name that sorts first', () => {
  const byName = { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }] };
  const all = [
    policy(to('oslo'), {}, 'a'),
    policy(to('oslo'), {}, 'b'),
    policy(to('oslo'), byName, 'c'),
    policy(to('rome'), { priority: 1 }, 'd'),
  ];
  const result = placed(members, [deployment(), ...all]);
  expect(result.policies.map(({ policy: ref }) => ref.name)).toEqual(['d', 'c', 'a', 'b']);
  expect(result.policies.map(({ reason }) => reason.code)).toEqual([
    'Wins',
    'LowerPriority',
    'LowerPriority',
    'LowerPriority',
  ]);
  const without = placed(members, [deployment(), ...all.slice(0, 3)]);
  expect(without.policies.map(({ reason }) => reason.code)).toEqual(['Wins', 'LessSpecific', 'LessSpecific']);
  expect(placed(members, [deployment(), ...all.slice(0, 2)]).policies[1]!.reason.code).toBe('LaterName');
});

test('a namespaced policy never reaches an object without a namespace', () => {
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'spin' },
    handler: 'spin',
  };
  const selector = { resourceSelectors: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass' }] };
  expect(placed(members, [runtimeClass, policy(to('oslo'), selector)]).unplaced?.code).toBe('NoPolicy');
  expect(shares(placed(members, [runtimeClass, clusterPolicy(to('oslo'), selector)]))).toEqual({ oslo: null });
});

test('what is claimed stays with its policy, unless one preempts it with the gate on', () => {
  const held = { kind: 'PropagationPolicy', namespace: 'shop', name: 'old' };
  const before = [
    { kind: 'Deployment', namespace: 'shop', name: 'web', policy: held, members: [{ name: 'oslo', replicas: 1 }] },
  ];
  const named = { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }], priority: 5 };
  const objects = [
    deployment(),
    policy(to('oslo'), {}, 'old'),
    policy(to('rome'), { ...named, preemption: 'Always' }, 'new'),
  ];
  expect(shares(placed(members, objects, { before }))).toEqual({ oslo: 1 });
  const gates = { PropagationPolicyPreemption: true };
  expect(shares(placed(members, objects, { before, gates }))).toEqual({ rome: 1 });
  expect(shares(placed(members, objects))).toEqual({ rome: 1 });
});

test.each([
  ['an Event', { apiVersion: 'v1', kind: 'Event', metadata: { name: 'x', namespace: 'shop' } }],
  ['a Lease', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x', namespace: 'shop' } }],
  [
    'a kind of Karmada',
    { apiVersion: 'autoscaling.karmada.io/v1alpha1', kind: 'FederatedHPA', metadata: { name: 'x', namespace: 'shop' } },
  ],
  ['what is in kube-system', { ...configMap('x'), metadata: { name: 'x', namespace: 'kube-system' } }],
  ['what is in karmada-system', { ...configMap('x'), metadata: { name: 'x', namespace: 'karmada-system' } }],
])('%s is never propagated', (_, object) => {
  const selects = { resourceSelectors: [{ apiVersion: object.apiVersion, kind: object.kind }] };
  const result = placed(members, [object, clusterPolicy({}, selects)]);
  expect(result.unplaced?.code).toBe('NeverPropagated');
  expect(result.members).toEqual([]);
});

test('an object waits for the overrides that its policy depends on, and no other policy takes it meanwhile', () => {
  const objects = [deployment(), policy(to('oslo'), { dependentOverrides: ['tuned'] }), clusterPolicy(to('rome'))];
  const result = placed(members, objects);
  expect(result.unplaced).toEqual({
    code: 'OverridesMissing',
    message: 'its policy waits for OverridePolicy shop/tuned, which is not there',
  });
  expect(result.members).toEqual([]);
  expect(shares(placed(members, [...objects, override({ overrideRules: [] }, 'tuned')]))).toEqual({ oslo: 1 });
});

test('another scheduler than the one that runs places nothing', () => {
  const objects = [deployment(), policy(to('oslo'), { schedulerName: 'mine' })];
  expect(placed(members, objects).unplaced?.code).toBe('OtherScheduler');
  expect(shares(placed(members, objects, { schedulerName: 'mine' }))).toEqual({ oslo: 1 });
});

test('namespaces go to every member without a policy, but for those that opt out', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  expect(shares(placed(members, [namespace]))).toEqual({ oslo: null, rome: null });
  const labels = { 'namespace.karmada.io/skip-auto-propagation': 'true' };
  expect(placed(members, [{ ...namespace, metadata: { name: 'shop', labels } }]).members).toEqual([]);
});
