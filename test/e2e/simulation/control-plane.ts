import { type Api, ApiError, isPassing, type Obj } from '../harness/api.ts';
import { Mirror } from '../harness/mirror.ts';
import { sleep, until } from '../harness/wait.ts';
import { POLICY_API } from './policies.ts';
import { FEDERATION_LABEL } from './vocabulary.ts';

/** Where objects of a kind are, apart from the namespace. */
const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  Job: 'jobs',
  ConfigMap: 'configmaps',
  Service: 'services',
  RuntimeClass: 'runtimeclasses',
  Namespace: 'namespaces',
  Cluster: 'clusters',
  PropagationPolicy: 'propagationpolicies',
  ClusterPropagationPolicy: 'clusterpropagationpolicies',
  OverridePolicy: 'overridepolicies',
  ClusterOverridePolicy: 'clusteroverridepolicies',
  ClusterTaintPolicy: 'clustertaintpolicies',
  FederatedResourceQuota: 'federatedresourcequotas',
};

/** Path of what an object is created below. */
export function folderOf({ apiVersion, kind, metadata }: Obj): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${PLURALS[kind]}`;
}

export const pathOf = (object: Obj): string => `${folderOf(object)}/${object.metadata.name}`;

const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';

/** Namespace where objects stand that only show how far Karmada has come. */
const CANARIES = 'canaries';
const EXECUTION_SPACE = /^karmada-es-(.+)-[a-z]$/;

/**
 * A Karmada control plane in which many federations stand side by side, each with a name of its own that its members'
 * labels and its namespace bear. It has no agents: the test reports the state of members, and lets Works go in their
 * place.
 */
export class ControlPlane {
  readonly clusters: Mirror;
  readonly works: Mirror;
  private readonly bindings: Mirror;
  private readonly clusterBindings: Mirror;
  private canaries = 0;

  constructor(readonly api: Api) {
    this.clusters = new Mirror(api, CLUSTERS, ({ metadata }) => metadata.labels?.[FEDERATION_LABEL]);
    this.works = new Mirror(
      api,
      '/apis/work.karmada.io/v1alpha1/works',
      ({ metadata }) => EXECUTION_SPACE.exec(metadata.namespace)?.[1],
    );
    const bindings = '/apis/work.karmada.io/v1alpha2';
    this.bindings = new Mirror(api, `${bindings}/resourcebindings`, ({ metadata }) => metadata.namespace);
    this.clusterBindings = new Mirror(api, `${bindings}/clusterresourcebindings`, ({ spec }) => spec.resource.name);
  }

  private get mirrors(): Mirror[] {
    return [this.clusters, this.works, this.bindings, this.clusterBindings];
  }

  async start(): Promise<void> {
    await until('Karmada to serve clusters', () => this.api.call('GET', CLUSTERS));
    await Promise.all(this.mirrors.map((mirror) => mirror.start()));
    this.works.onChange((work) => void this.letGo(work));
    await this.createNamespace(CANARIES);
    await this.create(canaryPolicy('PropagationPolicy', CANARIES));
  }

  stop(): void {
    for (const mirror of this.mirrors) mirror.stop();
  }

  /** What an agent does with a Work that is to go, once it has removed what it is for. */
  private async letGo({ apiVersion, metadata }: Obj): Promise<void> {
    if (!metadata.deletionTimestamp || !metadata.finalizers?.length) return;
    const path = `/apis/${apiVersion}/namespaces/${metadata.namespace}/works/${metadata.name}`;
    await this.api.merge(path, { metadata: { finalizers: null } }).catch(() => {}); // it may be gone already
  }

  /** A namespace that Karmada does not send to members by itself. */
  async createNamespace(name: string): Promise<void> {
    const labels = { 'namespace.karmada.io/skip-auto-propagation': 'true' };
    await this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }

  /** Creates an object that is not there yet. */
  create(object: Obj): Promise<Obj> {
    let tried = false;
    return patiently(`${pathOf(object)} to be created`, async () => {
      try {
        return await this.api.create(folderOf(object), object);
      } catch (error) {
        // Made, though the answer was lost.
        if (tried && error instanceof ApiError && error.code === 409) return this.api.call('GET', pathOf(object));
        tried = true;
        throw error;
      }
    });
  }

  /** Changes fields of an object, or of its status at its path. */
  merge(path: string, fields: Obj): Promise<Obj> {
    return patiently(`${path} to be changed`, () => this.api.merge(path, fields));
  }

  /** Makes a cluster known, and says what its agent would report. */
  async join({ status, ...cluster }: Obj): Promise<void> {
    await this.create(cluster);
    await this.report(cluster.metadata.name, status);
  }

  async report(cluster: string, status: Obj): Promise<void> {
    await this.merge(`${CLUSTERS}/${cluster}/status`, { status });
  }

  /** The bindings of a federation: what Karmada has decided. */
  bindingsOf(federation: string): Obj[] {
    return [...this.bindings.of(federation), ...this.clusterBindings.of(federation)];
  }

  /** Milliseconds since anything of a federation has changed last. */
  quiet(federation: string): number {
    return Date.now() - Math.max(...this.mirrors.map((mirror) => mirror.lastChange(federation)));
  }

  /** Waits until Karmada has taken notice of every policy that was made before: until it has placed something by a newer one. */
  async catchUpWithPolicies(): Promise<void> {
    await Promise.all([this.canary('PropagationPolicy'), this.canary('ClusterPropagationPolicy')]);
  }

  /**
   * Waits until Karmada's scheduler has seen the members of a federation as they are now: until it takes something to the
   * one that changed last. Else it might place by what it knew a moment ago, and never again: what a member reports is no
   * cause for it to do so (pkg/scheduler/event_handler.go).
   */
  async catchUpWithMembers(federation: string): Promise<void> {
    const version = ({ metadata }: Obj) => Number(metadata.resourceVersion);
    const [last] = this.clusters.of(federation).sort((a, b) => version(b) - version(a));
    const { metadata, spec } = last;
    const placement = {
      clusterAffinity: { clusterNames: [metadata.name] },
      clusterTolerations: spec.taints?.map(({ key, effect }: Obj) => ({ key, effect, operator: 'Exists' })),
    };
    const arrives = async () => {
      const { spec } = await this.canary('PropagationPolicy', placement);
      return spec.clusters?.length > 0;
    };
    await until(`the scheduler to know of ${metadata.name}`, arrives, { seconds: PATIENCE });
  }

  /** Waits until Karmada has come to every change that was made before: until it has placed something newer. */
  async catchUp(): Promise<void> {
    await this.canary();
  }

  /** Has Karmada place an object, by a new policy of this kind unless none is given, and returns the binding. */
  private async canary(kind?: string, placement = NOWHERE): Promise<Obj> {
    const name = `canary-${this.canaries++}`;
    const labels = { policy: kind ? name : CANARIES };
    const target = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: CANARIES, labels } };
    const policy = kind && canaryPolicy(kind, name, placement);
    if (policy) await this.create(policy);
    await this.create(target);
    const placed = () => {
      const binding = this.bindings.get(`${name}-configmap`, CANARIES);
      return binding?.status?.conditions?.length > 0 && binding;
    };
    const binding = await until(`Karmada to come to ${name}`, placed, { seconds: PATIENCE, every: 0.1 });
    void this.remove([target, ...(policy ? [policy] : [])]);
    return binding;
  }

  /** Removes objects in this order, whether or not they are there, and the bindings that hang on them. */
  async remove(objects: readonly Obj[]): Promise<void> {
    // What hangs on a Job stays by default.
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
    for (const object of objects) await this.api.delete(pathOf(object), options).catch(() => {});
  }

  /**
   * Waits until a federation is as it should be and stays so for a moment. Where it is not, though nothing changes any
   * more, Karmada has to show that it still works, and everything is looked at anew, more than once.
   * @param faults What is not as it should be.
   */
  async settle(federation: string, faults: () => string[]): Promise<string[]> {
    const end = Date.now() + PATIENCE * 1000;
    for (let look = 1; ; look++) {
      await this.catchUp();
      const found = await this.calm(federation, faults, end);
      if (found.length === 0 || look === LOOKS || Date.now() > end) return found;
      await Promise.all(this.mirrors.map((mirror) => mirror.refresh()));
    }
  }

  /** What is not as it should be, once nothing of a federation has changed for a while. */
  private async calm(federation: string, faults: () => string[], end: number): Promise<string[]> {
    const since = Date.now();
    for (;;) {
      const found = faults();
      const quiet = Math.min(this.quiet(federation), Date.now() - since);
      if (quiet > (found.length === 0 ? CALM : LONG)) return found;
      if (Date.now() > end) return [`still changing after ${PATIENCE} s`, ...found];
      await sleep(100);
    }
  }
}

/** Asks until it is answered: a machine with much to do may be late at times. */
function patiently<T extends object>(what: string, ask: () => Promise<T>): Promise<T> {
  return until(what, ask, { seconds: PATIENCE, every: 0.5, despite: isPassing });
}

/** A placement that leads to no member. */
const NOWHERE: Obj = { clusterAffinity: { clusterNames: ['none'] } };

/** A policy that takes canaries of this name before any other. */
function canaryPolicy(kind: string, name: string, placement = NOWHERE): Obj {
  const resourceSelectors = [
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: CANARIES, labelSelector: { matchLabels: { policy: name } } },
  ];
  const metadata = { name, ...(kind === 'PropagationPolicy' && { namespace: CANARIES }) };
  return { apiVersion: POLICY_API, kind, metadata, spec: { resourceSelectors, placement } };
}

/** Milliseconds without a change after which what is right counts as the end, and what is wrong is looked at again. */
const CALM = 700;
const LONG = 8_000;
/** How often what is wrong is looked at. */
const LOOKS = 3;
/** Seconds to wait for anything of Karmada. */
const PATIENCE = 300;
