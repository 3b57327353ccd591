import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Obj } from './harness/api.ts';
import { FederationUnderTest } from './harness/federation.ts';
import { Process } from './harness/process.ts';
import { manifests } from './harness/project.ts';
import { Stages } from './harness/stages.ts';
import { until } from './harness/wait.ts';
import { found, wanted } from './kubelet/confinement.ts';

/*
 * The control plane on a real node: kubelet, containerd and runc run what is synthesized, unchanged. Each test is a step,
 * and needs those before it.
 */

const SYSTEM = '/api/v1/namespaces/karmada-system';
const POLICIES = '/apis/policy.karmada.io/v1alpha1/clusterpropagationpolicies';

const federation = new FederationUnderTest({ index: 2, realNode: true });
const stages = new Stages();
let dist = '';

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain()));
    await stages.measure(name, work);
  });
}

const pods = (): Promise<Obj[]> => federation.host.api.list(`${SYSTEM}/pods`);
const nameOf = ({ metadata }: Obj): string => metadata.name;
const isReady = ({ status }: Obj) =>
  status.conditions?.some((one: Obj) => one.type === 'Ready' && one.status === 'True');
const containersOf = (pod: Obj): Obj[] => [...(pod.initContainers ?? []), ...pod.containers];
const statusesOf = ({ status }: Obj): Obj[] => [...(status.initContainerStatuses ?? []), ...status.containerStatuses];

const policy = (name: string, placement: Obj) => ({
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'ClusterPropagationPolicy',
  metadata: { name },
  spec: { resourceSelectors: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'spin' }], placement },
});

beforeAll(async () => {
  await stages.measure('the host cluster starts', () => federation.start([]));
});

afterAll(async () => {
  await forward.stop();
  await federation.stop();
  console.log(stages.table());
});

step('a kubelet of the Kubernetes that Karmada is built on has containerd and is ready', async () => {
  const { status } = await federation.host.api.call('GET', '/api/v1/nodes/host');
  expect(status.nodeInfo.kubeletVersion).toMatch(/^v1\.35\./);
  expect(status.nodeInfo.containerRuntimeVersion).toMatch(/^containerd:/);
});

step('containerd gets images of the names in dist/host', async () => {
  dist = await federation.synth('real-node');
  const objects = manifests(join(dist, 'host')).flatMap((file) => loadAll(readFileSync(file, 'utf8')) as Obj[]);
  const templates = objects.flatMap((object) => object.spec?.template?.spec ?? []);
  await federation.host.node!.load(templates.flatMap(containersOf).map(({ image }) => image));
});

step('apply.sh brings the control plane up, from these images and no others', async () => {
  await federation.script('apply', ['--dist', dist, 'host']);
  const all = await pods();
  expect(all.filter((pod) => pod.status.phase !== 'Succeeded' && !isReady(pod)).map(nameOf)).toEqual([]);
  expect(all.length).toBeGreaterThan(7);
  for (const pod of all) {
    for (const { name, image, containerID } of statusesOf(pod)) {
      expect(image).toBe(containersOf(pod.spec).find((container) => container.name === name)!.image);
      expect(containerID).toMatch(/^containerd:/);
    }
  }
});

step('each container is confined by the kernel as its manifest says', async () => {
  const running = (await pods()).flatMap((pod) =>
    statusesOf(pod)
      .filter(({ state }) => state.running)
      .map(({ name, containerID }) => ({ pod, name, id: containerID.replace('containerd://', '') })),
  );
  expect(running.length).toBeGreaterThan(6);
  const processes = federation.host.node!.processes();
  for (const { pod, name, id } of running) {
    const container = pod.spec.containers.find((one: Obj) => one.name === name);
    const own = processes.filter((process) => process.container === id);
    expect(own, `processes of ${name}`).not.toEqual([]);
    for (const process of own) expect(found(pod, process.id), name).toEqual(wanted(pod, container));
  }
});

step('the namespace of the control plane takes no pod that asks for more', async () => {
  const greedy = { name: 'greedy', image: 'example.com/greedy:v1', securityContext: { privileged: true } };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greedy' }, spec: { containers: [greedy] } };
  await expect(federation.host.api.create(`${SYSTEM}/pods?dryRun=All`, pod)).rejects.toThrow(/violates PodSecurity/);
});

step("etcd's claim is a folder of the node, which kubelet has given to the pod's group", async () => {
  const { spec } = await federation.host.api.call('GET', `${SYSTEM}/pods/etcd-0`);
  const [claim] = await federation.host.api.list(`${SYSTEM}/persistentvolumeclaims`);
  const volume = await federation.host.api.call('GET', `/api/v1/persistentvolumes/${claim.spec.volumeName}`);
  const { path } = volume.spec.local;
  expect(readdirSync(path)).toContain('member');
  expect(statSync(path).gid).toBe(spec.securityContext.fsGroup);
  expect(statSync(path).mode & 0o2070).toBe(0o2070);
});

const forward = new Process('port-forward', {
  command: [
    ...['kubectl', `--kubeconfig=${join(federation.kubeconfigs, 'host.kubeconfig')}`, '--namespace=karmada-system'],
    ...['port-forward', 'service/karmada-apiserver', '5443'],
  ],
});

step('a port-forward leads to the Karmada API, which has no address outside of its cluster', async () => {
  forward.start();
  await federation.takeKubeconfig(dist, 'https://127.0.0.1:5443');
  await forward.ready('to lead to it', async () => (await federation.karmada.call('GET', '/readyz')) === 'ok');
});

step('its webhook judges a ClusterPropagationPolicy', async () => {
  const { karmada } = federation;
  const good = await karmada.create(POLICIES, policy('runtimes', { clusterAffinity: { clusterNames: [] } }));
  expect(good.metadata.labels).toHaveProperty(['clusterpropagationpolicy.karmada.io/permanent-id']);
  const bad = policy('refused', { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 3, maxGroups: 2 }] });
  await expect(karmada.create(POLICIES, bad)).rejects.toThrow(/denied the request/);
});

step('kubelet hands out what a container prints', async () => {
  const logs = ['logs', '--namespace=karmada-system', 'deployment/karmada-scheduler', '--container=karmada-scheduler'];
  expect(await federation.kubectl('host', logs)).toContain('karmada-scheduler version');
});

step('another pod of etcd finds on the volume what the Karmada API held before the first was killed', async () => {
  const path = `${SYSTEM}/pods/etcd-0`;
  const { uid } = (await federation.host.api.call('GET', path)).metadata;
  await federation.host.api.delete(path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 1 });
  await until('another pod of etcd to be ready', async () => {
    const pod = await federation.host.api.find(path);
    return pod && pod.metadata.uid !== uid && isReady(pod);
  });
  await until('the policy to be there', () => federation.karmada.find(`${POLICIES}/runtimes`));
});
