import { expect, test } from 'vitest';
import type { Gate } from '../../simulation/model.ts';
import { asBefore, simulate } from '../../simulation/simulate.ts';
import { deployment, member, policy, roomy, shares } from './objects.ts';

const members = [member('oslo'), member('rome'), member('turin')];
const gates: Partial<Record<Gate, boolean>> = { Failover: true };
const web = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const notReady = {
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'ClusterTaintPolicy',
  metadata: { name: 'failover' },
  spec: {
    addOnConditions: [{ conditionType: 'Ready', operator: 'NotIn', statusValues: ['True'] }],
    taints: [{ key: 'cluster.karmada.io/not-ready', effect: 'NoExecute' }],
  },
};
const divided = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } };

test('replicas of a lost member go to the others, with the gate, the flag and a policy that taints', () => {
  const objects = [deployment('web', { replicas: 6 }), policy(divided), notReady];
  const placement = simulate({ objects, members, gates, evictsNoExecute: true }).of(web)!;
  expect(shares(placement)).toEqual({ oslo: 2, rome: 2, turin: 2 });
  const failover = placement.failover('rome');
  expect(failover.evicted).toBe(true);
  expect(shares(failover)).toEqual({ oslo: 3, turin: 3 });
});

test.each([
  ['the gate', { objects: [notReady], evictsNoExecute: true }, 'FailoverOff'],
  ['the flag', { objects: [notReady], gates }, 'EvictionOff'],
  ['a ClusterTaintPolicy', { objects: [], gates, evictsNoExecute: true }, 'EvictionOff'],
])('without %s nothing leaves a lost member', (_, { objects, ...rest }, code) => {
  const result = simulate({
    objects: [deployment('web', { replicas: 6 }), policy(divided), ...objects],
    members,
    ...rest,
  });
  expect(result.of(web)?.failover('rome')).toMatchObject({ evicted: false, reason: { code } });
  expect(shares(result.whenLost(['rome']).of(web)!)).toEqual({ oslo: 2, rome: 2, turin: 2 });
});

test('an app that has nowhere else to go runs nowhere any more', () => {
  const objects = [deployment(), policy({ clusterAffinity: { clusterNames: ['rome'] } }), notReady];
  const failover = simulate({ objects, members, gates, evictsNoExecute: true }).of(web)!.failover('rome');
  expect(failover).toMatchObject({ evicted: true, reason: { code: 'Lost' }, members: [] });
});

test('a toleration for ever keeps an app where it is, one for some seconds only for so long', () => {
  const failover = (tolerationSeconds?: number) => {
    const clusterTolerations = [
      {
        key: 'cluster.karmada.io/not-ready',
        operator: 'Exists',
        ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
      },
    ];
    const objects = [
      deployment(),
      policy({ clusterTolerations, clusterAffinity: { clusterNames: ['rome'] } }),
      notReady,
    ];
    return simulate({ objects, members, gates, evictsNoExecute: true }).of(web)!.failover('rome');
  };
  expect(failover()).toMatchObject({ evicted: false, reason: { code: 'Tolerated' } });
  expect(failover(300).evicted).toBe(true);
  expect(failover(300).reason.message).toContain('300 s');
});

test('when a new policy could not place an app, the tolerations of the old one decide whether it leaves a lost member', () => {
  const clusterTolerations = [{ key: 'cluster.karmada.io/not-ready', operator: 'Exists' }];
  const spreadConstraints = [{ spreadByLabel: 'tier', minGroups: 1, maxGroups: 2 }]; // Karmada cannot
  const everywhere = members.map(({ metadata: { name } }) => ({ name, replicas: 1 }));
  const before = [{ ...web, members: everywhere, placement: { clusterTolerations } }];
  const objects = [deployment(), policy({ spreadConstraints }), notReady];
  const result = simulate({ objects, members, before, gates, evictsNoExecute: true });
  expect(result.of(web)).toMatchObject({ unplaced: { code: 'SpreadUnsupported' } });
  expect(result.of(web)!.failover('rome')).toMatchObject({ evicted: false, reason: { code: 'Tolerated' } });
  expect(shares(result.whenLost(['rome']).of(web)!)).toEqual({ oslo: 1, rome: 1, turin: 1 });
});

test('a group that was taken once is tried first, though nothing fitted since', () => {
  const clusterAffinities = [
    { affinityName: 'home', clusterNames: ['oslo'] },
    { affinityName: 'away', clusterNames: ['rome'] },
  ];
  const before = [{ ...web, members: [{ name: 'rome', replicas: 1 }], group: 'away' }];
  const spreadConstraints = [{ spreadByField: 'cluster', minGroups: 2, maxGroups: 2 }];
  const objects = [deployment(), policy({ clusterAffinities, spreadConstraints })];
  const kept = asBefore(simulate({ objects, members, before }));
  expect(kept).toMatchObject([{ group: 'away', members: [{ name: 'rome' }] }]);
  const mended = [deployment(), policy({ clusterAffinities })];
  expect(simulate({ objects: mended, members, before: kept }).of(web)?.group).toBe('away');
});

test('a group gives way to the next when the last of its members is lost', () => {
  const clusterAffinities = [
    { affinityName: 'home', clusterNames: ['oslo'] },
    { affinityName: 'away', clusterNames: ['rome', 'turin'] },
  ];
  const result = simulate({
    objects: [deployment(), policy({ clusterAffinities }), notReady],
    members,
    gates,
    evictsNoExecute: true,
  });
  expect(result.of(web)?.group).toBe('home');
  const after = result.whenLost(['oslo']).of(web)!;
  expect(after.group).toBe('away');
  expect(shares(after)).toEqual({ rome: 1, turin: 1 });
});

test('what a policy has claimed stays claimed when a member is lost, even if it fits nowhere', () => {
  const held = { kind: 'PropagationPolicy', namespace: 'shop', name: 'old' };
  const before = [{ ...web, policy: held, members: [] }];
  const nowhere = policy({ clusterAffinity: { clusterNames: ['nowhere'] } }, {}, 'old');
  const objects = [deployment(), nowhere, policy({}, { priority: 9 }, 'new'), notReady];
  const result = simulate({ objects, members, before, gates, evictsNoExecute: true });
  expect(result.of(web)?.policy?.name).toBe('old');
  expect(result.whenLost(['oslo']).of(web)?.policy?.name).toBe('old');
});

test('what was not certain before a member was lost is not certain after it', () => {
  const objects = [deployment('web', { replicas: 4 }), policy(divided)];
  const result = simulate({ objects, members });
  const after = result.whenLost(['rome']).of(web)!;
  expect(after.uncertain?.answers.map((answer) => shares({ members: answer }))).toEqual([
    { oslo: 2, rome: 1, turin: 1 },
    { oslo: 1, rome: 1, turin: 2 },
  ]);
});

test('from two places that are possible a division by room goes on to two others', () => {
  const dynamic = {
    replicaScheduling: { ...divided.replicaScheduling, weightPreference: { dynamicWeight: 'AvailableReplicas' } },
  };
  const objects = [deployment('web', { replicas: 5 }), policy(dynamic), notReady];
  const roomyMembers = ['oslo', 'rome', 'turin'].map((name) => roomy(name, 20));
  const result = simulate({ objects, members: roomyMembers, gates, evictsNoExecute: true });
  expect(result.of(web)?.uncertain?.answers.map((answer) => shares({ members: answer }))).toEqual([
    { oslo: 2, rome: 2, turin: 1 },
    { oslo: 1, rome: 2, turin: 2 },
  ]);
  const after = result.whenLost(['rome']).of(web)!;
  expect(after.uncertain?.answers.map((answer) => shares({ members: answer }))).toEqual([
    { oslo: 3, turin: 2 },
    { oslo: 2, turin: 3 },
  ]);
});
