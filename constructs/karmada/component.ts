import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { mirrored } from '../images.ts';
import { restrictedContainer, restrictedPod } from '../security.ts';
import { KARMADA_VERSION, TOOLS_IMAGE } from '../versions.ts';
import { certificateVolumes } from './certificates/mounts.ts';
import type { CertificatePurpose } from './certificates/plan.ts';
import { type Component, DEFAULT_CLUSTER_DOMAIN, DEFAULT_NAMESPACE } from './names.ts';

/*
 * What the components of a control plane have in common, said once: settings, image, certificates, placement, probes,
 * security, and what keeps several replicas apart and alive.
 */

/** Settings that hold for a whole control plane. */
export interface ControlPlaneSettings {
  /**
   * Namespace of the control plane, on the host cluster and in the Karmada API.
   *
   * @default 'karmada-system'
   */
  readonly namespace?: string;
  /**
   * DNS domain of the host cluster.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
  /**
   * Release of Karmada, such as `v1.18.2`.
   *
   * @default KARMADA_VERSION
   */
  readonly version?: string;
  /**
   * Registry, or path in one, that takes the place of every image's own. An image that a component names itself stays.
   *
   * @default - the images' own registries
   */
  readonly registry?: string;
  /**
   * Image of Jobs and of the containers that wait, used as it stands: bash, kubectl, curl, openssl 3, tar, gzip, GNU date.
   *
   * @default TOOLS_IMAGE, from the registry mirror
   */
  readonly toolsImage?: string;
  /**
   * Secrets of the namespace to pull images with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Labels of the nodes that all pods go to, Jobs included, where a component says nothing else.
   *
   * @default - any node
   */
  readonly nodeSelector?: { readonly [label: string]: string };
  /**
   * Node taints that all pods bear, Jobs included, where a component says nothing else.
   *
   * @default - none
   */
  readonly tolerations?: readonly k8s.Toleration[];
  /**
   * Feature gates of Karmada, for all its components that know gates. Those of a component come before these.
   *
   * @default - Karmada's own
   */
  readonly featureGates?: FeatureGates;
  /**
   * Secrets with certificates that have another name than `SECRETS` gives them.
   *
   * @default - the names of `SECRETS`
   */
  readonly secretNames?: Partial<Record<CertificatePurpose, string>>;
}

export interface FeatureGates {
  readonly [gate: string]: boolean;
}

/** Limits what evictions may take away at one time: figures, or shares such as `50%`. One of the two. */
export interface DisruptionBudget {
  /** @default - `maxUnavailable` decides */
  readonly minAvailable?: number | string;
  /** @default 1, unless `minAvailable` is given */
  readonly maxUnavailable?: number | string;
}

/** Settings of one component. */
export interface ComponentSettings {
  /** @default - said by each component */
  readonly replicas?: number;
  /**
   * Image with its tag or digest, used as it stands, whatever the mirror.
   *
   * @default - the release's own
   */
  readonly image?: string;
  /**
   * Further Secrets of the namespace to pull the image with.
   *
   * @default - those of the control plane
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * CPU and memory, as Kubernetes quantities. What is given takes the place of the default whole.
   *
   * @default - requests that fit a small federation, no limits
   */
  readonly resources?: Resources;
  /** @default - those of the control plane */
  readonly nodeSelector?: { readonly [label: string]: string };
  /** @default - those of the control plane */
  readonly tolerations?: readonly k8s.Toleration[];
  /** @default - none; replicas spread over nodes as far as there are some */
  readonly affinity?: k8s.Affinity;
  /** @default - none but `app` */
  readonly podLabels?: { readonly [label: string]: string };
  /** @default - none */
  readonly podAnnotations?: { readonly [annotation: string]: string };
  /** @default 'system-node-critical' */
  readonly priorityClassName?: string;
  /**
   * For two replicas and more.
   *
   * @default - one replica may be away
   */
  readonly podDisruptionBudget?: DisruptionBudget;
  /**
   * Flags by name, without dashes. One that is set already takes this value.
   *
   * @default - none
   */
  readonly extraArgs?: Flags;
}

/** Settings of a component that has feature gates. */
export interface GatedComponentSettings extends ComponentSettings {
  /** @default - those of the control plane */
  readonly featureGates?: FeatureGates;
}

/** Kubernetes quantities by resource, such as `{ cpu: '100m' }`. */
export interface Resources {
  readonly requests?: { readonly [resource: string]: string };
  readonly limits?: { readonly [resource: string]: string };
}

/** Flags of a command by name, without dashes. A flag without value is left out. */
export interface Flags {
  readonly [flag: string]: string | number | boolean | undefined;
}

/** What a component is, whatever its settings. */
export interface Workload {
  /** Name of the workload. */
  readonly name: string;
  /** Labels by which it finds its pods. */
  readonly selector: { readonly [label: string]: string };
  /**
   * Which certificates it mounts.
   *
   * @default - none
   */
  readonly certificates?: Component;
  /**
   * Name of its container.
   *
   * @default - the workload's
   */
  readonly container?: string;
  /** Image where the settings name none. */
  readonly image: string;
  readonly command: string;
  readonly flags: Flags;
  /** @default - the component has none */
  readonly featureGates?: FeatureGates;
  readonly resources: Resources;
  readonly ports?: k8s.ContainerPort[];
  readonly livenessProbe?: k8s.Probe;
  readonly readinessProbe?: k8s.Probe;
  /** @default - its own address as `POD_IP`, where a flag names that */
  readonly env?: k8s.EnvVar[];
  readonly initContainers?: k8s.Container[];
  readonly volumes?: k8s.Volume[];
  readonly volumeMounts?: k8s.VolumeMount[];
  /** @default restrictedPod */
  readonly podSecurityContext?: k8s.PodSecurityContext;
  /** @default restrictedContainer */
  readonly securityContext?: k8s.SecurityContext;
  /**
   * Account of the pod on its own cluster, whose token is then mounted.
   *
   * @default - none: it talks to the Karmada API alone
   */
  readonly serviceAccountName?: string;
  /**
   * Where the settings say nothing.
   *
   * @default - none
   */
  readonly affinity?: k8s.Affinity;
}

/** A control plane's settings with their defaults. */
export function settled(settings: ControlPlaneSettings) {
  return {
    namespace: settings.namespace ?? DEFAULT_NAMESPACE,
    clusterDomain: settings.clusterDomain ?? DEFAULT_CLUSTER_DOMAIN,
    version: settings.version ?? KARMADA_VERSION,
  };
}

/** The image of one of Karmada's own components. */
export function karmadaImage(component: string, settings: ControlPlaneSettings): string {
  return `docker.io/karmada/${component}:${settled(settings).version}`;
}

/** The image of Jobs and of the containers that wait. */
export function toolsImage({ toolsImage, registry }: Pick<ControlPlaneSettings, 'toolsImage' | 'registry'>): string {
  return toolsImage ?? mirrored(TOOLS_IMAGE, registry);
}

/** `{ v: 2 }` as `--v=2`. */
export function toArgs(flags: Flags, gates: FeatureGates = {}): string[] {
  const enabled = Object.entries(gates)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([gate, on]) => `${gate}=${on}`)
    .join(',');
  return Object.entries({ ...flags, ...(enabled && { 'feature-gates': enabled }) })
    .filter(([, value]) => value !== undefined)
    .map(([flag, value]) => `--${flag}=${value}`);
}

export function toResources(resources: Resources): k8s.ResourceRequirements {
  const quantities = (values: Resources['requests']) =>
    values && Object.fromEntries(Object.entries(values).map(([key, value]) => [key, k8s.Quantity.fromString(value)]));
  return { requests: quantities(resources.requests), limits: quantities(resources.limits) };
}

/** Says what is wrong with settings that the type allows. */
function validate(name: string, settings: ComponentSettings, selector: Workload['selector']): void {
  const label = Object.keys(selector).find((key) => settings.podLabels?.[key] !== undefined);
  if (label) {
    throw new Error(`'podLabels' of ${name} must not hold '${label}', by which ${name} finds its pods`);
  }
  if (settings.extraArgs?.['feature-gates'] !== undefined) {
    throw new Error(`'extraArgs' of ${name} must not hold 'feature-gates', give them as 'featureGates'`);
  }
}

/** What is wrong with a disruption budget for so many replicas: it lets no node be drained, for one. */
export function budgetFault(budget: DisruptionBudget, replicas: number): string | undefined {
  const { minAvailable, maxUnavailable } = budget;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    return "must have 'minAvailable' or 'maxUnavailable', not both";
  }
  if (replicas < 2) return undefined;
  // Kubernetes rounds shares up.
  const count = (value: number | string) =>
    typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * replicas) / 100);
  const leavesNone =
    (minAvailable !== undefined && count(minAvailable) >= replicas) || count(maxUnavailable ?? 1) === 0;
  return leavesNone
    ? `would keep all ${replicas} replicas, so that no node of theirs could be drained: let one be away, or give more 'replicas'`
    : undefined;
}

/** The pods of a component. */
export function podTemplate(
  workload: Workload,
  settings: ControlPlaneSettings & ComponentSettings,
  replicas: number,
): k8s.PodTemplateSpec {
  const { name, selector } = workload;
  validate(name, settings, selector);
  const { volumes, volumeMounts } = workload.certificates
    ? certificateVolumes(workload.certificates, settings.secretNames)
    : { volumes: [], volumeMounts: [] };
  const pullSecrets = [...(settings.imagePullSecrets ?? [])];
  return {
    metadata: { labels: { ...selector, ...settings.podLabels }, annotations: settings.podAnnotations },
    spec: {
      serviceAccountName: workload.serviceAccountName,
      automountServiceAccountToken: workload.serviceAccountName !== undefined,
      // Everything is found by DNS, and etcd would take the variables of a Service called etcd for its own.
      enableServiceLinks: false,
      securityContext: workload.podSecurityContext ?? restrictedPod,
      imagePullSecrets: pullSecrets.length > 0 ? pullSecrets.map((secret) => ({ name: secret })) : undefined,
      nodeSelector: settings.nodeSelector,
      tolerations: settings.tolerations && [...settings.tolerations],
      affinity: settings.affinity ?? workload.affinity,
      topologySpreadConstraints:
        replicas > 1
          ? [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: selector },
              },
            ]
          : undefined,
      priorityClassName: settings.priorityClassName ?? 'system-node-critical',
      initContainers: workload.initContainers,
      containers: [
        {
          name: workload.container ?? name,
          image: settings.image ?? mirrored(workload.image, settings.registry),
          imagePullPolicy: 'IfNotPresent',
          command: [workload.command],
          args: toArgs({ ...workload.flags, ...settings.extraArgs }, workload.featureGates),
          env:
            workload.env ??
            (Object.values(workload.flags).some((value) => `${value}`.includes('$(POD_IP)')) ? [POD_IP] : undefined),
          ports: workload.ports,
          livenessProbe: workload.livenessProbe,
          readinessProbe: workload.readinessProbe,
          resources: toResources(settings.resources ?? workload.resources),
          securityContext: workload.securityContext ?? restrictedContainer,
          volumeMounts: [...volumeMounts, ...(workload.volumeMounts ?? [])],
        },
      ],
      volumes: [...volumes, ...(workload.volumes ?? [])],
    },
  };
}

/** The pod's address, for flags to name as `$(POD_IP)`. */
export const POD_IP: k8s.EnvVar = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };

/** The port on which components answer Prometheus. */
export const METRICS_PORT: k8s.ContainerPort = { name: 'metrics', containerPort: 8080 };

/**
 * The port that aggregated API servers listen on: above 1024, so that they need no privilege for it. Clients use the
 * port 443 of their Service.
 */
export const SECURE_PORT = 6443;

/** Asks a component by HTTP; waits 10 s before the first time, and between two. */
export function httpProbe(path: string, port: number, probe: Partial<k8s.Probe> & { scheme?: string } = {}): k8s.Probe {
  const { scheme = 'HTTP', ...rest } = probe;
  return {
    httpGet: { path, port: k8s.IntOrString.fromNumber(port), scheme },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 15,
    failureThreshold: 3,
    ...rest,
  };
}

/** Liveness of Karmada's own controllers, which all answer at `/healthz` without TLS. */
export function controllerProbe(port: number): k8s.Probe {
  return httpProbe('/healthz', port, { initialDelaySeconds: 15, periodSeconds: 15, timeoutSeconds: 5 });
}

/** Properties of `ComponentDeployment`. */
export interface ComponentDeploymentProps {
  readonly workload: Workload;
  readonly settings: ControlPlaneSettings & ComponentSettings;
  /**
   * Where the settings say nothing.
   *
   * @default 1
   */
  readonly replicas?: number;
}

/** The Deployment of a component, with a disruption budget where it has several replicas. */
export class ComponentDeployment extends Construct {
  constructor(scope: Construct, id: string, props: ComponentDeploymentProps) {
    super(scope, id);
    const { workload, settings } = props;
    const { namespace } = settled(settings);
    const { name, selector } = workload;
    const replicas = settings.replicas ?? props.replicas ?? 1;
    new k8s.KubeDeployment(this, 'Resource', {
      metadata: { name, namespace, labels: selector },
      spec: {
        replicas,
        selector: { matchLabels: selector },
        // No replica goes before its successor is there.
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: k8s.IntOrString.fromString('50%'),
            maxUnavailable: k8s.IntOrString.fromNumber(0),
          },
        },
        template: podTemplate(workload, settings, replicas),
      },
    });
    new ComponentDisruptionBudget(this, 'DisruptionBudget', { workload, settings, replicas });
  }
}

/** Limits evictions of a component with two replicas or more; of one with a single replica it would block them all. */
export class ComponentDisruptionBudget extends Construct {
  constructor(scope: Construct, id: string, props: ComponentDeploymentProps & { readonly replicas: number }) {
    super(scope, id);
    const { workload, settings, replicas } = props;
    const { podDisruptionBudget = {} } = settings;
    const fault = budgetFault(podDisruptionBudget, replicas);
    if (fault) throw new Error(`'podDisruptionBudget' of ${workload.name} ${fault}`);
    if (replicas < 2) return;
    const { minAvailable, maxUnavailable } = podDisruptionBudget;
    new k8s.KubePodDisruptionBudget(this, 'Resource', {
      metadata: { name: workload.name, namespace: settled(settings).namespace, labels: workload.selector },
      spec: {
        selector: { matchLabels: workload.selector },
        minAvailable: intOrString(minAvailable),
        maxUnavailable: intOrString(maxUnavailable ?? (minAvailable === undefined ? 1 : undefined)),
      },
    });
  }
}

function intOrString(value: number | string | undefined): k8s.IntOrString | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
}

/** Properties of `ComponentService`. */
export interface ComponentServiceProps {
  readonly name: string;
  readonly settings: ControlPlaneSettings;
  readonly selector: { readonly [label: string]: string };
  /** Port of the Service. */
  readonly port: number;
  /** Port of the pods. */
  readonly targetPort: number;
}

/** A Service inside the host cluster. */
export class ComponentService extends Construct {
  constructor(scope: Construct, id: string, props: ComponentServiceProps) {
    super(scope, id);
    new k8s.KubeService(this, 'Resource', {
      metadata: { name: props.name, namespace: settled(props.settings).namespace, labels: props.selector },
      spec: {
        selector: props.selector,
        ports: [{ protocol: 'TCP', port: props.port, targetPort: k8s.IntOrString.fromNumber(props.targetPort) }],
      },
    });
  }
}
