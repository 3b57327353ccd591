import type { k8s } from 'cdk8s-plus-28';
import { mirrored } from '../images.ts';
import { KARMADA_VERSION, TOOLS_IMAGE } from '../versions.ts';
import type { CertificatePurpose } from './certificates/plan.ts';
import { DEFAULT_CLUSTER_DOMAIN, DEFAULT_NAMESPACE } from './names.ts';

/*
 * What can be set about a control plane as a whole, and about each of its components.
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
   * When nodes pull the images, where a component says nothing else.
   *
   * @default 'IfNotPresent'
   */
  readonly imagePullPolicy?: ImagePullPolicy;
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

/** When a node pulls the image of a container. */
export type ImagePullPolicy = 'IfNotPresent' | 'Always' | 'Never';

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
  /** @default - that of the control plane */
  readonly imagePullPolicy?: ImagePullPolicy;
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
