import { expect, test } from 'vitest';
import { at } from '../../simulation/interpret/values.ts';
import type { OverridePolicy, Overriders } from '../../simulation/karmada.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { simulate } from '../../simulation/simulate.ts';
import { clusterPolicy, configMap, deployment, member, override, placed, policy } from './objects.ts';

const oslo = member('oslo', { labels: { tier: 'edge' } });
const rome = member('rome');

/** What oslo gets of a Deployment with these overriders. */
function overridden(overriders: Overriders, object: KubeObject = deployment()) {
  return placed([oslo], [object, policy({}), override({ overrideRules: [{ overriders }] })]).manifestFor('oslo');
}

function imageOf(image: string, overrider: { component: string; operator: string; value?: string }) {
  const object = deployment('web', { template: { spec: { containers: [{ name: 'web', image }] } } });
  return at(overridden({ imageOverrider: [overrider] }, object).object, 'spec', 'template', 'spec', 'containers') as
    | { image: string }[]
    | undefined;
}

const DIGEST = `sha256:${'ab'.repeat(32)}`;

test.each([
  [
    'a registry',
    'q.example.com/shop/web:v1',
    { component: 'Registry', operator: 'replace', value: 'edge.example.com:5000' },
    'edge.example.com:5000/shop/web:v1',
  ],
  [
    'a registry that is missing',
    'web:v1',
    { component: 'Registry', operator: 'add', value: 'edge.example.com' },
    'edge.example.com/web:v1',
  ],
  ['the registry away', 'q.example.com/shop/web', { component: 'Registry', operator: 'remove' }, 'shop/web'],
  [
    'an owner without a dot as part of the repository',
    'shop/web:v1',
    { component: 'Registry', operator: 'replace', value: 'q.io' },
    'q.io/shop/web:v1',
  ],
  [
    'a repository',
    'q.example.com/shop/web:v1',
    { component: 'Repository', operator: 'replace', value: 'shop/slim' },
    'q.example.com/shop/slim:v1',
  ],
  ['a tag', 'shop/web:v1', { component: 'Tag', operator: 'add', value: '-edge' }, 'shop/web:v1-edge'],
  ['a tag for a digest', 'shop/web:v1', { component: 'Tag', operator: 'replace', value: DIGEST }, `shop/web@${DIGEST}`],
  ['no tag that is none', 'shop/web:v1', { component: 'Tag', operator: 'replace', value: 'a b' }, 'shop/web:v1'],
  [
    'a digest alone kept',
    `shop/web@${DIGEST}`,
    { component: 'Registry', operator: 'replace', value: 'q.io' },
    `q.io/shop/web@${DIGEST}`,
  ],
  [
    'a digest beside a tag lost',
    `shop/web:v1@${DIGEST}`,
    { component: 'Registry', operator: 'replace', value: 'q.io' },
    'q.io/shop/web:v1',
  ],
])('an image override: %s', (_, image, overrider, want) => {
  expect(imageOf(image, overrider)?.[0]?.image).toBe(want);
});

test('an image that is no reference, and a predicate that points nowhere, make no Work', () => {
  expect(imageOf('Shop/Web', { component: 'Tag', operator: 'remove' })).toBeUndefined();
  const at = (path: string) => ({ imageOverrider: [{ predicate: { path }, component: 'Tag', operator: 'remove' }] });
  expect(overridden(at('/spec/image')).fault?.code).toBe('OverrideFailed');
  const images = deployment('web', { images: ['web:v1'], image: { name: 'web:v1' } });
  expect(overridden(at('/spec/images/0'), images).fault?.code).toBe('OverrideFailed');
  expect(overridden(at('/spec/image/name'), images).object?.spec).toMatchObject({ image: { name: 'web' } });
});

test('commands and arguments of the named container change, and a list that is missing becomes one', () => {
  const containers = [
    { name: 'web', image: 'x', args: ['--a', '--b'] },
    { name: 'side', image: 'y' },
  ];
  const object = deployment('web', { template: { spec: { containers } } });
  const { object: result } = overridden(
    {
      argsOverrider: [{ containerName: 'web', operator: 'remove', value: ['--a'] }],
      commandOverrider: [{ containerName: 'web', operator: 'add', value: ['run'] }],
    },
    object,
  );
  expect(at(result, 'spec', 'template', 'spec', 'containers')).toEqual([
    { name: 'web', image: 'x', args: ['--b'], command: ['run'] },
    containers[1],
  ]);
});

test('labels and annotations are added to what may be missing, and changed only where they are', () => {
  const object = deployment('web', {}, { labels: { old: '1' } });
  const { object: result } = overridden(
    {
      labelsOverrider: [
        { operator: 'replace', value: { old: '2', other: 'x' } },
        { operator: 'remove', value: { gone: '' } },
      ],
      annotationsOverrider: [{ operator: 'add', value: { 'example.com/note': 'y' } }],
    },
    object,
  );
  expect(result?.metadata.labels).toEqual({ old: '2' });
  expect(result?.metadata.annotations).toEqual({ 'example.com/note': 'y' });
});

test('a field override patches the YAML or JSON inside a field', () => {
  const selects = { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }] };
  const config = configMap('c', { 'app.yaml': 'b: 1\na:\n  - x\n', 'app.json': '{"b": 1, "a": "<"}' });
  const fieldOverrider = [
    { fieldPath: '/data/app.yaml', yaml: [{ subPath: '/a/-', operator: 'add', value: 'y' }] },
    { fieldPath: '/data/app.json', json: [{ subPath: '/b', operator: 'replace', value: 2 }] },
  ];
  const rule = { ...selects, overrideRules: [{ overriders: { fieldOverrider } }] };
  const { object } = placed([oslo], [config, policy({}, selects), override(rule)]).manifestFor('oslo');
  expect(object?.data).toEqual({ 'app.yaml': 'a:\n- x\n- "y"\nb: 1\n', 'app.json': '{"b":2,"a":"\\u003c"}' });
});

const patch = (path: string, operator: string, value?: unknown) =>
  overridden({ plaintext: [{ path, operator, value }] });

test.each([
  ['replace what is not there', '/spec/template/spec/nodeSelector', 'replace'],
  ['remove what is not there', '/spec/paused', 'remove'],
  ['add below what is not there', '/spec/template/spec/nodeSelector/zone', 'add'],
  ['replace beyond the end of a list', '/spec/template/spec/containers/1/image', 'replace'],
  ['write below a number', '/spec/replicas/x', 'add'],
])('a patch may not %s: the member gets no Work', (_, path, operator) => {
  const { fault } = patch(path, operator, 'x');
  expect(fault).toMatchObject({
    code: 'OverrideFailed',
    member: 'oslo',
    policy: { kind: 'OverridePolicy', name: 'web' },
  });
  expect(fault?.message).toBe(`no Work for oslo: OverridePolicy shop/web: ${path} is not there`);
});

test.each([
  ['a strategy', '/spec/strategy/type', 'Recreate'],
  ['a pull policy', '/spec/template/spec/containers/0/imagePullPolicy', 'Never'],
  ['a grace period', '/spec/template/spec/terminationGracePeriodSeconds', 5],
])('a patch may replace what the API server fills in: %s', (_, path, value) => {
  const { object } = patch(path, 'replace', value);
  expect(at(object, ...path.split('/').slice(1, path.includes('containers') ? 5 : undefined))).toEqual(
    path.includes('containers') ? [expect.objectContaining({ imagePullPolicy: value })] : value,
  );
});

const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ...spec, ports: [{ port: 80 }, { port: 81, nodePort: 30_081 }] },
});

/** The spec of an object of any kind, once a patch is applied to it. */
function patched(object: KubeObject, path: string, operator: string, value?: unknown) {
  const resourceSelectors = [{ apiVersion: object.apiVersion, kind: object.kind }];
  const overrideRules = [{ overriders: { plaintext: [{ path, operator, value }] } }];
  const objects = [object, policy({}, { resourceSelectors }), override({ resourceSelectors, overrideRules })];
  return placed([oslo], objects).manifestFor('oslo').object?.spec as Record<string, unknown> | undefined;
}

test.each<[string, object, string, unknown]>([
  ['its address families', {}, 'ipFamilyPolicy', 'PreferDualStack'],
  ['whom it leads to from outside', { type: 'LoadBalancer' }, 'externalTrafficPolicy', 'Local'],
  ['whether it has ports on nodes', { type: 'LoadBalancer' }, 'allocateLoadBalancerNodePorts', false],
  ['for how long it keeps to a pod', { sessionAffinity: 'ClientIP' }, 'sessionAffinityConfig', { clientIP: {} }],
])('so it is with a Service: %s', (_, spec, field, value) => {
  expect(patched(service(spec), `/spec/${field}`, 'replace', value)).toMatchObject({ [field]: value });
});

test('nobody but a Service that is open to others has what that takes', () => {
  expect(patched(service({}), '/spec/externalTrafficPolicy', 'replace', 'Local')).toBeUndefined();
  expect(patched(service({ type: 'ExternalName' }), '/spec/ipFamilyPolicy', 'replace', 'x')).toBeUndefined();
});

test('a port on nodes that the API server chooses may be given or taken away, and is told nowhere else', () => {
  const open = service({ type: 'NodePort' });
  expect(patched(open, '/spec/ports/0/nodePort', 'replace', 30_080)?.ports).toMatchObject([
    { nodePort: 30_080 },
    { nodePort: 30_081 },
  ]);
  const others = patched(open, '/spec/ports/1/nodePort', 'remove')?.ports;
  expect(others).toEqual([{ port: 80 }, { port: 81 }]);
  const families = patched(open, '/spec/ipFamilies/-', 'add', 'IPv6');
  expect(families).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'] });
  expect(families?.ports).toEqual([
    { port: 80, protocol: 'TCP', targetPort: 80 },
    { port: 81, protocol: 'TCP', targetPort: 81, nodePort: 30_081 },
  ]);
});

test.each<[string, KubeObject, string, unknown]>([
  [
    'the type of a path on the host',
    deployment('web', { template: { spec: { containers: [], volumes: [{ name: 'v', hostPath: { path: '/v' } }] } } }),
    '/spec/template/spec/volumes/0/hostPath/type',
    'Directory',
  ],
  [
    'the scheme of a hook',
    deployment('web', {
      template: { spec: { containers: [{ name: 'web', lifecycle: { preStop: { httpGet: { port: 80 } } } }] } },
    }),
    '/spec/template/spec/containers/0/lifecycle/preStop/httpGet/scheme',
    'HTTPS',
  ],
  [
    'the mode of a claim',
    { ...deployment('web', { volumeClaimTemplates: [{ spec: {} }] }), kind: 'StatefulSet' },
    '/spec/volumeClaimTemplates/0/spec/volumeMode',
    'Block',
  ],
  [
    'the fewest replicas of an autoscaler',
    { ...deployment(), apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', spec: {} },
    '/spec/minReplicas',
    2,
  ],
  [
    'the probe of a SpinApp',
    { ...deployment(), apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', spec: { checks: { liveness: {} } } },
    '/spec/checks/liveness/initialDelaySeconds',
    30,
  ],
])('and with %s', (_, object, path, value) => {
  expect(patched(object, path, 'replace', value)).toBeDefined();
});

test('what no override points to is not filled in', () => {
  expect(patch('/spec/paused', 'add', true).object?.spec).toEqual({ ...(deployment().spec as object), paused: true });
});

test('labels and annotations are there once a policy has claimed the object; what is empty is not', () => {
  expect(patch('/metadata/labels/a', 'add', 'b').object?.metadata.labels).toEqual({ a: 'b' });
  expect(patch('/metadata/annotations/a', 'add', 'b').object?.metadata.annotations).toEqual({ a: 'b' });
  expect(patch('/spec/paused', 'add', true).object?.metadata).toEqual({ name: 'web', namespace: 'shop' });
  const resources = { requests: {} };
  const object = deployment('web', { template: { spec: { containers: [{ name: 'web', image: 'x', resources }] } } });
  const path = '/spec/template/spec/containers/0/resources/requests/cpu';
  expect(overridden({ plaintext: [{ path, operator: 'add', value: '1' }] }, object).fault?.code).toBe('OverrideFailed');
});

test('a patch adds a key, decodes it, and counts from the end of a list', () => {
  expect(patch('/metadata/annotations', 'add', { a: 'b' }).object?.metadata.annotations).toEqual({ a: 'b' });
  const { object } = overridden({
    plaintext: [
      { path: '/metadata/labels', operator: 'add', value: {} },
      { path: '/metadata/labels/example.com~1a', operator: 'add', value: 'b' },
      { path: '/spec/template/spec/containers/-1/image', operator: 'replace', value: 'y' },
    ],
  });
  expect(object?.metadata.labels).toEqual({ 'example.com/a': 'b' });
  expect(at(object, 'spec', 'template', 'spec', 'containers')).toEqual([{ name: 'web', image: 'y' }]);
});

test('an override that gives the copy another name or namespace is an error of its own', () => {
  const objects = [
    deployment(),
    policy({}),
    override({
      overrideRules: [
        { overriders: { plaintext: [{ path: '/metadata/namespace', operator: 'replace', value: 'other' }] } },
      ],
    }),
  ];
  const result = placed([oslo], objects);
  expect(result.manifestFor('oslo').object?.metadata.namespace).toBe('other');
  expect(result.errors).toMatchObject([{ code: 'IdentityChanged', member: 'oslo' }]);
});

test('a failing override leaves the object placed, and its other members with their Work', () => {
  const broken = override({
    overrideRules: [
      {
        targetCluster: { labelSelector: { matchLabels: { tier: 'edge' } } },
        overriders: { plaintext: [{ path: '/spec/x/y', operator: 'add', value: 1 }] },
      },
    ],
  });
  const result = placed([oslo, rome], [deployment(), policy({}), broken]);
  expect(result.members.map(({ name }) => name)).toEqual(['oslo', 'rome']);
  expect(result.errors.map(({ member: name }) => name)).toEqual(['oslo']);
  expect(result.manifestFor('rome').object).toBeDefined();
});

test('cluster-wide overrides come first, then those of the namespace; the closest selector has the last word', () => {
  const sets = (value: string) => ({
    overrideRules: [{ overriders: { plaintext: [{ path: '/metadata/labels/by', operator: 'add', value }] } }],
  });
  const named = { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }] };
  const wide: OverridePolicy = { ...override(sets('wide')), kind: 'ClusterOverridePolicy', metadata: { name: 'wide' } };
  const objects = [
    deployment('web', {}, { labels: {} }),
    policy({}),
    override({ ...sets('named'), ...named }, 'a'),
    override(sets('kind'), 'b'),
    wide,
  ];
  const manifest = placed([oslo], objects).manifestFor('oslo');
  expect(manifest.object?.metadata.labels).toEqual({ by: 'named' });
  expect(manifest.applied.map(({ name }) => name)).toEqual(['wide', 'b', 'a']);
});

test('a member gets its own replicas, and overrides come after them', () => {
  const replicaScheduling = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' };
  const objects = [deployment('web', { replicas: 4 }), policy({ replicaScheduling })];
  const result = placed([oslo, rome], objects);
  expect(at(result.manifestFor('rome').object, 'spec', 'replicas')).toBe(2);
  const fixed = override({
    overrideRules: [
      {
        targetCluster: { clusterNames: ['rome'] },
        overriders: { plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 9 }] },
      },
    ],
  });
  const then = placed([oslo, rome], [...objects, fixed]);
  expect([
    at(then.manifestFor('oslo').object, 'spec', 'replicas'),
    at(then.manifestFor('rome').object, 'spec', 'replicas'),
  ]).toEqual([2, 9]);
});

test('a divided Job has its completions divided, too', () => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'shop' },
    spec: { parallelism: 2, completions: 10, ttlSecondsAfterFinished: 5, template: { spec: {} } },
  };
  const selects = { resourceSelectors: [{ apiVersion: 'batch/v1', kind: 'Job' }] };
  const replicaScheduling = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' };
  const { object } = placed([oslo, rome], [job, policy({ replicaScheduling }, selects)]).manifestFor('oslo');
  expect(object?.spec).toEqual({ parallelism: 1, completions: 5, template: { spec: {} } });
});

test('a member that an object does not go to gets nothing, with the reason', () => {
  const manifest = placed(
    [oslo, rome],
    [deployment(), policy({ clusterAffinity: { clusterNames: ['rome'] } })],
  ).manifestFor('oslo');
  expect(manifest.fault?.code).toBe('AffinityMismatch');
});

test('nothing of the input is changed', () => {
  const objects = [
    deployment('web', { replicas: 3 }, { labels: { a: 'b' } }),
    clusterPolicy({}),
    override({ overrideRules: [{ overriders: { labelsOverrider: [{ operator: 'replace', value: { a: 'c' } }] } }] }),
  ];
  const input = { objects, members: [oslo, rome] };
  const before = JSON.stringify(input);
  for (const placement of simulate(input).placements)
    for (const { name } of placement.members) placement.manifestFor(name);
  expect(JSON.stringify(input)).toBe(before);
});
