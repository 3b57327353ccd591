import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsOf } from '../../cli/status/live.ts';
import { kubeconfig } from '../scripts/run.ts';
import { StandInApi } from './stand-in-api.ts';

export const PATHS = pathsOf('fleet');

/** Stand-ins for the API servers of a federation of two members with one app, where all is well at first. */
export class Fleet {
  readonly work = mkdtempSync(join(tmpdir(), 'fleet-'));

  private constructor(
    readonly host: StandInApi,
    readonly karmada: StandInApi,
  ) {}

  static async start(): Promise<Fleet> {
    const fleet = new Fleet(await StandInApi.start(), await StandInApi.start());
    const { host, karmada } = fleet;
    for (const [name, { url }] of Object.entries({ host, karmada })) {
      writeFileSync(join(fleet.work, `${name}.kubeconfig`), kubeconfig(name, 'default', url));
    }
    fleet.recovers();
    return fleet;
  }

  /** Has all be well again, as if nobody had asked yet. */
  recovers(): void {
    const { host, karmada } = this;
    host.forgets();
    karmada.forgets();
    host.says(PATHS.host.deployments, workload('karmada-apiserver'), workload('karmada-scheduler-estimator-oslo'));
    host.says(PATHS.host.statefulSets, workload('etcd'));
    host.says(
      PATHS.host.secrets,
      certificate('late', 'Jan  1 00:00:00 2101 GMT'),
      certificate('early', 'Jan  1 00:00:00 2100 GMT'),
    );
    karmada.says(PATHS.karmada.clusters, cluster('oslo', 'Push'), cluster('bern', 'Pull'));
    karmada.says(PATHS.karmada.bindings, shopBinding(), alongBinding());
    karmada.says(PATHS.karmada.clusterBindings);
    const renewTime = new Date(Date.now() - 5_400_000).toISOString();
    karmada.says(PATHS.karmada.leases, { metadata: { name: 'bern' }, spec: { renewTime } });
    karmada.says(PATHS.karmada.failed);
  }

  stop(): void {
    this.host.stop();
    this.karmada.stop();
    rmSync(this.work, { recursive: true, force: true });
  }
}

export const federation = {
  apiVersion: 'serverless-federation.io/v1alpha1',
  kind: 'Federation',
  metadata: { name: 'fleet' },
  spec: {
    controlPlane: {
      address: 'karmada.example.com',
      karmada: {
        apiserver: { service: { type: 'NodePort', nodePort: 32443 } },
        schedulerEstimator: { members: [{ name: 'oslo' }] },
      },
    },
    members: [
      { name: 'oslo', labels: { tier: 'edge' } },
      { name: 'bern', registration: 'pull' },
    ],
    apps: [
      {
        name: 'shop',
        image: 'example.com/shop:v1',
        replicas: 3,
        envFrom: { TOKEN: { secret: 'token', key: 'token' } },
        placement: {
          clusters: ['oslo', 'bern'],
          replicas: {
            type: 'weighted',
            weights: [
              { clusters: ['oslo'], weight: 2 },
              { clusters: ['bern'], weight: 1 },
            ],
          },
        },
      },
    ],
  },
};

export const workload = (name: string, readyReplicas = 1, replicas = 1) => ({
  metadata: { name, namespace: 'karmada-system' },
  spec: { replicas },
  status: { readyReplicas },
});

export const certificate = (name: string, ends: string) => ({
  metadata: { name, namespace: 'karmada-system', annotations: { 'serverless-federation.io/not-after': ends } },
});

export const ready = { type: 'Ready', status: 'True', reason: 'ClusterReady' };

export const cluster = (name: string, syncMode: string, condition: object = ready) => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: name === 'oslo' ? { tier: 'edge' } : {} },
  spec: { syncMode },
  status: {
    kubernetesVersion: 'v1.35.2',
    apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
    conditions: [condition],
  },
});

export const on = (clusterName: string, readyReplicas: number, more: object = {}) => ({
  clusterName,
  applied: true,
  health: 'Healthy',
  status: { replicas: readyReplicas, readyReplicas },
  ...more,
});

export const shop = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'shop' };

interface BindingParts {
  readonly resource?: object;
  readonly clusters?: readonly { name: string; replicas?: number }[];
  readonly requiredBy?: readonly object[];
  readonly scheduled?: object;
  readonly aggregatedStatus?: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export const binding = ({ resource = shop, scheduled, annotations, aggregatedStatus, ...spec }: BindingParts) => ({
  metadata: {
    name: 'shop-deployment',
    namespace: 'default',
    annotations: annotations ?? {
      'propagationpolicy.karmada.io/name': 'shop',
      'propagationpolicy.karmada.io/namespace': 'default',
    },
  },
  spec: { resource, replicas: 3, ...spec },
  status: {
    conditions: scheduled === undefined ? [] : [{ type: 'Scheduled', status: 'True', ...scheduled }],
    aggregatedStatus,
  },
});

export const along = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'token' };

export const alongBinding = () =>
  binding({
    resource: along,
    requiredBy: [
      {
        clusters: [
          { name: 'oslo', replicas: 2 },
          { name: 'bern', replicas: 1 },
        ],
      },
    ],
    aggregatedStatus: ['oslo', 'bern'].map((name) => ({ clusterName: name, applied: true, health: 'Unknown' })),
    annotations: {},
  });

export const shopBinding = (parts: BindingParts = {}) =>
  binding({
    clusters: [
      { name: 'oslo', replicas: 2 },
      { name: 'bern', replicas: 1 },
    ],
    scheduled: {},
    aggregatedStatus: [on('oslo', 2), on('bern', 1)],
    ...parts,
  });
