import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isTold } from '../../cli/failure.ts';
import { plan } from '../../cli/plan/plan.ts';
import { clusterPolicy, configMap, deployment, member, override, policy } from '../simulation/objects.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shapes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const affinity = {
  labelSelector: {
    matchLabels: { tier: 'edge' },
    matchExpressions: [{ key: 'tier', operator: 'In', values: ['edge'] }],
  },
  fieldSelector: { matchExpressions: [{ key: 'region', operator: 'In', values: ['no'] }] },
  clusterNames: ['oslo'],
  exclude: ['rome'],
};

const CLUSTER = member('oslo', {
  labels: { tier: 'edge' },
  spec: {
    provider: 'own',
    region: 'no',
    zones: ['a'],
    taints: [{ key: 'spot', value: 'yes', effect: 'NoSchedule' }],
    resourceModels: [{ grade: 0, ranges: [{ name: 'cpu', min: '0', max: '1' }] }],
  },
  status: {
    apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }],
    conditions: [{ type: 'Ready', status: 'True', reason: 'ClusterReady' }],
    resourceSummary: {
      allocatable: { cpu: '4', memory: '8Gi', pods: 110 },
      allocated: { cpu: '500m' },
      allocating: { cpu: '1' },
      allocatableModelings: [{ grade: 0, count: 3 }],
    },
  },
});

const OBJECTS = [
  deployment(
    'web',
    {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:v1',
              resources: { requests: { cpu: '500m' } },
              envFrom: [{ configMapRef: { name: 'web' } }],
            },
          ],
        },
      },
    },
    { labels: { app: 'web' }, annotations: { note: 'kept' } },
  ),
  configMap('web', { a: '{}' }),
  clusterPolicy(
    {
      clusterAffinities: [
        { affinityName: 'first', ...affinity, overflowAffinities: [{ affinityName: 'more', ...affinity }] },
      ],
      replicaScheduling: { weightPreference: { dynamicWeight: 'AvailableReplicas' } },
      workloadAffinity: { affinity: { groupByLabelKey: 'app' } },
    },
    {
      resourceSelectors: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' },
        { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: { matchLabels: { a: 'b' } } },
      ],
      suspension: { dispatching: false, dispatchingOnClusters: { clusterNames: ['rome'] } },
    },
  ),
  policy(
    {
      clusterAffinity: affinity,
      clusterTolerations: [{ key: 'spot', operator: 'Exists' }],
      spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 2 }],
      replicaScheduling: {
        replicaSchedulingType: 'Divided',
        replicaDivisionPreference: 'Weighted',
        weightPreference: { staticWeightList: [{ targetCluster: affinity, weight: 1 }] },
      },
    },
    { propagateDeps: true, priority: 1, failover: { cluster: { purgeMode: 'Gracefully' } } },
  ),
  override({
    resourceSelectors: [
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
    ],
    overrideRules: [
      {
        targetCluster: affinity,
        overriders: {
          plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 3 }],
          imageOverrider: [{ component: 'Tag', operator: 'replace', value: 'v2' }],
          argsOverrider: [{ containerName: 'web', operator: 'add', value: ['-v'] }],
          commandOverrider: [{ containerName: 'web', operator: 'add', value: ['-v'] }],
          labelsOverrider: [{ operator: 'add', value: { a: 'b' } }],
          annotationsOverrider: [{ operator: 'add', value: { a: 'b' } }],
          fieldOverrider: [{ fieldPath: '/data/a', json: [{ subPath: '/b', operator: 'add', value: 1 }] }],
        },
      },
    ],
  }),
  {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'FederatedResourceQuota',
    metadata: { name: 'q', namespace: 'shop' },
    spec: { overall: { cpu: '9' }, staticAssignments: [{ clusterName: 'oslo', hard: { cpu: '9' } }] },
  },
  {
    apiVersion: 'autoscaling.karmada.io/v1alpha1',
    kind: 'FederatedHPA',
    metadata: { name: 'h', namespace: 'shop' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 5,
    },
  },
];

/** Where there is a value in another one. */
function placesIn(value: unknown): PropertyKey[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[key], ...placesIn(inner).map((path) => [key, ...path])]);
}

/** A copy with another value at a place, or without what is there. */
function withValueAt<T>(value: T, [key, ...rest]: PropertyKey[], other: unknown): T {
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as never;
  if (rest.length > 0) copy[key as never] = withValueAt(copy[key as never], rest, other) as never;
  else if (other === undefined) delete copy[key as never];
  else copy[key as never] = other as never;
  return copy;
}

const written = new Map<string, string>();

/** A file that holds a list. One that holds it already stays: thousands take longer to write than to be planned by. */
function file(name: string, items: readonly unknown[]): string {
  const path = join(folder, name);
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  if (written.get(name) !== text) {
    writeFileSync(path, text);
    written.set(name, text);
  }
  return path;
}

async function planned(clusters: readonly unknown[], objects: readonly unknown[], room = clusters): Promise<string> {
  return plan({
    manifests: file('objects.json', objects),
    members: file('members.json', clusters),
    room: file('room.json', room),
    lost: ['oslo'],
  });
}

const OTHERS = [undefined, null, 1, 'abc', [], [null], { abc: 1 }];

test('a federation of right objects is planned', async () => {
  expect(await planned([CLUSTER, member('rome')], OBJECTS)).toContain('web');
});

test.each([['Cluster', CLUSTER] as const, ...OBJECTS.map((object) => [object.kind, object] as const)])(
  'whatever is in a %s in the place of something else ends in a plan or in a sentence',
  { timeout: 120_000 },
  async (_, object) => {
    for (const path of placesIn(object)) {
      for (const other of OTHERS) {
        const odd = withValueAt<object>(object, path, other);
        const clusters = [object === CLUSTER ? odd : CLUSTER, member('rome')];
        const objects = OBJECTS.map((one) => (one === object ? odd : one));
        await planned(clusters, objects).catch((error) => {
          if (!isTold(error)) throw new Error(`${path.join('.')}: ${JSON.stringify(other)}: ${error.stack}`);
        });
      }
    }
  },
);

test.each([
  [{ ...CLUSTER, spec: { taints: 1 } }, 'Cluster oslo: spec.taints: must be a list, got 1: write it as a list, [1]'],
  [{ ...CLUSTER, spec: [] }, "Cluster oslo: spec: must be a mapping, got a list: write its fields without '- '"],
  [{ ...CLUSTER, metadata: null }, 'an object: metadata: is empty, it must be a mapping'],
  [
    { ...CLUSTER, status: { resourceSummary: { allocatable: 'much' } } },
    "Cluster oslo: status.resourceSummary.allocatable: must be a mapping, got 'much'",
  ],
  [
    { ...CLUSTER, status: { resourceSummary: { allocatable: { cpu: 'abc' } } } },
    "Cluster oslo: status.resourceSummary.allocatable.cpu: must be a quantity, such as '20Gi' or '500m'",
  ],
])('what no API server would hold is told with its file and place: %#', async (odd, told) => {
  await expect(planned([odd, member('rome')], [])).rejects.toThrow(`${join(folder, 'members.json')}: ${told}`);
  await expect(planned([CLUSTER], [], [odd])).rejects.toThrow(`${join(folder, 'room.json')}: ${told}`);
});

test('what an override sets may be null', async () => {
  const nulled = override({
    overrideRules: [{ overriders: { plaintext: [{ path: '/spec/paused', operator: 'add', value: null }] } }],
  });
  const options = {
    manifests: file('objects.json', [deployment(), policy({}), nulled]),
    members: file('members.json', [member('oslo')]),
  };
  const { objects } = JSON.parse(await plan({ ...options, member: 'oslo', output: 'json' }));
  expect(objects[0].spec.paused).toBeNull();
});

test('what is null is what is missing', async () => {
  const bare = { ...CLUSTER, metadata: { name: 'oslo' } };
  const nulls = { ...bare, metadata: { ...bare.metadata, labels: null }, spec: null, status: null };
  expect(await planned([nulls], OBJECTS)).toBe(await planned([member('oslo')], OBJECTS));
});
