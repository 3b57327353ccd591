import { expect, test } from 'vitest';
import { deployment, member, placed, policy } from './objects.ts';

const members = [member('oslo'), member('rome')];
const quota = (hard: Record<string, string>) => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'FederatedResourceQuota',
  metadata: { name: 'share', namespace: 'shop' },
  spec: { overall: hard, staticAssignments: [{ clusterName: 'oslo', hard }] },
});
const asking = (replicas: number, resources: Record<string, unknown>) =>
  deployment('web', { replicas, template: { spec: { containers: [{ name: 'web', image: 'x', resources }] } } });

test('where a quota counts a resource, an app that does not ask for it starts no pod', () => {
  const result = placed(members, [deployment(), policy({}), quota({ cpu: '4', 'limits.memory': '1Gi' })]);
  expect(result.errors.map(({ code, member: name }) => [code, name])).toEqual([
    ['QuotaUnsatisfied', 'oslo'],
    ['QuotaUnsatisfied', 'oslo'],
  ]);
  expect(
    placed(members, [
      asking(1, { limits: { cpu: '1', memory: '1Mi' } }),
      policy({}),
      quota({ cpu: '4', 'limits.memory': '1Gi' }),
    ]).errors,
  ).toEqual([]);
});

test('an app that asks for more than the quota of a member allows is told so', () => {
  const result = placed(members, [asking(5, { requests: { cpu: '1' } }), policy({}), quota({ 'requests.cpu': '4' })]);
  expect(result.errors).toMatchObject([{ code: 'QuotaExceeded', member: 'oslo' }]);
  expect(
    placed(members, [asking(4, { requests: { cpu: '1' } }), policy({}), quota({ 'requests.cpu': '4' })]).errors,
  ).toEqual([]);
});

test('all pods of a namespace together may not go beyond the whole quota, once it is enforced', () => {
  const objects = [
    asking(3, { requests: { cpu: '1' } }),
    policy({}),
    { ...quota({ cpu: '5' }), spec: { overall: { cpu: '5' } } },
  ];
  expect(placed(members, objects).errors).toEqual([]);
  const gates = { FederatedQuotaEnforcement: true };
  const [error, ...others] = placed(members, objects, { gates }).errors;
  expect(others).toEqual([]);
  expect(error).toMatchObject({ code: 'QuotaExceeded' });
  expect(error?.member).toBeUndefined();
});

test('of what has no replicas Karmada counts nothing', () => {
  const { spec, ...rest } = asking(3, { requests: { cpu: '9' } });
  const daemonSet = { ...rest, kind: 'DaemonSet', spec: { template: (spec as { template: unknown }).template } };
  const everything = { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'DaemonSet' }] };
  const objects = [daemonSet, policy({}, everything), { ...quota({}), spec: { overall: { cpu: '5' } } }];
  const placement = placed(members, objects, { gates: { FederatedQuotaEnforcement: true } });
  expect(placement.members).toHaveLength(2);
  expect(placement.errors).toEqual([]);
});
