import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { FederatedApp } from './apps/federated-app.ts';
import { SpinAppExecutor, SpinAppInterpreter, SpinKubeCrds } from './apps/spinkube.ts';
import { syncByArgocd } from './gitops/argocd.ts';
import { BootstrapScripts, ClusterBootstrap } from './k3s/bootstrap-job.ts';
import type { PackagedComponent } from './k3s/flags.ts';
import { SystemUpgradeController } from './k3s/system-upgrade-controller.ts';
import { UpgradePlans } from './k3s/upgrade-plan.ts';
import { Agent, agentAccess } from './karmada/agent.ts';
import { controlPlaneParts } from './karmada/control-plane.ts';
import { EstimatorAccess } from './karmada/scheduler-estimator.ts';
import { Manifests } from './manifests.ts';
import { MemberRecord } from './member.ts';
import { appFile, FEDERATION_LABEL, FEDERATION_NAMESPACE, HOST_CLUSTER, MANAGED_BY, policyFile } from './names.ts';
import { chartLogin } from './network/chart-login.ts';
import type { ChartSource } from './network/chart-source.ts';
import {
  k3sNetwork,
  NetworkAddOns,
  PodNetwork,
  type PodNetworkProps,
  podNetworkManifests,
  replacedComponents,
} from './network/cluster-network.ts';
import { INGRESS_CLASSES } from './network/ingress.ts';
import { AddressPool } from './network/metallb.ts';
import { losesPodNetwork, vpnFlags, vpnStep } from './network/vpn.ts';
import { comesFirst, namespaceOf, OwnObjects } from './own-objects.ts';
import { FailoverTaints, NOT_READY_TAINT, STAYS } from './policy/failover-taints.ts';
import { FederatedQuota } from './policy/federated-quota.ts';
import { OverridePolicy } from './policy/override-policy.ts';
import type { ClusterToleration, Placement } from './policy/placement.ts';
import { PropagationPolicy } from './policy/propagation-policy.ts';
import { RequiredSecrets } from './required-secrets.ts';
import { enforce } from './security.ts';
import { outsideAddresses, publicUrl } from './spec/certificates.ts';
import { type Cluster, clustersOf, type FederationSpec, type Member } from './spec/federation.ts';
import { featureGates } from './spec/gates.ts';
import { Reach } from './spec/reach.ts';
import { offeredRuntimes } from './spec/runtime.ts';
import { requiredSecrets } from './spec/secrets.ts';
import { FederatedRuntimeClass } from './wasm/federated-runtime-class.ts';
import { ManagedShim } from './wasm/managed-shim.ts';
import { ShimInstaller } from './wasm/shim-installer.ts';
import { K3S_RUNTIME_CLASSES } from './wasm/shims.ts';

/**
 * The composition root: takes a federation to the constructs that make its manifests, each in the file of the API
 * server that it is for. The only place that knows all layers.
 */
export class Federation {
  readonly manifests: Manifests;
  private readonly reach: Reach;

  constructor(private readonly spec: FederationSpec) {
    this.manifests = new Manifests({
      labels: {
        'app.kubernetes.io/managed-by': MANAGED_BY,
        'app.kubernetes.io/part-of': spec.name,
        [FEDERATION_LABEL]: spec.name,
      },
    });
    this.reach = Reach.of(spec);
    this.bootstrap();
    this.host();
    for (const member of spec.members) this.member(member);
    this.karmada();
    this.ownObjects();
    this.argocd();
  }

  /** `dist/bootstrap/`: Jobs that make k3s nodes of hosts, cluster by cluster. */
  private bootstrap(): void {
    const clusters = clustersOf(this.spec).filter(({ cluster }) => cluster.hosts.length > 0);
    const secrets = requiredSecrets(this.spec);
    if (clusters.length === 0 && secrets.length === 0) return;
    new k8s.KubeNamespace(this.manifests.file('bootstrap', '00-namespace'), 'namespace', {
      metadata: { name: FEDERATION_NAMESPACE, labels: enforce('restricted') },
    });
    new RequiredSecrets(this.manifests.file('bootstrap', '01-secrets'), 'secrets', { secrets });
    if (clusters.length > 0) new BootstrapScripts(this.manifests.file('bootstrap', '05-scripts'), 'scripts');
    for (const [i, { cluster }] of clusters.entries()) {
      // The central cluster first; the others are alike.
      const file = this.manifests.file('bootstrap', `${i === 0 ? 10 : 20}-${cluster.name}`);
      const vpn = cluster.vpn ? this.spec.vpn : undefined;
      const target = cluster.name === HOST_CLUSTER ? 'host' : `members/${cluster.name}`;
      const restartsK3s = cluster.network.cni === 'flannel' && losesPodNetwork(cluster.k3s.version);
      new ClusterBootstrap(file, 'bootstrap', {
        cluster: { ...cluster, k3s: this.k3sOf(cluster) },
        network: k3sNetwork(cluster.network),
        ssh: this.spec.ssh,
        steps: vpn && ((host) => [vpnStep(vpn, host, restartsK3s)]),
        manifests: cluster.podCidr
          ? podNetworkManifests(this.podNetworkOf(cluster, cluster.podCidr), this.manifests.propsOf(target))
          : {},
        waitForReady: cluster.network.cni !== 'none',
        serverFiles: chartLogin(this.chartsOf(cluster)),
        ...this.pulling,
      });
    }
  }

  /** Where images of the platform come from, and what they are pulled with. */
  private get pulling() {
    const { registry, imagePullSecrets } = this.spec;
    return { registry, ...(imagePullSecrets.length > 0 && { imagePullSecrets }) };
  }

  /** Where the cluster's charts come from. */
  private chartsOf({ network: { charts } }: Cluster): ChartSource {
    const { folder, ...source } = charts;
    return { ...source, archives: folder === undefined ? undefined : this.spec.chartArchives?.get(folder) };
  }

  /** k3s's settings with what the other layers want of it. */
  private k3sOf({ name, k3s, network, vpn }: Cluster): Cluster['k3s'] {
    const { registry } = this.spec;
    const flags = vpn && this.spec.vpn ? vpnFlags(this.spec.vpn, network.cni) : {};
    return {
      ...k3s,
      ...(vpn && this.spec.vpn && { proxy: { ...k3s.proxy, except: [this.spec.vpn.cidr, ...k3s.proxy.except] } }),
      disable: [...new Set([...k3s.disable, ...replacedComponents(network), ...this.replacedRuntimes(name)])],
      server: {
        ...flags,
        ...(registry && { 'system-default-registry': registry }),
        ...k3s.server,
      } as typeof k3s.server,
      agent: { ...flags, ...k3s.agent } as typeof k3s.agent,
    };
  }

  /** k3s packages RuntimeClasses under names that ours may have; only one of the two can be the cluster's. */
  private replacedRuntimes(cluster: string): PackagedComponent[] {
    const ours = this.spec.runtimes.filter(({ name }) => this.reach.runtimeClassMembers(name).has(cluster));
    return ours.some(({ name }) => K3S_RUNTIME_CLASSES.includes(name)) ? ['runtimes'] : [];
  }

  private podNetworkOf(cluster: Cluster, podCidr: string): PodNetworkProps {
    const { network, vpn } = cluster;
    const { registry } = this.spec;
    return { network, podCidr, vpn: vpn ? this.spec.vpn : undefined, registry, charts: this.chartsOf(cluster) };
  }

  /** `dist/host/`: what the central cluster takes. */
  private host(): void {
    const { registry, controlPlane } = this.spec;
    const { karmada } = controlPlane;
    new k8s.KubeNamespace(this.manifests.file('host', '00-namespaces'), 'karmada', {
      metadata: {
        name: karmada.namespace,
        labels: enforce(onHostPath(karmada.etcd) ? 'privileged' : 'restricted'),
      },
    });
    this.clusterAddOns('host', controlPlane);
    this.upgrades('host', controlPlane);
    const { crds, ...settings } = karmada;
    const parts = controlPlaneParts({
      ...settings,
      crds: { ...crds, files: this.spec.crdFiles },
      registry,
      featureGates: featureGates(this.spec),
      certificates: { ...karmada.certificates, hosts: outsideAddresses(controlPlane) },
      publicUrl: publicUrl(controlPlane),
      registration: this.spec.members.some(({ registration }) => registration === 'pull'),
    });
    for (const part of parts) part.add(this.manifests.file('host', part.file));
  }

  /** `dist/members/<name>/`: what a member cluster takes. */
  private member(member: Member): void {
    const target = `members/${member.name}`;
    const karmadaServer = publicUrl(this.spec.controlPlane);
    const pull = member.registration === 'pull' && karmadaServer !== undefined;
    this.manifests.later(target, '00-member', (file) => {
      new MemberRecord(file, 'member', {
        ...member,
        federation: this.spec.name,
        pull: pull ? { karmadaServer, access: agentAccess(member.name) } : undefined,
      });
    });
    this.clusterAddOns(target, member);
    this.upgrades(target, member);
    const offered = offeredRuntimes(this.spec.runtimes, member);
    const installed = offered.flatMap(({ shim: { install, ...shim }, ...runtime }) =>
      install === 'k3s' || install === 'installer' ? [{ ...runtime, shim: { ...shim, install } }] : [],
    );
    if (installed.length > 0) {
      new ShimInstaller(this.manifests.file(target, '20-shims'), 'shims', {
        runtimes: installed,
        ...this.pulling,
      });
    }
    for (const runtime of offered.filter(({ shim }) => shim.install === 'runtime-class-manager')) {
      new ManagedShim(this.manifests.file(target, '21-managed-shims'), `shim-${runtime.name}`, runtime);
    }
    const { schedulerEstimator } = this.spec.controlPlane.karmada;
    if (schedulerEstimator?.members.some(({ name }) => name === member.name)) {
      new EstimatorAccess(this.manifests.file(target, '31-karmada-estimator'), 'estimator');
    }
    if (member.registration === 'pull') {
      const { namespace, version, imagePullPolicy, agent } = this.spec.controlPlane.karmada;
      const { members, ...settings } = agent;
      new Agent(this.manifests.file(target, '30-karmada-agent'), 'agent', {
        imagePullPolicy,
        ...settings,
        ...members.find(({ name }) => name === member.name),
        ...member,
        member: member.name,
        namespace,
        version,
        registry: this.spec.registry,
        featureGates: featureGates(this.spec),
      });
    }
  }

  /** What a cluster gets that the bootstrap makes; others have their own. */
  private clusterAddOns(target: string, cluster: Cluster): void {
    if (cluster.hosts.length === 0 || !cluster.podCidr) return;
    const podNetwork = this.podNetworkOf(cluster, cluster.podCidr);
    new PodNetwork(this.manifests.file(target, '10-pod-network'), 'pod-network', podNetwork);
    const { registry } = this.spec;
    const addOns = { network: cluster.network, registry, charts: this.chartsOf(cluster) };
    new NetworkAddOns(this.manifests.file(target, '15-network'), 'network', addOns);
    if (cluster.network.loadBalancer === 'metallb') {
      new AddressPool(this.manifests.file(target, '16-load-balancer-addresses'), 'addresses', cluster.network.metallb);
    }
  }

  /** What brings the running nodes of a k3s cluster to the version of the file. */
  private upgrades(target: string, { k3s: { version, upgrade } }: Cluster): void {
    if (upgrade.by !== 'plans') return;
    // In a file of its own: it ends with a Job that waits until the kind Plan is there.
    new SystemUpgradeController(this.manifests.file(target, '17-upgrade-controller'), 'controller', {
      k3sVersion: version,
      ...this.pulling,
    });
    new UpgradePlans(this.manifests.file(target, '18-k3s-upgrade'), 'upgrade', {
      ...upgrade,
      version,
      ...this.pulling,
    });
  }

  /** `dist/karmada/`: what the Karmada API server takes. */
  private karmada(): void {
    const { apps, policies, quotas } = this.spec;
    const own = (this.reach.ownObjects().get('karmada') ?? []).map(({ object }) => object);
    const namespaces = new Set([
      ...[...apps, ...policies, ...quotas].flatMap(({ namespace }) => namespace ?? []),
      // Those of Kubernetes and Karmada are there.
      ...own.flatMap((object) => namespaceOf(object) ?? []).filter((name) => !/^(kube|karmada)-/.test(name)),
    ]);
    namespaces.delete('default');
    for (const { kind, metadata } of own) if (kind === 'Namespace') namespaces.delete(metadata.name);
    for (const name of [...namespaces].sort()) {
      new k8s.KubeNamespace(this.manifests.file('karmada', '00-namespaces'), `namespace-${name}`, {
        // Images of apps may run as root, which `restricted` refuses.
        metadata: { name, labels: enforce('baseline') },
      });
    }
    for (const { name, handler, nodeSelector } of this.spec.runtimes) {
      const members = [...this.reach.runtimeClassMembers(name)];
      if (members.length === 0) continue;
      const file = this.manifests.file('karmada', '10-runtimes');
      new FederatedRuntimeClass(file, `runtime-${name}`, { name, handler, nodeSelector, members });
    }
    this.quotas();
    this.spinKube();
    for (const app of apps) this.manifests.later('karmada', appFile(app), (file) => this.app(file, app));
    if (this.spec.controlPlane.karmada.failover) {
      new FailoverTaints(this.manifests.file('karmada', '05-failover'), 'failover');
    }
    for (const policy of policies) {
      const file = this.manifests.file('karmada', policyFile(policy));
      if (policy.type === 'propagation') new PropagationPolicy(file, 'propagation', policy);
      else new OverridePolicy(file, 'override', policy);
    }
  }

  /** An app with what the federation says of it. */
  private app(file: Chart, app: FederationSpec['apps'][number]): void {
    const { runtime, container, ingress } = app;
    const without = container && this.reach.membersWithoutRuntime(app).map((member) => member.name);
    new FederatedApp(file, 'app', {
      ...app,
      placement: this.placementOf(app),
      runtimeClassName: runtime,
      container: container && { ...container, members: without ?? [] },
      // Named always: Karmada's updates would take away the default class that a member has filled in.
      ingress: ingress && { ...ingress, className: ingress.className ?? this.ingressClass() },
    });
  }

  /**
   * Where an app goes. With failover, one that can only be on a single member stays there when that is out of reach:
   * else it would be evicted, fit nowhere, and be gone when the member comes back.
   */
  private placementOf({ placement }: FederationSpec['apps'][number]): Placement {
    if (!this.spec.controlPlane.karmada.failover || this.reach.members(placement).length !== 1) return placement;
    const { tolerations = [] } = placement;
    const decides = ({ key, effect }: ClusterToleration) =>
      (key === undefined || key === NOT_READY_TAINT) && (effect === undefined || effect === 'NoExecute');
    if (tolerations.some(decides)) return placement;
    return { ...placement, tolerations: [...tolerations, STAYS] };
  }

  /** Class of the ingress controller that the members have where they say nothing else. */
  private ingressClass(): string | undefined {
    const { ingress } = this.spec.network;
    return INGRESS_CLASSES[ingress];
  }

  /** What namespaces may use over all members. */
  private quotas(): void {
    for (const quota of this.spec.quotas) {
      new FederatedQuota(this.manifests.file('karmada', '08-quotas'), `${quota.namespace}.${quota.name}`, quota);
    }
  }

  /** What SpinApps need in the Karmada API: their kinds, how Karmada reads them, and the executors that run them. */
  private spinKube(): void {
    const apps = this.spec.apps.filter(({ form }) => form === 'spinapp');
    if (apps.length === 0) return;
    new SpinKubeCrds(this.manifests.file('karmada', '05-spinkube'), 'kinds');
    new SpinAppInterpreter(this.manifests.file('karmada', '15-spinkube'), 'interpreter');
    const executors = new Map(
      apps.map(({ namespace, runtime = '', spin }) => {
        const props = { name: spin.executor ?? runtime, namespace, runtimeClassName: runtime };
        return [`${namespace}.${props.name}`, props];
      }),
    );
    for (const [id, props] of executors) {
      new SpinAppExecutor(this.manifests.file('karmada', '15-spinkube'), id, props);
    }
  }

  /** What the file brings along for each target, in the order of application. */
  private ownObjects(): void {
    for (const [target, entries] of this.reach.ownObjects()) {
      const objects = entries.map(({ object }) => object);
      const definitions = objects.filter(comesFirst);
      const others = objects.filter((object) => !comesFirst(object));
      new OwnObjects(this.manifests.file(target, '04-definitions'), 'own', { objects: definitions });
      new OwnObjects(this.manifests.file(target, '19-manifests'), 'own', { objects: others });
    }
  }

  /** `dist/argocd/`: what keeps all else in sync. Comes last, for it depends on what the targets hold. */
  private argocd(): void {
    const { argocd, name } = this.spec;
    if (!argocd) return;
    syncByArgocd((target, file) => this.manifests.file(target, file), name, argocd, this.manifests.targets());
  }
}

/** Whether etcd keeps its data in a folder of a node, which no Pod Security Standard but `privileged` allows. */
function onHostPath(etcd: FederationSpec['controlPlane']['karmada']['etcd']): boolean {
  return 'storage' in etcd && etcd.storage?.type === 'hostPath';
}
