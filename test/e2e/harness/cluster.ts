import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { RealNode } from '../kubelet/node.ts';
import { Api, type Obj } from './api.ts';
import { Authority } from './pki.ts';
import { attempt, Process, type RunOptions, type RunResult, run, runFolder } from './process.ts';
import { until } from './wait.ts';

/** One etcd for all API servers of the harness: each keeps to a prefix of its own. */
export class Etcd {
  static readonly url = 'http://127.0.0.1:2379';
  private static readonly data = join(runFolder, 'etcd');
  private readonly process = new Process('etcd', {
    command: [
      'etcd',
      ...['--data-dir', Etcd.data],
      ...['--listen-client-urls', Etcd.url, '--advertise-client-urls', Etcd.url],
      ...['--listen-peer-urls', 'http://127.0.0.1:2380', '--initial-advertise-peer-urls', 'http://127.0.0.1:2380'],
      ...['--initial-cluster', 'default=http://127.0.0.1:2380'],
      ...['--unsafe-no-fsync', '--log-level', 'warn'],
    ],
  });

  async start(): Promise<void> {
    rmSync(Etcd.data, { recursive: true, force: true }); // another file of tests may have been here
    this.process.start();
    await this.process.ready('to be healthy', () => httpOk(`${Etcd.url}/health`));
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}

function httpOk(url: string): Promise<boolean> {
  return new Promise((done, failed) => {
    const outgoing = request(url, { timeout: 2000 }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 2 s')));
    outgoing.on('error', failed);
    outgoing.end();
  });
}

export interface ClusterProps {
  /** A number from 1 to 99 that no other cluster has: addresses follow from it. */
  readonly index: number;
  /** Controllers to run. @default - all that kube-controller-manager runs by default, but node lifecycle */
  readonly controllers?: readonly string[];
  /** Nodes that KWOK simulates: pods on them run at once, and do nothing. @default - none */
  readonly nodes?: readonly SimulatedNode[];
  /** Whether a node is there that runs pods, as processes of this machine (see `../node`). @default false */
  readonly node?: boolean;
  /** Whether a node is there that runs pods in containers (see `../kubelet`). @default false */
  readonly realNode?: boolean;
  /** Whether containerd of the real node is laid out and started as k3s does it. @default false */
  readonly k3s?: boolean;
}

export interface SimulatedNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** @default 4 */
  readonly cpu?: string;
}

/** A Kubernetes cluster: kube-apiserver, and what else it is told to run. */
export class Cluster {
  /** Address of its API server; 6443 is the port. */
  readonly address: string;
  readonly server: string;
  private constructor(
    readonly name: string,
    private readonly props: ClusterProps,
    private readonly authority: Authority,
  ) {
    this.address = `172.30.0.${100 + props.index}`;
    this.server = `https://${this.address}:6443`;
  }

  /** Kubeconfig of its administrator; its context is named like the cluster. */
  kubeconfig = '';
  api!: Api;
  private readonly processes: Process[] = [];

  /** Starts the API server alone; that is enough to validate manifests. */
  static async start(name: string, props: ClusterProps): Promise<Cluster> {
    const authority = await Authority.create(join(runFolder, 'clusters', name));
    const cluster = new Cluster(name, props, authority);
    await run(['ip', 'address', 'replace', `${cluster.address}/16`, 'dev', 'e2e']);
    const names = [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ];
    await authority.sign('apiserver', '/CN=kube-apiserver', [
      ...names.map((dns) => `DNS:${dns}`),
      ...[`DNS:${name}.example.com`, `IP:${cluster.address}`, 'IP:127.0.0.1', `IP:10.${props.index}.0.1`],
    ]);
    await authority.sign('admin', '/O=system:masters/CN=admin');
    cluster.kubeconfig = authority.kubeconfig(name, cluster.server, 'admin');
    cluster.api = new Api(cluster.kubeconfig);
    await cluster.startApiServer();
    return cluster;
  }

  private async startApiServer(): Promise<void> {
    const { authority } = this;
    const server = this.spawn('kube-apiserver', [
      `--etcd-servers=${Etcd.url}`,
      `--etcd-prefix=/registry/${this.name}`,
      `--bind-address=${this.address}`,
      `--advertise-address=${this.address}`,
      '--secure-port=6443',
      `--service-cluster-ip-range=10.${this.props.index}.0.0/16`,
      `--client-ca-file=${authority.crt('ca')}`,
      `--tls-cert-file=${authority.crt('apiserver')}`,
      `--tls-private-key-file=${authority.key('apiserver')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${authority.key('sa')}`,
      `--service-account-signing-key-file=${authority.key('sa')}`,
      '--authorization-mode=Node,RBAC',
      '--allow-privileged=true',
      '--enable-priority-and-fairness=false',
      '--profiling=false',
      // How it reaches kubelets, for logs.
      '--kubelet-preferred-address-types=InternalIP',
      `--kubelet-client-certificate=${authority.crt('admin')}`,
      `--kubelet-client-key=${authority.key('admin')}`,
    ]);
    await server.ready('to be ready', async () => (await this.api.call('GET', '/readyz')) === 'ok', 120);
    await until(`namespace default of ${this.name}`, () => this.api.find('/api/v1/namespaces/default'));
  }

  private spawn(program: string, args: readonly string[]): Process {
    const server = new Process(`${this.name}.${program}`, { command: [program, ...args] });
    this.processes.push(server);
    return server.start();
  }

  /** Starts what makes objects move: controllers, scheduler, and the nodes it was given. */
  async startControllers(): Promise<void> {
    const { authority, props } = this;
    // Nothing renews the leases of nodes that are not real, hence no node lifecycle for them.
    const without = ['-node-ipam-controller', ...(props.realNode ? [] : ['-node-lifecycle-controller'])];
    const controllers = props.controllers ?? ['*', ...without];
    this.spawn('kube-controller-manager', [
      `--kubeconfig=${this.kubeconfig}`,
      `--controllers=${controllers.join(',')}`,
      '--leader-elect=false',
      '--secure-port=0',
      `--root-ca-file=${authority.crt('ca')}`,
      `--service-account-private-key-file=${authority.key('sa')}`,
      `--cluster-signing-cert-file=${authority.crt('ca')}`,
      `--cluster-signing-key-file=${authority.key('ca')}`,
      '--profiling=false',
    ]);
    if (!props.nodes && !props.node && !props.realNode) return;
    this.spawn('kube-scheduler', [
      ...[`--kubeconfig=${this.kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--profiling=false'],
    ]);
    if (props.nodes) {
      this.spawn('kwok', [
        `--kubeconfig=${this.kubeconfig}`,
        `--config=${join(process.env.E2E_BIN!, 'kwok-stages.yaml')}`,
        '--manage-all-nodes=false',
        '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
        `--cidr=10.${100 + props.index}.0.1/24`,
      ]);
      for (const node of props.nodes) await this.addSimulatedNode(node);
    }
    if (props.node) await this.startNode();
    if (props.realNode) await this.startRealNode();
  }

  /** Its node, where there is a real one. */
  node?: RealNode;

  private async startRealNode(): Promise<void> {
    const { name, address, server, authority, kubeconfig, props } = this;
    this.node = new RealNode({ name, address, server, authority, kubeconfig, index: props.index, k3s: props.k3s });
    await this.node.start();
    await until(`node ${name} to be ready`, () => this.nodeIsReady());
  }

  private async nodeIsReady(name = this.name): Promise<boolean> {
    const node = await this.api.find(`/api/v1/nodes/${name}`);
    return node?.status?.conditions?.some((one: Obj) => one.type === 'Ready' && one.status === 'True') ?? false;
  }

  private async addSimulatedNode(node: SimulatedNode): Promise<void> {
    const resources = { cpu: node.cpu ?? '4', memory: '8Gi', pods: '110' };
    await this.api.create('/api/v1/nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: node.name,
        labels: {
          'kubernetes.io/hostname': node.name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          ...node.labels,
        },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
      status: { allocatable: resources, capacity: resources },
    });
    // Admission marks every new node as not ready; here is no node lifecycle controller to take that away again.
    await this.api.merge(`/api/v1/nodes/${node.name}`, { spec: { taints: null } });
  }

  /** The nodes that run pods as processes. */
  private readonly processNodes: Process[] = [];

  /**
   * Starts a node that runs pods as processes.
   * @param name Its name; the first one is named like the cluster.
   * @param index A number from 1 to 254 that no other node has, nor another cluster.
   */
  async startNode(name = this.name, index = this.props.index): Promise<void> {
    rmSync(join(runFolder, 'nodes', name), { recursive: true, force: true }); // disks of another file of tests
    const node = new Process(`${name}.node`, {
      command: ['node', '--import', 'tsx', join(import.meta.dirname, '..', 'node', 'main.ts')],
      env: {
        NODE_NAME: name,
        NODE_KUBECONFIG: this.kubeconfig,
        NODE_INDEX: String(index),
        NODE_API_ADDRESS: this.address,
      },
    });
    this.processNodes.push(node.start());
    await node.ready('to be ready', () => this.nodeIsReady(name));
  }

  /** Cuts the cluster off: its API server answers nobody any more. */
  async cutOff(): Promise<void> {
    await this.find('kube-apiserver').kill();
  }

  /** Ends `cutOff`. */
  async reconnect(): Promise<void> {
    const server = this.find('kube-apiserver').start();
    await server.ready('to be ready again', async () => (await this.api.call('GET', '/readyz')) === 'ok', 120);
  }

  private find(program: string): Process {
    return this.processes.find((process) => process.name === `${this.name}.${program}`)!;
  }

  async stop(): Promise<void> {
    await Promise.all([this.node, ...this.processNodes].map((node) => node?.stop()));
    await Promise.all(this.processes.map((process) => process.stop('SIGKILL')));
  }

  kubectl(args: readonly string[], options?: RunOptions): Promise<string> {
    return run(['kubectl', `--kubeconfig=${this.kubeconfig}`, ...args], options);
  }

  tryKubectl(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return attempt(['kubectl', `--kubeconfig=${this.kubeconfig}`, ...args], options);
  }
}

/** Writes one kubeconfig with a context for each given one; each file must have one cluster, user and context. */
export function mergeKubeconfigs(files: readonly string[], target: string): string {
  const all = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const merged = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: all.flatMap((config) => config.clusters),
    users: all.flatMap((config) => config.users),
    contexts: all.flatMap((config) => config.contexts),
    'current-context': all[0]['current-context'],
  };
  writeFileSync(target, JSON.stringify(merged, undefined, 2), { mode: 0o600 });
  return target;
}
