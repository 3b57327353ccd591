import { z } from 'zod';
import { lookup } from '../../simulation/lookup.ts';
import type { CrdFiles } from '../karmada/crds.ts';
import { HOST_CLUSTER } from '../names.ts';
import type { ChartArchives } from '../network/chart-archives.ts';
import { app } from './app.ts';
import { argocd } from './argocd.ts';
import { cluster, type Host, networksOf, ssh } from './cluster.ts';
import { fileBeside } from './files.ts';
import { type K3s, k3s } from './k3s.ts';
import { type Karmada, karmada } from './karmada.ts';
import type { Source } from './load.ts';
import { manifest } from './manifests.ts';
import { type Network, network, vpn } from './network.ts';
import { policy } from './policy.ts';
import { clusterName, dnsLabel, dnsName, labelValue, ownObjectLabels, registry, taints } from './primitives.ts';
import { quota } from './quota.ts';
import { memberRuntime, type RuntimeOffer, runtime } from './runtime.ts';

/** `apiVersion` and `kind` of a federation file. */
export const API_VERSION = 'serverless-federation.io/v1alpha1';

/** Every setting may be left out, also those inside settings. */
type Overrides<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Overrides<T[K]> : T[K];
};

/** The schema of what differs from shared settings: the same fields, none with a default. */
function overrides<S extends z.ZodObject>(settings: S): z.ZodType<Overrides<z.output<S>>> {
  const shape = Object.entries(settings.shape as Record<string, z.ZodType>).map(([key, field]) => {
    let inner = field;
    while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
      inner = inner.unwrap() as z.ZodType;
    }
    const optional = z.optional(inner instanceof z.ZodObject ? overrides(inner) : inner);
    return [key, field.description ? optional.describe(field.description) : optional];
  });
  return z.strictObject(Object.fromEntries(shape)) as unknown as z.ZodType<Overrides<z.output<S>>>;
}

/** Shared settings with what differs put over them. Lists are replaced, mappings merged. */
function override<T extends object>(shared: T, differing: Overrides<T>): T {
  const merged = Object.entries(differing).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const below = lookup(shared as Record<string, unknown>, key);
    return [[key, isMapping(below) && isMapping(value) ? override<object>(below, value) : value]];
  });
  return { ...shared, ...Object.fromEntries(merged) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const clusterSettings = cluster.extend({
  k3s: overrides(k3s).prefault({}).describe("What differs from 'spec.k3s' for this cluster."),
  network: overrides(network).prefault({}).describe("What differs from 'spec.network' for this cluster."),
});

/** What is told of a cluster that exists already, and that only the bootstrap or its network could follow. */
function isOfUse(
  { hosts, k3s: own, network: ownNetwork }: z.output<typeof clusterSettings>,
  context: z.core.$RefinementCtx,
): void {
  if (hosts.length > 0) return;
  const settings = [
    ...Object.keys(own).flatMap((key) => (key === 'version' || key === 'upgrade' ? [] : [['k3s', key]])),
    ...Object.keys(ownNetwork).map((key) => ['network', key]),
  ];
  for (const path of settings) {
    context.addIssue({
      code: 'custom',
      path,
      message: "has no effect without 'hosts': a cluster that exists already has its own, leave it out",
    });
  }
}

const controlPlane = clusterSettings
  .extend({ karmada: karmada.prefault({}).describe('The Karmada control plane.') })
  .superRefine(isOfUse);

const memberShape = clusterSettings.extend({
  k3s: z
    .union([z.literal(false), clusterSettings.shape.k3s], { error: 'must be a mapping, or false for what is no k3s' })
    .prefault({})
    .describe("What differs from 'spec.k3s' for this cluster, or false: it is no k3s, but a managed cloud, say."),
  name: clusterName.describe('Name of the member in Karmada and in placements.'),
  registration: z
    .enum(['push', 'pull'])
    .default('push')
    .describe('push: the control plane reaches the member; pull: an agent on the member reaches the control plane.'),
  provider: labelValue.optional().describe('Who runs it, such as azure; placements can ask for it.'),
  region: labelValue.optional().describe('Where it is, such as de; placements can ask for it.'),
  zones: z.array(labelValue).prefault([]).describe('Zones of the region; placements can ask for them.'),
  labels: ownObjectLabels.prefault({}).describe('Labels of the member in Karmada; placements can ask for them.'),
  taints: taints.prefault([]).describe('Taints of the member in Karmada; placements must tolerate them.'),
  runtimes: z
    .array(memberRuntime)
    .optional()
    .describe("Wasm runtimes that its nodes offer, by name. Default: all of 'spec.runtimes'."),
  ownRuntimeClasses: z
    .array(dnsLabel)
    .prefault([])
    .describe('Those of its runtimes whose RuntimeClass the member brings itself; it is not propagated there.'),
});

const member = memberShape.superRefine(({ k3s: own, ...value }, context) => {
  isOfUse({ ...value, k3s: own === false ? {} : own }, context);
  if (own === false && value.hosts.length > 0) {
    context.addIssue({ code: 'custom', path: ['k3s'], message: "can't be false with 'hosts', which become k3s nodes" });
  }
});

/** The federation file. */
export const federation = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Federation'),
  metadata: z.strictObject({
    name: dnsLabel.describe('Name of the federation; a label on all that is made for it.'),
  }),
  spec: z.strictObject({
    include: z
      .array(fileBeside)
      .optional()
      .describe(
        "Files in the folder of this one or below, or folders of .yaml files, whose lists 'members', 'runtimes', 'apps', 'policies', 'quotas' and 'manifests' go on with those here. For fleets that a script writes.",
      ),
    registry: registry.optional().describe('Mirror that all images of the platform are pulled through, apps excepted.'),
    imagePullSecrets: z
      .array(dnsName)
      .prefault([])
      .describe(
        "Secrets to pull the platform's images with, in each namespace of it: of bootstrap Jobs, Karmada, agents, upgrades and shims. Nodes that the bootstrap makes can log in by 'k3s.registries' instead, which serves all pods. Default: none.",
      ),
    ssh: ssh.prefault({}).describe('How the bootstrap reaches hosts.'),
    vpn: vpn.optional().describe('The VPN between clusters. Default: none.'),
    k3s: k3s.prefault({}).describe('k3s on all clusters that have hosts.'),
    network: network.prefault({}).describe('Pod network, load balancer and ingress of all clusters that have hosts.'),
    controlPlane: controlPlane.describe('The central cluster, which runs Karmada.'),
    members: z.array(member).prefault([]).describe('The clusters that run apps.'),
    runtimes: z.array(runtime).prefault([]).describe('Wasm runtimes, each a RuntimeClass.'),
    apps: z.array(app).prefault([]).describe('Serverless functions and where each may run.'),
    policies: z.array(policy).prefault([]).describe('Placement of objects that are no apps.'),
    quotas: z.array(quota).prefault([]).describe('What namespaces may use over all members.'),
    manifests: z
      .array(manifest)
      .prefault([])
      .describe(
        'Kubernetes objects of any kind, for what has no field here: ConfigMaps of apps, ResourceRegistries, LimitRanges and the like.',
      ),
    argocd: argocd.optional().describe('Argo CD, which syncs dist/. Default: no manifests for it.'),
  }),
});

type Parsed = z.output<typeof federation>;

/** What a cluster is, once the shared settings have reached it. */
export interface Cluster extends Omit<z.output<typeof cluster>, 'vpn'> {
  readonly name: string;
  /** Whether its nodes are in the VPN. */
  readonly vpn: boolean;
  readonly k3s: K3s;
  readonly network: Network;
}

export interface ControlPlane extends Cluster {
  readonly karmada: Karmada;
}

export type Member = Omit<z.output<typeof member>, keyof Cluster | 'runtimes'> &
  Cluster &
  RuntimeOffer & {
    /** Whether it may be k3s: members that exist already can say that they are something else. */
    readonly mayBeK3s: boolean;
  };

/** A federation, typed, with every default filled in. */
export interface FederationSpec extends Omit<Parsed['spec'], 'controlPlane' | 'members'> {
  readonly name: string;
  readonly controlPlane: ControlPlane;
  readonly members: Member[];
  /** Karmada's CRDs, where `controlPlane.karmada.crds.folder` names a folder with them. */
  readonly crdFiles?: CrdFiles;
  /** Archives of charts, by the folder as `network.charts.folder` names it. */
  readonly chartArchives?: ReadonlyMap<string, ChartArchives>;
  /** The file that it was read from, for what is found wrong in it later. */
  readonly source?: Source;
}

/** Takes the shared settings to each cluster and fills in the defaults that depend on other fields. */
export function resolve({ metadata, spec }: Parsed): FederationSpec {
  const settle = (cluster: z.output<typeof clusterSettings>) => {
    const made = cluster.hosts.length > 0;
    // A cluster that exists already may be no k3s: only it can say that plans are to upgrade it.
    const shared = made ? spec.k3s : { ...spec.k3s, upgrade: { ...spec.k3s.upgrade, by: 'bootstrap' as const } };
    const vpn = cluster.vpn ?? spec.vpn !== undefined;
    return {
      ...cluster,
      ...(made ? networksOf(cluster, vpn) : { podCidr: cluster.podCidr, serviceCidr: cluster.serviceCidr }),
      vpn,
      k3s: override<K3s>(shared, cluster.k3s),
      network: override(spec.network, cluster.network),
    };
  };
  const { agent, imagePullSecrets, schedulerEstimator, ...components } = spec.controlPlane.karmada;
  const karmada = {
    ...components,
    imagePullSecrets: [...new Set([...spec.imagePullSecrets, ...imagePullSecrets])],
    agent: { ...agent, imagePullSecrets: agent.imagePullSecrets ?? spec.imagePullSecrets },
    ...(schedulerEstimator && {
      schedulerEstimator: {
        ...schedulerEstimator,
        members: schedulerEstimator.members ?? spec.members.map(({ name }) => ({ name })),
      },
    }),
  };
  return {
    ...spec,
    name: metadata.name,
    controlPlane: { ...spec.controlPlane, ...settle(spec.controlPlane), karmada, name: HOST_CLUSTER },
    members: spec.members.map((member) => ({
      ...member,
      ...settle({ ...member, k3s: member.k3s || {} }),
      ...offer(member.runtimes ?? spec.runtimes.map(({ name }) => name)),
      mayBeK3s: member.k3s !== false,
    })),
  };
}

/** What a member's list of runtimes says: a name, or a name and what differs. */
function offer(runtimes: readonly z.output<typeof memberRuntime>[]): RuntimeOffer {
  return {
    runtimes: runtimes.map((one) => (typeof one === 'string' ? one : one.name)),
    shims: Object.fromEntries(runtimes.flatMap((one) => (typeof one === 'string' ? [] : [[one.name, one.shim]]))),
  };
}

/** The clusters of a federation with their places in the file, the central one first. */
export function clustersOf(spec: FederationSpec): { cluster: Cluster; path: (string | number)[] }[] {
  return [
    { cluster: spec.controlPlane, path: ['spec', 'controlPlane'] },
    ...spec.members.map((cluster, i) => ({ cluster, path: ['spec', 'members', i] })),
  ];
}

export type { Host };
