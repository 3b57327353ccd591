import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Obj } from '../harness/api.ts';
import { trustedAuthority } from '../harness/internet.ts';
import { run, runFolder } from '../harness/process.ts';
import { expand } from './environment.ts';

/** Folder of the servers that this project builds; they are in `/usr/local/bin` and `/bin` of every container. */
const servers = process.env.E2E_BIN!;

/** What the images of apps in the test's federation files begin with. */
const APP_IMAGES = 'quay.io/korvoj/';

export interface ContainerProps {
  readonly pod: Obj;
  readonly container: Obj;
  readonly env: Readonly<Record<string, string>>;
  /** Folders by volume name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** File that is /etc/hosts in it. */
  readonly hosts: string;
  /** Process that holds the pod's network namespace. @default - the network of the node */
  readonly network?: number;
  /** An empty folder to put the root file system on. */
  readonly root: string;
  readonly log: string;
}

/**
 * A container without an image: a process in mount, process and host name namespaces of its own, in the pod's network.
 * Its root holds this machine's /usr, the servers, and the pod's volumes, and nothing else of this machine.
 * User, groups, capabilities and a read-only root are what the pod's security context says.
 */
export class Container {
  private readonly child: ChildProcess;
  readonly ended: Promise<number>;
  readonly startedAt = new Date().toISOString();

  constructor(props: ContainerProps) {
    const { pod, container, network, log } = props;
    mkdirSync(props.root, { recursive: true });
    const out = openSync(log, 'a');
    const enter = network ? ['/usr/bin/nsenter', `--net=/proc/${network}/ns/net`] : [];
    const [program, ...args] = [
      ...[...enter, '/usr/bin/unshare', '--mount', '--pid', '--uts', '--fork', '--kill-child'],
      ...['/bin/bash', '-euc', script(props), pod.metadata.name, ...commandOf(container, props.env)],
    ];
    this.child = spawn(program!, args, { stdio: ['ignore', out, out], env: { ...props.env }, detached: true });
    closeSync(out);
    this.ended = new Promise((done) => {
      this.child.on('error', () => done(128));
      this.child.on('exit', (code) => done(code ?? 137));
    });
  }

  /** Process id of what the container runs, or undefined when it has ended. */
  get main(): number | undefined {
    const { pid } = this.child;
    const children = `/proc/${pid}/task/${pid}/children`;
    const [first] = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : [];
    return first ? Number(first) : undefined;
  }

  /** Kills the first process of its process namespace, with which all others go. */
  stop(): void {
    const { main } = this;
    // unshare's own way to end its child (--kill-child) is lost when the container takes another user.
    if (main) process.kill(main, 'SIGKILL');
    else this.child.kill('SIGKILL');
  }
}

/**
 * What the container runs: its command and arguments, or, with none, the server that its image is named after.
 * Apps are not there to run; a sleep stands in for them.
 */
function commandOf(container: Obj, env: Readonly<Record<string, string>>): string[] {
  if (container.image.startsWith(APP_IMAGES)) return ['sleep', 'infinity'];
  const server = basename(container.image).replace(/[:@].*$/, '');
  let { command } = container;
  if (!command?.length) {
    if (!existsSync(join(servers, server))) {
      throw new Error(
        `container "${container.name}" has no command, and of image "${container.image}" the entry point is unknown here`,
      );
    }
    command = [server];
  }
  return [...command, ...(container.args ?? [])].map((text: string) => expand(text, env));
}

/** The script that makes the root and becomes the container's process; its arguments are the command. */
function script({ pod, container, volumes, root, hosts }: ContainerProps): string {
  const security = { ...pod.spec.securityContext, ...container.securityContext };
  const at = (path: string) => quote(join(root, path));
  const lines = [
    `mount -t tmpfs -o mode=755 root ${quote(root)}`,
    `mkdir -p ${['usr', 'bin', 'proc', 'dev', 'sys', 'etc', 'tmp', 'run', 'var', 'root'].map(at).join(' ')}`,
    `mount --bind /usr ${at('usr')}`,
    `mount --bind ${quote(servers)} ${at('usr/local/bin')}`,
    `mount --bind ${quote(binFolder())} ${at('bin')}`,
    `for link in lib lib32 lib64 sbin; do [[ ! -e /$link ]] || cp -P /$link ${quote(root)}/; done`,
    `cp /etc/passwd /etc/group /etc/nsswitch.conf ${at('etc')}`,
    `[[ ! -e /etc/alternatives ]] || cp -rP /etc/alternatives ${at('etc')}`,
    `mkdir -p ${at('etc/ssl/certs')}`,
    `cp ${quote(trustedAuthority)} ${at('etc/ssl/certs/ca-certificates.crt')}`,
    `ln -s /run ${at('var/run')}`,
    `chmod 1777 ${at('tmp')}`,
    `: >${at('etc/hosts')}`,
    `: >${at('etc/resolv.conf')}`,
    `mount --bind ${quote(hosts)} ${at('etc/hosts')}`,
    `mount -t proc proc ${at('proc')}`,
    `mount --rbind /dev ${at('dev')}`,
    `hostname "$0"`,
  ];
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => a.mountPath.length - b.mountPath.length);
  for (const mount of mounts) {
    const volume = volumes.get(mount.name);
    if (!volume) throw new Error(`container "${container.name}" mounts volume "${mount.name}", which the pod lacks`);
    const source = mount.subPath ? join(volume, mount.subPath) : volume;
    if (mount.subPath && !existsSync(source)) mkdirSync(source, { recursive: true });
    const target = mount.mountPath.replace(/^\/var\/run\//, '/run/');
    if (statSync(source).isDirectory()) lines.push(`mkdir -p ${at(target)}`);
    else lines.push(`mkdir -p ${at(dirname(target))}`, `[[ -e ${at(target)} ]] || : >${at(target)}`);
    lines.push(`mount --bind ${quote(source)} ${at(target)}`);
    if (mount.readOnly) lines.push(`mount -o remount,bind,ro ${at(target)}`);
  }
  if (security.readOnlyRootFilesystem) lines.push(`mount -o remount,ro ${quote(root)}`);

  const user = ['setpriv'];
  const uid = security.runAsUser ?? (security.runAsNonRoot ? 65532 : 0); // images that are not root's use such a user
  const gid = security.runAsGroup ?? (uid === 0 ? 0 : uid);
  const groups = [
    ...(security.supplementalGroups ?? []),
    ...(security.fsGroup === undefined ? [] : [security.fsGroup]),
  ];
  user.push(`--reuid=${uid}`, `--regid=${gid}`, groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups');
  if (security.capabilities?.drop?.some((name: string) => name.toUpperCase() === 'ALL')) {
    const kept = (security.capabilities.add ?? []).map((name: string) => `+${name.toLowerCase().replace(/^cap_/, '')}`);
    user.push(`--bounding-set=${['-all', ...kept].join(',')}`, '--inh-caps=-all');
  }
  if (security.allowPrivilegeEscalation === false) user.push('--no-new-privs');
  lines.push(`exec chroot ${quote(root)} env --chdir=${quote(container.workingDir ?? '/')} ${user.join(' ')} -- "$@"`);
  return lines.join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `/bin` of the containers: what this machine has in /usr/bin, and the servers, as links. */
function binFolder(): string {
  const folder = join(runFolder, 'bin');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    const own = readdirSync(servers);
    for (const name of own) symlinkSync(`/usr/local/bin/${name}`, join(folder, name));
    for (const name of readdirSync('/usr/bin')) {
      if (!own.includes(name)) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    }
  }
  return folder;
}

/** A network namespace on the bridge, held by a process that sleeps. */
export async function makeNetwork(address: string, name: string): Promise<ChildProcess> {
  const holder = spawn('/usr/bin/unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  const own = networkOf(process.pid);
  while (networkOf(holder.pid!) === own) await new Promise((done) => setTimeout(done, 5));
  const script = `
    ip link add "$1" type veth peer name eth0 netns "$2"
    ip link set "$1" master e2e up
    exec nsenter --net=/proc/"$2"/ns/net bash -euc '
      ip link set lo up
      ip address add "$1/16" dev eth0
      ip link set eth0 up
      ip route add default via 172.30.0.1
      echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start # as containerd sets it
    ' - "$3"`;
  await run(['bash', '-euc', script, '-', name, String(holder.pid), address]);
  return holder;
}

function networkOf(pid: number): string {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino.toString();
  } catch {
    return '';
  }
}
