import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Authority } from '../harness/pki.ts';
import { logFolder, Process, run, runFolder } from '../harness/process.ts';
import { until } from '../harness/wait.ts';
import { asK3s } from '../wasm/k3s.ts';
import { type FileImage, makeImages, PAUSE_IMAGE } from './images.ts';

/** Where Debian has the plug-ins for pod networks. */
const PLUGINS = '/usr/lib/cni';

/** Where daemons are, which a user's PATH may lack. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

export interface RealNodeProps {
  /** Name of the cluster and of its node. */
  readonly name: string;
  /** Number of the cluster: addresses follow from it. */
  readonly index: number;
  /** Address of the API server, and of the node. */
  readonly address: string;
  readonly server: string;
  readonly authority: Authority;
  /** Kubeconfig of the administrator, for what stands in for the cluster's add-ons. */
  readonly kubeconfig: string;
  /** Whether containerd is laid out and started as k3s does it. @default false */
  readonly k3s?: boolean;
}

/**
 * A node as it is anywhere: kubelet, containerd and runc, with a bridge for the pods' network. Beside it runs what a
 * cluster has of add-ons (see `addons.ts`).
 */
export class RealNode {
  private readonly folder: string;
  private readonly cgroup = basename(runFolder);
  private readonly servers: Process[] = [];

  constructor(private readonly props: RealNodeProps) {
    this.folder = join(runFolder, 'kubelet', props.name);
  }

  async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    await this.hideMachine();
    await this.startContainerd();
    await this.startKubelet();
    const names = await this.startDns();
    this.spawn('addons', ['node', '--import', 'tsx', join(import.meta.dirname, 'addons.ts')], {
      NODE_KUBECONFIG: this.props.kubeconfig,
      NODE_NAME: this.props.name,
      NODE_ADDRESS: this.props.address,
      NODE_NAMES: names,
    });
  }

  private spawn(name: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Process {
    const started = new Process(`${this.props.name}.${name}`, { command, env: { PATH, ...env } });
    this.servers.push(started);
    return started.start();
  }

  /** What containerd and kubelet keep or change at places of the machine that no option names stays in the sandbox. */
  private async hideMachine(): Promise<void> {
    for (const folder of ['/run', '/var/lib', '/var/log']) await run(['mount', '-t', 'tmpfs', 'tmpfs', folder]);
    // Kubelet wants these of the whole machine's kernel; it gets to see what it wants.
    const wanted = {
      'vm/overcommit_memory': 1,
      'vm/panic_on_oom': 0,
      'kernel/panic': 10,
      'kernel/panic_on_oops': 1,
      'kernel/keys/root_maxkeys': 1_000_000,
      'kernel/keys/root_maxbytes': 25_000_000,
    };
    for (const [name, value] of Object.entries(wanted)) {
      const file = join(this.folder, name.replaceAll('/', '.'));
      writeFileSync(file, `${value}\n`);
      await run(['mount', '--bind', file, `/proc/sys/${name}`]);
    }
    for (const root of cgroupRoots()) mkdirSync(join(root, this.cgroup), { recursive: true });
  }

  private async startContainerd(): Promise<void> {
    const { folder, props } = this;
    const networks = join(folder, 'networks');
    mkdirSync(networks, { recursive: true });
    // The bridge is the sandbox's; its addresses are told apart by the number of the cluster.
    const pods = { subnet: '172.30.0.0/16', gateway: '172.30.0.1' };
    const range = { rangeStart: `172.30.${props.index}.2`, rangeEnd: `172.30.${props.index}.254` };
    const bridge = {
      ...{ type: 'bridge', bridge: 'e2e' },
      ipam: { type: 'host-local', ranges: [[{ ...pods, ...range }]], routes: [{ dst: '0.0.0.0/0' }] },
    };
    writeFileSync(
      join(networks, 'e2e.conflist'),
      JSON.stringify({ cniVersion: '1.0.0', name: 'e2e', plugins: [bridge] }),
    );
    const config = join(folder, 'containerd.toml');
    writeFileSync(
      config,
      `version = 2
root = "${join(folder, 'containerd')}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true # the sandbox may lack the right to lower it
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${PLUGINS}"
  conf_dir = "${networks}"
`,
    );
    const command = props.k3s ? await asK3s(config, folder) : ['containerd', '--config', config];
    const containerd = this.spawn('containerd', command);
    await containerd.ready('to answer', () => run(['ctr', 'version']));
  }

  private async startKubelet(): Promise<void> {
    const { folder, props } = this;
    const client = await props.authority
      .sign('kubelet', `/O=system:nodes/CN=system:node:${props.name}`)
      .then(() => props.authority.kubeconfig(props.name, props.server, 'kubelet'));
    const config = join(folder, 'kubelet.json');
    const pods = join(logFolder, props.name);
    mkdirSync(pods, { recursive: true });
    writeFileSync(
      config,
      JSON.stringify({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
        authentication: { x509: { clientCAFile: props.authority.crt('ca') } },
        address: props.address,
        podLogsDir: pods,
        clusterDNS: [dnsAddress(props.index)],
        clusterDomain: 'cluster.local',
        resolvConf: '',
        volumePluginDir: join(folder, 'volume-plugins'),
        // The sandbox has control groups of its own, by whichever version the machine has.
        cgroupDriver: 'cgroupfs',
        cgroupRoot: `/${this.cgroup}`,
        failCgroupV1: false,
        failSwapOn: false,
        protectKernelDefaults: true,
        // How full the machine's disk is must not matter.
        evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
        imageGCHighThresholdPercent: 100,
      }),
    );
    const kubelet = this.spawn('kubelet', [
      'kubelet',
      `--config=${config}`,
      `--kubeconfig=${client}`,
      `--root-dir=${join(folder, 'root')}`,
      `--cert-dir=${join(folder, 'pki')}`,
      `--hostname-override=${props.name}`,
      `--node-ip=${props.address}`,
    ]);
    await kubelet.ready('to be healthy', async () => {
      const answer = await fetch('http://127.0.0.1:10248/healthz');
      return answer.ok;
    });
  }

  /** Starts a server that knows the names in a file, and that there are no others; returns the file. */
  private async startDns(): Promise<string> {
    const address = dnsAddress(this.props.index);
    await run(['ip', 'address', 'replace', `${address}/32`, 'dev', 'e2e']);
    const names = join(this.folder, 'names');
    mkdirSync(names);
    this.spawn('dnsmasq', [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file', '--user=root', '--log-facility=-'],
      ...['--bind-interfaces', `--listen-address=${address}`],
      ...['--no-resolv', '--no-hosts', `--hostsdir=${names}`, '--local=/#/'],
    ]);
    return join(names, 'hosts');
  }

  /** Gives containerd images of these names; see `images.ts` for what is in them. */
  async load(names: readonly string[], others: readonly FileImage[] = []): Promise<void> {
    const folder = join(this.folder, 'images');
    await makeImages(folder, names, others);
    const script = 'tar --create --directory "$1" blobs index.json oci-layout | ctr --namespace k8s.io images import -';
    await run(['bash', '-euo', 'pipefail', '-c', script, '-', folder]);
    rmSync(folder, { recursive: true });
  }

  /** Processes of the pods, with the containers that they are in. */
  processes(): { readonly id: number; readonly container: string }[] {
    const root = join(cgroupRoots()[0]!, this.cgroup);
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => basename(file) === 'cgroup.procs')
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => ({ id: Number(line), container: basename(dirname(file)) })),
      );
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop('SIGKILL')));
    // run.sh removes the control groups that they leave.
    await until('the containers to end', () => {
      const left = this.processes();
      for (const { id } of left) process.kill(id, 'SIGKILL');
      return left.length === 0;
    });
  }
}

/** Service addresses are given from their upper end, so this one is free. */
const dnsAddress = (index: number) => `10.${index}.0.10`;

/** Where trees of control groups are: one place with version 2, one for each controller with version 1. */
function cgroupRoots(): string[] {
  const root = '/sys/fs/cgroup';
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(root, name));
}
