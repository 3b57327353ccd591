import { describe, expect, test } from 'vitest';
import { said, saidOf, warned } from './said.ts';

/** An object that the file brings to members; to oslo, unless told otherwise. */
const own = (apiVersion: string, kind: string, name: string, target: unknown = 'members/oslo', namespace?: string) => ({
  manifests: [{ target, objects: [{ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }] }],
});
const deployment = own('apps/v1', 'Deployment', 'w');
const inOslo = { placement: { clusters: ['oslo'] } };
const taken = (kind: string, from: string, members = "'oslo'") =>
  `spec.manifests[0].objects[0].metadata.name: is that of the ${kind} that ${from} brings to ${members}`;

describe('an object on a member that is named as what Karmada brings there', () => {
  test('is refused, for the app would never come', () => {
    expect(saidOf(inOslo, deployment).faults).toEqual([
      `${taken('Deployment', "the app 'w'")}, where Karmada leaves alone what it finds, so that its own never comes: give this one a name of its own`,
    ]);
  });

  test('is refused once for all members', () => {
    const { faults } = saidOf(
      { placement: { clusters: ['oslo', 'bern'] } },
      own('apps/v1', 'Deployment', 'w', 'members'),
    );
    expect(faults).toEqual([expect.stringContaining(taken('Deployment', "the app 'w'", "'oslo', 'bern'"))]);
  });

  const controlPlane = { address: 'k.example.com', karmada: { metricsAdapter: {} } };
  const scaled = { resources: { requests: { cpu: '1' } }, scaling: { max: 3, per: 'member' } };
  test.each<[string, object, object, string]>([
    [
      'an older version of the kind',
      {},
      own('apps/v1beta1', 'Deployment', 'w', { labels: { tier: 'edge' } }),
      'Deployment',
    ],
    [
      'a SpinApp',
      { form: 'spinapp', runtime: 'spin' },
      own('core.spinkube.dev/v1alpha1', 'SpinApp', 'w', undefined, 'default'),
      'SpinApp',
    ],
  ])('is refused as %s, too', (_, app, manifests, kind) => {
    const runtimes = [{ name: 'spin' }];
    const { faults } = saidOf({ ...inOslo, ...app }, { ...manifests, runtimes, controlPlane });
    expect(faults).toEqual([expect.stringContaining(taken(kind, "the app 'w'"))]);
  });

  test.each<[string, object, object]>([
    ['Service', { port: 80 }, own('v1', 'Service', 'w')],
    ['HorizontalPodAutoscaler', scaled, own('autoscaling/v2', 'HorizontalPodAutoscaler', 'w')],
  ])('is warned of where it runs nothing, for the app may do with it: a %s', (kind, app, manifests) => {
    expect(warned(saidOf({ ...inOslo, ...app }, { ...manifests, controlPlane }))).toEqual([
      `${taken(kind, "the app 'w'").replace('spec.', '')}, where Karmada leaves alone what it finds, so that its own never comes: give this one a name of its own, or change the member's copy by overrides`,
    ]);
  });

  test('is warned of where it would come along with an app, or by a policy', () => {
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
    const manifests = ['karmada', 'members/oslo'].map((target) => ({ target, objects: [settings] }));
    const app = { ...inOslo, envFrom: { A: { configMap: 'settings', key: 'a' } } };
    expect(warned(saidOf(app, { manifests }))).toEqual([
      expect.stringContaining('manifests[1].objects[0].metadata.name: is that of the ConfigMap that'),
    ]);
    const policy = { type: 'propagation', name: 'p', namespace: 'default', ...inOslo };
    const resources = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'settings' }];
    expect(warned(saidOf({}, { manifests, policies: [{ ...policy, resources }] }))).toEqual([
      expect.stringContaining(
        "is that of the ConfigMap that the policy 'p' brings to 'oslo', where Karmada leaves alone",
      ),
    ]);
  });

  test('is warned of as the part of a quota', () => {
    const quotas = [{ name: 'q', overall: { cpu: 9 }, members: [{ name: 'oslo', limits: { cpu: 4 } }] }];
    const resources = { requests: { cpu: '1' } };
    expect(warned(saidOf({ ...inOslo, resources }, { quotas, ...own('v1', 'ResourceQuota', 'q') }))).toEqual([
      expect.stringContaining(taken('ResourceQuota', "the quota 'q'").replace('spec.', '')),
    ]);
  });

  test('is warned of where it takes the place of this one', () => {
    const overwrites = { ...inOslo, propagation: { conflictResolution: 'Overwrite' } };
    expect(warned(saidOf(overwrites, deployment))).toEqual([
      `${taken('Deployment', "the app 'w'").replace('spec.', '')}, where it takes the place of this one: leave this one out, or give it a name of its own`,
    ]);
    const spin = { runtimes: [{ name: 'spin' }], ...own('node.k8s.io/v1', 'RuntimeClass', 'spin') };
    expect(warned(saidOf({ ...inOslo, runtime: 'spin' }, spin))).toEqual([
      expect.stringContaining(
        "the runtime 'spin' brings to 'oslo', where it takes the place of this one: leave this one out, or name it in 'ownRuntimeClasses' of the member",
      ),
    ]);
    const operated = { ...inOslo, form: 'spinapp', runtime: 'spin' };
    expect(warned(saidOf(operated, { runtimes: [{ name: 'spin' }], ...deployment }))).toEqual([
      `${taken('Deployment', "the app 'w'").replace('spec.', '')}, where SpinKube's operator writes over this one, or fails to: give this one a name of its own`,
    ]);
    const called = { ...inOslo, port: 80, multiClusterService: { providers: ['oslo'], consumers: ['bern'] } };
    expect(warned(saidOf(called, own('v1', 'Service', 'w', 'members/bern')))).toEqual([
      expect.stringContaining("the app 'w' brings to 'bern', where it takes the place of this one"),
    ]);
  });

  test('is warned of where the app may come later', () => {
    const groups = [
      { name: 'first', clusters: ['bern'] },
      { name: 'then', clusters: ['oslo'] },
    ];
    expect(warned(saidOf({ placement: { groups } }, deployment))).toEqual([
      expect.stringContaining("the app 'w' may bring to 'oslo', where Karmada leaves alone"),
    ]);
  });

  test.each<[string, object, object]>([
    ['another name', {}, own('apps/v1', 'Deployment', 'x')],
    ['another namespace', {}, own('apps/v1', 'Deployment', 'w', undefined, 'other')],
    ['another kind', {}, own('v1', 'Service', 'w')],
    ['a member where the app never comes', {}, own('apps/v1', 'Deployment', 'w', 'members/lyon')],
    ['the central cluster', {}, own('apps/v1', 'Deployment', 'w', 'host')],
    ['a namespace, of which all is that it is there', { namespace: 'shop' }, own('v1', 'Namespace', 'shop')],
    ['a member whose copy is left as it is', { propagation: { suspension: ['oslo'] } }, deployment],
  ])('is taken where the two do not meet: %s', (_, app, manifests) => {
    expect(warned(saidOf({ ...inOslo, ...app }, manifests))).toEqual([]);
  });
});

describe('fields of objects that the file brings', () => {
  const bring = (object: object) => warned(said({ manifests: [{ target: 'members', objects: [object] }] }));
  const AT = 'spec.manifests[0].objects[0]';

  test.each<[string, object, string[]]>([
    [
      'misspelt',
      { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limts: [] } },
      [`fault: ${AT}.spec.limts: is a field that Kubernetes does not know, did you mean 'limits'?`],
    ],
    [
      'of metadata',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', label: {} } },
      [`fault: ${AT}.metadata.label: is a field that Kubernetes does not know, did you mean 'labels'?`],
    ],
    [
      'that nobody knows',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, contents: {} },
      [`${AT.slice(5)}.contents: is a field that Kubernetes does not know`],
    ],
    [
      'that take a list',
      { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits: { type: 'Pod' } } },
      [`fault: ${AT}.spec.limits: must be a list, for Kubernetes takes one here`],
    ],
  ])('are refused or warned of where they are %s', (_, object, expected) => {
    expect(bring(object)).toEqual(expected);
  });

  test.each<[string, object]>([
    ['of other projects', { apiVersion: 'example.com/v1', kind: 'A', metadata: { name: 'a' }, specc: {} }],
    [
      'with acronyms, dates, and those that came later',
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: {
              hostPID: true,
              securityContext: { supplementalGroupsPolicy: 'Strict' },
              volumes: [{ name: 'v', image: { reference: 'a:v1' } }],
              containers: [{ name: 'a', image: 'a:v1', ports: [{ containerPort: 80, hostIP: '10.0.0.1' }] }],
            },
          },
        },
      },
    ],
    [
      'of schemas',
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'as.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { kind: 'A', plural: 'as' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          ],
        },
      },
    ],
  ])('are taken %s', (_, object) => {
    expect(bring(object)).toEqual([]);
  });
});

describe('values of objects that the file brings', () => {
  const bring = (object: object) => warned(said({ manifests: [{ target: 'members', objects: [object] }] }));
  const AT = 'fault: spec.manifests[0].objects[0].spec';
  const deployment = (spec: object, container: object = {}, labels: object = { a: 'b' }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:v1', ...container }] } },
      ...spec,
    },
  });

  test.each<[object, string[]]>([
    [deployment({ replicas: '3' }), [`${AT}.replicas: must be a whole number, got '3'`]],
    [
      deployment({}, { env: [{ name: 'A', value: 5 }] }),
      [`${AT}.template.spec.containers[0].env[0].value: must be a text, got 5`],
    ],
    [
      deployment({}, { resources: { limits: { memory: '1GB' } } }),
      [`${AT}.template.spec.containers[0].resources.limits.memory: must be a quantity, such as '500m', got '1GB'`],
    ],
    [
      deployment({}, {}, { a: 'c' }),
      [`${AT}.selector.matchLabels: asks for 'a: b', which the template's labels do not have: Kubernetes refuses that`],
    ],
    [deployment({ replicas: 3 }, { resources: { limits: { memory: '1G', cpu: 1 } } }), []],
    [
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'a' },
        spec: { minAvailable: '50%', selector: { matchLabels: { a: 'b' } } },
      },
      [],
    ],
  ])('are refused where Kubernetes refuses them: %j', (object, expected) => {
    expect(bring(object)).toEqual(expected);
  });
});

test('what runs on members alone, and no policy takes there, is warned of', () => {
  const job = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'night' } };
  const of = (object: object, policies: object[] = [], target: unknown = 'karmada') =>
    warned(said({ manifests: [{ target, objects: [object] }], policies }));
  const resources = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'night' }];
  expect(of(job)).toEqual([
    "manifests[0].objects[0]: is a CronJob that no policy selects, so that it goes to no member: add a policy to 'spec.policies', or give it the target 'members'",
  ]);
  expect(of(job, [{ type: 'propagation', name: 'p', resources }])).toEqual([]);
  expect(of(job, [], 'members')).toEqual([]);
  // Others go along with what names them.
  expect(of({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'night' } })).toEqual([]);
});

test.each([
  ['networking.k8s.io/v1', 'Ingress', { rules: {} }, 'spec.rules: must be a list'],
  ['apps/v1', 'Deployment', { replicas: 2.5 }, 'spec.replicas: must be a whole number, got 2.5'],
  ['batch/v1', 'Job', { parallelism: 2.5 }, 'spec.parallelism: must be a whole number, got 2.5'],
])(
  'what Karmada is to place of another shape than it has is told with its place: %s %s',
  (apiVersion, kind, spec, what) => {
    const objects = [{ apiVersion, kind, metadata: { name: 'x' }, spec }];
    const quotas = [{ name: 'q', overall: { cpu: 4 } }];
    const policies = [{ type: 'propagation', name: 'p', resources: [{ apiVersion, kind, name: 'x' }], placement: {} }];
    const ingress = { host: 'h.example.com' };
    const { faults } = saidOf({ port: 80, ingress }, { quotas, policies, manifests: [{ target: 'karmada', objects }] });
    expect(faults).toEqual([expect.stringContaining(`spec.manifests[0].objects[0].${what}`)]);
  },
);
