import { k8s } from 'cdk8s-plus-28';
import { apiserverUrl, CLUSTER_NAMESPACE, type OptionalComponent } from '../names.ts';
import { type ControlPlaneSettings, settled } from '../settings.ts';
import { componentAccess, roles } from './access.ts';
import { apiServices } from './api-services.ts';
import { LABELLED_COMPONENTS, type Manifest, make } from './manifest.ts';
import { clusterInfo, REGISTRATION, registrationAccess } from './registration.ts';
import { mutatingWebhooks, validatingWebhooks } from './webhooks.ts';

/*
 * What Karmada's components expect to find in the Karmada API, beside its CRDs (Karmada: charts/karmada/templates and
 * artifacts/deploy).
 */

/** Keeps a Namespace of the Karmada API off the members (pkg/controllers/namespace of Karmada). */
const SKIP_PROPAGATION = 'namespace.karmada.io/skip-auto-propagation';

/** What static resources are made for. */
export interface StaticResourcesProps extends Pick<ControlPlaneSettings, 'namespace' | 'clusterDomain'> {
  /** Optional components that the control plane has. */
  readonly components: readonly OptionalComponent[];
  /**
   * URL at which members in other networks reach the Karmada API server, such as `https://karmada.example.com:32443`.
   * A member in pull mode reads it from `cluster-info` when it registers; its host must be in the certificate.
   *
   * @default - the URL inside the host cluster, of use to no other
   */
  readonly publicUrl?: string;
  /**
   * Whether members can register themselves with a bootstrap token. Whoever has such a token then has, for its
   * lifetime, all rights in the Karmada API: registration makes RBAC objects.
   *
   * @default true
   */
  readonly registration?: boolean;
}

/** Static resources, in the order of application. */
export interface StaticResources {
  /** Namespaces and RBAC: needed by everything else, need nothing themselves. */
  readonly first: readonly Manifest[];
  /** What refers to the components' Services. */
  readonly last: readonly Manifest[];
  /** Optional parts that the control plane lacks: the value of the component label on what it had of them earlier. */
  readonly absent: readonly string[];
}

export function staticResources(props: StaticResourcesProps): StaticResources {
  const { namespace, clusterDomain } = settled(props);
  const { components, registration = true } = props;
  const has = (component: OptionalComponent) => components.includes(component);
  return {
    first: [
      // By itself, Karmada brings to the members all namespaces but its usual ones.
      make(k8s.KubeNamespace, { metadata: { name: namespace, labels: { [SKIP_PROPAGATION]: 'true' } } }),
      make(k8s.KubeNamespace, { metadata: { name: CLUSTER_NAMESPACE } }),
      ...componentAccess(namespace, has),
      ...roles(),
      ...(registration ? registrationAccess() : []),
    ],
    last: [
      ...(registration ? [clusterInfo(props.publicUrl ?? apiserverUrl({ namespace, clusterDomain }))] : []),
      ...apiServices(namespace, clusterDomain, 'aggregatedApiserver'),
      ...(has('metricsAdapter') ? apiServices(namespace, clusterDomain, 'metricsAdapter') : []),
      ...(has('search') ? apiServices(namespace, clusterDomain, 'search') : []),
      mutatingWebhooks(namespace),
      validatingWebhooks(namespace),
    ],
    absent: [
      ...Object.entries(LABELLED_COMPONENTS)
        .filter(([component]) => !has(component as OptionalComponent))
        .map(([, label]) => label),
      ...(registration ? [] : [REGISTRATION]),
    ],
  };
}
