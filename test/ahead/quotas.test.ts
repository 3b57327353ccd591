import { describe, expect, test } from 'vitest';
import { APP, oslo, said, saidOf, warned } from './said.ts';

const asks = { placement: { clusters: ['oslo'] }, resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } };
const quota = (fields: object) => ({ quotas: [{ name: 'q', overall: { cpu: 4 }, ...fields }] });
const part = (limits: object, overall: object = limits) =>
  quota({ overall: { ...overall }, members: [{ name: 'oslo', limits }] });

test('a quota that fits what the apps request is taken without a word', () => {
  expect(warned(saidOf(asks, part({ cpu: 2 })))).toEqual([]);
});

test('a quota of a namespace that nothing is in is warned of', () => {
  expect(warned(saidOf(asks, quota({ namespace: 'other' })))).toEqual([
    "quotas[0].namespace: is 'other', where nothing of the file is: the quota limits nothing",
  ]);
});

test('the part of a member where nothing goes is warned of', () => {
  expect(warned(saidOf(asks, quota({ members: [{ name: 'bern', limits: { cpu: 2 } }] })))).toEqual([
    "quotas[0].members[0].name: is 'bern', where nothing of the namespace 'default' goes: the part limits nothing",
  ]);
});

describe('an app that does not say what a member counts', () => {
  const onMembers = quota({
    overall: { cpu: 9, memory: '9Gi' },
    members: ['oslo', 'bern'].map((name) => ({ name, limits: { cpu: 2, memory: '1Gi' } })),
  });

  test('is warned of once for all members and resources', () => {
    expect(warned(saidOf({}, onMembers))).toEqual([
      "apps[0].resources: must say cpu, memory of every container, which the quota 'q' counts on 'oslo', 'bern': without it no pod starts there, unless a LimitRange gives it",
    ]);
    expect(warned(saidOf({ resources: { requests: { cpu: '1', memory: '64Mi' } } }, onMembers))).toEqual([]);
  });

  const range = (type: string, resource: string) => ({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: resource },
    spec: { limits: [{ type, max: { [resource]: 1 } }] },
  });
  const ranges = [range('Container', 'cpu'), range('Container', 'memory')];
  const propagation = (clusters: string[]) => ({
    type: 'propagation',
    name: 'ranges',
    resources: [{ apiVersion: 'v1', kind: 'LimitRange' }],
    placement: { clusters },
  });
  const missing = (manifests: object[], policies: object[] = []) =>
    warned(saidOf({}, { ...onMembers, manifests, policies }));
  const told = (resources: string, members: string) =>
    `apps[0].resources: must say ${resources} of every container, which the quota 'q' counts on ${members}: without it no pod starts there, unless a LimitRange gives it`;

  test('may have it of LimitRanges of the file, on the members that they are for', () => {
    expect(missing([{ target: 'members', objects: ranges }])).toEqual([]);
    expect(missing([{ target: { clusters: ['bern'] }, objects: ranges }])).toEqual([told('cpu, memory', "'oslo'")]);
    const manifests = [{ target: 'karmada', objects: ranges }];
    expect(missing(manifests, [propagation(['oslo', 'bern'])])).toEqual([]);
    expect(missing(manifests, [propagation(['oslo'])])).toEqual([told('cpu, memory', "'bern'")]);
    expect(missing(manifests)).toContain(told('cpu, memory', "'oslo', 'bern'"));
  });

  test('has of a LimitRange only what that is about', () => {
    const objects = [range('Container', 'cpu'), range('Pod', 'memory')];
    expect(missing([{ target: 'members', objects }])).toEqual([told('memory', "'oslo', 'bern'")]);
  });
});

test('a quota of what no app requests is warned of', () => {
  expect(warned(saidOf({}, quota({})))).toEqual([
    "quotas[0].overall.cpu: limits nothing: Karmada counts what is requested, and no app of the namespace requests cpu; give them 'resources'",
  ]);
});

describe('what the file brings beside apps', () => {
  const brought = (kind: string, cpu: string, spec: object = {}) => {
    const container = { name: 'd', image: 'registry.example.org/d:v1', resources: { requests: { cpu } } };
    const selector = { matchLabels: { d: 'd' } };
    const template = { metadata: { labels: { d: 'd' } }, spec: { containers: [container] } };
    const object = { apiVersion: 'apps/v1', kind, metadata: { name: 'd' }, spec: { selector, template, ...spec } };
    const resources = [{ apiVersion: 'apps/v1', kind, name: 'd' }];
    const policy = { type: 'propagation', name: 'd', resources, placement: {} };
    return { manifests: [{ target: 'karmada', objects: [object] }], policies: [policy] };
  };

  test('counts in the whole quota with its replicas, and not without any, as a DaemonSet', () => {
    expect(warned(saidOf(asks, { ...quota({}), ...brought('DaemonSet', '3') }))).toEqual([]);
    expect(warned(saidOf(asks, { ...quota({}), ...brought('Deployment', '3') }))[0]).toContain('ask for more cpu than');
  });

  test('leaves the room of a DaemonSet to what scales', () => {
    const controlPlane = { address: 'k.example.com', karmada: { metricsAdapter: {} } };
    const scaled = { ...asks, port: 80, scaling: { max: 4, cpu: 50 } };
    expect(warned(saidOf(scaled, { controlPlane, ...quota({}), ...brought('DaemonSet', '3') }))).toEqual([]);
  });

  test('may be all that a quota limits', () => {
    expect(warned(saidOf({}, { ...quota({}), ...brought('Deployment', '1') }))).toEqual([]);
  });
});

test.each<[string, object, object, string]>([
  ['limits', { replicas: 3 }, part({ 'limits.cpu': 2 }), 'is asked by all pods together for more limits.cpu than'],
  [
    'requests that an override raises',
    { overrides: [{ ...oslo, resources: { requests: { cpu: '3' }, limits: { cpu: '3' } } }] },
    part({ cpu: 2 }),
    'is asked by all pods together for more cpu than',
  ],
  [
    'replicas that an override sets',
    { overrides: [{ ...oslo, replicas: 5 }] },
    part({ cpu: 2 }),
    'is asked by all pods together for more cpu than',
  ],
  ['objects of the app beside its pods', { port: 80 }, part({ services: 0 }), 'gets more services than'],
  ['objects of a kind', {}, part({ 'count/deployments.apps': 0 }), 'gets more count/deployments.apps than'],
])('more than a member allows is refused: %s', (_, app, quotas, message) => {
  const { faults } = saidOf({ ...asks, ...app }, quotas);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`spec.apps[0].resources: oslo ${message} FederatedResourceQuota default/q allows there`);
});

test.each<[string, object, object, number | undefined]>([
  ['on one member', { placement: { clusters: ['oslo'] } }, { cpu: 4 }, 4],
  ['copied to two', { placement: { clusters: ['oslo', 'bern'] } }, { cpu: 5 }, 2],
  ['divided', { placement: { clusters: ['oslo', 'bern'], replicas: { type: 'dynamic' } } }, { cpu: 5 }, 5],
  ['with room', {}, { cpu: 30 }, undefined],
  ['of another resource', {}, { memory: '1Gi' }, undefined],
  ['that each member does', { scaling: { max: 9, cpu: 50, per: 'member' } }, { cpu: 4 }, undefined],
])('scaling beyond a quota is warned of: %s', (_, app, overall, room) => {
  const controlPlane = { address: 'k.example.com', karmada: { metricsAdapter: {} } };
  const scaled = { ...asks, port: 80, scaling: { max: 9, cpu: 50 }, ...app };
  const max = warned(saidOf(scaled, { controlPlane, ...quota({ overall }) })).filter((line) => line.includes('.max'));
  expect(max).toHaveLength(room === undefined ? 0 : 1);
  if (room !== undefined)
    expect(max[0]).toContain(`apps[0].scaling.max: is 9, and the quota 'q' has room for ${room} `);
});

test('so are schedules that set more, unless they rest', () => {
  const schedules = [
    { name: 'day', cron: '0 8 * * *', replicas: 9 },
    { name: 'rest', cron: '0 9 * * *', replicas: 9, suspend: true },
    { name: 'night', cron: '0 22 * * *', replicas: 1 },
  ];
  expect(warned(saidOf({ ...asks, scaling: { schedules } }, quota({})))).toEqual([
    "apps[0].scaling.schedules[0].replicas: is 9, and the quota 'q' has room for 4 replicas (cpu: 4) beside what else runs: Karmada refuses to scale beyond",
  ]);
});

describe('what several apps ask for together', () => {
  const controlPlane = { address: 'k.example.com', karmada: { metricsAdapter: {} } };
  const both = (fields: object, rest: object) =>
    said({ apps: ['a', 'b'].map((name) => ({ ...APP, name, port: 80, ...asks, ...fields })), controlPlane, ...rest });

  test('is told once, at the quota, with their names', () => {
    expect(both({ replicas: 3 }, quota({})).faults).toEqual([
      "spec.quotas[0].overall.cpu: all pods of default together ask for more cpu than FederatedResourceQuota default/q allows (4): Karmada does not place the last of them; they are of the apps 'a', 'b'",
    ]);
  });

  test('is told once at the part of a member', () => {
    expect(both({ replicas: 3 }, part({ cpu: 4 }, { cpu: 9 })).faults).toEqual([
      "spec.quotas[0].members[0].limits.cpu: oslo is asked by all pods together for more cpu than FederatedResourceQuota default/q allows there (4); they are of the apps 'a', 'b'",
    ]);
  });

  test('is told at the first app, of a quota among the own objects of the file', () => {
    const own = { apiVersion: 'policy.karmada.io/v1alpha1', kind: 'FederatedResourceQuota', metadata: { name: 'q' } };
    const manifests = [{ target: 'karmada', objects: [{ ...own, spec: { overall: { cpu: 4 } } }] }];
    const gated = { ...controlPlane, karmada: { featureGates: { FederatedQuotaEnforcement: true } } };
    const { faults } = both({ replicas: 3 }, { manifests, controlPlane: gated });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('spec.apps[0].resources: all pods of default together ask for more cpu');
  });

  test.each<[string, object, object, string | undefined]>([
    ['all together', { scaling: { min: 3, max: 4 } }, quota({}), 'overall.cpu: is 4, and beside what else runs it'],
    [
      'those copied to each member',
      { placement: {}, scaling: { min: 2, max: 4 } },
      quota({ overall: { cpu: 6 } }),
      "overall.cpu: is 6, and beside what else runs it has no room for the fewest replicas of what scales, 'a' with 6, 'b' with 6: raise it, or lower their 'min'",
    ],
    [
      'those that are divided',
      { placement: { replicas: { type: 'dynamic' } }, scaling: { min: 3, max: 4 } },
      quota({}),
      'overall.cpu: is 4',
    ],
    [
      'those on one member, by its own autoscaler',
      { scaling: { min: 3, max: 4, per: 'member' } },
      part({ cpu: 4 }),
      'members[0].limits.cpu: is 4, and beside what else runs there it',
    ],
    ['pods on one member', { scaling: { min: 3, max: 4 } }, part({ pods: 5 }), 'members[0].limits.pods: is 5'],
    ['what there is room for', { scaling: { min: 2, max: 2 } }, quota({}), undefined],
    ['what the quota does not count', { scaling: { min: 3, max: 4 } }, quota({ overall: { memory: 1 } }), undefined],
  ])('is more than a quota has room for, though it scales: %s', (_, fields, rest, message) => {
    const { faults } = both(fields, rest);
    expect(faults).toHaveLength(message === undefined ? 0 : 1);
    if (message !== undefined) expect(faults[0]).toContain(`spec.quotas[0].${message}`);
  });
});
