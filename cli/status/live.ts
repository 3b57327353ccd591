import { FEDERATION_LABEL, MANAGED_BY } from '../../constructs/names.ts';
import type { Cluster } from '../../simulation/karmada.ts';
import type { KubeObject, ObjectRef } from '../../simulation/kubernetes.ts';
import type { ApiServer } from '../servers/api-server.ts';

/** What the central cluster tells. */
export interface Host {
  readonly workloads: readonly Workload[];
  /** Secrets that hold certificates: what is in them does not leave the server. */
  readonly secrets: readonly KubeObject[];
  /** Of cert-manager. */
  readonly certificates: readonly Certificate[];
}

/** What the Karmada API tells. */
export interface Karmada {
  readonly clusters: readonly Cluster[];
  readonly bindings: readonly Binding[];
  /** By which agents say that they are alive. */
  readonly leases: readonly Lease[];
  /** What has gone well and wrong on the way from bindings to members. */
  readonly events: readonly Event[];
}

export interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

export interface Certificate extends KubeObject {
  readonly status?: { readonly notAfter?: string };
}

export interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string };
}

export interface Event extends KubeObject {
  readonly involvedObject: ObjectRef;
  readonly reason: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
}

/** A ResourceBinding or ClusterResourceBinding (pkg/apis/work/v1alpha2 of Karmada 1.18). */
export interface Binding extends KubeObject {
  readonly spec: {
    readonly resource: ObjectRef;
    readonly replicas?: number;
    readonly clusters?: readonly TargetCluster[];
    /** What it goes along with, and where that is. */
    readonly requiredBy?: readonly { readonly clusters?: readonly TargetCluster[] }[];
    readonly gracefulEvictionTasks?: readonly { readonly fromCluster: string }[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly aggregatedStatus?: readonly AggregatedStatus[];
    readonly schedulerObservingAffinityName?: string;
  };
}

export interface TargetCluster {
  readonly name: string;
  readonly replicas?: number;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface AggregatedStatus {
  readonly clusterName: string;
  readonly applied?: boolean;
  readonly appliedMessage?: string;
  readonly health?: string;
  readonly status?: { readonly readyReplicas?: number };
}

/** Names and labels alone, of a list. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

const OURS = `app.kubernetes.io/managed-by=${MANAGED_BY},app.kubernetes.io/component=certificate`;

/** Where what is asked of each server is. */
export function pathsOf(federation: string) {
  const ours = new URLSearchParams({ labelSelector: `${FEDERATION_LABEL}=${federation}` });
  return {
    host: {
      deployments: `/apis/apps/v1/deployments?${ours}`,
      statefulSets: `/apis/apps/v1/statefulsets?${ours}`,
      secrets: `/api/v1/secrets?${new URLSearchParams({ labelSelector: OURS })}`,
      certificates: `/apis/cert-manager.io/v1/certificates?${ours}`,
    },
    karmada: {
      clusters: '/apis/cluster.karmada.io/v1alpha1/clusters',
      bindings: '/apis/work.karmada.io/v1alpha2/resourcebindings',
      clusterBindings: '/apis/work.karmada.io/v1alpha2/clusterresourcebindings',
      leases: '/apis/coordination.k8s.io/v1/namespaces/karmada-cluster/leases',
      failed: eventsOf('SyncWorkFailed'),
      succeeded: eventsOf('SyncWorkSucceed'),
      overrides: eventsOf('ApplyOverridePolicyFailed'),
    },
  };
}

const eventsOf = (reason: string) => `/api/v1/events?${new URLSearchParams({ fieldSelector: `reason=${reason}` })}`;

/** @throws Failure where it does not answer. */
export async function readHost(server: ApiServer, federation: string): Promise<Host> {
  const { host } = pathsOf(federation);
  const [deployments = [], statefulSets = [], secrets = [], certificates = []] = await Promise.all([
    server.list<Workload>(host.deployments),
    server.list<Workload>(host.statefulSets),
    server.list<KubeObject>(host.secrets, METADATA),
    server.list<Certificate>(host.certificates),
  ]);
  // Items of a list do not say their kind.
  const named = (kind: string) => (workload: Workload) => ({ ...workload, kind });
  return {
    workloads: [...deployments.map(named('Deployment')), ...statefulSets.map(named('StatefulSet'))],
    secrets,
    certificates,
  };
}

/** @throws Failure where it does not answer. */
export async function readKarmada(server: ApiServer, federation: string): Promise<Karmada> {
  const { karmada } = pathsOf(federation);
  const [clusters = [], near = [], wide = [], leases = [], ...events] = await Promise.all([
    server.list<Cluster>(karmada.clusters),
    server.list<Binding>(karmada.bindings),
    server.list<Binding>(karmada.clusterBindings),
    server.list<Lease>(karmada.leases),
    server.list<Event>(karmada.failed),
    server.list<Event>(karmada.succeeded),
    server.list<Event>(karmada.overrides),
  ]);
  return { clusters, bindings: [...near, ...wide], leases, events: events.flatMap((list = []) => list) };
}
