import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { BootstrapScripts, ClusterBootstrap } from '../../constructs/k3s/bootstrap-job.ts';
import { bootstrap } from '../k3s/bootstrapping.ts';
import { type SshHost, startSshHost } from '../k3s/ssh-host.ts';
import type { Obj } from './harness/api.ts';
import { Cluster, Etcd } from './harness/cluster.ts';
import { attempt, type RunResult, runFolder } from './harness/process.ts';
import { project } from './harness/project.ts';
import { until } from './harness/wait.ts';

/*
 * How a host leaves its cluster: the API server, its controllers and SSH are real. k3s on the host is a stand-in, and so
 * is what of it takes members out of etcd. Each test is a step, and needs those before it.
 */

const ETCD = 'etcd.k3s.cattle.io';
const SERVERS = ['s1', 's2', 's3'];
const SERVER = { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/etcd': 'true' };
const NODES = '/api/v1/nodes';

const etcd = new Etcd();
const dist = join(runFolder, 'life');
const kubeconfigs = join(runFolder, 'life-kubeconfigs');
let cluster: Cluster;
let machine: SshHost;
let members: NodeJS.Timeout;

beforeAll(async () => {
  await etcd.start();
  cluster = await Cluster.start('edge', {
    index: 5,
    nodes: [...SERVERS.map((name) => ({ name, labels: SERVER })), { name: 'agent-1' }],
  });
  await cluster.startControllers();
  for (const name of SERVERS) {
    const annotations = { [`${ETCD}/node-name`]: `${name}-0123abcd`, [`${ETCD}/node-address`]: '192.0.2.1' };
    await cluster.api.merge(`${NODES}/${name}`, { metadata: { annotations } });
  }
  members = setInterval(() => void removeMembers().catch(() => {}), 500);
  machine = await startSshHost();
  machine.set('real-kubectl');
  mkdirSync(join(dist, 'bootstrap'), { recursive: true });
  mkdirSync(kubeconfigs);
  copyFileSync(cluster.kubeconfig, join(kubeconfigs, 'edge.kubeconfig'));
  writeFileSync(join(kubeconfigs, 'edge.token'), 'K10abc::server:very-secret');
  writeFileSync(join(dist, 'bootstrap/20-edge.yaml'), manifest());
});

afterAll(async () => {
  clearInterval(members);
  await machine?.stop();
  await cluster?.stop();
  await etcd.stop();
});

/** What pkg/etcd/member_controller.go of k3s does. */
async function removeMembers(): Promise<void> {
  for (const { metadata } of await cluster.api.list(NODES)) {
    const member = metadata.annotations?.[`${ETCD}/node-name`];
    if (metadata.annotations?.[`${ETCD}/remove`] !== 'true' || member === undefined) continue;
    const annotations = {
      [`${ETCD}/removed-node-name`]: member,
      [`${ETCD}/node-name`]: null,
      [`${ETCD}/node-address`]: null,
    };
    await cluster.api.merge(`${NODES}/${metadata.name}`, { metadata: { annotations } });
  }
}

/** What dist/bootstrap holds: nobody answers at the first server, and the real API server at the second. */
function manifest(): string {
  const chart = new Chart(new App(), 'bootstrap');
  new BootstrapScripts(chart, 'scripts');
  const addresses = ['172.30.0.9', cluster.address, '172.30.0.8', '172.30.0.7'];
  new ClusterBootstrap(chart, 'bootstrap', {
    cluster: {
      name: 'edge',
      vpn: false,
      hosts: [...SERVERS, 'agent-1'].map((name, i) => ({
        ...{ name, role: SERVERS.includes(name) ? 'server' : 'agent', address: '127.0.0.1', publicIp: addresses[i] },
      })),
      k3s: { version: 'v1.35.6+k3s1', installer: { url: machine.installerUrl }, readyTimeout: 60, settleTime: 1 },
    },
    network: {},
    ssh: { user: machine.user, port: machine.port, secret: 'federation-ssh' },
  });
  return Yaml.stringify(...chart.toJson());
}

function host(...args: string[]): Promise<RunResult> {
  const folders = ['--dist', dist, '--kubeconfig-dir', kubeconfigs, '--ssh-dir', machine.sshDir, '--timeout', '120'];
  return attempt([join(project, 'scripts/host.sh'), ...folders, ...args], { seconds: 300 });
}

const nodeNames = async () => (await cluster.api.list(NODES)).map(({ metadata }) => metadata.name).sort();
const podsOn = async (node: string) =>
  (await cluster.api.list(`/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName=${node}`)).map(
    ({ metadata }: Obj) => metadata.name,
  );

test('a running server is drained, leaves etcd, is uninstalled, and its node and password go', async () => {
  const made = await bootstrap(machine, 's1', {
    cluster: { name: 'edge-1', vpn: false, hosts: [{ name: 's1', role: 'server', address: '127.0.0.1' }] },
    settings: { cluster: 'edge' },
  });
  expect(made.status, made.output).toBe(0);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's1.node-password.k3s' } };
  await until('kube-system', () => cluster.api.find('/api/v1/namespaces/kube-system'));
  await cluster.api.create('/api/v1/namespaces/kube-system/secrets', secret);
  const labels = { app: 'web' };
  const spec = { containers: [{ name: 'web', image: 'example.com/web:v1' }], volumes: [{ name: 'tmp', emptyDir: {} }] };
  await cluster.api.create('/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 8, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  await until('pods to run on s1', async () => (await podsOn('s1')).length > 0);

  const { code, stderr } = await host('remove', 's1');

  expect(code, stderr).toBe(0);
  expect(await nodeNames()).toEqual(['agent-1', 's2', 's3']);
  expect(await podsOn('s1')).toEqual([]);
  expect(await cluster.api.find('/api/v1/namespaces/kube-system/secrets/s1.node-password.k3s')).toBeUndefined();
  expect(machine.calls().at(-1)).toBe('uninstall');
  expect(existsSync(join(machine.root, 'etc/rancher/k3s'))).toBe(false);

  const again = await host('remove', 's1');
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toContain('nothing to uninstall');
  expect(await nodeNames()).toEqual(['agent-1', 's2', 's3']);
});

/** Has a node report nothing any more, as one whose machine is off. */
async function switchOff(name: string): Promise<void> {
  await cluster.api.merge(`${NODES}/${name}`, { metadata: { annotations: { 'kwok.x-k8s.io/node': null } } });
  const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
  await cluster.api.call(
    'PATCH',
    `${NODES}/${name}/status`,
    { status: { conditions } },
    'application/strategic-merge-patch+json',
  );
  onTestFinished(async () => {
    if (!(await nodeNames()).includes(name)) return;
    await cluster.api.merge(`${NODES}/${name}`, { metadata: { annotations: { 'kwok.x-k8s.io/node': 'fake' } } });
  });
}

test('a server that is off is not replaced where etcd has no majority without it', async () => {
  await switchOff('s3');
  const { code, stderr } = await host('replace', 's3');
  expect(code).toBe(1);
  expect(stderr).toContain("has 2 members, and only 1 beside 's3' are up: 2 must be");
  expect(await nodeNames()).toContain('s3');
});

test('an agent that is off is forgotten, and the machine in its place becomes the node', async () => {
  await switchOff('agent-1');
  const { code, stderr } = await host('replace', 'agent-1');
  expect(code, stderr).toBe(0);
  expect(await nodeNames()).not.toContain('agent-1');
  expect(machine.calls().at(-2)).toMatch(/^installer version=v1\.35\.6\+k3s1 exec=agent /);
  expect(stderr).toMatch(/edge +agent-1 +agent +up/);
});
