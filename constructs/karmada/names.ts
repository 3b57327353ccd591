/** Names that the control plane's components, their certificates and whoever calls them agree on. */

/** Namespace of the control plane, on the host cluster and in the Karmada API, unless told otherwise. */
export const DEFAULT_NAMESPACE = 'karmada-system';

/** DNS domain of the host cluster, unless told otherwise. */
export const DEFAULT_CLUSTER_DOMAIN = 'cluster.local';

/** Namespace of the members' credentials in the Karmada API. */
export const CLUSTER_NAMESPACE = 'karmada-cluster';

/** ConfigMap that says for which version the static resources are there; components wait for it. */
export const VERSION_CONFIG_MAP = 'karmada-version';
export const VERSION_KEY = 'karmadaVersion';

/** The parts of a control plane that hold a certificate; `administration` is what sets the Karmada API up. */
export type Component =
  | 'etcd'
  | 'apiserver'
  | 'aggregatedApiserver'
  | 'kubeControllerManager'
  | 'controllerManager'
  | 'scheduler'
  | 'webhook'
  | 'schedulerEstimator'
  | 'descheduler'
  | 'search'
  | 'metricsAdapter'
  | 'administration';

/** Parts that a control plane may lack; etcd is one of them, for it can be somebody else's. */
export const OPTIONAL_COMPONENTS = ['etcd', 'schedulerEstimator', 'descheduler', 'search', 'metricsAdapter'] as const;
export type OptionalComponent = (typeof OPTIONAL_COMPONENTS)[number];

/** Services of the control plane. They are part of the certificates, so they have one name everywhere. */
export const SERVICES = {
  /** Headless, one name per etcd member. */
  etcd: 'etcd',
  etcdClient: 'etcd-client',
  apiserver: 'karmada-apiserver',
  aggregatedApiserver: 'karmada-aggregated-apiserver',
  webhook: 'karmada-webhook',
  search: 'karmada-search',
  metricsAdapter: 'karmada-metrics-adapter',
} as const;

/** Files of the control plane, in the order in which they apply, that are named elsewhere: those with Jobs. */
export const PARTS = {
  certificates: '20-karmada-certificates',
  staticResources: '32-karmada-static-resources',
} as const;

/** Name of the scheduler's estimators; that of each goes on with a dash and its member's. */
export const ESTIMATOR_NAME = 'karmada-scheduler-estimator';

/** Port of the Karmada API server, in its pods and its Service. */
export const APISERVER_PORT = 5443;

/**
 * Most members that etcd may have: each has its own name in the certificates, so that the number can grow without new
 * ones. etcd itself advises against more (etcd.io/docs, FAQ).
 */
export const ETCD_MAX_MEMBERS = 7;

/** URL of the Karmada API server for what runs on the host cluster. */
export function apiserverUrl(controlPlane: { readonly namespace: string; readonly clusterDomain?: string }): string {
  const { namespace, clusterDomain = DEFAULT_CLUSTER_DOMAIN } = controlPlane;
  return `https://${SERVICES.apiserver}.${namespace}.svc.${clusterDomain}:${APISERVER_PORT}`;
}
