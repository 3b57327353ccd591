import { expect, test } from 'vitest';
import { APP, said, warned } from './said.ts';

const TAINT = 'CriticalAddonsOnly=true:NoExecute';
const host = (name: string, fields: object = {}) => ({ name, publicIp: '192.0.2.1', ...fields });
const member = (name: string, ...hosts: object[]) => ({
  name,
  hosts: hosts.map((fields, i) =>
    host(`${name}-${i}`, {
      ...fields,
      ...(i > 0 && { role: 'agent' }),
      publicIp: `192.0.2.${i + 1}`,
      ssh: { port: name.length },
    }),
  ),
});
const tainted = { taints: [TAINT] };
const of = (members: object[], ...apps: object[]) =>
  warned(said({ apps: apps.map((app, i) => ({ ...APP, name: `w${i}`, ...app })) }, members));

test('an app whose labels no host of a member has is warned of', () => {
  expect(of([member('oslo', { labels: { disk: 'ssd' } })], { nodeSelector: { disk: 'hdd' } })).toEqual([
    "apps[0].nodeSelector: fits no host of 'oslo', for none has 'disk: hdd', but 'ssd', so that no pod of it starts there: give a host such 'labels', unless it has them already",
  ]);
});

test('an app that bears the taints of no host of a member is warned of', () => {
  expect(of([member('oslo', tainted), member('paris', tainted, tainted)], {})).toEqual([
    `apps[0].tolerations: leave no host of 'oslo', 'paris' for its pods, for each that may take them has '${TAINT}': tolerate that, or give a host without`,
  ]);
});

test('hosts that no app bears the taints of are warned of once', () => {
  expect(of([member('oslo', tainted)], {}, {})).toEqual([
    `members[0].hosts: take no pods of the apps 'w0', 'w1' on 'oslo', for each that may take them has '${TAINT}': tolerate that, or give a host without`,
  ]);
});

test('a SpinApp, which tolerates nothing, is told of at the hosts', () => {
  const spinkube = { runtimes: [{ name: 'spin' }], apps: [{ ...APP, form: 'spinapp', runtime: 'spin' }] };
  expect(warned(said(spinkube, [member('oslo', tainted)]))).toEqual([
    `members[0].hosts: take no pods of the app 'w' on 'oslo', for each that may take them has '${TAINT}': give a host without`,
  ]);
});

test('a RuntimeClass of the member’s own may have pods tolerate its taints', () => {
  const members = [{ ...member('oslo', tainted), ownRuntimeClasses: ['spin'] }];
  expect(warned(said({ runtimes: [{ name: 'spin' }], apps: [{ ...APP, runtime: 'spin' }] }, members))).toEqual([]);
});

test('so is an app whose labels are on tainted hosts alone', () => {
  const members = [member('oslo', { labels: { disk: 'ssd' }, ...tainted }, {})];
  expect(of(members, { nodeSelector: { disk: 'ssd' } })).toEqual([expect.stringContaining('apps[0].tolerations')]);
});

test.each<[string, object[], object]>([
  ['a host without taints', [member('oslo', tainted, {})], {}],
  ['a taint that is to be avoided only', [member('oslo', { taints: ['a=b:PreferNoSchedule'] })], {}],
  [
    'a taint that it bears',
    [member('oslo', tainted)],
    { tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }] },
  ],
  ['a member that exists already', [{ name: 'oslo' }], { nodeSelector: { disk: 'ssd' } }],
  ['a label of what finds GPUs', [member('oslo', {})], { nodeSelector: { 'nvidia.com/gpu.product': 'A100' } }],
  ['a label that Kubernetes gives', [member('oslo', {})], { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }],
  ['no replica there', [member('oslo', tainted)], { replicas: 0 }],
  [
    'an override that tolerates',
    [member('oslo', tainted)],
    {
      overrides: [
        { plaintext: [{ path: '/spec/template/spec/tolerations', operator: 'add', value: [{ operator: 'Exists' }] }] },
      ],
    },
  ],
])('nothing is said of an app that finds %s', (_, members, app) => {
  expect(of(members, app)).toEqual([]);
});
