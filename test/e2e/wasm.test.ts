import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { TOOLS_IMAGE } from '../../constructs/versions.ts';
import type { Obj } from './harness/api.ts';
import type { Cluster } from './harness/cluster.ts';
import { FederationUnderTest, WASM } from './harness/federation.ts';
import { run } from './harness/process.ts';
import { Stages } from './harness/stages.ts';
import { until } from './harness/wait.ts';
import { found, wanted } from './kubelet/confinement.ts';

/*
 * A member with a real node: the synthesized installer brings a Wasm shim there, and an app that Karmada takes there runs
 * by it. Each test is a step, and needs those before it.
 */

const SHIM = '/opt/serverless-federation/bin/containerd-shim-e2e-v1';
const ETC = '/var/lib/rancher/k3s/agent/etc/containerd';
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/n-body';
const PODS = '/api/v1/namespaces/default/pods';

const built = process.env.E2E_WASM ?? '';
const federation = new FederationUnderTest();
const stages = new Stages();
let dist = '';
let edge: Cluster;

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain(), await kubectl('get', 'pods,events', '-A')));
    await stages.measure(name, work);
  });
}

const kubectl = (...args: string[]) => federation.kubectl('edge', args);
const isReady = ({ status }: Obj) =>
  status.conditions?.some((one: Obj) => one.type === 'Ready' && one.status === 'True');

/** What its containerd makes of the configuration that k3s starts it with. */
const configuration = () => run(['containerd', '--config', `${ETC}/config.toml`, 'config', 'dump']);

/** Process of its containerd. */
const containerd = () => readFileSync('/run/k3s/containerd.pid', 'utf8');

/** The only pod with a label, when it is ready. */
const ready = (namespace: string, label: string) =>
  until(`the pod with ${label} to be ready`, async () => {
    const pods = await edge.api.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${label}`);
    return pods.length === 1 && isReady(pods[0]) && pods[0];
  });

beforeAll(async () => {
  if (!built) throw new Error("E2E_WASM is not set: run 'test/e2e/run.sh wasm', which builds the shim");
  await stages.measure('clusters start', () => federation.start([{ name: 'edge', realNode: true, k3s: true }]));
  edge = federation.member('edge');
});

afterAll(async () => {
  await federation.stop();
  console.log(stages.table());
});

step('containerd of the node gets images of the names in dist, and knows no Wasm runtime', async () => {
  dist = await federation.synth('wasm/federation');
  const shim = { name: 'registry.example.com/shims/e2e:v1', file: join(built, 'containerd-shim-e2e-v1') };
  const module = { name: 'quay.io/korvoj/wasm-spin/n-body:v1', file: join(built, 'n-body.wasm') };
  await edge.node!.load(
    [TOOLS_IMAGE],
    [
      { ...shim, place: 'assets', tools: true },
      { ...module, place: '.' },
    ],
  );
  expect(await configuration()).not.toContain('wasmtime');
});

step('the installer puts the shim on the node with the label, and k3s is restarted with it', async () => {
  const before = containerd();
  await kubectl('label', 'node', 'edge', `${WASM}=true`);
  await federation.script('apply', ['--dist', dist, 'members/edge']);
  await run(['cmp', join(built, 'containerd-shim-e2e-v1'), SHIM]);
  expect(await configuration()).toMatch(
    new RegExp(`runtimes\\.wasmtime\\]\\n(.*\\n){0,12}?\\s*runtime_type = "${SHIM}"`),
  );
  expect(containerd()).not.toBe(before);
});

step('another pod of the installer finds everything done, and restarts nothing', async () => {
  const before = containerd();
  await kubectl('delete', 'pods', '--namespace=wasm-shims', '--all');
  await ready('wasm-shims', 'app.kubernetes.io/instance=wasmtime');
  const log = await kubectl('logs', '--namespace=wasm-shims', 'daemonset/shim-wasmtime', '--container=install');
  expect(log).toBe('wasmtime: was ready\n');
  expect(containerd()).toBe(before);
});

step('a control plane takes the member in', async () => {
  await federation.script('apply', ['--dist', dist, 'host']);
  await federation.takeKubeconfig(dist);
  await federation.script('join', ['--dist', dist, 'edge']);
});

step('Karmada takes the RuntimeClass and the app to the member, and there its Wasm module runs', async () => {
  await federation.script('apply', ['--dist', dist, 'karmada']);
  const { spec } = await ready('default', 'app=n-body');
  expect(spec.runtimeClassName).toBe('wasmtime');
  expect(spec.nodeSelector).toEqual({ [WASM]: 'true' });
  const printed = await until('its module to print a line', async () => {
    const log = await kubectl('logs', 'deployment/n-body');
    return log.endsWith('\n') && log;
  });
  expect(printed).toBe('Wasm module /n-body.wasm\n');
});

step('it runs in that shim, which confines its process', async () => {
  const pod = await ready('default', 'app=n-body');
  const id = pod.status.containerStatuses[0].containerID.replace('containerd://', '');
  const { Runtime } = JSON.parse(await run(['ctr', '--namespace=k8s.io', 'containers', 'info', id]));
  expect(Runtime.Name).toBe(SHIM);
  const own = edge.node!.processes().filter(({ container }) => container === id);
  expect(own.map((process) => readlinkSync(`/proc/${process.id}/exe`))).toEqual([SHIM]);
  const { capabilities } = wanted(pod, pod.spec.containers[0]);
  expect(found(pod, own[0]!.id)).toMatchObject({ capabilities, seccomp: true, noNewPrivileges: true });
});

step('without the RuntimeClass, the same image does not run', async () => {
  const { runtimeClassName, ...spec } = (await edge.api.call('GET', DEPLOYMENT)).spec.template.spec;
  expect(runtimeClassName).toBe('wasmtime');
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'classless' },
    spec: { ...spec, restartPolicy: 'Never' },
  };
  await edge.api.create(PODS, pod);
  await until('its container to end', async () => {
    const { status } = await edge.api.call('GET', `${PODS}/classless`);
    return status.phase === 'Failed';
  });
  expect(await kubectl('logs', 'classless')).toContain('exec format error');
});
