import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { afterAll, type onTestFinished } from 'vitest';
import { REMOTE_SCRIPT } from '../../constructs/k3s/bootstrap/scripts.ts';
import { ClusterBootstrap, type ClusterBootstrapProps } from '../../constructs/k3s/bootstrap-job.ts';
import { testChart } from '../chart.ts';
import { noSshd, type SshHost, startSshHost } from './ssh-host.ts';

const BOOTSTRAP = join(import.meta.dirname, '../../constructs/k3s/bootstrap');

/** Addresses in the VPN, which is this machine's loopback: nobody answers there, and at once. */
export const SERVER = '127.0.0.5';
export const AGENT = '127.0.0.30';

/** A join token that no log may hold. */
export const TOKEN = 'K10abc::server:very-secret';

if (noSshd && process.env.CI) throw new Error(noSshd);
if (noSshd) console.warn(`skipped: ${noSshd}`);

/** What a test of machines gets of the one that runs it: tests of one file run side by side. */
type Finish = { readonly onTestFinished: typeof onTestFinished };

/** A machine for a test. */
export async function machine(test: Finish, options?: Parameters<typeof startSshHost>[0]): Promise<SshHost> {
  const host = await startSshHost(options);
  test.onTestFinished(() => host.stop());
  return host;
}

export interface Run {
  readonly status: number | null;
  readonly output: string;
  readonly out: string;
}

/** What differs from a cluster of one server and one agent in a VPN, and from what a Job mounts. */
export type Changes = Omit<Partial<ClusterBootstrapProps>, 'cluster'> & {
  cluster?: Omit<ClusterBootstrapProps['cluster'], 'k3s'>;
  k3s?: Partial<ClusterBootstrapProps['cluster']['k3s']>;
  token?: string;
  secrets?: Record<string, string>;
  /** Settings beside those of the file. */
  settings?: Record<string, string>;
  script?: string;
  env?: Record<string, string>;
};

/** Runs the bootstrap of a host from what its Job would mount. */
export const bootstrap = (machine: SshHost, name: string, changes?: Changes) => launch(machine, name, changes).ended;

/**
 * Gives copies of a machine on which a bootstrap has made a host, once for all tests of the file that calls this. Call it
 * outside of tests: the machines are there until the file's last test has ended.
 */
export function bootstrappedMachines() {
  const templates = new Map<string, Promise<SshHost>>();
  afterAll(async () => {
    for (const host of await Promise.all(templates.values())) await host.stop();
  });
  return async (test: Finish, name: 'server-1' | 'agent-1'): Promise<SshHost> => {
    if (!templates.has(name)) {
      templates.set(
        name,
        startSshHost().then(async (host) => {
          const { status, output } = await bootstrap(host, name, name === 'agent-1' ? { token: TOKEN } : {});
          if (status !== 0) throw new Error(output);
          return host;
        }),
      );
    }
    return machine(test, { like: await templates.get(name) });
  };
}

interface Launched {
  readonly ended: Promise<Run>;
  /** Sends a signal to all that runs on this side: the script and its ssh. */
  readonly signal: (signal: NodeJS.Signals) => void;
}

/** As `bootstrap`, with a way to break the connection off. */
export function launch(machine: SshHost, name: string, changes: Changes = {}): Launched {
  const { k3s, cluster, token, secrets, settings, script = 'connect.sh', env, ...props } = changes;
  const chart = testChart();
  new ClusterBootstrap(chart, 'bootstrap', {
    cluster: {
      name: 'edge-1',
      vpn: true,
      hosts: [
        { name: 'server-1', role: 'server', address: '127.0.0.1', vpnIp: SERVER },
        { name: 'agent-1', role: 'agent', address: '127.0.0.1', vpnIp: AGENT },
      ],
      ...cluster,
      k3s: {
        version: 'v1.35.6+k3s1',
        installer: { url: machine.installerUrl },
        readyTimeout: 60,
        settleTime: 1,
        ...k3s,
      },
    },
    network: {},
    ssh: { user: machine.user, port: machine.port, secret: 'federation-ssh' },
    ...props,
  });
  const configMap = Testing.synth(chart).find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `bootstrap-edge-1-${name}`,
  );
  const work = mkdtempSync(join(machine.root, '../run-'));
  const write = (path: string, files: Record<string, string>) => {
    mkdirSync(join(work, path));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(work, path, file), text);
  };
  write('host', { ...configMap.data, ...settings });
  write('secrets', secrets ?? {});
  write('token', token ? { token } : {});
  write('scripts', { 'remote.sh': REMOTE_SCRIPT });
  mkdirSync(join(work, 'out'));
  const child = spawn('bash', [join(BOOTSTRAP, script)], {
    env: {
      PATH: process.env.PATH,
      HOME: work,
      HOST_DIR: join(work, 'host'),
      NAMESPACE: 'serverless-federation',
      OUT_DIR: join(work, 'out'),
      REMOTE_SCRIPT: join(work, 'scripts/remote.sh'),
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
  return { ended, signal: (signal) => process.kill(-(child.pid as number), signal) };
}

export async function waitFor(what: string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) if (isSo()) return;
  throw new Error(`waited a minute for ${what}`);
}

/** All that the bootstrap could change on a machine: content, mode and time of every file, but for the folder of passing ones. */
export function state(machine: SshHost): Record<string, string> {
  const files: Record<string, string> = {};
  for (const part of ['etc', 'var', 'root', 'tmp', '../local']) {
    const base = join(machine.root, part);
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (/\/root\/tmp$|\/var\/run(\/|$)|\/etc\/alternatives|\/stand-in\/(api|processes)$/.test(path)) continue; // the lock, and the API, which is its cluster's
      const { mode, mtimeMs } = statSync(path);
      const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
      files[path] = `${mode.toString(8)} ${mtimeMs} ${content}`;
    }
  }
  return files;
}

export const read = (machine: SshHost, path: string) => readFileSync(join(machine.root, path), 'utf8');
export const mode = (machine: SshHost, path: string) => (statSync(join(machine.root, path)).mode & 0o777).toString(8);
