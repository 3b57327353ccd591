import { expect, test } from 'vitest';
import { type ClusterGroup, type Placement, toPlacement } from '../../constructs/policy/placement.ts';

/** What the YAML will say: without the fields that are not set. */
function written(placement: Placement): unknown {
  return JSON.parse(JSON.stringify(toPlacement(placement)));
}

test('a placement without anything says nothing, which means every member', () => {
  expect(written({})).toEqual({});
});

test('names, exclusions, labels and fields of members become one cluster affinity', () => {
  const placement: Placement = {
    clusters: ['edge-1', 'edge-2'],
    exclude: ['edge-2'],
    labels: { tier: 'edge' },
    labelExpressions: [
      { key: 'arch', operator: 'NotIn', values: ['riscv64'] },
      { key: 'gpu', operator: 'Exists' },
    ],
    fields: { zone: ['de-1'], provider: ['azure', 'aws'] },
    fieldExpressions: [{ key: 'region', operator: 'NotIn', values: ['us'] }],
  };
  expect(written(placement)).toEqual({
    clusterAffinity: {
      clusterNames: ['edge-1', 'edge-2'],
      exclude: ['edge-2'],
      labelSelector: {
        matchLabels: { tier: 'edge' },
        matchExpressions: [
          { key: 'arch', operator: 'NotIn', values: ['riscv64'] },
          { key: 'gpu', operator: 'Exists' },
        ],
      },
      fieldSelector: {
        matchExpressions: [
          { key: 'provider', operator: 'In', values: ['azure', 'aws'] },
          { key: 'zone', operator: 'In', values: ['de-1'] },
          { key: 'region', operator: 'NotIn', values: ['us'] },
        ],
      },
    },
  });
});

test('groups keep their order and their overflow', () => {
  const groups: ClusterGroup[] = [
    {
      name: 'edge',
      labels: { tier: 'edge' },
      overflow: [
        { name: 'near-cloud', fields: { region: ['de'] } },
        { name: 'any-cloud', labels: { tier: 'cloud' } },
      ],
    },
    { name: 'rest', exclude: ['lab'] },
  ];
  expect(written({ groups, replicas: { type: 'aggregated' } })).toEqual({
    clusterAffinities: [
      {
        affinityName: 'edge',
        labelSelector: { matchLabels: { tier: 'edge' } },
        overflowAffinities: [
          {
            affinityName: 'near-cloud',
            fieldSelector: { matchExpressions: [{ key: 'region', operator: 'In', values: ['de'] }] },
          },
          { affinityName: 'any-cloud', labelSelector: { matchLabels: { tier: 'cloud' } } },
        ],
      },
      { affinityName: 'rest', exclude: ['lab'] },
    ],
    replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' },
  });
});

test('tolerations of cluster taints go through as they are', () => {
  const tolerations = [
    { key: 'maintenance', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
    { key: 'tier', value: 'edge', effect: 'NoSchedule' },
  ] as const;
  expect(written({ tolerations })).toEqual({ clusterTolerations: tolerations });
});

test('spread constraints name a field or a label, with both bounds, for Karmada reads a missing maximum as 0', () => {
  const spread = [{ by: 'region', min: 2, max: 3 }, { by: 'cluster', max: 4 }, { label: 'site' }] as const;
  expect(written({ spread })).toEqual({
    spreadConstraints: [
      { spreadByField: 'region', minGroups: 2, maxGroups: 3 },
      { spreadByField: 'cluster', minGroups: 1, maxGroups: 4 },
      { spreadByLabel: 'site', minGroups: 1, maxGroups: 2147483647 },
    ],
  });
});

test.each([
  [{ type: 'duplicated' }, { replicaSchedulingType: 'Duplicated' }],
  [{ type: 'aggregated' }, { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' }],
  [
    { type: 'dynamic' },
    {
      replicaSchedulingType: 'Divided',
      replicaDivisionPreference: 'Weighted',
      weightPreference: { dynamicWeight: 'AvailableReplicas' },
    },
  ],
  [{ type: 'weighted' }, { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' }],
  [
    {
      type: 'weighted',
      weights: [
        { clusters: ['edge-1'], weight: 3 },
        { labels: { tier: 'cloud' }, weight: 1 },
      ],
    },
    {
      replicaSchedulingType: 'Divided',
      replicaDivisionPreference: 'Weighted',
      weightPreference: {
        staticWeightList: [
          { targetCluster: { clusterNames: ['edge-1'] }, weight: 3 },
          { targetCluster: { labelSelector: { matchLabels: { tier: 'cloud' } } }, weight: 1 },
        ],
      },
    },
  ],
] as const)('replicas %o are shared out as Karmada says it', (replicas, expected) => {
  expect(written({ replicas })).toEqual({ replicaScheduling: expected });
});

test('apps are kept together or apart by label', () => {
  expect(written({ workloadAffinity: { affinity: 'team', antiAffinity: 'copy' } })).toEqual({
    workloadAffinity: { affinity: { groupByLabelKey: 'team' }, antiAffinity: { groupByLabelKey: 'copy' } },
  });
});

test('the types allow groups or a direct choice, and weights for weighted replicas alone', () => {
  // @ts-expect-error groups and clusters exclude each other
  const both: Placement = { clusters: ['edge-1'], groups: [{ name: 'edge' }] };
  // @ts-expect-error dynamic replicas have no static weights
  const weights: Placement = { replicas: { type: 'dynamic', weights: [{ clusters: ['edge-1'], weight: 1 }] } };
  // @ts-expect-error a constraint spreads by a field or by a label
  const spread: Placement = { spread: [{ by: 'cluster', label: 'site' }] };
  expect([both, weights, spread]).toHaveLength(3);
});
