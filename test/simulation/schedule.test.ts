import { expect, test } from 'vitest';
import type { PlacementSpec, ReplicaScheduling } from '../../simulation/karmada.ts';
import type { Input } from '../../simulation/model.ts';
import { simulate } from '../../simulation/simulate.ts';
import { configMap, deployment, member, placed, policy, reasons, roomy, shares } from './objects.ts';

const oslo = member('oslo', { labels: { tier: 'edge' }, spec: { provider: 'own', region: 'no', zones: ['no-1'] } });
const rome = member('rome', {
  labels: { tier: 'cloud' },
  spec: { provider: 'azure', region: 'it', zones: ['it-1', 'it-2'] },
});
const turin = member('turin', { labels: { tier: 'edge' }, spec: { provider: 'azure', region: 'it', zones: ['it-2'] } });
const all = [oslo, rome, turin];
const field = (key: string, operator: string, ...values: string[]) => ({
  fieldSelector: { matchExpressions: [{ key, operator, values }] },
});

test.each([
  ['names', { clusterNames: ['rome', 'nowhere'] }, ['rome']],
  ['exclusions', { exclude: ['rome'] }, ['oslo', 'turin']],
  ['labels', { labelSelector: { matchLabels: { tier: 'edge' } } }, ['oslo', 'turin']],
  ['a provider', field('provider', 'In', 'azure'), ['rome', 'turin']],
  ['not a region', field('region', 'NotIn', 'it'), ['oslo']],
  ['one of several zones', field('zone', 'In', 'it-1', 'no-1'), ['oslo', 'rome']],
  ['no zone of a list', field('zone', 'NotIn', 'it-1'), ['oslo', 'turin']],
  ['nothing', {}, ['oslo', 'rome', 'turin']],
])('an affinity selects members by %s', (_, clusterAffinity, names) => {
  expect(Object.keys(shares(placed(all, [deployment(), policy({ clusterAffinity })])))).toEqual(names);
});

test('the deprecated zone of a member counts as its zones, and empty lists as missing', () => {
  const old = member('bern', { spec: { zone: 'ch-1' } });
  const placement = { clusterAffinity: field('zone', 'In', 'ch-1') };
  expect(shares(placed([old], [deployment(), policy(placement)]))).toEqual({ bern: 1 });
  expect(shares(placed([old], [deployment(), policy({ clusterAffinities: [], spreadConstraints: [] })]))).toEqual({
    bern: 1,
  });
});

test('a taint keeps what does not tolerate it away, but does not drive out what runs', () => {
  const tainted = member('oslo', { spec: { taints: [{ key: 'hot', value: 'yes', effect: 'NoSchedule' }] } });
  const placement = {};
  const result = placed([tainted, rome], [deployment(), policy(placement)]);
  expect(shares(result)).toEqual({ rome: 1 });
  expect(result.verdict('oslo')?.reason.message).toBe(
    'oslo has the taint hot=yes:NoSchedule, which the placement does not tolerate',
  );
  const tolerant = { clusterTolerations: [{ key: 'hot', operator: 'Exists' }] };
  expect(shares(placed([tainted, rome], [deployment(), policy(tolerant)]))).toEqual({ oslo: 1, rome: 1 });
  const before = [{ kind: 'Deployment', namespace: 'shop', name: 'web', members: [{ name: 'oslo', replicas: 1 }] }];
  expect(shares(placed([tainted], [deployment(), policy(placement)], { before }))).toEqual({ oslo: 1 });
});

test('a member that does not serve the kind is refused; of one that is only planned nothing is known', () => {
  const other = member('rome', {
    status: { apiEnablements: [{ groupVersion: 'v1', resources: [{ kind: 'ConfigMap' }] }] },
  });
  const result = placed([oslo, other], [deployment(), policy({})]);
  expect(shares(result)).toEqual({ oslo: 1 });
  expect(reasons(result)).toEqual({ rome: 'ApiMissing' });
});

test('when no member fits, the reason is said for each of them', () => {
  const result = placed(all, [
    deployment(),
    policy({ clusterAffinity: { labelSelector: { matchLabels: { tier: 'egde' } } } }),
  ]);
  expect(result.unplaced?.code).toBe('NoMemberFits');
  expect(reasons(result)).toEqual({ oslo: 'AffinityMismatch', rome: 'AffinityMismatch', turin: 'AffinityMismatch' });
});

test('groups are tried in order, and one that nobody fits into is left with its reason', () => {
  const clusterAffinities = [
    { affinityName: 'first', clusterNames: ['nowhere'] },
    { affinityName: 'second', clusterNames: ['turin'] },
    { affinityName: 'third', clusterNames: ['oslo'] },
  ];
  const result = placed(all, [deployment(), policy({ clusterAffinities })]);
  expect(result.group).toBe('second');
  expect(result.groups.map(({ name, left }) => [name, left?.code])).toEqual([
    ['first', 'NoMemberFits'],
    ['second', undefined],
  ]);
  expect(shares(result)).toEqual({ turin: 1 });
});

test('a group overflows into the next members when its own have no room', () => {
  const members = [roomy('oslo', 3), roomy('rome', 3), roomy('turin', 9)];
  const clusterAffinities = [
    {
      affinityName: 'home',
      clusterNames: ['oslo'],
      overflowAffinities: [
        { affinityName: 'near', clusterNames: ['rome'] },
        { affinityName: 'far', clusterNames: ['turin'] },
      ],
    },
  ];
  const replicaScheduling = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' };
  const result = placed(members, [
    deployment('web', { replicas: 7 }),
    policy({ clusterAffinities, replicaScheduling }),
  ]);
  expect(shares(result)).toEqual({ oslo: 3, rome: 3, turin: 1 });
  expect(result.verdict('rome')?.overflow).toBe('near');
});

const spread = (spreadByField: string, minGroups: number, maxGroups?: number) => ({
  spreadByField,
  minGroups,
  ...(maxGroups === undefined ? {} : { maxGroups }),
});

test('a spread by cluster without maxGroups places nothing, ever', () => {
  const result = placed(all, [deployment(), policy({ spreadConstraints: [spread('cluster', 1)] })]);
  expect(result.unplaced?.code).toBe('SpreadUnmet');
  expect(result.unplaced?.message).toContain('maxGroups');
});

test('a spread takes no more members than maxGroups, and none when fewer than minGroups fit', () => {
  const two = placed(all, [deployment(), policy({ spreadConstraints: [spread('cluster', 1, 2)] })]);
  expect(shares(two)).toEqual({ oslo: 1, rome: 1 });
  expect(reasons(two)).toEqual({ turin: 'SpreadFull' });
  expect(two.uncertain?.reason.code).toBe('RoomUnknown');
  expect(placed(all, [deployment(), policy({ spreadConstraints: [spread('cluster', 4, 9)] })]).unplaced?.code).toBe(
    'SpreadUnmet',
  );
});

test('a spread by region takes one member of each region, and more only by a constraint by cluster', () => {
  const regions = spread('region', 2, 2);
  expect(shares(placed(all, [deployment(), policy({ spreadConstraints: [regions] })]))).toEqual({ oslo: 1, rome: 1 });
  expect(
    shares(placed(all, [deployment(), policy({ spreadConstraints: [regions, spread('cluster', 1, 3)] })])),
  ).toEqual({ oslo: 1, rome: 1, turin: 1 });
  const without = placed(
    [...all, member('bern')],
    [deployment(), policy({ spreadConstraints: [spread('region', 3, 3)] })],
  );
  expect(without.unplaced?.code).toBe('SpreadUnmet');
  expect(reasons(without).bern).toBe('SpreadPropertyMissing');
});

test('of several sets of regions the one with the most room is taken, then the one whose names sort first', () => {
  const of = (name: string, region: string, pods: number) => roomy(name, pods, { spec: { region } });
  const members = [of('a1', 'a', 1), of('b1', 'b', 9), of('b2', 'b', 9), of('c1', 'c', 9), of('d1', 'd', 9)];
  const taken = (...constraints: ReturnType<typeof spread>[]) =>
    Object.keys(
      shares(placed(members, [deployment('web', { replicas: 4 }), policy({ spreadConstraints: constraints })])),
    );
  // Region b has two members with room for all replicas, c and d one, a none.
  expect(taken(spread('region', 2, 2))).toEqual(['b1', 'c1']);
  expect(taken(spread('region', 2, 3), spread('cluster', 3, 3))).toEqual(['b1', 'b2', 'c1']);
  expect(taken(spread('region', 1, 2), spread('cluster', 3, 5))).toEqual(['b1', 'b2', 'c1']);
});

test('a spread over very many regions is found at once', () => {
  const members = [...Array(300).keys()].map((n) => member(`m-${n}`, { spec: { region: `r-${n}` } }));
  const spreadConstraints = [spread('region', 5, 9), spread('cluster', 5, 9)];
  expect(Object.keys(shares(placed(members, [deployment(), policy({ spreadConstraints })])))).toHaveLength(9 - 4);
});

test('a spread by zone or provider alone is more than Karmada can do', () => {
  expect(placed(all, [deployment(), policy({ spreadConstraints: [spread('zone', 1, 2)] })]).unplaced?.code).toBe(
    'SpreadUnsupported',
  );
});

const divided = (scheduling: ReplicaScheduling = {}): PlacementSpec => ({
  replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted', ...scheduling },
});
const weights = (...list: [string, number][]) =>
  divided({
    weightPreference: {
      staticWeightList: list.map(([name, weight]) => ({ targetCluster: { clusterNames: [name] }, weight })),
    },
  });

test('static weights divide replicas, and members without one get none', () => {
  const result = placed(all, [deployment('web', { replicas: 9 }), policy(weights(['oslo', 2], ['rome', 1]))]);
  expect(shares(result)).toEqual({ oslo: 6, rome: 3 });
  expect(reasons(result)).toEqual({ turin: 'NoShare' });
  expect(result.uncertain).toBeUndefined();
});

test('weights that fit no member count for nothing: all are equal', () => {
  expect(shares(placed(all, [deployment('web', { replicas: 3 }), policy(weights(['nowhere', 5]))]))).toEqual({
    oslo: 1,
    rome: 1,
    turin: 1,
  });
});

test('who gets the odd replica is known once the object has its UID', () => {
  const objects = (uid?: string) => [
    deployment('web', { replicas: 3 }, uid ? { uid } : {}),
    policy(weights(['oslo', 1], ['rome', 1])),
  ];
  const open = placed(all, objects());
  expect(open.uncertain?.reason.code).toBe('Remainder');
  expect(open.uncertain?.answers.map((members) => shares({ members }))).toEqual([
    { oslo: 2, rome: 1 },
    { oslo: 1, rome: 2 },
  ]);
  // The parity of the hash is that of the set bits' sum: one odd character, and two of them.
  expect(shares(placed(all, objects('a')))).toEqual({ oslo: 2, rome: 1 });
  expect(shares(placed(all, objects('b')))).toEqual({ oslo: 1, rome: 2 });
  expect(placed(all, objects('b')).uncertain).toBeUndefined();
});

test('who got the odd replica before gets it again', () => {
  const objects = [deployment('web', { replicas: 3 }), policy(weights(['oslo', 1], ['rome', 1]))];
  const running = [
    { name: 'oslo', replicas: 1 },
    { name: 'rome', replicas: 2 },
  ];
  const result = placed(all, objects, {
    before: [{ kind: 'Deployment', namespace: 'shop', name: 'web', members: running }],
  });
  expect(shares(result)).toEqual({ oslo: 1, rome: 2 });
  expect(result.uncertain).toBeUndefined();
});

const dynamic = divided({ weightPreference: { dynamicWeight: 'AvailableReplicas' } });
const aggregated = divided({ replicaDivisionPreference: 'Aggregated' });

test('dynamic weights divide replicas by the room that members have', () => {
  const members = [roomy('oslo', 30), roomy('rome', 10)];
  expect(shares(placed(members, [deployment('web', { replicas: 8 }), policy(dynamic)]))).toEqual({ oslo: 6, rome: 2 });
  const full = placed(members, [deployment('web', { replicas: 41 }), policy(dynamic)]);
  expect(full.unplaced?.code).toBe('NotEnoughRoom');
  expect(full.members).toEqual([]);
});

test('an aggregated division fills as few members as it can, and those that run some of it first', () => {
  const members = [roomy('oslo', 3), roomy('rome', 10), roomy('turin', 5)];
  const objects = (replicas: number) => [deployment('web', { replicas }), policy(aggregated)];
  expect(shares(placed(members, objects(8)))).toEqual({ rome: 8 });
  const before = [{ kind: 'Deployment', namespace: 'shop', name: 'web', members: [{ name: 'oslo', replicas: 2 }] }];
  expect(shares(placed(members, objects(4), { before }))).toEqual({ oslo: 4 });
  expect(shares(placed(members, objects(1), { before }))).toEqual({ oslo: 1 });
});

test('a rebalance goes by the room alone, in which what runs counts as free', () => {
  const members = [roomy('oslo', 3), roomy('rome', 20)];
  const after = (placement: PlacementSpec, rebalance: boolean) => {
    const ran = [{ name: 'oslo', replicas: 4 }];
    const before = [{ kind: 'Deployment', namespace: 'shop', name: 'web', members: ran, rebalance }];
    const objects = [deployment('web', { replicas: 4 }), policy(placement)];
    return shares(placed(members, objects, { before }));
  };
  expect(after(aggregated, false)).toEqual({ oslo: 4 });
  expect(after(aggregated, true)).toEqual({ rome: 4 });
  expect(after(dynamic, true)).toEqual({ oslo: 1, rome: 3 });
});

test('requests take from the room: cpu in thousandths, memory in whole units, a resource that is unknown leaves none', () => {
  const members = [roomy('oslo', 100, {}), roomy('rome', 100)];
  const asking = (requests: Record<string, string>) =>
    deployment('web', {
      replicas: 1,
      template: { spec: { containers: [{ name: 'web', image: 'x', resources: { requests } }] } },
    });
  expect(placed(members, [asking({ cpu: '101' }), policy(dynamic)]).unplaced?.code).toBe('NotEnoughRoom');
  expect(placed(members, [asking({ cpu: '99500m' }), policy(dynamic)]).unplaced).toBeUndefined();
  expect(placed(members, [asking({ 'example.com/gpu': '1' }), policy(dynamic)]).unplaced?.code).toBe('NotEnoughRoom');
});

test('resource models count what fits onto whole nodes', () => {
  const modelled = roomy('oslo', 100, {
    spec: {
      resourceModels: [
        { grade: 0, ranges: [{ name: 'cpu', min: '0', max: '2' }] },
        { grade: 1, ranges: [{ name: 'cpu', min: '2', max: '4' }] },
      ],
    },
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
      resourceSummary: {
        allocatable: { pods: 100, cpu: '100' },
        allocatableModelings: [
          { grade: 0, count: 5 },
          { grade: 1, count: 2 },
        ],
      },
    },
  });
  const asking = (replicas: number) =>
    deployment('web', {
      replicas,
      template: { spec: { containers: [{ name: 'web', image: 'x', resources: { requests: { cpu: '1500m' } } }] } },
    });
  expect(shares(placed([modelled], [asking(2), policy(aggregated)]))).toEqual({ oslo: 2 });
  expect(placed([modelled], [asking(3), policy(aggregated)]).unplaced?.code).toBe('NotEnoughRoom');
});

test('no replicas: a workload with requests goes to no member, one without to all', () => {
  const requests = {
    template: { spec: { containers: [{ name: 'web', image: 'x', resources: { requests: { cpu: '1' } } }] } },
  };
  const with0 = placed(all, [deployment('web', { replicas: 0, ...requests }), policy({})]);
  expect(with0.members).toEqual([]);
  expect(with0.unplaced).toBeUndefined();
  expect(reasons(with0)).toEqual({ oslo: 'NoReplicas', rome: 'NoReplicas', turin: 'NoReplicas' });
  expect(shares(placed(all, [deployment('web', { replicas: 0 }), policy({})]))).toEqual({
    oslo: null,
    rome: null,
    turin: null,
  });
});

test('what has no replicas goes to all members that fit, however it is divided', () => {
  const selects = { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }] };
  expect(shares(placed(all, [configMap('c'), policy(aggregated, selects)]))).toEqual({
    oslo: null,
    rome: null,
    turin: null,
  });
});

test('a divided workload on a member that is gone is scheduled anew; one that fits nowhere is taken away', () => {
  const before = [
    {
      kind: 'Deployment',
      namespace: 'shop',
      name: 'web',
      members: [
        { name: 'gone', replicas: 2 },
        { name: 'oslo', replicas: 2 },
      ],
    },
  ];
  const objects = [deployment('web', { replicas: 4 }), policy(weights(['oslo', 1], ['rome', 1], ['gone', 1]))];
  expect(shares(placed(all, objects, { before }))).toEqual({ oslo: 2, rome: 2 });
  const nowhere = [
    deployment('web', { replicas: 4 }),
    policy({ ...weights(['gone', 1]), clusterAffinity: { clusterNames: ['gone'] } }),
  ];
  expect(placed(all, nowhere, { before }).members).toEqual([]);
});

test('a divided workload stays as it is when other groups change than the one that it is placed by', () => {
  const home = { affinityName: 'home', clusterNames: ['oslo', 'rome'] };
  const away = { affinityName: 'away', clusterNames: ['turin'] };
  const replicaScheduling = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' };
  const after = (...clusterAffinities: (typeof home)[]) => {
    const members = [
      { name: 'oslo', replicas: 3 },
      { name: 'rome', replicas: 1 },
    ];
    const placement = { clusterAffinities: [home, away], replicaScheduling };
    const before = [{ kind: 'Deployment', namespace: 'shop', name: 'web', members, group: 'home', placement }];
    const objects = [deployment('web', { replicas: 4 }), policy({ clusterAffinities, replicaScheduling })];
    return shares(placed(all, objects, { before }));
  };
  expect(after(home, { ...away, clusterNames: ['oslo'] })).toEqual({ oslo: 3, rome: 1 });
  expect(after({ ...home, clusterNames: ['rome', 'oslo'] }, away)).toEqual({ oslo: 2, rome: 2 });
  expect(after(away)).toEqual({ turin: 4 });
});

test('when scheduling fails for another reason than that nothing fits, what runs goes on', () => {
  const before = [{ kind: 'Deployment', namespace: 'shop', name: 'web', members: [{ name: 'oslo', replicas: 2 }] }];
  const result = placed([roomy('oslo', 1)], [deployment('web', { replicas: 9 }), policy(dynamic)], { before });
  expect(result.unplaced?.code).toBe('NotEnoughRoom');
  expect(shares(result)).toEqual({ oslo: 2 });
});

test('workload anti-affinity keeps objects of one label apart, with its gate alone', () => {
  const placement = {
    workloadAffinity: { antiAffinity: { groupByLabelKey: 'group' } },
    spreadConstraints: [spread('cluster', 1, 1)],
  };
  const labels = { group: 'a' };
  const objects = [deployment('one', {}, { labels }), deployment('two', {}, { labels }), policy(placement)];
  const where = (gates: Input['gates']) =>
    simulate({ objects, members: all, ...(gates ? { gates } : {}) }).placements.map(shares);
  expect(where(undefined)).toEqual([{ oslo: 1 }, { oslo: 1 }]);
  expect(where({ WorkloadAffinity: true })).toEqual([{ oslo: 1 }, { rome: 1 }]);
});

test('workload affinity keeps objects of one label together; one without the label goes where it likes', () => {
  const workloadAffinity = { affinity: { groupByLabelKey: 'group' } };
  const named = (name: string) => ({ resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }] });
  const labels = { group: 'a' };
  const objects = [
    deployment('one', {}, { labels }),
    deployment('two', {}, { labels }),
    deployment('three'),
    policy({ workloadAffinity, clusterAffinity: { clusterNames: ['rome'] } }, named('one'), 'one'),
    policy({ workloadAffinity }, named('two'), 'two'),
    policy({ workloadAffinity }, named('three'), 'three'),
  ];
  const [, two, three] = simulate({ objects, members: all, gates: { WorkloadAffinity: true } }).placements;
  expect(shares(two!)).toEqual({ rome: 1 });
  expect(two!.verdict('oslo')?.reason).toEqual({
    code: 'WorkloadAffinity',
    text: 'does not run Deployment one of the affinity group group=a',
    message: 'oslo does not run Deployment one of the affinity group group=a',
  });
  expect(Object.keys(shares(three!))).toEqual(['oslo', 'rome', 'turin']);
});

test('who keeps to, or away from, an object of which it is not known where it runs, is uncertain as well', () => {
  const labels = { group: 'a' };
  const fleet = [roomy('oslo', 9), roomy('rome', 9)];
  const named = (name: string) => ({ resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name }] });
  const weighted = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } as const;
  const follow = (heeds: object, uid?: string) => {
    const objects = [
      deployment('one', { replicas: 1 }, { labels, ...(uid && { uid }) }),
      deployment('two', { replicas: 1 }, { labels, ...(uid && { uid }) }),
      policy({ workloadAffinity: heeds, replicaScheduling: weighted }, named('one'), 'one'),
      policy({ workloadAffinity: heeds }, named('two'), 'two'),
    ];
    return simulate({ objects, members: fleet, gates: { WorkloadAffinity: true } }).of({
      kind: 'Deployment',
      namespace: 'shop',
      name: 'two',
    })!;
  };
  for (const heeds of [{ affinity: { groupByLabelKey: 'group' } }, { antiAffinity: { groupByLabelKey: 'group' } }]) {
    const unknown = follow(heeds);
    expect(unknown.uncertain?.answers.map(([share]) => share?.name).sort()).toEqual(['oslo', 'rome']);
    expect(unknown.uncertain?.reason.message).toContain('it heeds Deployment one of its group');
    const known = follow(heeds, 'c5a1e0b2-0c1d-4a4e-9d1a-3f1c0e9b7a55');
    expect(known.uncertain).toBeUndefined();
    expect(known.members).toHaveLength(1);
  }
});

test('reasons are sentences about a member, and their texts group members', () => {
  const named = placed(all, [deployment(), policy({ clusterAffinity: { clusterNames: ['rome'] } })]);
  expect(named.verdict('oslo')?.reason.message).toBe('oslo is not named by the placement');
  const labelled = { affinityName: 'edge', labelSelector: { matchLabels: { tier: 'edge' } } };
  const grouped = placed(all, [deployment(), policy({ clusterAffinities: [labelled] })]);
  expect(grouped.verdict('rome')?.reason.text).toBe('lacks the labels that the group edge asks for');
  expect(grouped.verdict('oslo')?.reason.text).toBe('gets 1 replica by the group edge');
});
