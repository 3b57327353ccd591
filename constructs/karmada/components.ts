import { Construct } from 'constructs';
import { CERTIFICATE_FILE, certificatePath, KEY_FILE, KUBECONFIG_FILE, MOUNT_PATHS } from './certificates/mounts.ts';
import { ComponentDeployment, ComponentService } from './component-deployment.ts';
import { type EtcdAccess, etcdFlags } from './etcd.ts';
import { SERVICES } from './names.ts';
import { estimatorClientFlags } from './scheduler-estimator.ts';
import {
  type ControlPlaneSettings,
  type FeatureGates,
  type Flags,
  type GatedComponentSettings,
  karmadaImage,
  type Resources,
  settled,
} from './settings.ts';
import { waitForKarmada } from './wait-containers.ts';
import { controllerProbe, httpProbe, METRICS_PORT, type Workload } from './workload.ts';

/*
 * Karmada's own components that are clients of the Karmada API: a Deployment each, and a Service for those that the API
 * calls back. What tells one from another is data, in `COMPONENTS`.
 */

/** What components are told of the control plane that they are part of. */
export interface ControlPlaneFacts {
  /** The etcd that aggregated API servers keep their own kinds in. */
  readonly etcd: EtcdAccess;
  /**
   * Whether workloads leave a member that fails: see `FailoverTaints`.
   *
   * @default false
   */
  readonly failover?: boolean;
  /**
   * Whether there are estimators, which the scheduler then asks how much of a workload fits into a member.
   *
   * @default false
   */
  readonly estimators?: boolean;
}

/** What one component is, whatever its settings. */
interface ComponentDefinition extends Pick<Workload, 'livenessProbe' | 'readinessProbe'> {
  /** Name of its image, program, Deployment and Service. */
  readonly name: string;
  /** Flags beside `kubeconfig` and `v`, which all have. */
  readonly flags: (controlPlane: ControlPlaneFacts, settings: ControlPlaneSettings) => Flags;
  /** @default - none but what the settings say */
  readonly featureGates?: (controlPlane: ControlPlaneFacts) => FeatureGates;
  readonly requests: Resources['requests'];
  /** @default 1 */
  readonly replicas?: number;
  /**
   * Port that it serves on, behind port 443 of its Service.
   *
   * @default - it serves nobody, and has no Service
   */
  readonly port?: number;
  /**
   * Whether it answers Prometheus on a port of its own.
   *
   * @default true
   */
  readonly metrics?: boolean;
}

const METRICS_ADDRESS = { 'metrics-bind-address': '$(POD_IP):8080' };

/** Of what does its work in one replica at a time, and says at this port whether it is alive. */
const controllerFlags = (settings: ControlPlaneSettings, healthPort: number): Flags => ({
  'leader-elect-resource-namespace': settled(settings).namespace,
  ...METRICS_ADDRESS,
  'health-probe-bind-address': `$(POD_IP):${healthPort}`,
});

/**
 * The port that aggregated API servers listen on: above 1024, so that they need no privilege for it. Clients use the
 * port 443 of their Service.
 */
const SECURE_PORT = 6443;

/** Flags of every API server behind the Karmada API server. */
const AGGREGATED_SERVER_FLAGS: Flags = {
  'authentication-kubeconfig': KUBECONFIG_FILE,
  'authorization-kubeconfig': KUBECONFIG_FILE,
  'tls-cert-file': certificatePath('server', CERTIFICATE_FILE),
  'tls-private-key-file': certificatePath('server', KEY_FILE),
  'tls-min-version': 'VersionTLS13',
  'bind-address': '$(POD_IP)',
  'secure-port': SECURE_PORT,
  'audit-log-path': '-',
  'audit-log-maxage': 0,
  'audit-log-maxbackup': 0,
};

/** Whether an API server behind the Karmada API server is ready. */
const readiness = (path = '/readyz') =>
  httpProbe(path, SECURE_PORT, { scheme: 'HTTPS', initialDelaySeconds: 1, periodSeconds: 3 });

/** Probes of every API server behind the Karmada API server. */
const AGGREGATED_SERVER_PROBES = {
  readinessProbe: readiness(),
  livenessProbe: httpProbe('/healthz', SECURE_PORT, { scheme: 'HTTPS' }),
};

/**
 * What `/livez` and `/readyz` of search leave out, for it never passes that by itself
 * (cmd/karmada-search/app/karmada-search.go): its informers get ResourceRegistries through the Karmada API from search,
 * that is, from a replica that is ready already, and on a slow machine that takes longer than a kubelet has patience.
 * A `/readyz/ping` would leave them out as well, but a kubelet may not ask for it
 * (pkg/server/options/authorization.go of k8s.io/apiserver: `/healthz`, `/livez` and `/readyz` alone are open to
 * everybody).
 */
const WITHOUT_INFORMERS =
  '?exclude=poststarthook/start-karmada-informers&exclude=poststarthook/start-karmada-search-controller';

const WEBHOOK_PORT = 8443;

const COMPONENTS = {
  /** Serves the Cluster objects of the Karmada API, which it keeps in etcd itself, and the way through to members. */
  aggregatedApiserver: {
    name: SERVICES.aggregatedApiserver,
    flags: ({ etcd }) => ({ ...etcdFlags(etcd), ...AGGREGATED_SERVER_FLAGS }),
    requests: { cpu: '100m', memory: '128Mi' },
    port: SECURE_PORT,
    metrics: false,
    ...AGGREGATED_SERVER_PROBES,
  },
  /** Karmada's controllers: policies to bindings, bindings to members, and the members' status. */
  controllerManager: {
    name: 'karmada-controller-manager',
    flags: ({ failover }, settings) => ({
      'cluster-status-update-frequency': '10s',
      ...controllerFlags(settings, 10357),
      // The gate alone evicts nothing (cmd/controller-manager/app/options/cluster_failover.go of Karmada).
      'enable-no-execute-taint-eviction': failover || undefined,
    }),
    featureGates: ({ failover }): FeatureGates => (failover ? { Failover: true } : {}),
    requests: { cpu: '100m', memory: '256Mi' },
    livenessProbe: controllerProbe(10357),
  },
  /** Picks members for workloads. */
  scheduler: {
    name: 'karmada-scheduler',
    flags: ({ estimators }, settings) => ({
      ...controllerFlags(settings, 10351),
      'enable-scheduler-estimator': estimators || undefined,
      ...estimatorClientFlags(settings),
    }),
    requests: { cpu: '50m', memory: '128Mi' },
    livenessProbe: controllerProbe(10351),
  },
  /** Checks and completes policies and other objects of Karmada, and converts bindings between versions. */
  webhook: {
    name: SERVICES.webhook,
    flags: ({ failover }) => ({
      'bind-address': '$(POD_IP)',
      'secure-port': WEBHOOK_PORT,
      'cert-dir': MOUNT_PATHS.server,
      ...METRICS_ADDRESS,
      'health-probe-bind-address': '$(POD_IP):8000',
      // Taint policies may set `NoExecute`, which failover needs.
      'allow-no-execute-taint-policy': failover || undefined,
    }),
    requests: { cpu: '50m', memory: '128Mi' },
    port: WEBHOOK_PORT,
    // As Kubernetes has it by default: the API server turns away every change while no webhook is ready.
    readinessProbe: httpProbe('/readyz', WEBHOOK_PORT, {
      scheme: 'HTTPS',
      initialDelaySeconds: undefined,
      periodSeconds: undefined,
      timeoutSeconds: undefined,
      failureThreshold: undefined,
    }),
  },
  /** Takes replicas off members where estimators see that they find no place, for the scheduler to put elsewhere. */
  descheduler: {
    name: 'karmada-descheduler',
    flags: (_, settings) => ({ ...controllerFlags(settings, 10358), ...estimatorClientFlags(settings) }),
    requests: { cpu: '25m', memory: '64Mi' },
    replicas: 2,
    livenessProbe: controllerProbe(10358),
  },
  /** Answers for objects of all members at once, from caches and from a store that ResourceRegistries name. */
  search: {
    name: SERVICES.search,
    flags: ({ etcd }) => ({ ...etcdFlags(etcd), ...AGGREGATED_SERVER_FLAGS }),
    requests: { cpu: '100m', memory: '256Mi' },
    replicas: 2,
    port: SECURE_PORT,
    metrics: false,
    readinessProbe: readiness(`/readyz${WITHOUT_INFORMERS}`),
    // It fills its caches first, so it gets more time to come alive.
    livenessProbe: httpProbe(`/livez${WITHOUT_INFORMERS}`, SECURE_PORT, {
      scheme: 'HTTPS',
      initialDelaySeconds: 15,
      periodSeconds: 15,
      timeoutSeconds: 5,
    }),
  },
  /** Metrics of pods over all members, by which a FederatedHPA scales. */
  metricsAdapter: {
    name: SERVICES.metricsAdapter,
    flags: () => ({ ...METRICS_ADDRESS, ...AGGREGATED_SERVER_FLAGS }),
    requests: { cpu: '100m', memory: '128Mi' },
    port: SECURE_PORT,
    ...AGGREGATED_SERVER_PROBES,
  },
} as const satisfies Record<string, ComponentDefinition>;

/** Properties for `KarmadaComponent`. */
export interface KarmadaComponentProps {
  readonly component: keyof typeof COMPONENTS;
  readonly controlPlane: ControlPlaneFacts;
  /** Of the control plane and, above it, of the component. */
  readonly settings: ControlPlaneSettings & GatedComponentSettings;
}

/** Defines one of Karmada's own components. It starts when the Karmada API is there. */
export class KarmadaComponent extends Construct {
  constructor(scope: Construct, id: string, { component, controlPlane, settings }: KarmadaComponentProps) {
    super(scope, id);
    const definition: ComponentDefinition = COMPONENTS[component];
    const { name, port, metrics = true } = definition;
    const selector = { app: name };
    new ComponentDeployment(this, 'Deployment', {
      settings,
      replicas: definition.replicas,
      workload: {
        name,
        selector,
        certificates: component,
        image: karmadaImage(name, settings),
        command: `/bin/${name}`,
        flags: { kubeconfig: KUBECONFIG_FILE, ...definition.flags(controlPlane, settings), v: 2 },
        featureGates: { ...definition.featureGates?.(controlPlane), ...settings.featureGates },
        resources: { requests: definition.requests },
        ports: [...(port === undefined ? [] : [{ containerPort: port }]), ...(metrics ? [METRICS_PORT] : [])],
        livenessProbe: definition.livenessProbe,
        readinessProbe: definition.readinessProbe,
        initContainers: [waitForKarmada(component, settings)],
      },
    });
    if (port !== undefined) {
      new ComponentService(this, 'Service', { name, settings, selector, port: 443, targetPort: port });
    }
  }
}
