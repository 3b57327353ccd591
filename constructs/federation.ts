import { k8s } from 'cdk8s-plus-28';
import { type AppOverrideRule, FederatedApp } from './apps/federated-app.ts';
import { BootstrapScripts, ClusterBootstrap } from './k3s/bootstrap-job.ts';
import { Candidates } from './karmada/candidates.ts';
import { OverridePolicy, type OverridePolicyProps } from './karmada/override-policy.ts';
import { PropagationPolicy } from './karmada/propagation-policy.ts';
import { Manifests } from './manifests.ts';
import { MemberRecord } from './member.ts';
import { FEDERATION_NAMESPACE, MANAGED_BY } from './names.ts';
import {
  k3sNetwork,
  NetworkAddOns,
  PodNetwork,
  podNetworkManifests,
  replacedComponents,
} from './network/cluster-network.ts';
import { vpnFlags, vpnStep } from './network/vpn.ts';
import { type Cluster, clustersOf, type FederationSpec, type Member } from './spec/federation.ts';
import { WasmRuntimeClass } from './wasm/runtime-class.ts';

/**
 * The composition root: takes a federation to the constructs that make its manifests, each in the file of the API
 * server that it is for. The only place that knows all layers.
 */
export class Federation {
  readonly manifests: Manifests;
  private readonly chart = { labels: {} as Record<string, string> };
  private readonly candidates: Candidates<Member>;

  constructor(private readonly spec: FederationSpec) {
    this.chart.labels = { 'app.kubernetes.io/managed-by': MANAGED_BY, 'app.kubernetes.io/part-of': spec.name };
    this.manifests = new Manifests(this.chart);
    this.candidates = new Candidates(spec.members);
    this.bootstrap();
    this.host();
    for (const member of spec.members) this.member(member);
    this.karmada();
  }

  /** `dist/bootstrap/`: Jobs that make k3s nodes of hosts, cluster by cluster. */
  private bootstrap(): void {
    const clusters = clustersOf(this.spec).filter(({ cluster }) => cluster.hosts.length > 0);
    if (clusters.length === 0) return;
    new k8s.KubeNamespace(this.manifests.file('bootstrap', '00-namespace'), 'namespace', {
      metadata: { name: FEDERATION_NAMESPACE },
    });
    new BootstrapScripts(this.manifests.file('bootstrap', '05-scripts'), 'scripts');
    for (const [i, { cluster }] of clusters.entries()) {
      // The central cluster first; the others are alike.
      const file = this.manifests.file('bootstrap', `${i === 0 ? 10 : 20}-${cluster.name}`);
      const vpn = cluster.vpn ? this.spec.vpn : undefined;
      new ClusterBootstrap(file, 'bootstrap', {
        cluster: { ...cluster, k3s: this.k3sOf(cluster) },
        network: k3sNetwork(cluster.network),
        ssh: this.spec.ssh,
        steps: vpn && ((host) => [vpnStep(vpn, host)]),
        manifests: cluster.podCidr ? podNetworkManifests(this.podNetworkOf(cluster, cluster.podCidr), this.chart) : {},
        waitForReady: cluster.network.cni !== 'none',
      });
    }
  }

  /** k3s's settings with what the other layers want of it. */
  private k3sOf({ k3s, network, vpn }: Cluster): Cluster['k3s'] {
    const flags = vpn && this.spec.vpn ? vpnFlags(this.spec.vpn, network.cni) : {};
    return {
      ...k3s,
      disable: [...new Set([...k3s.disable, ...replacedComponents(network)])],
      server: { ...flags, ...k3s.server } as typeof k3s.server,
      agent: { ...flags, ...k3s.agent } as typeof k3s.agent,
    };
  }

  private podNetworkOf({ network, vpn }: Cluster, podCidr: string) {
    return { network, podCidr, vpn: vpn ? this.spec.vpn : undefined };
  }

  /** `dist/host/`: what the central cluster takes. */
  private host(): void {
    this.network('host', this.spec.controlPlane);
  }

  /** `dist/members/<name>/`: what a member cluster takes. */
  private member(member: Member): void {
    const target = `members/${member.name}`;
    new MemberRecord(this.manifests.file(target, '00-member'), 'member', { ...member, federation: this.spec.name });
    this.network(target, member);
  }

  /** Network add-ons of a cluster that the bootstrap makes; others have theirs. */
  private network(target: string, cluster: Cluster): void {
    if (cluster.hosts.length === 0 || !cluster.podCidr) return;
    new PodNetwork(
      this.manifests.file(target, '10-pod-network'),
      'pod-network',
      this.podNetworkOf(cluster, cluster.podCidr),
    );
    new NetworkAddOns(this.manifests.file(target, '15-network'), 'network', cluster);
  }

  /** `dist/karmada/`: what the Karmada API server takes. */
  private karmada(): void {
    const { apps, policies } = this.spec;
    const namespaces = new Set([...apps, ...policies].flatMap(({ namespace }) => namespace ?? []));
    namespaces.delete('default');
    for (const name of [...namespaces].sort()) {
      new k8s.KubeNamespace(this.manifests.file('karmada', '00-namespaces'), name, { metadata: { name } });
    }
    this.runtimes();
    for (const { name, namespace, runtime, container, ...app } of apps) {
      // An app in a namespace of its own may bear the name of another.
      const file = this.manifests.file('karmada', `20-${namespace === 'default' ? '' : `${namespace}.`}${name}`);
      new FederatedApp(file, name, {
        ...app,
        name,
        namespace,
        overrides: app.overrides as AppOverrideRule[],
        runtimeClassName: runtime,
        container: container && {
          ...container,
          members: this.candidates
            .of(app.placement)
            .filter(({ runtimes }) => !runtimes.includes(runtime ?? ''))
            .map((member) => member.name),
        },
      });
    }
    for (const policy of policies) {
      const file = this.manifests.file('karmada', `30-${policy.name}`);
      if (policy.type === 'propagation') new PropagationPolicy(file, 'propagation', policy);
      else new OverridePolicy(file, 'override', policy as OverridePolicyProps);
    }
  }

  /**
   * The RuntimeClass of each runtime that an app uses, on every member where such an app can land: a pod that names a
   * RuntimeClass which its cluster lacks is refused there. Members that bring their own keep it.
   */
  private runtimes(): void {
    for (const { name, handler, nodeSelector } of this.spec.runtimes) {
      const users = this.spec.apps.filter(({ runtime }) => runtime === name);
      const landing = new Set(users.flatMap(({ placement }) => this.candidates.of(placement)));
      const members = this.spec.members.filter(
        (member) => landing.has(member) && member.runtimes.includes(name) && !member.ownRuntimeClasses.includes(name),
      );
      if (members.length === 0) continue;
      const file = this.manifests.file('karmada', '10-runtimes');
      new WasmRuntimeClass(file, name, { name, handler, nodeSelector });
      new PropagationPolicy(file, `${name}-placement`, {
        name: `${name}-runtime`,
        resources: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name }],
        placement: { clusters: members.map((member) => member.name) },
      });
    }
  }
}
