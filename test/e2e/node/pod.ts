import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, ApiError, type Obj } from '../harness/api.ts';
import { logFolder, runFolder } from '../harness/process.ts';
import { sleep } from '../harness/wait.ts';
import { Container, makeNetwork } from './container.ts';
import { makeEnvironment } from './environment.ts';
import { watchProbe } from './probe.ts';
import { makeVolumes, refreshVolumes } from './volumes.ts';

export interface Surroundings {
  readonly api: Api;
  /** Name of the node, and of its cluster. */
  readonly node: string;
  readonly nodeAddress: string;
  readonly newAddress: () => string;
  /** Environment variables that name the services of a namespace. */
  readonly serviceEnvironment: (namespace: string) => Record<string, string>;
  /** What every pod's /etc/hosts says. */
  readonly names: () => string;
}

interface Status {
  readonly name: string;
  readonly image: string;
  imageID: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: Obj;
}

/** One pod, from its appearance on the node to its end. */
export class RunningPod {
  private readonly path: string;
  private readonly folder: string;
  private readonly hosts: string;
  private readonly volumes: string;
  private readonly inits: Status[];
  private readonly mains: Status[];
  private readonly live = new Set<Container>();
  private network?: ChildProcess;
  private stopped = false;
  private mounted = false;
  private phase = 'Pending';
  private message?: string;

  constructor(
    private readonly around: Surroundings,
    private readonly pod: Obj,
  ) {
    const { namespace, name, uid } = pod.metadata;
    this.path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    this.folder = join(runFolder, 'nodes', around.node, 'pods', uid);
    this.hosts = join(this.folder, 'hosts');
    this.volumes = join(this.folder, 'volumes');
    mkdirSync(this.folder, { recursive: true });
    const fresh = (container: Obj): Status => ({
      name: container.name,
      image: container.image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: 'PodInitializing' } },
    });
    this.inits = (pod.spec.initContainers ?? []).map(fresh);
    this.mains = pod.spec.containers.map(fresh);
    pod.status = { ...pod.status, hostIP: around.nodeAddress, startTime: new Date().toISOString() };
  }

  get uid(): string {
    return this.pod.metadata.uid;
  }

  get namespace(): string {
    return this.pod.metadata.namespace;
  }

  async run(): Promise<void> {
    const { pod, around } = this;
    try {
      if (pod.spec.hostNetwork) {
        pod.status.podIP = around.nodeAddress;
      } else {
        pod.status.podIP = around.newAddress();
        this.network = await makeNetwork(pod.status.podIP, `p${pod.status.podIP.split('.').slice(2).join('-')}`);
      }
      this.writeHosts();
      await this.report();
      const disks = join(runFolder, 'nodes', around.node);
      const volumes = await this.insist(() => makeVolumes(around.api, pod, this.volumes, disks));
      this.mounted = true;
      for (const [index, container] of (pod.spec.initContainers ?? []).entries()) {
        if (container.restartPolicy)
          throw new Error(`init container "${container.name}": restartPolicy is not simulated`);
        const good = await this.runContainer(container, this.inits[index]!, volumes!, true);
        if (this.stopped) return;
        if (!good) return await this.end('Failed');
      }
      this.phase = 'Running';
      const containers: Obj[] = pod.spec.containers;
      const results = await Promise.all(
        containers.map((container, index) => this.runContainer(container, this.mains[index]!, volumes!, false)),
      );
      if (!this.stopped) await this.end(results.every(Boolean) ? 'Succeeded' : 'Failed');
    } catch (error) {
      if (this.stopped) return;
      this.message = (error as Error).message;
      console.error(`${this.path}: ${(error as Error).stack}`);
      await this.end('Failed');
    }
  }

  /** Runs a container, again and again as the restart policy says; whether it succeeded at last. */
  private async runContainer(
    container: Obj,
    status: Status,
    volumes: Map<string, string>,
    init: boolean,
  ): Promise<boolean> {
    const { namespace, name } = this.pod.metadata;
    const policy = this.pod.spec.restartPolicy ?? 'Always';
    while (!this.stopped) {
      const env = await this.insist(() =>
        makeEnvironment(this.around.api, this.pod, container, this.around.serviceEnvironment(namespace)),
      );
      if (this.stopped) return false;
      const running = new Container({
        ...{ pod: this.pod, container, env: env!, volumes, hosts: this.hosts, network: this.network?.pid },
        root: join(this.folder, `root-${container.name}`),
        log: join(logFolder, `${this.around.node}.${namespace}.${name}.${container.name}.log`),
      });
      this.live.add(running);
      status.state = { running: { startedAt: running.startedAt } };
      status.started = !container.startupProbe;
      status.ready = !init && !container.readinessProbe && !container.startupProbe;
      await this.report();
      let over = false;
      if (!init) this.watch(container, status, running, () => over || this.stopped);
      const code = await running.ended;
      over = true;
      this.live.delete(running);
      const finishedAt = new Date().toISOString();
      const reason = code === 0 ? 'Completed' : 'Error';
      status.state = { terminated: { exitCode: code, reason, startedAt: running.startedAt, finishedAt } };
      status.started = false;
      status.ready = init && code === 0;
      if (this.stopped) return false;
      await this.report();
      if (code === 0 && (init || policy !== 'Always')) return true;
      if (code !== 0 && policy === 'Never') return false;
      status.restartCount++;
      await sleep(Math.min(1000 * status.restartCount, 5000));
    }
    return false;
  }

  private watch(container: Obj, status: Status, running: Container, over: () => boolean): void {
    const probed = { address: this.pod.status.podIP, main: () => running.main };
    const start = (probe: Obj, verdict: (good: boolean) => void) =>
      watchProbe(container, probe, probed, over, verdict).catch((error) => {
        this.message = `container "${container.name}": ${error.message}`;
        void this.report();
      });
    const restart = (what: string) => (good: boolean) => {
      if (good) return;
      console.error(`${this.path}: ${what} probe of "${container.name}" failed, it is started again`);
      running.stop();
    };
    const started = () => {
      if (over()) return;
      status.started = true;
      if (container.livenessProbe) void start(container.livenessProbe, restart('liveness'));
      const ready = (good: boolean) => {
        if (over()) return;
        status.ready = good;
        void this.report();
      };
      if (container.readinessProbe) void start(container.readinessProbe, ready);
      else ready(true);
    };
    if (container.startupProbe) {
      void start(container.startupProbe, (good) => (good ? started() : restart('startup')(good)));
    } else {
      started();
    }
  }

  /** Tries until it works or the pod is stopped; meanwhile the pod's status says why. */
  private async insist<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    while (!this.stopped) {
      try {
        const result = await attempt();
        this.message = undefined;
        return result;
      } catch (error) {
        const message = (error as Error).message;
        if (this.message !== message) {
          this.message = message;
          await this.report();
        }
        await sleep(500);
      }
    }
    return undefined;
  }

  writeHosts(): void {
    const { metadata, spec, status } = this.pod;
    const own = spec.hostname ?? metadata.name;
    const full = spec.subdomain ? `${own}.${spec.subdomain}.${metadata.namespace}.svc.cluster.local ` : '';
    const text = `127.0.0.1 localhost\n${status.podIP} ${full}${own}\n${this.around.names()}`;
    writeFileSync(this.hosts, text);
  }

  /** Brings its volumes up to date with objects of its namespace that have changed, `secrets/NAME` or `configmaps/NAME`. */
  async refresh(changed: ReadonlySet<string>): Promise<void> {
    if (this.mounted && !this.stopped) await refreshVolumes(this.around.api, this.pod, this.volumes, changed);
  }

  private async end(phase: string): Promise<void> {
    this.phase = phase;
    this.network?.kill('SIGKILL');
    for (const container of this.live) container.stop();
    await this.report();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const ends = [...this.live].map((container) => container.ended);
    for (const container of this.live) container.stop();
    await Promise.all(ends);
    this.network?.kill('SIGKILL');
  }

  private async report(): Promise<void> {
    const ready = this.phase === 'Running' && this.mains.every((status) => status.ready);
    const initialized = this.inits.every((status) => status.ready);
    const condition = (type: string, good: boolean) => ({ type, status: good ? 'True' : 'False' });
    const status = {
      ...{ phase: this.phase, message: this.message ?? null, startTime: this.pod.status.startTime },
      hostIP: this.pod.status.hostIP,
      podIP: this.pod.status.podIP,
      podIPs: [{ ip: this.pod.status.podIP }],
      conditions: [
        condition('PodScheduled', true),
        condition('Initialized', initialized),
        condition('ContainersReady', ready),
        condition('Ready', ready),
      ],
      initContainerStatuses: this.inits.length > 0 ? this.inits : null,
      containerStatuses: this.mains,
    };
    try {
      await this.around.api.merge(`${this.path}/status`, { metadata: { uid: this.uid }, status });
    } catch (error) {
      if (!(error instanceof ApiError && [404, 409].includes(error.code))) console.error(`${this.path}: ${error}`);
    }
  }
}
