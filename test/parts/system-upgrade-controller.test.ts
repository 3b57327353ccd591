import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Obj } from '../e2e/harness/api.ts';
import { Cluster, Etcd } from '../e2e/harness/cluster.ts';
import { Internet } from '../e2e/harness/internet.ts';
import { runFolder } from '../e2e/harness/process.ts';
import { synth } from '../e2e/harness/project.ts';
import { until } from '../e2e/harness/wait.ts';
import { addPrograms, partFolder, printLogs, story } from './harness.ts';

/*
 * system-upgrade-controller in the pod that we synthesize, with the permissions that we give it, and our Plans: its Jobs
 * run on nodes that run pods as processes, with kubectl's own cordon and drain. The image that puts k3s on a host is a
 * stand-in, and the test plays the k3s that it restarts.
 */

const OLD = 'v1.35.3+k3s1';
const NEW = 'v1.35.4+k3s1';
const SERVERS = ['host', 'server-2', 'server-3'];
const AGENTS = ['agent-1', 'agent-2'];
const NAMESPACE = 'system-upgrade';
const PLAN_LABEL = 'plan.upgrade.cattle.io';

const etcd = new Etcd();
const internet = new Internet();
const played = new AbortController();
let host: Cluster;
let dist = '';

const { step, stages } = story(async () => {
  const { stdout } = await host.tryKubectl(['get', 'plans,jobs,pods', '--all-namespaces', '--output=wide']);
  console.error(stdout);
  printLogs();
});

const node = (name: string) => `/api/v1/nodes/${name}`;

function setVersion(name: string, kubeletVersion: string): Promise<Obj> {
  return host.api.merge(`${node(name)}/status`, { status: { nodeInfo: { kubeletVersion } } });
}

/** What was done to the nodes, in the order in which they came back with the new version. */
const upgraded: { name: string; others: string[] }[] = [];

/** Plays k3s on each node: it comes back as what the upgrade has put there. */
async function playK3s(): Promise<void> {
  while (!played.signal.aborted) {
    for (const name of [...SERVERS, ...AGENTS]) {
      const file = join(runFolder, 'nodes', name, 'hostPath/k3s-version');
      if (upgraded.some((one) => one.name === name) || !existsSync(file)) continue;
      const nodes = await host.api.list('/api/v1/nodes');
      const others = nodes.filter(({ metadata, spec }) => spec.unschedulable && metadata.name !== name);
      upgraded.push({ name, others: others.map(({ metadata }) => metadata.name) });
      await setVersion(name, readFileSync(file, 'utf8').trim().replace('-k3s', '+k3s'));
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

beforeAll(async () => {
  await addPrograms(partFolder('system-upgrade-controller'), join(import.meta.dirname, 'stand-in'));
  await stages.measure('a cluster of three servers and two agents starts', async () => {
    await etcd.start();
    host = await Cluster.start('host', { index: 1, node: true });
    await internet.start({});
    await host.startControllers();
    for (const [index, name] of [...SERVERS.slice(1), ...AGENTS].entries()) await host.startNode(name, 200 + index);
    for (const name of AGENTS) {
      await host.api.merge(node(name), { metadata: { labels: { 'node-role.kubernetes.io/control-plane': null } } });
    }
    for (const name of [...SERVERS, ...AGENTS]) await setVersion(name, OLD);
  });
});

afterAll(async () => {
  played.abort();
  await host?.stop();
  await etcd.stop();
  internet.stop();
  console.log(stages.table());
});

step('a file whose upgrades are left to Plans is synthesized', async () => {
  const hosts = [...SERVERS, ...AGENTS].map((name, index) => ({
    ...{ name, role: SERVERS.includes(name) ? 'server' : 'agent', publicIp: `192.0.2.${index + 1}` },
  }));
  const spec = { k3s: { version: NEW, upgrade: { by: 'plans' } }, controlPlane: { hosts } };
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'upgrades' } };
  const path = join(runFolder, 'upgrades.yaml');
  writeFileSync(path, JSON.stringify({ ...head, spec }));
  dist = await synth(path);
});

step('the controller comes up with what it may do here, and registers the kind Plan', async () => {
  await host.kubectl(['apply', '--server-side', '--filename', join(dist, 'host/17-upgrade-controller.yaml')]);
  const inNamespace = [`--namespace=${NAMESPACE}`, '--timeout=120s'];
  await host.kubectl(['rollout', 'status', 'deployment/system-upgrade-controller', ...inNamespace], { seconds: 130 });
  await host.kubectl(['wait', '--for=condition=Complete', 'job', '--all', ...inNamespace], { seconds: 130 });
});

/** Names of the app's pods on nodes. */
async function podsOn(nodes: readonly string[]): Promise<string[]> {
  const pods = await host.api.list('/api/v1/namespaces/default/pods?labelSelector=app%3Dapp');
  return pods.filter(({ spec }) => nodes.includes(spec.nodeName)).map(({ metadata }) => metadata.name);
}

let drained: string[] = [];
let untouched: string[] = [];

step('the servers are upgraded one by one, and then the agents', async () => {
  await host.kubectl(['create', 'deployment', 'app', '--image=quay.io/korvoj/n-body:v1', '--replicas=10']);
  await host.kubectl(['rollout', 'status', 'deployment/app', '--timeout=60s']);
  drained = await podsOn(AGENTS);
  untouched = await podsOn(SERVERS);
  expect(drained.length).toBeGreaterThan(0);
  void playK3s();
  await host.kubectl(['apply', '--server-side', '--filename', join(dist, 'host/18-k3s-upgrade.yaml')]);
  await until(
    'every node to bear the label of its Plan',
    async () => {
      const nodes = await host.api.list('/api/v1/nodes');
      const missing = nodes.filter(({ metadata }) => {
        const plan = SERVERS.includes(metadata.name) ? 'k3s-server' : 'k3s-agent';
        return !metadata.labels[`${PLAN_LABEL}/${plan}`];
      });
      if (missing.length > 0) throw new Error(`not yet: ${missing.map(({ metadata }) => metadata.name).join(', ')}`);
      return true;
    },
    { seconds: 300 },
  );
  const order = upgraded.map(({ name }) => name);
  expect(order.slice(0, SERVERS.length).sort()).toEqual(SERVERS);
  expect(order.slice(SERVERS.length).sort()).toEqual(AGENTS);
  // No other server was out of service meanwhile.
  for (const { name, others } of upgraded) {
    if (SERVERS.includes(name)) expect(others.filter((other) => SERVERS.includes(other))).toEqual([]);
  }
});

step('pods of agents were moved before, those of servers were left alone', async () => {
  await host.kubectl(['rollout', 'status', 'deployment/app', '--timeout=60s']);
  expect((await podsOn(AGENTS)).filter((name) => drained.includes(name))).toEqual([]);
  expect((await podsOn(SERVERS)).filter((name) => untouched.includes(name))).toEqual(untouched);
});

step('each node is in service again, and its Job was done once, with the rights of our account', async () => {
  const nodes = await host.api.list('/api/v1/nodes');
  for (const { metadata, spec, status } of nodes) {
    expect(status.nodeInfo.kubeletVersion, metadata.name).toBe(NEW);
    expect(spec.unschedulable, metadata.name).toBeUndefined();
  }
  const jobs = await host.api.list(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs?labelSelector=upgrade.cattle.io/plan`);
  expect(jobs).toHaveLength(SERVERS.length + AGENTS.length);
  for (const { metadata, spec, status } of jobs) {
    expect(status, metadata.name).toMatchObject({ succeeded: 1 });
    expect(status.failed ?? 0, metadata.name).toBe(0);
    const agent = metadata.labels['upgrade.cattle.io/plan'] === 'k3s-agent';
    const steps = spec.template.spec.initContainers.map(({ name }: Obj) => name);
    expect(steps).toEqual(['prepare', agent ? 'drain' : 'cordon']);
    expect(spec.template.spec.serviceAccountName).toBe('k3s-upgrade');
  }
});

step('applied once more, the Plans start nothing', async () => {
  const uids = async () =>
    (await host.api.list(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`)).map(({ metadata }) => metadata.uid);
  const before = await uids();
  await host.kubectl(['apply', '--server-side', '--filename', join(dist, 'host/18-k3s-upgrade.yaml')]);
  const plan = `/apis/upgrade.cattle.io/v1/namespaces/${NAMESPACE}/plans/k3s-agent`;
  await until('the controller to be done with them', async () => {
    const { status } = await host.api.call('GET', plan);
    return status.conditions.some(({ type, status }: Obj) => type === 'Complete' && status === 'True');
  });
  expect(await uids()).toEqual(before);
});

step('a release that skips a minor is refused by the first step, and no node is touched', async () => {
  const manifest = readFileSync(join(dist, 'host/18-k3s-upgrade.yaml'), 'utf8').replaceAll('v1.35.4', 'v1.37.0');
  await host.kubectl(['apply', '--server-side', '--filename=-'], { input: manifest });
  const refused = await until('a pod that refuses', async () => {
    const pods = await host.api.list(`/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=upgrade.cattle.io/plan`);
    return pods.find(({ metadata, status }) => status.phase === 'Failed' && metadata.name.includes('k3s-server'));
  });
  const [prepare, cordon] = refused.status.initContainerStatuses;
  expect(prepare.state.terminated.exitCode).toBe(1);
  expect(cordon.state.terminated).toBeUndefined();
  for (const { metadata, spec } of await host.api.list('/api/v1/nodes')) {
    expect(spec.unschedulable, metadata.name).toBeUndefined();
  }
});
