import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';

const STAND_IN = join(import.meta.dirname, 'stand-in');
/** Runs a command in a mount namespace of its own. */
const UNSHARE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--mount'];
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync);

/** Why no machine can be started here, or undefined where one can. */
export const noSshd = !SSHD
  ? "needs sshd, install it with 'apt-get install openssh-server'"
  : canUnshare()
    ? undefined
    : 'needs mount namespaces, run it as root or where users may make namespaces of their own';

export interface SshHostProps {
  /** Makes its sessions those of `nobody`. @default false */
  readonly asUser?: boolean;
  /** Address that sshd listens on. @default - loopback */
  readonly address?: string;
  /** Process that holds the network namespace of the machine, which has this address. @default - the network of the test */
  readonly network?: number;
  /** Folder with a client's key that may log in; the machine's own key is added to its known hosts. @default - a new one */
  readonly sshDir?: string;
  /** A machine whose state of now it starts with, as a copy of its disk would; its k3s runs. @default - a bare one */
  readonly like?: SshHost;
  /** Whether it is as Alpine is: OpenRC in the place of systemd, and busybox's programs. @default false */
  readonly alpine?: boolean;
  /** Paths of programs to put into its `/usr/local/bin`. @default - none besides the stand-ins */
  readonly programs?: readonly string[];
}

/** A machine that a test logs in to: a real sshd, on loopback if nothing else is said, whose sessions see folders of their own. */
export interface SshHost {
  readonly port: number;
  readonly user: string;
  /** Folder with `ssh-privatekey` and `known_hosts`, as the Secret of a bootstrap Job is mounted. */
  readonly sshDir: string;
  /** The machine's `/`. */
  readonly root: string;
  /** URL of the stand-in for k3s's installer. */
  readonly installerUrl: string;
  /** What the stand-ins were called with, in order. */
  calls(): string[];
  /** What was written to the API of its cluster, in order. */
  api(): string[];
  /** Has the stand-in for k3s, and the machine, be as a file of that name in `/var/stand-in` says. */
  set(name: string, text?: string): void;
  stop(): Promise<void>;
}

/** Starts a machine. */
export async function startSshHost(props: SshHostProps = {}): Promise<SshHost> {
  const { asUser = false, address = '127.0.0.1', network, like, alpine = false, programs = [] } = props;
  const folder = mkdtempSync(join(tmpdir(), 'ssh-host-'));
  const root = join(folder, 'root');
  for (const path of ['usr', 'proc', 'dev', 'etc', 'run', 'tmp', 'root', 'var/stand-in']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  // The kernel's control groups are the test's; with a network of its own, it has the rest of /sys, too.
  mkdirSync(join(folder, 'cgroup'));
  writeFileSync(join(folder, 'cgroup/cgroup.controllers'), 'cpuset cpu io memory pids\n');
  mkdirSync(join(root, network ? 'sys' : 'sys/fs/cgroup'), { recursive: true });
  writeFileSync(
    join(folder, 'fstab'),
    [
      `/usr ${root}/usr none rbind,ro`,
      `${folder}/local ${root}/usr/local none bind`,
      ...(existsSync('/usr/share/keyrings') ? [`${folder}/keyrings ${root}/usr/share/keyrings none bind`] : []),
      `/proc ${root}/proc none rbind`,
      `/dev ${root}/dev none rbind`,
      ...(network ? [`sysfs ${root}/sys sysfs defaults`] : []),
      `${folder}/cgroup ${root}/sys/fs/cgroup none bind\n`,
    ].join('\n'),
  );
  for (const path of ['bin', 'lib', 'lib64', ...(alpine ? [] : ['sbin'])]) symlinkSync(`usr/${path}`, join(root, path));
  symlinkSync('../run', join(root, 'var/run'));
  // Debian's programs of several makers, awk among them, are links through this folder.
  if (existsSync('/etc/alternatives')) {
    cpSync('/etc/alternatives', join(root, 'etc/alternatives'), { recursive: true, verbatimSymlinks: true });
  }
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const path of ['', 'root']) chmodSync(join(folder, path), 0o755);
  for (const file of ['passwd', 'group']) copyFileSync(join('/etc', file), join(root, 'etc', file));
  mkdirSync(join(folder, 'local/bin'), { recursive: true });
  const init = alpine ? ['rc-service'] : ['systemctl', 'journalctl', 'ss'];
  const standIns = [...init, 'curl', 'modprobe', 'sudo'].map((name) => join(STAND_IN, name));
  for (const program of [...standIns, ...programs]) {
    copyFileSync(program, join(folder, 'local/bin', basename(program)));
  }
  if (alpine) likeAlpine(root, join(folder, 'local/busybox'));
  mkdirSync(join(folder, 'keyrings'));
  for (const file of ['k3s', 'service.sh']) copyFileSync(join(STAND_IN, file), join(root, 'var/stand-in', file));
  writeFileSync(join(root, 'var/stand-in/ready'), 'True');
  for (const file of ['calls', 'api', 'log', 'listening', 'last-words']) {
    writeFileSync(join(root, 'var/stand-in', file), '');
  }

  if (like) copyState(like, root);
  const sshDir = props.sshDir ?? join(folder, 'ssh');
  mkdirSync(sshDir, { recursive: true });
  const hostKeyFile = join(folder, 'host-key');
  placeKey('client', join(sshDir, 'ssh-privatekey'));
  placeKey('machine', hostKeyFile);
  const sshdConfig = join(folder, 'sshd_config');
  writeFileSync(
    sshdConfig,
    [
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${join(sshDir, 'ssh-privatekey.pub')}`,
      'AuthenticationMethods publickey',
      // What a client would rather agree on costs ten times as much, on both sides.
      'KexAlgorithms curve25519-sha256',
      'StrictModes no',
      'PidFile none',
      // The login shell of whoever runs the tests would read its .bashrc, which is no part of the machine.
      `SetEnv HOME=${folder}`,
      `ForceCommand ${[...UNSHARE, join(STAND_IN, 'session.sh'), folder, asUser ? 65534 : 0].join(' ')}`,
    ].join('\n'),
  );

  // Debian's package leaves this folder to the service that it starts.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const enter = network ? ['nsenter', `--net=/proc/${network}/ns/net`] : [];
  const command = [...enter, SSHD as string, '-D', '-e', '-f', sshdConfig];
  const { port, ...sshd } = await (network
    ? startSshd(command, '0.0.0.0', 2222)
    : persistently(async () => startSshd(command, address, await freePort(address))));
  const hostKey = readFileSync(`${hostKeyFile}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  appendFileSync(join(sshDir, 'known_hosts'), `[${address}]:${port} ${hostKey}\n`);

  const web = createServer((_, response) => response.end(readFileSync(join(STAND_IN, 'installer.sh'))));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));

  return {
    port,
    user: userInfo().username,
    sshDir,
    root,
    installerUrl: `http://127.0.0.1:${(web.address() as AddressInfo).port}/install.sh`,
    calls: () => lines(join(root, 'var/stand-in/calls')),
    api: () => lines(join(root, 'var/stand-in/api')),
    set: (name, text = '') => {
      mkdirSync(join(root, 'var/stand-in', name, '..'), { recursive: true });
      writeFileSync(join(root, 'var/stand-in', name), text);
    },
    stop: async () => {
      for (const name of readdirSync(join(root, 'var/stand-in'))) {
        if (name.startsWith('main-pid-')) endSession(Number(readFileSync(join(root, 'var/stand-in', name), 'utf8')));
      }
      await sshd.stop();
      await new Promise((resolve) => web.close(resolve));
      // What ends there may write still.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** What tells OpenRC from systemd, and busybox's programs, of which Debian's has not all. */
function likeAlpine(root: string, programs: string): void {
  mkdirSync(join(root, 'sbin'));
  writeFileSync(join(root, 'sbin/openrc-run'), '', { mode: 0o755 });
  mkdirSync(join(root, 'var/log'));
  mkdirSync(programs);
  const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) symlinkSync('/usr/bin/busybox', join(programs, applet));
}

/** Copies what a bootstrap has changed, and starts what stands for k3s's process. */
function copyState(from: SshHost, root: string): void {
  for (const path of ['etc/rancher', 'etc/systemd', 'var/lib', 'var/stand-in', '../local']) {
    const source = join(from.root, path);
    if (existsSync(source)) cpSync(source, join(root, path), { recursive: true, preserveTimestamps: true });
  }
  for (const file of ['calls', 'api', 'log']) writeFileSync(join(root, 'var/stand-in', file), '');
  const service = readFileSync(join(root, 'var/stand-in/active'), 'utf8');
  const k3s = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  k3s.unref();
  writeFileSync(join(root, `var/stand-in/main-pid-${service}`), String(k3s.pid));
  writeFileSync(join(root, 'var/stand-in/heartbeat'), `${new Date().toISOString().replace(/\.\d+/, '')}\n`);
}

/** Keys with their public halves, made when the first machine needs them: known hosts are told apart by their ports. */
const keys: Partial<Record<'client' | 'machine', readonly [Buffer, Buffer]>> = {};

function placeKey(whose: keyof typeof keys, file: string): void {
  if (existsSync(file)) return;
  const [key, publicKey] = keys[whose] ?? [];
  if (key && publicKey) {
    writeFileSync(file, key, { mode: 0o600 });
    writeFileSync(`${file}.pub`, publicKey);
  } else {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    keys[whose] = [readFileSync(file), readFileSync(`${file}.pub`)];
  }
}

const lines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);

/** Ends the stand-in for k3s's process, which outlives the SSH session as a service does, with what it started. */
function endSession(pid: number): void {
  try {
    process.kill(-pid);
  } catch {
    // It has ended by itself.
  }
}

function canUnshare(): boolean {
  const [unshare = '', ...options] = UNSHARE;
  return spawnSync(unshare, [...options, 'true']).status === 0;
}

async function freePort(address: string): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Tries again what somebody else's choice of the same free port can make fail. */
async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** Starts sshd; it listens when this returns. */
async function startSshd(command: readonly string[], address: string, port: number) {
  const [program, ...args] = [...command, '-o', `ListenAddress=${address}:${port}`];
  const sshd = spawn(program as string, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => sshd.on('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let log = '';
    const fail = (what: string) => reject(new Error(`sshd ${what} on port ${port}: ${log}`));
    const late = setTimeout(() => {
      sshd.kill();
      fail('did not listen within a minute');
    }, 60_000);
    sshd.on('exit', () => {
      clearTimeout(late);
      fail('does not listen');
    });
    sshd.stderr.on('data', (data) => {
      log += data;
      if (!log.includes('Server listening on ')) return;
      clearTimeout(late);
      resolve();
    });
  });
  const stop = () => {
    sshd.kill();
    return exited;
  };
  return { port, stop };
}
