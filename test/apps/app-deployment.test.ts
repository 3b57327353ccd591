import { existsSync, readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { AppDeployment, type AppDeploymentProps, environmentNames } from '../../constructs/apps/app-deployment.ts';
import { testChart } from '../chart.ts';

const published = '../shared/paper/example-wasm-deployment.deployment.yaml';

const nBody: AppDeploymentProps = {
  name: 'n-body',
  image: 'quay.io/korvoj/wasm-spin/n-body:v1',
  runtimeClassName: 'spin',
  strategy: 'Recreate',
};

function synth(props: Partial<AppDeploymentProps> = {}) {
  const chart = testChart();
  const app = new AppDeployment(chart, 'app', { ...nBody, ...props });
  const [deployment, service] = Testing.synth(chart);
  const pod = deployment.spec.template.spec;
  return { app, deployment, service, pod, container: pod.containers[0] };
}

/** The fields of an object, as paths with values. */
function fields(value: unknown, path = ''): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  const entries = Object.entries(value);
  return entries.length === 0 ? [[path, value]] : entries.flatMap(([key, inner]) => fields(inner, `${path}/${key}`));
}

test.skipIf(!existsSync(published))('n-body has every published field, and beside them what is named here', () => {
  const before = new Map(fields(load(readFileSync(published, 'utf8'))));
  const after = new Map(fields(synth().deployment));
  for (const [path, value] of before) expect(after.get(path), path).toEqual(value);
  const added = [...after].filter(([path]) => !before.has(path)).map(([path]) => path);
  expect(added.sort()).toEqual([
    '/metadata/labels/app.kubernetes.io/name',
    '/spec/template/spec/automountServiceAccountToken',
    '/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation',
    '/spec/template/spec/containers/0/securityContext/capabilities/add/0',
    '/spec/template/spec/containers/0/securityContext/capabilities/drop/0',
    '/spec/template/spec/securityContext/seccompProfile/type',
    '/spec/template/spec/securityContext/sysctls/0/name',
    '/spec/template/spec/securityContext/sysctls/0/value',
  ]);
});

test('a Wasm app runs in its RuntimeClass, by the command that Wasm images need', () => {
  const { deployment, pod, container } = synth();
  expect(deployment.metadata).toMatchObject({ name: 'n-body', namespace: 'default' });
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(deployment.spec.selector).toEqual({ matchLabels: { app: 'n-body' } });
  expect(deployment.spec.template.metadata.labels).toEqual({ app: 'n-body' });
  expect(pod.runtimeClassName).toBe('spin');
  expect(container).toMatchObject({ name: 'n-body', image: 'quay.io/korvoj/wasm-spin/n-body:v1', command: ['/'] });
});

test('an ordinary container has no RuntimeClass, and runs by its own command', () => {
  const { pod, container } = synth({ runtimeClassName: undefined, port: 80 });
  expect(pod).not.toHaveProperty('runtimeClassName');
  expect(container).not.toHaveProperty('command');
  expect(container).not.toHaveProperty('env');
  expect(pod.securityContext).not.toHaveProperty('sysctls');
});

test('pods have no way to gain capabilities, a seccomp filter and no token', () => {
  const { pod, container } = synth();
  expect(container.securityContext.allowPrivilegeEscalation).toBe(false);
  expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
  expect(pod.automountServiceAccountToken).toBe(false);
});

test('an ordinary container has no capabilities, and a Wasm app the one without which shims leave them all', () => {
  const none = { drop: ['ALL'] };
  expect(synth({ runtimeClassName: undefined }).container.securityContext.capabilities).toEqual(none);
  expect(synth().container.securityContext.capabilities).toEqual({ ...none, add: ['NET_BIND_SERVICE'] });
});

test('whoever it runs as, a Wasm app may listen on a port below 1024, and asks for that only then', () => {
  const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }];
  expect(synth().pod.securityContext.sysctls).toEqual(sysctls);
  expect(synth({ port: 80 }).pod.securityContext.sysctls).toEqual(sysctls);
  expect(synth({ port: 8080 }).pod.securityContext).not.toHaveProperty('sysctls');
});

test('a user other than root is named to pod and kubelet', () => {
  expect(synth({ user: 65534 }).pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
  });
});

test('a port makes a Service, tells Spin where to listen and is what probes go to', () => {
  const { app, service, container } = synth({
    port: 8080,
    probes: { readiness: { path: '/ready', periodSeconds: 5 }, liveness: { path: '/live' }, startup: { path: '/' } },
  });
  expect(service).toMatchObject({
    kind: 'Service',
    metadata: { name: 'n-body', namespace: 'default' },
    spec: { type: 'ClusterIP', selector: { app: 'n-body' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  expect(container.ports).toEqual([{ name: 'http', containerPort: 8080 }]);
  expect(container.env).toEqual([{ name: 'SPIN_HTTP_LISTEN_ADDR', value: '0.0.0.0:8080' }]);
  expect(container.readinessProbe).toEqual({ httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 });
  expect(container.livenessProbe).toEqual({ httpGet: { path: '/live', port: 'http' } });
  expect(container.startupProbe).toEqual({ httpGet: { path: '/', port: 'http' } });
  expect(app.objects).toEqual([
    { apiVersion: 'apps/v1', kind: 'Deployment', name: 'n-body' },
    { apiVersion: 'v1', kind: 'Service', name: 'n-body' },
  ]);
});

test('without a port there is no Service, and no probe has a place to go', () => {
  const { app, service } = synth();
  expect(service).toBeUndefined();
  expect(app.objects).toHaveLength(1);
  expect(() => synth({ probes: { liveness: { path: '/' } } })).toThrow(
    "'probes' of 'n-body' need a port to go to, give it 'port'",
  );
});

test('Spin variables and the environment come from values, Secrets and ConfigMaps', () => {
  const { container } = synth({
    env: { LOG_LEVEL: 'debug' },
    envFrom: { TOKEN: { secret: 'api', key: 'token' } },
    variables: { greeting: 'hello' },
    variablesFrom: { db_host: { configMap: 'db', key: 'host', optional: true } },
  });
  expect(container.env).toEqual([
    { name: 'SPIN_VARIABLE_GREETING', value: 'hello' },
    { name: 'LOG_LEVEL', value: 'debug' },
    { name: 'SPIN_VARIABLE_DB_HOST', valueFrom: { configMapKeyRef: { name: 'db', key: 'host', optional: true } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } },
  ]);
});

test('a value comes from a Secret or a ConfigMap, not from both', () => {
  expect(() => synth({ envFrom: { TOKEN: { secret: 'a', configMap: 'b', key: 'k' } } })).toThrow(
    "'TOKEN' must come from either a 'secret' or a 'configMap'",
  );
});

test('an own listen address wins over the one that the port would give', () => {
  const { container } = synth({ port: 8080, env: { SPIN_HTTP_LISTEN_ADDR: '127.0.0.1:8080' } });
  expect(container.env).toEqual([{ name: 'SPIN_HTTP_LISTEN_ADDR', value: '127.0.0.1:8080' }]);
});

test('an autoscaled app names no number of replicas', () => {
  expect(synth({ autoscaled: true, replicas: 3 }).deployment.spec).not.toHaveProperty('replicas');
  expect(synth({ replicas: 0 }).deployment.spec.replicas).toBe(0);
});

test('what a pod needs of its node, and from registries, goes into its spec', () => {
  const { pod, container, deployment } = synth({
    resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'edge', operator: 'Exists' }],
    priorityClass: 'high',
    imagePullSecrets: ['registry'],
    serviceAccount: 'n-body',
    labels: { team: 'physics' },
    annotations: { note: 'x' },
    args: ['--fast'],
  });
  expect(container.resources).toEqual({ requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '64Mi' } });
  expect(container.args).toEqual(['--fast']);
  expect(pod).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'edge', operator: 'Exists' }],
    priorityClassName: 'high',
    imagePullSecrets: [{ name: 'registry' }],
    serviceAccountName: 'n-body',
    automountServiceAccountToken: true,
  });
  expect(deployment.metadata.labels).toEqual({ team: 'physics', 'app.kubernetes.io/name': 'n-body' });
  expect(deployment.spec.template.metadata).toMatchObject({
    labels: { team: 'physics', app: 'n-body' },
    annotations: { note: 'x' },
  });
  expect(deployment.spec.selector.matchLabels).toEqual({ app: 'n-body' });
});

test('labels of the user never change what the Service and the Deployment select', () => {
  expect(synth({ labels: { app: 'other' } }).deployment.spec.template.metadata.labels).toEqual({ app: 'n-body' });
});

test('variables may be called as what every JavaScript object has', () => {
  const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
  const env = Object.fromEntries(names.map((name) => [name, 'x']));
  expect([...environmentNames({ env })]).toEqual(names);
});
