import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { type SshHost, startSshHost } from '../k3s/ssh-host.ts';
import { FederationUnderTest } from './harness/federation.ts';
import { installerUrl, trustedAuthority } from './harness/internet.ts';
import { run, runFolder } from './harness/process.ts';
import { synth } from './harness/project.ts';
import { Stages } from './harness/stages.ts';

/*
 * How hosts become nodes: by Jobs of a management cluster, then from the operator's machine. SSH is real; k3s and its
 * installer are stand-ins. Each test is a step, and needs those before it.
 */

const NAMESPACE = 'serverless-federation';
const HOSTS = [
  { name: 'central-1', role: 'server', address: '172.30.0.2' },
  { name: 'central-2', role: 'agent', address: '172.30.0.3' },
] as const;

const federation = new FederationUnderTest({ index: 3, node: true });
const stages = new Stages();
const sshDir = join(runFolder, 'ssh');
const machines: SshHost[] = [];
let dist = '';

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain()));
    await stages.measure(name, work);
  });
}

/** What every machine was told, in order. */
const calls = () => machines.map((machine) => machine.calls());
const file = (machine: SshHost, path: string) => readFileSync(join(machine.root, path), 'utf8');

beforeAll(async () => {
  await stages.measure('a management cluster and two hosts start', async () => {
    await federation.start([]);
    copyFileSync(federation.host.kubeconfig, join(federation.kubeconfigs, 'management.kubeconfig'));
    for (const { address } of HOSTS) {
      await run(['ip', 'address', 'replace', `${address}/16`, 'dev', 'e2e']);
      const machine = await startSshHost({ address, sshDir });
      machine.set('real-kubectl');
      copyFileSync(join(runFolder, 'hosts'), join(machine.root, 'etc/hosts'));
      mkdirSync(join(machine.root, 'etc/ssl/certs'), { recursive: true });
      copyFileSync(trustedAuthority, join(machine.root, 'etc/ssl/certs/ca-certificates.crt'));
      machines.push(machine);
    }
  });
});

afterAll(async () => {
  for (const machine of machines) await machine.stop();
  await federation.stop();
  console.log(stages.table());
});

step('a file that names hosts becomes Jobs', async () => {
  const path = join(runFolder, 'bootstrap.yaml');
  const hosts = HOSTS.map(({ name, role, address }, i) => ({
    ...{ name, role, publicIp: address, ssh: { user: machines[i]?.user, port: machines[i]?.port } },
  }));
  const spec = { k3s: { installer: { url: installerUrl } }, controlPlane: { hosts } };
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'e2e' } };
  writeFileSync(path, JSON.stringify({ ...head, spec }));
  dist = await synth(path);
  expect(existsSync(join(dist, 'bootstrap', '10-host.yaml'))).toBe(true);
});

step('secrets.sh gives the Jobs the key that may log in', async () => {
  const keys = ['ssh-privatekey', 'known_hosts'].map((key) => ['--file', `federation-ssh/${key}=${join(sshDir, key)}`]);
  await federation.script('secrets', ['--dist', dist, 'federation-ssh', ...keys.flat()]);
});

step('apply.sh bootstrap makes the hosts a cluster, and keeps its kubeconfig and token', async () => {
  await federation.script('apply', ['--dist', dist, 'bootstrap']);
  const [server, agent] = machines as [SshHost, SshHost];
  expect(server.calls()).toContainEqual(expect.stringMatching(/^installer version=v1\.35\.\d+\+k3s1 exec=server /));
  expect(agent.calls()).toContainEqual(expect.stringMatching(/^installer version=v1\.35\.\d+\+k3s1 exec=agent /));
  expect(file(agent, 'etc/rancher/k3s/config.yaml')).toContain('server: https://172.30.0.2:6443');

  const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
  const { data } = await federation.host.api.call('GET', `${secrets}/host-token`);
  expect(Buffer.from(data.token, 'base64').toString()).toBe(file(server, 'var/lib/rancher/k3s/server/token'));
  const kubeconfig = await federation.host.api.call('GET', `${secrets}/host-kubeconfig`);
  expect(Buffer.from(kubeconfig.data.kubeconfig, 'base64').toString()).toContain('server: https://172.30.0.2:6443');
});

step('applying it again changes no host', async () => {
  const before = calls();
  await federation.script('apply', ['--dist', dist, 'bootstrap']);
  expect(calls()).toEqual(before);
});

step(
  'bootstrap.sh --all finds the same hosts done, and fetches kubeconfig and token for their owner alone',
  async () => {
    const before = calls();
    const mine = join(runFolder, 'mine');
    const folders = ['--dist', dist, '--ssh-dir', sshDir, '--kubeconfig-dir', mine];
    await federation.script('bootstrap', [...folders, '--all']);
    expect(calls()).toEqual(before);
    expect(readFileSync(join(mine, 'host.kubeconfig'), 'utf8')).toContain('server: https://172.30.0.2:6443');
    expect(readFileSync(join(mine, 'host.token'), 'utf8')).toMatch(/^K10/);
    for (const name of ['host.kubeconfig', 'host.token']) {
      expect((statSync(join(mine, name)).mode & 0o777).toString(8)).toBe('600');
    }
  },
);
