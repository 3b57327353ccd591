import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { Api, type Obj } from './api.ts';
import { Cluster, type ClusterProps, Etcd } from './cluster.ts';
import { Internet } from './internet.ts';
import { attempt, Process, type RunOptions, type RunResult, run, runFolder } from './process.ts';
import { here, project, synth, trySynth } from './project.ts';

/** Label of nodes that have the Wasm runtime, as the federation files of the test say it. */
export const WASM = 'mrezhi.net/webassembly-runtime';

export interface MemberProps extends Omit<ClusterProps, 'index'> {
  readonly name: string;
}

/**
 * What an operator has before the README begins, and how they go on: the clusters, their kubeconfigs in one folder,
 * names that resolve, this project's scripts and folders of manifests.
 */
export class FederationUnderTest {
  readonly kubeconfigs = join(runFolder, 'kubeconfigs');
  readonly members = new Map<string, Cluster>();
  host!: Cluster;
  private readonly etcd = new Etcd();
  private readonly internet = new Internet();

  /** @param hostProps What the host cluster is. @default - it runs pods as processes */
  constructor(private readonly hostProps: ClusterProps = { index: 1, node: true }) {}

  /** Starts the API servers; the host cluster and members come after one another, for they need all processors. */
  async start(members: readonly MemberProps[]): Promise<void> {
    mkdirSync(this.kubeconfigs, { recursive: true });
    await this.etcd.start();
    this.host = await this.cluster('host', this.hostProps);
    await this.internet.start({ 'karmada.example.com': this.host.address });
    for (const [index, { name, ...props }] of members.entries()) {
      this.members.set(name, await this.cluster(name, { index: 11 + index, ...props }));
    }
  }

  private async cluster(name: string, props: ClusterProps): Promise<Cluster> {
    const cluster = await Cluster.start(name, props);
    await cluster.startControllers();
    copyFileSync(cluster.kubeconfig, join(this.kubeconfigs, `${name}.kubeconfig`));
    return cluster;
  }

  member(name: string): Cluster {
    const member = this.members.get(name);
    if (!member) throw new Error(`there is no member "${name}"`);
    return member;
  }

  /** Synthesizes a federation file, named without its ending, and returns the folder of manifests. */
  synth(file: string): Promise<string> {
    return synth(join(here, `${file}.yaml`));
  }

  /** Synthesizes federation.yaml of this folder with a change. */
  synthChanged(name: string, change: (file: Obj) => void): Promise<string> {
    return synth(this.changed(name, change));
  }

  /** Synthesizes federation.yaml of this folder with a change, which may fail. */
  trySynth(name: string, change: (file: Obj) => void): Promise<RunResult> {
    return trySynth(this.changed(name, change));
  }

  private changed(name: string, change: (file: Obj) => void): string {
    const file = load(readFileSync(join(here, 'federation.yaml'), 'utf8')) as Obj;
    change(file);
    const path = join(runFolder, `${name}.yaml`);
    writeFileSync(path, JSON.stringify(file));
    return path;
  }

  /** Runs one of the project's scripts to its end, whatever that is. */
  tryScript(name: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return attempt([join(project, 'scripts', `${name}.sh`), ...args], this.forScripts(options));
  }

  /** Runs one of the project's scripts, which must succeed. */
  script(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return run([join(project, 'scripts', `${name}.sh`), ...args], this.forScripts(options));
  }

  /** Runs a subcommand of the project's command to its end, whatever that is. */
  command(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return attempt([process.execPath, join(project, 'cli/start.cjs'), ...args], this.forScripts(options));
  }

  private forScripts(options: RunOptions): RunOptions {
    return { seconds: 400, ...options, env: { KUBECONFIG_DIR: this.kubeconfigs, ...options.env } };
  }

  /** The Karmada API, as the operator's kubeconfig reaches it; `takeKubeconfig` comes first. */
  karmada!: Api;

  /** Gets the operator's kubeconfig for the Karmada API, whose address it is unless another is given. */
  async takeKubeconfig(dist: string, server?: string): Promise<void> {
    const file = join(this.kubeconfigs, 'karmada.kubeconfig');
    const address = server === undefined ? [] : ['--server', server];
    await this.script('karmada-kubeconfig', ['--dist', dist, '--output', file, ...address]);
    this.karmada = new Api(file);
  }

  kubectl(cluster: string, args: readonly string[], options?: RunOptions): Promise<string> {
    return run(['kubectl', `--kubeconfig=${join(this.kubeconfigs, `${cluster}.kubeconfig`)}`, ...args], options);
  }

  /** What to read when a test fails: servers that ended, and pods of the host that are not well. */
  async explain(): Promise<string> {
    const ended = Process.all.flatMap((server) => {
      try {
        server.check();
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
    const pods = await this.host.api.list('/api/v1/pods').catch(() => []);
    const sick = pods.filter(({ status }: Obj) => !isWell(status));
    const logs = readdirSync(join(runFolder, 'logs'), { recursive: true, encoding: 'utf8' });
    const events = await this.host.api.list('/api/v1/events').catch(() => []);
    for (const { metadata, status } of sick) {
      const { namespace, name, uid } = metadata;
      const places = [`host.${namespace}.${name}.`, `host/${namespace}_${name}_`]; // of the two kinds of node
      const own = logs.filter((log) => log.endsWith('.log') && places.some((place) => log.startsWith(place)));
      ended.push(`pod ${namespace}/${name} is ${status.phase}: ${status.message ?? 'not ready'}`);
      ended.push(...events.filter(({ involvedObject }) => involvedObject.uid === uid).map(({ message }) => message));
      for (const log of own) {
        const text = readFileSync(join(runFolder, 'logs', log), 'utf8').trimEnd();
        ended.push([`--- end of ${log}`, ...text.split('\n').slice(-25), '---'].join('\n'));
      }
    }
    return ended.join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.members.values(), this.host].map((cluster) => cluster?.stop()));
    await this.etcd.stop();
    this.internet.stop();
  }
}

function isWell(status: Obj): boolean {
  const ready = status.conditions?.some((one: Obj) => one.type === 'Ready' && one.status === 'True');
  return status.phase === 'Succeeded' || (status.phase === 'Running' && ready);
}
