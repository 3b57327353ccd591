import { Construct } from 'constructs';
import { Apiserver, type ApiserverSettings } from './apiserver.ts';
import { type CertificateSettings, ControlPlaneCertificates } from './certificates/control-plane-certificates.ts';
import { Kubeconfig } from './certificates/kubeconfig.ts';
import { KarmadaComponent, type KarmadaComponentProps } from './components.ts';
import { Etcd, type EtcdSettings, type ExternalEtcd, etcdAccess, externalSecretNames } from './etcd.ts';
import { KubeControllerManager } from './kube-controller-manager.ts';
import { type OptionalComponent, PARTS } from './names.ts';
import { SchedulerEstimator } from './scheduler-estimator.ts';
import { type ComponentSettings, type ControlPlaneSettings, type GatedComponentSettings, settled } from './settings.ts';
import { type CrdSource, StaticResourceJob } from './static-resources/static-resource-job.ts';

/*
 * A whole Karmada control plane, for the host cluster. Two ways to make one:
 *
 *   new KarmadaControlPlane(chart, 'karmada', props);                          // all of it in one chart
 *   for (const part of controlPlaneParts(props)) part.add(chartOf(part.file)); // each part in a file of its own
 *
 * The order of the parts, which is that of their files' names, is the order of application. A part starts when what it
 * needs is there, so that any other order ends the same.
 */

/** Properties of a Karmada control plane. */
export interface KarmadaControlPlaneProps extends ControlPlaneSettings {
  /**
   * An etcd of the control plane's own, or one that is there already.
   *
   * @default - its own, with one replica
   */
  readonly etcd?: EtcdSettings | { readonly external: ExternalEtcd };
  /** @default - one replica */
  readonly apiserver?: ApiserverSettings;
  /** @default - one replica */
  readonly aggregatedApiserver?: GatedComponentSettings;
  /** @default - one replica */
  readonly kubeControllerManager?: GatedComponentSettings;
  /** @default - one replica */
  readonly controllerManager?: GatedComponentSettings;
  /** @default - one replica */
  readonly scheduler?: GatedComponentSettings;
  /** @default - one replica */
  readonly webhook?: GatedComponentSettings;
  /**
   * An estimator for each of these members, which the scheduler then asks. What a member says goes before what is said
   * for all.
   *
   * @default - none: the scheduler goes by the sums that members report
   */
  readonly schedulerEstimator?: GatedComponentSettings & {
    readonly members: readonly { readonly name: string; readonly replicas?: number }[];
  };
  /** @default - none */
  readonly descheduler?: ComponentSettings;
  /** @default - none */
  readonly search?: ComponentSettings;
  /** @default - none */
  readonly metricsAdapter?: ComponentSettings;
  /**
   * Whether workloads move away from a member that fails. It needs `FailoverTaints` in the Karmada API, too.
   *
   * @default false
   */
  readonly failover?: boolean;
  /** @default - a Job makes them */
  readonly certificates?: CertificateSettings;
  /** @default - fetched from Karmada's release */
  readonly crds?: CrdSource;
  /**
   * URL at which members in other networks reach the Karmada API server, see `StaticResourcesProps`.
   *
   * @default - none do
   */
  readonly publicUrl?: string;
  /**
   * Whether members in pull mode can register, see `StaticResourcesProps`.
   *
   * @default true
   */
  readonly registration?: boolean;
}

/** A part of the control plane that has a file of its own. */
export interface ControlPlanePart {
  /** Name of the file without ending, such as `30-karmada-etcd`. */
  readonly file: string;
  /** Adds the part's objects to a chart. */
  readonly add: (scope: Construct) => void;
}

/**
 * The parts of a control plane in the order of application.
 *
 * @throws Error when properties contradict each other.
 */
export function controlPlaneParts(props: KarmadaControlPlaneProps): ControlPlanePart[] {
  const external = props.etcd && 'external' in props.etcd ? props.etcd.external : undefined;
  const ownEtcd = props.etcd && 'external' in props.etcd ? undefined : (props.etcd ?? {});
  // The type lets them through: TypeScript takes a field of any alternative.
  const [needless] = external ? Object.keys(props.etcd ?? {}).filter((key) => key !== 'external') : [];
  if (needless) {
    throw new Error(`'${needless}' of etcd is for one of its own: leave it out, or leave out 'external'`);
  }
  const { namespace, clusterDomain } = settled(props);
  const shared: ControlPlaneSettings = {
    namespace: props.namespace,
    clusterDomain: props.clusterDomain,
    version: props.version,
    registry: props.registry,
    toolsImage: props.toolsImage,
    imagePullPolicy: props.imagePullPolicy,
    imagePullSecrets: props.imagePullSecrets?.length ? props.imagePullSecrets : undefined,
    nodeSelector: props.nodeSelector,
    tolerations: props.tolerations,
    secretNames: { ...props.secretNames, ...props.certificates?.secretNames, ...externalSecretNames(external) },
  };
  const { schedulerEstimator, descheduler, search, metricsAdapter, failover } = props;
  const { members = [], ...estimator } = schedulerEstimator ?? {};

  const present: Record<OptionalComponent, boolean> = {
    etcd: ownEtcd !== undefined,
    schedulerEstimator: members.length > 0,
    descheduler: descheduler !== undefined,
    search: search !== undefined,
    metricsAdapter: metricsAdapter !== undefined,
  };
  const components = (Object.keys(present) as OptionalComponent[]).filter((component) => present[component]);

  /** The settings of a component over those of the control plane. */
  const plain = <S extends ComponentSettings>(settings: S) => ({
    ...shared,
    ...settings,
    imagePullPolicy: settings.imagePullPolicy ?? shared.imagePullPolicy,
    imagePullSecrets: [...new Set([...(shared.imagePullSecrets ?? []), ...(settings.imagePullSecrets ?? [])])],
  });
  const gated = <S extends GatedComponentSettings>(settings: S) => ({
    ...plain(settings),
    featureGates: { ...props.featureGates, ...settings.featureGates },
  });
  const controllerManager = gated(props.controllerManager ?? {});
  if (failover && controllerManager.featureGates.Failover === false) {
    throw new Error("'featureGates' must not turn 'Failover' off where 'failover' is true, leave one of them out");
  }

  const etcd = etcdAccess(shared, external);
  const facts = { etcd, failover, estimators: members.length > 0 };
  const component =
    (name: KarmadaComponentProps['component'], settings: KarmadaComponentProps['settings']) => (scope: Construct) =>
      new KarmadaComponent(scope, name, { component: name, controlPlane: facts, settings });
  const parts: Record<string, ((scope: Construct) => void) | undefined> = {
    [PARTS.certificates]: (scope) =>
      new ControlPlaneCertificates(scope, 'certificates', {
        ...shared,
        secretNames: undefined,
        ...props.certificates,
        components,
      }),
    '21-karmada-kubeconfig': (scope) =>
      new Kubeconfig(scope, 'kubeconfig', {
        namespace,
        clusterDomain,
        publicUrl: props.publicUrl,
        adminSecret: shared.secretNames?.adminClient,
      }),
    '30-karmada-etcd': ownEtcd && ((scope) => new Etcd(scope, 'etcd', plain(ownEtcd))),
    '31-karmada-apiserver': (scope) => new Apiserver(scope, 'apiserver', { ...plain(props.apiserver ?? {}), etcd }),
    // Before the components that wait for it, so that whoever waits for each file waits for nothing to come.
    [PARTS.staticResources]: (scope) =>
      new StaticResourceJob(scope, 'static-resources', {
        ...shared,
        components,
        crds: props.crds,
        publicUrl: props.publicUrl,
        registration: props.registration,
      }),
    '33-karmada-aggregated-apiserver': component('aggregatedApiserver', gated(props.aggregatedApiserver ?? {})),
    '34-karmada-kube-controller-manager': (scope) =>
      new KubeControllerManager(scope, 'kube-controller-manager', plain(props.kubeControllerManager ?? {})),
    '35-karmada-controller-manager': component('controllerManager', controllerManager),
    '36-karmada-scheduler': component('scheduler', gated(props.scheduler ?? {})),
    '37-karmada-webhook': component('webhook', gated(props.webhook ?? {})),
    '40-karmada-scheduler-estimator': (scope) => {
      for (const { name, ...own } of members) {
        new SchedulerEstimator(scope, `estimator-${name}`, { ...gated(estimator), ...own, member: name });
      }
    },
    '41-karmada-descheduler': descheduler && component('descheduler', plain(descheduler)),
    '42-karmada-search': search && component('search', plain(search)),
    '43-karmada-metrics-adapter': metricsAdapter && component('metricsAdapter', plain(metricsAdapter)),
  };
  return Object.entries(parts).flatMap(([file, add]) => (add ? [{ file, add }] : []));
}

/** A whole Karmada control plane in one chart. */
export class KarmadaControlPlane extends Construct {
  constructor(scope: Construct, id: string, props: KarmadaControlPlaneProps) {
    super(scope, id);
    for (const part of controlPlaneParts(props)) part.add(new Construct(this, part.file));
  }
}
