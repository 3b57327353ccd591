import { k8s } from 'cdk8s-plus-28';
import { mirrored } from '../images.ts';
import { restrictedContainer, restrictedPod } from '../security.ts';
import { certificateVolumes } from './certificates/mounts.ts';
import type { Component } from './names.ts';
import type { ComponentSettings, ControlPlaneSettings, FeatureGates, Flags, Resources } from './settings.ts';

/*
 * The pods of a control plane's components, what they have in common said once: image, flags, certificates, placement,
 * probes, security.
 */

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
          imagePullPolicy: settings.imagePullPolicy ?? 'IfNotPresent',
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

/** The pod's address, for flags to name as `$(POD_IP)`. */
export const POD_IP: k8s.EnvVar = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };

/** The port on which components answer Prometheus. */
export const METRICS_PORT: k8s.ContainerPort = { name: 'metrics', containerPort: 8080 };

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
