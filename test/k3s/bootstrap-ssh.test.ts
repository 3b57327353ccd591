import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { afterEach, describe, expect, test } from 'vitest';
import { ClusterBootstrap, type ClusterBootstrapProps } from '../../constructs/k3s/bootstrap-job.ts';
import { noSshd, type SshHost, startSshHost } from './ssh-host.ts';

const BOOTSTRAP = join(import.meta.dirname, '../../constructs/k3s/bootstrap');
const TOKEN = 'K10abc::server:very-secret';

if (noSshd && process.env.CI) throw new Error(noSshd);
if (noSshd) console.warn(`skipped: ${noSshd}`);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function machine(options?: Parameters<typeof startSshHost>[0]): Promise<SshHost> {
  const host = await startSshHost(options);
  cleanups.push(() => host.stop());
  return host;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Run {
  readonly status: number | null;
  readonly output: string;
  readonly out: string;
}

type Changes = Omit<Partial<ClusterBootstrapProps>, 'cluster'> & {
  cluster?: Omit<ClusterBootstrapProps['cluster'], 'k3s'>;
  k3s?: Partial<ClusterBootstrapProps['cluster']['k3s']>;
  token?: string;
  secrets?: Record<string, string>;
  script?: string;
  env?: Record<string, string>;
};

type Host = 'server-1' | 'agent-1';

/** Runs the bootstrap of a host of a cluster of one server and one agent, from what its Job would mount. */
const bootstrap = (machine: SshHost, name: Host, changes?: Changes) => launch(machine, name, changes).ended;

/** As `bootstrap`, with a way to break the connection off. */
function launch(machine: SshHost, name: Host, changes: Changes = {}): { ended: Promise<Run>; kill: () => void } {
  const { k3s, cluster, token, secrets, script = 'connect.sh', env, ...props } = changes;
  const chart = Testing.chart();
  new ClusterBootstrap(chart, 'bootstrap', {
    cluster: {
      name: 'edge-1',
      vpn: true,
      hosts: [
        { name: 'server-1', role: 'server', address: '127.0.0.1', vpnIp: '100.64.0.5' },
        { name: 'agent-1', role: 'agent', address: '127.0.0.1', vpnIp: '100.64.0.30' },
      ],
      ...cluster,
      k3s: { version: 'v1.35.6+k3s1', installer: { url: machine.installerUrl }, readyTimeout: 20, ...k3s },
    },
    network: {},
    ssh: { user: machine.user, port: machine.port, secret: 'federation-ssh' },
    ...props,
  });
  const configMap = Testing.synth(chart).find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `bootstrap-edge-1-${name}`,
  );
  const work = folder();
  const write = (path: string, files: Record<string, string>) => {
    mkdirSync(join(work, path));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(work, path, file), text);
  };
  write('host', configMap.data);
  write('secrets', secrets ?? {});
  write('token', token ? { token } : {});
  mkdirSync(join(work, 'out'));
  const child = spawn('bash', [join(BOOTSTRAP, script)], {
    env: {
      PATH: process.env.PATH,
      HOME: work,
      HOST_DIR: join(work, 'host'),
      NAMESPACE: 'serverless-federation',
      OUT_DIR: join(work, 'out'),
      REMOTE_SCRIPT: join(BOOTSTRAP, 'remote.sh'),
      SCRIPTS: BOOTSTRAP,
      SECRETS_DIR: join(work, 'secrets'),
      SSH_DIR: machine.sshDir,
      ...(token && { TOKEN_FILE: join(work, 'token/token') }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  const ended = new Promise<Run>((resolve) => {
    child.on('close', (status) => resolve({ status, output, out: join(work, 'out') }));
  });
  // All of its process group: the script and its ssh.
  return { ended, kill: () => process.kill(-(child.pid as number), 'SIGKILL') };
}

async function waitFor(what: string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) if (isSo()) return;
  throw new Error(`waited 30 s for ${what}`);
}

/** All that the bootstrap could change on a machine: content, mode and time of every file. */
function state(machine: SshHost): Record<string, string> {
  const files: Record<string, string> = {};
  for (const part of ['etc', 'var', 'root', 'tmp', '../local']) {
    const base = join(machine.root, part);
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const { mode, mtimeMs } = statSync(path);
      const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
      files[path] = `${mode.toString(8)} ${mtimeMs} ${content}`;
    }
  }
  return files;
}

const read = (machine: SshHost, path: string) => readFileSync(join(machine.root, path), 'utf8');
const mode = (machine: SshHost, path: string) => (statSync(join(machine.root, path)).mode & 0o777).toString(8);

describe.skipIf(noSshd)('the bootstrap over SSH', { timeout: 120_000 }, () => {
  test('makes a first server of a bare host and brings its kubeconfig and token back', async () => {
    const host = await machine();
    const { status, output, out } = await bootstrap(host, 'server-1');

    expect(output).toContain('server-1: k3s is up');
    expect(status).toBe(0);
    expect(host.calls()).toEqual([
      'installer version=v1.35.6+k3s1 exec=server skip-start=true skip-download= releases= arguments=',
      'systemctl restart k3s',
    ]);
    expect(load(read(host, 'etc/rancher/k3s/config.yaml'))).toMatchObject({
      'node-name': 'server-1',
      'bind-address': '100.64.0.5',
      'secrets-encryption': true,
    });
    expect(mode(host, 'etc/rancher/k3s/config.yaml')).toBe('600');
    // A kubeconfig of another mode than the default is to be found by those who may read it.
    expect(mode(host, 'etc/rancher/k3s')).toBe('755');
    const kubeconfig = load(readFileSync(join(out, 'kubeconfig'), 'utf8'));
    expect(kubeconfig).toMatchObject({
      clusters: [{ cluster: { server: 'https://100.64.0.5:6443', 'certificate-authority-data': 'Y2E=' } }],
      contexts: [{ name: 'edge-1' }],
      'current-context': 'edge-1',
    });
    expect(readFileSync(join(out, 'token'), 'utf8')).toBe('K10ca::server:made-by-k3s\n');
    expect(statSync(join(out, 'kubeconfig')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(host.root, 'tmp'))).toEqual([]);
  });

  test('changes nothing where k3s already runs with this configuration and version', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    const before = state(host);
    const { status, output, out } = await bootstrap(host, 'server-1');

    expect(status).toBe(0);
    expect(output).toContain('nothing to change');
    expect({ ...state(host), [join(host.root, 'tmp')]: '' }).toEqual({ ...before, [join(host.root, 'tmp')]: '' });
    expect(existsSync(join(out, 'kubeconfig'))).toBe(true);
  });

  test('restarts k3s without the installer when the configuration changed', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    await bootstrap(host, 'server-1', { k3s: { server: { 'etcd-snapshot-retention': 9 } } });

    expect(read(host, 'etc/rancher/k3s/config.yaml')).toContain('etcd-snapshot-retention: 9');
    expect(host.calls().slice(2)).toEqual(['systemctl restart k3s']);
  });

  test('runs the installer again for another version, unless upgrades are left to plans', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    const left = await bootstrap(host, 'server-1', { k3s: { version: 'v1.36.2+k3s1', upgrade: { by: 'plans' } } });
    expect(left.status).toBe(0);
    expect(host.calls().slice(2)).toEqual([]);

    await bootstrap(host, 'server-1', { k3s: { version: 'v1.36.2+k3s1' } });
    expect(host.calls().slice(2)).toEqual([
      'installer version=v1.36.2+k3s1 exec=server skip-start=true skip-download= releases= arguments=',
      'systemctl restart k3s',
    ]);
  });

  test('refuses to go back to an older version', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    const { status, output } = await bootstrap(host, 'server-1', { k3s: { version: 'v1.34.9+k3s1' } });

    expect(status).toBe(1);
    expect(output).toContain('runs k3s v1.35.6+k3s1 already, and k3s cannot go back to v1.34.9+k3s1');
    expect(host.calls()).toHaveLength(2);
  });

  test('starts k3s with the configuration that an interrupted run had written', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    writeFileSync(join(host.root, 'etc/rancher/k3s/.restart-pending'), '');
    await bootstrap(host, 'server-1');

    expect(host.calls().slice(2)).toEqual(['systemctl restart k3s']);
    expect(existsSync(join(host.root, 'etc/rancher/k3s/.restart-pending'))).toBe(false);
  });

  test('starts k3s where it is stopped', async () => {
    const host = await machine();
    await bootstrap(host, 'server-1');
    unlinkSync(join(host.root, 'var/stand-in/active'));
    await bootstrap(host, 'server-1');

    expect(host.calls().slice(2)).toEqual(['systemctl restart k3s']);
  });

  test('gives an agent its token in a file, and shows it to no log and no process list', async () => {
    const host = await machine();
    const { status, output, out } = await bootstrap(host, 'agent-1', { token: TOKEN });

    expect(output).toContain('agent-1: k3s is up');
    expect(status).toBe(0);
    expect(host.calls()[1]).toBe('systemctl restart k3s-agent');
    expect(read(host, 'etc/rancher/k3s/token')).toBe(TOKEN);
    expect(mode(host, 'etc/rancher/k3s/token')).toBe('600');
    expect(load(read(host, 'etc/rancher/k3s/config.yaml'))).toEqual({
      'node-external-ip': '100.64.0.30',
      'node-ip': '100.64.0.30',
      'node-name': 'agent-1',
      server: 'https://100.64.0.5:6443',
      'token-file': '/etc/rancher/k3s/token',
    });
    const processes = read(host, 'var/stand-in/processes');
    expect(processes).toContain('remote.sh');
    expect(processes).not.toContain('very-secret');
    expect(output).not.toContain('very-secret');
    expect(readdirSync(out)).toEqual([]);
  });

  test('refuses a host with another key than the known one', async () => {
    const host = await machine();
    const knownHosts = join(host.sshDir, 'known_hosts');
    const [name] = readFileSync(knownHosts, 'utf8').split(' ');
    const userKey = readFileSync(join(host.sshDir, 'ssh-privatekey.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(knownHosts, `${name} ${userKey}\n`);
    const before = state(host);
    const { status, output } = await bootstrap(host, 'server-1');

    expect(status).toBe(1);
    expect(output).toContain('Host key verification failed');
    expect(output).toContain('no connection to 127.0.0.1');
    expect(state(host)).toEqual(before);
  });

  test('refuses an installer with another checksum', async () => {
    const host = await machine();
    const sha256 = '0'.repeat(64);
    const wrong = await bootstrap(host, 'server-1', { k3s: { installer: { url: host.installerUrl, sha256 } } });
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain(`has not the checksum ${sha256}`);
    expect(host.calls()).toEqual([]);

    const installer = readFileSync(join(import.meta.dirname, 'stand-in/installer.sh'));
    const right = createHash('sha256').update(installer).digest('hex');
    const run = await bootstrap(host, 'server-1', { k3s: { installer: { url: host.installerUrl, sha256: right } } });
    expect(run.status).toBe(0);
  });

  test('takes the binary that is on the host already, but no other version of it', async () => {
    const host = await machine();
    copyFileSync(join(import.meta.dirname, 'stand-in/k3s'), join(host.root, '../local/bin/k3s'));
    writeFileSync(join(host.root, 'var/stand-in/version'), 'v1.35.6+k3s1');
    const installer = { url: host.installerUrl, skipDownload: true };
    const run = await bootstrap(host, 'server-1', { k3s: { installer } });
    expect(run.status).toBe(0);
    expect(host.calls()[0]).toContain('skip-download=true');

    const wrong = await bootstrap(host, 'server-1', { k3s: { installer, version: 'v1.36.2+k3s1' } });
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain('the host has k3s v1.35.6+k3s1, not v1.36.2+k3s1, after its installer ran');
  });

  test('runs steps before k3s is installed, with their secrets and settings as plain data', async () => {
    const host = await machine();
    const hostile = `'"; touch /pwned; $(touch /pwned) \`touch /pwned\` \\`;
    const { status } = await bootstrap(host, 'server-1', {
      steps: () => [
        {
          name: '10-vpn',
          script:
            'set -eu\nprintf "%s|%s|%s" "$SERVER" "$(cat "$SECRET_FILE")" "$(wc -l </var/stand-in/calls)" >/var/step\n',
          env: { SERVER: hostile },
          secret: { name: 'vpn', key: 'auth-key' },
        },
      ],
      secrets: { '10-vpn': 'tskey-secret' },
    });

    expect(status).toBe(0);
    expect(read(host, 'var/step')).toBe(`${hostile}|tskey-secret|0`);
    expect(existsSync(join(host.root, 'pwned'))).toBe(false);
  });

  test('stops before k3s is installed when a step fails', async () => {
    const host = await machine();
    const { status, output } = await bootstrap(host, 'server-1', {
      steps: () => [{ name: 'vpn', script: 'echo no such network >&2; exit 3' }],
    });

    expect(status).toBe(1);
    expect(output).toContain('no such network');
    expect(output).toContain('the step vpn failed');
    expect(host.calls()).toEqual([]);
  });

  test('lets a run wait for another one on the same host', async () => {
    const host = await machine();
    // Long enough for both to find no k3s, if they ran side by side.
    const steps = () => [{ name: 'slow', script: 'sleep 2' }];
    const runs = await Promise.all([bootstrap(host, 'server-1', { steps }), bootstrap(host, 'server-1', { steps })]);
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(host.calls().filter((call) => call.startsWith('installer'))).toHaveLength(1);
  });

  test('leaves no secret in the temporary folder when the connection is lost, and goes on in the next run', async () => {
    const host = await machine();
    const steps = () => [{ name: 'slow', script: 'touch /var/in-step; while [ ! -e /var/go ]; do sleep 0.1; done' }];
    const lost = launch(host, 'agent-1', { steps, token: TOKEN });
    await waitFor('the step to run', () => existsSync(join(host.root, 'var/in-step')));
    expect(readdirSync(join(host.root, 'tmp'))).not.toEqual([]);
    lost.kill();
    await lost.ended;
    writeFileSync(join(host.root, 'var/go'), '');
    await waitFor('the temporary folder to go', () => readdirSync(join(host.root, 'tmp')).length === 0);

    const { status } = await bootstrap(host, 'agent-1', { steps, token: TOKEN });
    expect(status).toBe(0);
    expect(host.calls().filter((call) => call.startsWith('systemctl'))).toEqual(['systemctl restart k3s-agent']);
  });

  test('applies manifests on the first server as soon as it knows their kinds', async () => {
    const host = await machine();
    const manifests = { calico: 'kind: HelmChart\n' };
    const { status } = await bootstrap(host, 'server-1', { manifests });

    expect(status).toBe(0);
    expect(host.calls().at(-1)).toBe(
      'kubectl apply --server-side --field-manager=serverless-federation -f manifest-calico.yaml',
    );
    await bootstrap(await machine(), 'agent-1', { manifests, token: TOKEN }).then(({ status }) =>
      expect(status).toBe(0),
    );
  });

  test('gives a node the labels that came after it had registered, by its own credentials', async () => {
    const host = await machine();
    const labels = { tier: 'edge', 'example.com/wasm': 'true' };
    const cluster = (labels?: Record<string, string>) => ({
      name: 'edge-1',
      vpn: false,
      hosts: [{ name: 'server-1', role: 'server' as const, address: '127.0.0.1', labels }],
    });
    await bootstrap(host, 'server-1', { cluster: cluster() });
    expect(existsSync(join(host.root, 'var/stand-in/labels'))).toBe(false);
    const { status } = await bootstrap(host, 'server-1', { cluster: cluster(labels) });
    expect(status).toBe(0);
    expect(read(host, 'var/stand-in/labels')).toBe(
      'label node server-1 --overwrite -- tier=edge example.com/wasm=true (kubelet.kubeconfig)\n',
    );
  });

  test('says what it waited for when a node does not become Ready', async () => {
    const host = await machine();
    writeFileSync(join(host.root, 'var/stand-in/ready'), 'False');
    const failed = await bootstrap(host, 'server-1', { k3s: { readyTimeout: 2 } });
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('gave up after 2 s waiting for the node server-1 to be Ready');

    const registered = await bootstrap(host, 'server-1', { waitForReady: false });
    expect(registered.status).toBe(0);
  });

  test('refuses to make an agent of a server', async () => {
    const host = await machine();
    mkdirSync(join(host.root, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(host.root, 'etc/systemd/system/k3s.service'), '');
    const { status, output } = await bootstrap(host, 'agent-1', { token: TOKEN });

    expect(status).toBe(1);
    expect(output).toContain('this host already runs as k3s, remove that first with k3s-uninstall.sh');
  });

  test('says that a user without root needs sudo without a password', async () => {
    const host = await machine({ asUser: true });
    const { status, output } = await bootstrap(host, 'server-1');

    expect(status).toBe(1);
    expect(output).toContain('sudo: a password is required');
    expect(host.calls()).toEqual([]);
  });

  test('says which join token is missing', async () => {
    const host = await machine();
    const { status, output } = await bootstrap(host, 'agent-1', { env: { TOKEN_FILE: '/nonexistent/token' } });

    expect(status).toBe(1);
    expect(output).toContain("the join token '/nonexistent/token' is missing or empty");
  });

  test('makes the Secrets of a first server in a Job', async () => {
    const host = await machine();
    const bin = folder();
    // The real kubectl makes the Secrets; what would go to an API server is recorded.
    writeFileSync(
      join(bin, 'kubectl'),
      `#!/bin/sh\nif [ "$1" = apply ]; then echo "$@" >>'${bin}/calls'; cat >>'${bin}/applied'; echo --- >>'${bin}/applied'; else PATH='${process.env.PATH}' exec kubectl "$@"; fi\n`,
      { mode: 0o755 },
    );
    const { status, output } = await bootstrap(host, 'server-1', {
      script: 'job.sh',
      env: { PATH: `${bin}:${process.env.PATH}` },
    });

    expect(status).toBe(0);
    expect(output).not.toContain('made-by-k3s');
    const applied = readFileSync(join(bin, 'applied'), 'utf8').split('---\n').slice(0, -1);
    const secrets = applied.map((text) => load(text) as { metadata: object; data: Record<string, string> });
    expect(secrets).toMatchObject([
      { kind: 'Secret', metadata: { name: 'edge-1-kubeconfig', namespace: 'serverless-federation' } },
      { kind: 'Secret', metadata: { name: 'edge-1-token', namespace: 'serverless-federation' } },
    ]);
    expect(Object.keys(secrets[0]?.data ?? {})).toEqual(['kubeconfig']);
    expect(atob(secrets[1]?.data.token ?? '')).toBe('K10ca::server:made-by-k3s\n');
    expect(readFileSync(join(bin, 'calls'), 'utf8').split('\n')[0]).toBe(
      'apply --server-side --force-conflicts --field-manager=serverless-federation -f -',
    );
  });
});
