import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BootstrapScripts, ClusterBootstrap } from '../../constructs/k3s/bootstrap-job.ts';
import { noSshd, type SshHost, startSshHost } from '../k3s/ssh-host.ts';
import { REAL_ANSWERS, standIns } from './run.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/bootstrap.sh');

if (noSshd && process.env.CI) throw new Error(noSshd);
if (noSshd) console.warn(`skipped: ${noSshd}`);

vi.setConfig({ testTimeout: 120_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bootstrap-sh-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function machine(): Promise<SshHost> {
  const host = await startSshHost();
  cleanups.push(() => host.stop());
  return host;
}

/** Where a machine is reached; one that is never connected to where a test needs none. */
type Reach = Pick<SshHost, 'user' | 'port' | 'installerUrl'>;
const NOWHERE: Reach = { user: 'root', port: 22, installerUrl: 'https://example.com/install.sh' };

/** A project with a federation of one cluster, an agent and a server in the order of the file. */
function project({ server = NOWHERE, agent = NOWHERE, secret = false } = {}): string {
  const work = folder();
  mkdirSync(join(work, 'dist/bootstrap'), { recursive: true });
  const write = (name: string, fill: (chart: Chart) => void) => {
    const chart = new Chart(new App(), name);
    fill(chart);
    writeFileSync(join(work, 'dist/bootstrap', `${name}.yaml`), Yaml.stringify(...chart.toJson()));
  };
  write('00-namespace', (chart) => new BootstrapScripts(chart, 'scripts'));
  write('10-edge', (chart) => {
    new ClusterBootstrap(chart, 'bootstrap', {
      cluster: {
        name: 'edge',
        vpn: false,
        hosts: [
          { name: 'edge-b', role: 'agent', address: '127.0.0.1', ssh: { port: agent.port } },
          { name: 'edge-a', role: 'server', address: '127.0.0.1', ssh: { port: server.port } },
        ],
        k3s: { version: 'v1.35.6+k3s1', installer: { url: server.installerUrl }, readyTimeout: 90, settleTime: 1 },
      },
      network: {},
      ssh: { user: server.user, port: 22, secret: 'federation-ssh' },
      steps: secret
        ? () => [
            { name: 'vpn', script: 'cat "$SECRET_FILE" >/var/step', secret: { name: 'federation-vpn', key: 'key' } },
          ]
        : undefined,
    });
  });
  return work;
}

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function bootstrap(work: string, ...args: string[]): Promise<Run> {
  const child = spawn(SCRIPT, ['--dist', join(work, 'dist'), '--kubeconfig-dir', join(work, 'kube'), ...args], {
    env: { ...standIns(folder(), ['kubectl'], REAL_ANSWERS), HOME: work },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (data) => {
      text[stream] += data;
    });
  }
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, ...text };
}

test('--help says what it does', async () => {
  const { status, stdout } = await bootstrap(folder(), '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: scripts/bootstrap.sh [OPTION…] HOST…');
});

test('--dry-run shows every host, servers first, and connects to none', async () => {
  const { status, stdout, stderr } = await bootstrap(project({ secret: true }), '--dry-run', '--all');
  expect(status).toBe(0);
  expect(stdout.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'ssh -p 22 -l root -- 127.0.0.1 sh remote.sh bootstrap',
    'ssh -p 22 -l root -- 127.0.0.1 sh remote.sh bootstrap',
    '',
  ]);
  expect(stdout).toContain('# node-name: edge-a\n');
  expect(stderr).toMatch(/edge-a: server of the cluster 'edge', k3s v1\.35\.6\+k3s1\n(.*\n)*edge-b: agent/);
});

test('--dry-run says which token and which secrets are not here', async () => {
  const work = project({ secret: true });
  const secrets = ['--secrets-dir', join(work, 'secrets')];
  const missing = async (...args: string[]) => {
    const { status, stderr } = await bootstrap(work, '--dry-run', ...secrets, ...args);
    expect(status).toBe(0);
    return stderr.split('\n').filter((line) => line.includes(': missing: '));
  };
  const key = `missing: the step 'vpn' needs a secret: put it into '${join(work, 'secrets/federation-vpn/key')}'`;

  // The server hands the token over before the agent needs it.
  expect(await missing('--all')).toEqual([`edge-a: ${key}`, `edge-b: ${key}`]);
  mkdirSync(join(work, 'secrets/federation-vpn'), { recursive: true });
  writeFileSync(join(work, 'secrets/federation-vpn/key'), 'k');
  expect(await missing('--all')).toEqual([]);
  expect(await missing('edge-b')).toEqual([
    expect.stringContaining("edge-b: missing: no join token of the cluster 'edge'"),
  ]);
});

test('names the hosts that there are where none or an unknown one is asked for', async () => {
  const work = project();
  const none = await bootstrap(work);
  expect(none.status).toBe(2);
  expect(none.stderr).toContain('which hosts? There are: edge-a edge-b');
  const unknown = await bootstrap(work, 'edge-c');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("no host 'edge-c', there are: edge-a edge-b");
});

test('an agent needs the token of its cluster', async () => {
  const { status, stderr } = await bootstrap(project(), 'edge-b');
  expect(status).toBe(1);
  expect(stderr).toContain("no join token of the cluster 'edge'");
});

test('a step needs its secret', async () => {
  const work = project({ secret: true });
  const { status, stderr } = await bootstrap(work, '--secrets-dir', join(work, 'secrets'), 'edge-a');
  expect(status).toBe(1);
  expect(stderr).toContain(`the step 'vpn' needs a secret: put it into '${work}/secrets/federation-vpn/key'`);
});

test('says what to do where nothing has been synthesized', async () => {
  const { status, stderr } = await bootstrap(folder(), '--all');
  expect(status).toBe(1);
  expect(stderr).toContain('"npm run synth" makes them');
});

test('has nothing to do in a federation without hosts, and knows none by name', async () => {
  const work = folder();
  mkdirSync(join(work, 'dist'));
  writeFileSync(join(work, 'dist/README.md'), '');
  const all = await bootstrap(work, '--all');
  expect(all.stderr).toContain('this federation has no hosts: all its clusters exist already');
  expect(all.status).toBe(0);
  const one = await bootstrap(work, 'edge-a');
  expect(one.stderr).toContain('this federation has no hosts: all its clusters exist already');
  expect(one.status).toBe(2);
});

describe.skipIf(noSshd)('over SSH', () => {
  test('makes a server and then its agent, and keeps kubeconfig and token for the operator alone', async () => {
    const [server, agent] = [await machine(), await machine()];
    const work = project({ server, agent });
    // One folder for both: a known_hosts line and a key for each machine.
    writeFileSync(
      join(server.sshDir, 'known_hosts'),
      [server, agent].map(({ sshDir }) => readFileSync(join(sshDir, 'known_hosts'), 'utf8')).join(''),
    );
    writeFileSync(join(agent.sshDir, 'ssh-privatekey.pub'), readFileSync(join(server.sshDir, 'ssh-privatekey.pub')));

    const { status, stdout, stderr } = await bootstrap(work, '--ssh-dir', server.sshDir, 'edge-b', 'edge-a');
    expect(stderr).toContain('edge-b: k3s is up');
    expect(status).toBe(0);
    expect(stdout).toBe('');
    expect(server.calls().at(-1)).toBe('systemctl restart k3s');
    expect(agent.calls().at(-1)).toBe('systemctl restart k3s-agent');
    for (const file of ['edge.kubeconfig', 'edge.token']) {
      expect(statSync(join(work, 'kube', file)).mode & 0o777).toBe(0o600);
    }
    const token = readFileSync(join(work, 'kube/edge.token'), 'utf8');
    expect(readFileSync(join(agent.root, 'etc/rancher/k3s/token'), 'utf8')).toBe(token);
    expect(stderr).not.toContain(token.trim());

    const again = await bootstrap(work, '--ssh-dir', server.sshDir, '--all');
    expect(again.status).toBe(0);
    expect(again.stderr.match(/nothing to change/g)).toHaveLength(2);
  });

  test('takes the secret of a step from a file', async () => {
    const server = await machine();
    const work = project({ server, secret: true });
    mkdirSync(join(work, 'secrets/federation-vpn'), { recursive: true });
    writeFileSync(join(work, 'secrets/federation-vpn/key'), 'tskey-secret');
    const run = await bootstrap(work, '--ssh-dir', server.sshDir, '--secrets-dir', join(work, 'secrets'), 'edge-a');
    expect(run.status, run.stderr).toBe(0);
    expect(readFileSync(join(server.root, 'var/step'), 'utf8')).toBe('tskey-secret');
    expect(run.stderr).not.toContain('tskey-secret');
  });

  test('goes on with other clusters when a host is off, and ends with a table of what is up', async () => {
    const server = await machine();
    const work = project({ server });
    // A second cluster, where nobody listens.
    const off = { port: 1 };
    const first = readFileSync(join(work, 'dist/bootstrap/10-edge.yaml'), 'utf8');
    const chart = new Chart(new App(), 'off');
    new ClusterBootstrap(chart, 'bootstrap', {
      cluster: {
        name: 'far',
        vpn: false,
        hosts: [
          { name: 'far-a', role: 'server', address: '127.0.0.1', ssh: { port: off.port } },
          { name: 'far-b', role: 'server', address: '127.0.0.1', ssh: { port: off.port } },
        ],
        k3s: { version: 'v1.35.6+k3s1' },
      },
      network: {},
      ssh: { user: server.user, port: 22, secret: 'federation-ssh' },
    });
    writeFileSync(join(work, 'dist/bootstrap/10-edge.yaml'), `${Yaml.stringify(...chart.toJson())}---\n${first}`);

    const run = await bootstrap(work, '--ssh-dir', server.sshDir, 'far-b', 'far-a', 'edge-a');

    expect(run.status).toBe(1);
    const table = run.stderr
      .slice(run.stderr.lastIndexOf('\n\n'))
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '));
    expect(table).toContain('edge edge-a server up');
    expect(table).toContainEqual(expect.stringMatching(/^far far-a server failed: no connection to 127\.0\.0\.1/));
    expect(table).toContain("far far-b server failed: left alone, for the server 'far-a' of its cluster is not up");
    expect(table).toContain('bootstrap.sh: 2 of 3 hosts are not up');
    expect(existsSync(join(work, 'kube/edge.kubeconfig'))).toBe(true);
  });

  test('leaves no kubeconfig behind when a host fails', async () => {
    const server = await machine();
    writeFileSync(join(server.root, 'var/stand-in/ready'), 'False');
    const work = project({ server });
    const run = await bootstrap(work, '--ssh-dir', server.sshDir, '--timeout', '8', 'edge-a');
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('gave up after 8 s waiting for the node edge-a to be Ready');
    expect(run.stderr).toMatch(/edge +edge-a +server +failed: gave up after 8 s/);
    expect(existsSync(join(work, 'kube/edge.kubeconfig'))).toBe(false);
  });
});
