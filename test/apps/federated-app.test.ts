import { existsSync, readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { FederatedApp, type FederatedAppProps } from '../../constructs/apps/federated-app.ts';
import { testChart } from '../chart.ts';

const published = '../shared/paper/n-body.propagationPolicy.yaml';
const members = ['hpc-kube', 'us-azure', 'de-wide', 'l26-ugd'];

function synth(props: Partial<FederatedAppProps> = {}) {
  const chart = testChart();
  new FederatedApp(chart, 'app', {
    name: 'n-body',
    image: 'quay.io/korvoj/wasm-spin/n-body:v1',
    runtimeClassName: 'spin',
    placement: { clusters: members },
    ...props,
  });
  const objects = Testing.synth(chart);
  return { objects, of: (kind: string) => objects.find((object) => object.kind === kind) };
}

test('an app is a workload, after the policy that places it', () => {
  const { objects, of } = synth();
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'PropagationPolicy default/n-body',
    'Deployment default/n-body',
  ]);
  expect(of('PropagationPolicy')?.spec).toEqual({
    resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'n-body' }],
    placement: { clusterAffinity: { clusterNames: members } },
  });
});

test.skipIf(!existsSync(published))('n-body is placed as published, its namespace written out', () => {
  const policy = load(readFileSync(published, 'utf8')) as ReturnType<ReturnType<typeof synth>['of']>;
  policy.metadata.namespace = 'default';
  policy.spec.resourceSelectors[0].namespace = 'default';
  expect(synth().of('PropagationPolicy')).toEqual(policy);
});

test('what an app needs goes along with it', () => {
  const { of } = synth({ envFrom: { TOKEN: { secret: 'api', key: 'token' } } });
  expect(of('PropagationPolicy')?.spec.propagateDeps).toBe(true);
  const { of: without } = synth({
    envFrom: { TOKEN: { secret: 'api', key: 'token' } },
    propagation: { propagateDeps: false },
  });
  expect(without('PropagationPolicy')?.spec.propagateDeps).toBe(false);
});

test('the policy takes the Service of the app along, and the options of propagation', () => {
  const { of } = synth({ port: 80, namespace: 'apps', propagation: { priority: 5, conflictResolution: 'Overwrite' } });
  expect(of('PropagationPolicy')).toMatchObject({
    metadata: { namespace: 'apps' },
    spec: {
      resourceSelectors: [
        { kind: 'Deployment', namespace: 'apps', name: 'n-body' },
        { kind: 'Service', namespace: 'apps', name: 'n-body' },
      ],
      priority: 5,
      conflictResolution: 'Overwrite',
    },
  });
});

test('overrides are for the app and its container, and the placement waits for them', () => {
  const { of } = synth({
    overrides: [
      { target: { clusters: ['l26-ugd'] }, args: [{ operator: 'add', value: ['--small'] }] },
      { command: [{ container: 'sidecar', operator: 'remove', value: ['x'] }] },
    ],
    propagation: { dependentOverrides: ['mirror'] },
  });
  expect(of('OverridePolicy')).toMatchObject({
    metadata: { name: 'n-body', namespace: 'default' },
    spec: {
      resourceSelectors: [{ kind: 'Deployment', name: 'n-body' }],
      overrideRules: [
        {
          targetCluster: { clusterNames: ['l26-ugd'] },
          overriders: { argsOverrider: [{ containerName: 'n-body', operator: 'add', value: ['--small'] }] },
        },
        { overriders: { commandOverrider: [{ containerName: 'sidecar', operator: 'remove', value: ['x'] }] } },
      ],
    },
  });
  expect(of('PropagationPolicy')?.spec.dependentOverrides).toEqual(['n-body', 'mirror']);
});

/** Applies plaintext overriders as Karmada does: JSON patches, of which remove and replace need the field. */
function patched(object: unknown, plaintext: { path: string; operator: string; value?: unknown }[]): unknown {
  const result = structuredClone(object);
  for (const { path, operator, value } of plaintext) {
    const keys = path.split('/').slice(1);
    const last = keys.pop() as string;
    // biome-ignore lint/suspicious/noExplicitAny: any path of any object
    const parent = keys.reduce<any>((at, key) => at[key], result);
    if (operator !== 'add') expect(parent, path).toHaveProperty(last);
    if (operator === 'remove') delete parent[last];
    else parent[last] = value;
  }
  return result;
}

test.each<[string, Partial<FederatedAppProps>, object, object]>([
  ['image alone', {}, {}, {}],
  [
    'own command and arguments',
    {},
    { command: ['/n-body'], args: ['-n', '9'] },
    { command: ['/n-body'], args: ['-n', '9'] },
  ],
  ['arguments of the Wasm form', { args: ['-w'] }, {}, {}],
  ['arguments of both', { args: ['-w'] }, { args: ['-c'] }, { args: ['-c'] }],
])('a dual app is Wasm here and a container there: %s', (_, app, container, expected) => {
  const { of } = synth({
    ...app,
    container: { image: 'quay.io/korvoj/containers/n-body:v1', members: ['l26-ugd'], ...container },
  });
  const { overrideRules } = of('OverridePolicy')?.spec ?? {};
  expect(overrideRules).toHaveLength(1);
  expect(overrideRules[0].targetCluster).toEqual({ clusterNames: ['l26-ugd'] });
  // biome-ignore lint/suspicious/noExplicitAny: a manifest
  const there = patched(of('Deployment'), overrideRules[0].overriders.plaintext) as any;
  const { runtimeClassName, containers } = there.spec.template.spec;
  expect(runtimeClassName).toBeUndefined();
  const { image, command, args } = containers[0];
  expect(image).toBe('quay.io/korvoj/containers/n-body:v1');
  expect({ command, args }).toEqual({ command: undefined, args: undefined, ...expected });
  expect(of('Deployment')?.spec.template.spec.runtimeClassName).toBe('spin');
});

test('an app that is no Wasm has nothing that a container could stand in for', () => {
  expect(() =>
    synth({ runtimeClassName: undefined, container: { image: 'example.com/n-body:v1', members: ['l26-ugd'] } }),
  ).toThrow("'container' of 'n-body' stands in for a Wasm form, give the app a 'runtimeClassName'");
});

test('a scaled app leaves its replicas to what scales it', () => {
  const { of } = synth({ replicas: 3, scaling: { min: 2, max: 10 } });
  expect(of('Deployment')?.spec).not.toHaveProperty('replicas');
  expect(of('FederatedHPA')).toMatchObject({
    metadata: { name: 'n-body', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'n-body' }, minReplicas: 2 },
  });
});

test('an app that each member scales takes its autoscaler along, and leaves the replicas to it', () => {
  const { of } = synth({ replicas: 3, scaling: { per: 'member', min: 2, max: 10 } });
  expect(of('FederatedHPA')).toBeUndefined();
  expect(of('Deployment')).toMatchObject({
    metadata: { labels: { 'resourcetemplate.karmada.io/retain-replicas': 'true' } },
  });
  expect(of('Deployment')?.spec).not.toHaveProperty('replicas');
  expect(of('HorizontalPodAutoscaler')?.spec).toMatchObject({ minReplicas: 2, maxReplicas: 10 });
  expect(of('PropagationPolicy')?.spec.resourceSelectors).toMatchObject([
    { kind: 'Deployment' },
    { kind: 'HorizontalPodAutoscaler', name: 'n-body' },
  ]);
});

test('volumes are mounted, and what they name goes along', () => {
  const { of } = synth({
    imagePullPolicy: 'Never',
    volumes: [
      { name: 'tmp', mountPath: '/tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      {
        name: 'conf',
        mountPath: '/etc/app.conf',
        subPath: 'app.conf',
        readOnly: true,
        configMap: 'app',
        keys: ['app.conf'],
      },
      { name: 'key', mountPath: '/key', secret: 'key', optional: true },
      { name: 'data', mountPath: '/data', claim: 'data' },
    ],
  });
  const { containers, volumes } = of('Deployment')?.spec.template.spec ?? {};
  expect(containers[0].imagePullPolicy).toBe('Never');
  expect(containers[0].volumeMounts).toEqual([
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'conf', mountPath: '/etc/app.conf', subPath: 'app.conf', readOnly: true },
    { name: 'key', mountPath: '/key' },
    { name: 'data', mountPath: '/data' },
  ]);
  expect(volumes).toEqual([
    { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'conf', configMap: { name: 'app', items: [{ key: 'app.conf', path: 'app.conf' }] } },
    { name: 'key', secret: { secretName: 'key', optional: true } },
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
  ]);
  expect(of('PropagationPolicy')?.spec.propagateDeps).toBe(true);
  const { of: scratch } = synth({ volumes: [{ name: 'tmp', mountPath: '/tmp', emptyDir: {} }] });
  expect(scratch('PropagationPolicy')?.spec).not.toHaveProperty('propagateDeps');
});

test.each<[NonNullable<FederatedAppProps['ingress']>['issuer'], object]>([
  [{ name: 'letsencrypt' }, { 'cert-manager.io/cluster-issuer': 'letsencrypt' }],
  [{ name: 'own', kind: 'Issuer' }, { 'cert-manager.io/issuer': 'own' }],
])('with the issuer %o, cert-manager makes the certificate on the members', (issuer, annotations) => {
  const { of } = synth({ port: 8080, ingress: { host: 'n-body.example.com', issuer } });
  expect(of('Ingress')).toMatchObject({
    metadata: { annotations },
    spec: { tls: [{ hosts: ['n-body.example.com'], secretName: 'n-body-tls' }] },
  });
  expect(of('PropagationPolicy')?.spec).not.toHaveProperty('propagateDeps');
});

test('an Ingress goes where the app goes, with the certificate that it names', () => {
  const { of } = synth({
    port: 8080,
    service: { port: 8000 },
    ingress: { host: 'n-body.example.com', tlsSecret: 'tls' },
  });
  expect(of('Ingress')).toMatchObject({
    metadata: { name: 'n-body', namespace: 'default' },
    spec: {
      ingressClassName: 'traefik',
      rules: [
        {
          host: 'n-body.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'n-body', port: { number: 8000 } } } },
            ],
          },
        },
      ],
      tls: [{ hosts: ['n-body.example.com'], secretName: 'tls' }],
    },
  });
  const { resourceSelectors, propagateDeps } = of('PropagationPolicy')?.spec ?? {};
  expect(resourceSelectors.map(({ kind }: { kind: string }) => kind)).toEqual(['Deployment', 'Service', 'Ingress']);
  expect(propagateDeps).toBe(true);
});

test('a Service that all members share is left to Karmada, not to the policy', () => {
  const { of } = synth({ port: 8080, multiClusterService: { providers: ['de-wide'], consumers: ['us-azure'] } });
  expect(of('MultiClusterService')).toMatchObject({
    metadata: { name: 'n-body', namespace: 'default' },
    spec: {
      types: ['CrossCluster'],
      ports: [{ name: 'http', port: 80 }],
      providerClusters: [{ name: 'de-wide' }],
      consumerClusters: [{ name: 'us-azure' }],
    },
  });
  expect(of('Service')).toBeDefined();
  expect(of('PropagationPolicy')?.spec.resourceSelectors).toHaveLength(1);
});

test('an address needs a Service', () => {
  expect(() => synth({ ingress: { host: 'n-body.example.com' } })).toThrow(
    "'ingress' and 'multiClusterService' of 'n-body' need a Service, give it 'port'",
  );
});

test('as a SpinApp it takes its executor along, and its image is where a SpinApp has it', () => {
  const { objects, of } = synth({
    form: 'spinapp',
    spin: { components: ['hello'] },
    overrides: [{ image: [{ component: 'Tag', operator: 'replace', value: 'v2' }] }],
    ingress: { host: 'n-body.example.com' },
  });
  expect(objects.map(({ kind }) => kind)).toEqual(['OverridePolicy', 'PropagationPolicy', 'SpinApp', 'Ingress']);
  expect(of('SpinApp')?.spec).toEqual({
    image: 'quay.io/korvoj/wasm-spin/n-body:v1',
    executor: 'spin',
    replicas: 1,
    components: ['hello'],
  });
  expect(of('Ingress')?.spec.rules[0].http.paths[0].backend.service.port.number).toBe(80);
  expect(of('OverridePolicy')?.spec).toMatchObject({
    resourceSelectors: [{ apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', name: 'n-body' }],
    overrideRules: [{ overriders: { imageOverrider: [{ predicate: { path: '/spec/image' } }] } }],
  });
  expect(of('PropagationPolicy')?.spec).toMatchObject({
    resourceSelectors: [{ kind: 'SpinApp' }, { kind: 'Ingress' }],
    propagateDeps: true,
  });
});

test('a SpinApp takes its autoscaler along, and leaves the replicas to it', () => {
  const { of } = synth({ form: 'spinapp', spin: { autoscaler: { max: 4 } } });
  expect(of('SpinApp')?.spec).toMatchObject({ enableAutoscaling: true });
  expect(of('SpinApp')?.spec).not.toHaveProperty('replicas');
  expect(of('HorizontalPodAutoscaler')?.spec).toMatchObject({ maxReplicas: 4, scaleTargetRef: { name: 'n-body' } });
  expect(of('PropagationPolicy')?.spec.resourceSelectors).toMatchObject([
    { kind: 'SpinApp' },
    { kind: 'HorizontalPodAutoscaler', name: 'n-body' },
  ]);
});

test('a SpinApp has no Service that Karmada could share between members', () => {
  expect(() => synth({ form: 'spinapp', multiClusterService: {} })).toThrow(
    "'multiClusterService' of 'n-body' needs a Deployment, whose Service is in the Karmada API",
  );
});

test('a SpinApp has no scale subresource to scale it by', () => {
  expect(() => synth({ form: 'spinapp', scaling: { max: 3 } })).toThrow(
    "'scaling' of 'n-body' needs a Deployment, a SpinApp has no scale subresource",
  );
});

test.each(['NodePort', 'LoadBalancer'] as const)(
  'every member chooses the node ports of a Service of type %s',
  (type) => {
    const { objects, of } = synth({ port: 8080, service: { port: 81, type } });
    const service = of('Service');
    const policy = objects.find(({ metadata }) => metadata.name === 'n-body.service');
    expect(policy?.spec).toEqual({
      resourceSelectors: [{ apiVersion: 'v1', kind: 'Service', namespace: 'default', name: 'n-body' }],
      overrideRules: [
        {
          overriders: {
            plaintext: [
              { path: '/spec/ports', operator: 'replace', value: [{ ...service?.spec.ports[0], protocol: 'TCP' }] },
            ],
          },
        },
      ],
    });
    expect(of('PropagationPolicy')?.spec.dependentOverrides).toEqual(['n-body.service']);
  },
);

test('a Service without node ports needs no override', () => {
  expect(synth({ port: 8080 }).of('OverridePolicy')).toBeUndefined();
});
