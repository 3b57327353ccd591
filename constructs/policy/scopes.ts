import { lookup } from '../../simulation/lookup.ts';

/** Whether objects of a kind live in a namespace. */
export type Scope = 'Namespaced' | 'Cluster';

/*
 * Kinds by API group. Of the groups named here every kind that is not listed lives in a namespace.
 * Sources: the API reference of Kubernetes 1.35, `kubectl api-resources`; the CRDs of the projects.
 */
const CLUSTER_SCOPED: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume', 'ComponentStatus'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  apps: [],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  autoscaling: [],
  batch: [],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'coordination.k8s.io': [],
  'discovery.k8s.io': [],
  'events.k8s.io': [],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IPAddress', 'IngressClass', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storagemigration.k8s.io': ['StorageVersionMigration'],
  // Groups of the projects that this one makes objects of.
  'apps.karmada.io': ['WorkloadRebalancer'],
  'autoscaling.karmada.io': [],
  'cert-manager.io': ['ClusterIssuer'],
  'cluster.karmada.io': ['Cluster'],
  'config.karmada.io': ['ResourceInterpreterCustomization', 'ResourceInterpreterWebhookConfiguration'],
  'core.spinkube.dev': [],
  'helm.cattle.io': [],
  'multicluster.x-k8s.io': [],
  'networking.karmada.io': [],
  'operator.tigera.io': [
    'APIServer',
    'ImageSet',
    'Installation',
    'Goldmane',
    'TigeraStatus',
    'Whisker',
    'GatewayAPI',
    'ManagementCluster',
  ],
  'metallb.io': [],
  'policy.karmada.io': ['ClusterOverridePolicy', 'ClusterPropagationPolicy', 'ClusterTaintPolicy'],
  'remedy.karmada.io': ['Remedy'],
  'runtime.spinkube.dev': ['Shim'],
  'search.karmada.io': ['ResourceRegistry'],
  'upgrade.cattle.io': [],
  'work.karmada.io': ['ClusterResourceBinding'],
};

/** The other kinds of Kubernetes' own groups, of which nobody else brings some. */
const NAMESPACED: Readonly<Record<string, readonly string[]>> = {
  '': [
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'PersistentVolumeClaim',
    'Pod',
    'PodTemplate',
    'ReplicationController',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'admissionregistration.k8s.io': [],
  'apiextensions.k8s.io': [],
  'apiregistration.k8s.io': [],
  apps: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  autoscaling: ['HorizontalPodAutoscaler'],
  batch: ['CronJob', 'Job'],
  'certificates.k8s.io': ['PodCertificateRequest'],
  'coordination.k8s.io': ['Lease', 'LeaseCandidate'],
  'discovery.k8s.io': ['EndpointSlice'],
  'events.k8s.io': ['Event'],
  'networking.k8s.io': ['Ingress', 'NetworkPolicy'],
  'node.k8s.io': [],
  policy: ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['Role', 'RoleBinding'],
  'scheduling.k8s.io': ['Workload'],
  'storage.k8s.io': ['CSIStorageCapacity'],
};

/** Kinds by API group, of the groups of Kubernetes' own that all kinds are known of. */
export const KUBERNETES_KINDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(NAMESPACED).map(([group, kinds]) => [group, [...kinds, ...(CLUSTER_SCOPED[group] ?? [])]]),
);

/** Groups that the Karmada API alone serves: its CRDs, and what its aggregated servers answer for. */
export const KARMADA_GROUPS: readonly string[] = Object.keys(CLUSTER_SCOPED).filter(
  (group) => group.endsWith('.karmada.io') && group !== 'work.karmada.io',
);

/** Groups of what runs on clusters, which the Karmada API serves only where their CRDs are brought to it. */
export const CLUSTER_GROUPS: readonly string[] = [
  'helm.cattle.io',
  'k3s.cattle.io',
  'metallb.io',
  'operator.tigera.io',
  'projectcalico.org',
  'crd.projectcalico.org',
  'runtime.spinkube.dev',
  'upgrade.cattle.io',
];

/** Groups that Karmada itself runs on: its detector never propagates their objects. */
export const NEVER_PROPAGATED: readonly string[] = ['cluster.karmada.io', 'policy.karmada.io', 'work.karmada.io'];

/** The API group in an `apiVersion`: empty for the core group. */
export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The scope of a kind, or nothing for a group that is not known here. */
export function scopeOf(apiVersion: string, kind: string): Scope | undefined {
  const kinds = lookup(CLUSTER_SCOPED, apiGroup(apiVersion));
  if (!kinds) return undefined;
  return kinds.includes(kind) ? 'Cluster' : 'Namespaced';
}

/**
 * The scope of a kind: the given one, else the known one.
 *
 * @throws Error when nothing is given and the kind is not known, or when what is given is not so.
 */
export function requireScope(apiVersion: string, kind: string, given?: Scope): Scope {
  const known = scopeOf(apiVersion, kind);
  if (known && given && known !== given) {
    throw new Error(`kind '${kind}' of '${apiVersion}' has the scope '${known}', got '${given}'`);
  }
  const scope = given ?? known;
  if (!scope)
    throw new Error(`kind '${kind}' of '${apiVersion}' is not known, give its scope: 'Namespaced' or 'Cluster'`);
  return scope;
}
