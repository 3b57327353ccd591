import { k8s } from 'cdk8s-plus-28';
import { USERS } from '../certificates/plan.ts';
import { type OptionalComponent, VERSION_CONFIG_MAP } from '../names.ts';
import { COMPONENT_LABEL, LABELLED_COMPONENTS, type Manifest, make } from './manifest.ts';
import { bindCluster, grant, RBAC, READ, toSubjects } from './rbac.ts';

/*
 * Who may do what in the Karmada API: the components of the control plane, and people.
 */

const CLUSTER_ADMIN = 'cluster-admin';

/** Delegates authentication and authorization to the Karmada API, as an aggregated API server does. */
const AUTH_DELEGATOR = 'system:auth-delegator';

interface Access {
  readonly user: string;
  readonly rules?: readonly k8s.PolicyRule[];
  /** Existing ClusterRoles to bind as well. */
  readonly clusterRoles?: readonly string[];
  /** Rules in the control plane's namespace. */
  readonly namespaced?: readonly k8s.PolicyRule[];
  /** Whether it is an aggregated API server. */
  readonly aggregated?: boolean;
}

const lease = (name: string): k8s.PolicyRule[] => [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [name], verbs: ['get', 'update'] },
];
const EVENTS: k8s.PolicyRule = {
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
  verbs: ['create', 'patch', 'update'],
};
const CLUSTERS: k8s.PolicyRule = { apiGroups: ['cluster.karmada.io'], resources: ['clusters'], verbs: READ };
/** Estimators are looked up as Services before they are asked. */
const ESTIMATORS: k8s.PolicyRule = { apiGroups: [''], resources: ['services'], verbs: ['get'] };
/** Credentials of the members. */
const SECRETS_OF_MEMBERS: k8s.PolicyRule = { apiGroups: [''], resources: ['secrets'], verbs: READ };
/** Every API server built on Kubernetes' library watches these for its own flow control. */
const FLOW_CONTROL: k8s.PolicyRule[] = [
  {
    apiGroups: ['flowcontrol.apiserver.k8s.io'],
    resources: ['flowschemas', 'prioritylevelconfigurations'],
    verbs: READ,
  },
  { apiGroups: ['flowcontrol.apiserver.k8s.io'], resources: ['flowschemas/status'], verbs: ['patch', 'update'] },
];

/** What the components' own users need; kube-controller-manager has its rights from the API server. */
const ACCESS: Partial<Record<keyof typeof USERS, Access>> = {
  // It handles objects of any kind, and makes RBAC objects: nothing less is enough.
  controllerManagerClient: { user: USERS.controllerManagerClient, clusterRoles: [CLUSTER_ADMIN] },
  schedulerClient: {
    user: USERS.schedulerClient,
    rules: [
      CLUSTERS,
      EVENTS,
      {
        apiGroups: ['work.karmada.io'],
        resources: ['resourcebindings', 'clusterresourcebindings'],
        verbs: [...READ, 'patch'],
      },
      {
        apiGroups: ['work.karmada.io'],
        resources: ['resourcebindings/status', 'clusterresourcebindings/status'],
        verbs: ['patch'],
      },
    ],
    namespaced: [...lease('karmada-scheduler'), ESTIMATORS],
  },
  webhookClient: {
    user: USERS.webhookClient,
    rules: [
      { apiGroups: ['policy.karmada.io'], resources: ['federatedresourcequotas'], verbs: READ },
      { apiGroups: ['policy.karmada.io'], resources: ['federatedresourcequotas/status'], verbs: ['update'] },
      { apiGroups: ['config.karmada.io'], resources: ['resourceinterpretercustomizations'], verbs: READ },
    ],
  },
  aggregatedApiserverClient: {
    user: USERS.aggregatedApiserverClient,
    aggregated: true,
    rules: [SECRETS_OF_MEMBERS, ...FLOW_CONTROL],
  },
  deschedulerClient: {
    user: USERS.deschedulerClient,
    rules: [
      CLUSTERS,
      EVENTS,
      { apiGroups: ['work.karmada.io'], resources: ['resourcebindings'], verbs: [...READ, 'update'] },
    ],
    namespaced: [...lease('karmada-descheduler'), ESTIMATORS],
  },
  // Its proxy forwards requests for any kind to the Karmada API as itself (pkg/search/proxy, plugin karmada).
  searchClient: { user: USERS.searchClient, clusterRoles: [CLUSTER_ADMIN] },
  metricsAdapterClient: {
    user: USERS.metricsAdapterClient,
    aggregated: true,
    rules: [CLUSTERS, SECRETS_OF_MEMBERS, ...FLOW_CONTROL],
  },
};

/** RBAC of the components. A right is taken away by deleting a binding, which no `system:masters` allows. */
export function componentAccess(namespace: string, has: (component: OptionalComponent) => boolean): Manifest[] {
  const labelled = LABELLED_COMPONENTS as Partial<Record<string, string>>;
  const components = Object.entries(ACCESS).filter(([client]) => {
    const component = client.replace(/Client$/, '');
    return !(component in labelled) || has(component as OptionalComponent);
  });
  const users = [USERS.kubeControllerManagerClient, ...components.map(([, { user }]) => user)];
  return [
    ...grant({
      name: 'system:karmada:version-reader',
      namespace,
      users,
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [VERSION_CONFIG_MAP], verbs: ['get'] }],
    }),
    ...components.flatMap(([client, { user, rules, clusterRoles = [], namespaced, aggregated }]) => {
      const component = labelled[client.replace(/Client$/, '')];
      const labels = component ? { [COMPONENT_LABEL]: component } : undefined;
      const users = [user];
      return [
        ...(rules ? grant({ name: user, users, rules, labels }) : []),
        ...clusterRoles.map((role) => bindCluster(user, role, users, labels)),
        ...(namespaced ? grant({ name: user, namespace, users, rules: namespaced, labels }) : []),
        ...(aggregated
          ? [
              bindCluster(`${user}:auth-delegator`, AUTH_DELEGATOR, users, labels),
              make(k8s.KubeRoleBinding, {
                metadata: { name: user, namespace: 'kube-system', labels },
                roleRef: { apiGroup: RBAC, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
                subjects: toSubjects(users),
              }),
            ]
          : []),
      ];
    }),
  ];
}

/** Roles for people: what views and edits Karmada's kinds, and the cluster proxy. */
export function roles(): Manifest[] {
  const name = 'karmada-cluster-proxy-admin';
  const withStatus = (resource: string) => [resource, `${resource}/status`];
  const kinds: [string, string[]][] = [
    ['autoscaling.karmada.io', ['cronfederatedhpas', 'federatedhpas'].flatMap(withStatus)],
    ['multicluster.x-k8s.io', ['serviceexports', 'serviceimports'].flatMap(withStatus)],
    ['networking.karmada.io', ['multiclusteringresses', 'multiclusterservices'].flatMap(withStatus)],
    ['policy.karmada.io', ['overridepolicies', 'propagationpolicies']],
    ['work.karmada.io', ['resourcebindings', 'works'].flatMap(withStatus)],
  ];
  const aggregated = (role: 'view' | 'edit', verbs: string[]) =>
    make(k8s.KubeClusterRole, {
      metadata: {
        name: `karmada-${role}`,
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
        labels: {
          'kubernetes.io/bootstrapping': 'rbac-defaults',
          [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true',
        },
      },
      rules: kinds.map(([group, resources]) => ({ apiGroups: [group], resources, verbs })),
    });
  return [
    ...grant({
      name,
      users: [USERS.adminClient],
      rules: [{ apiGroups: ['cluster.karmada.io'], resources: ['clusters/proxy'], verbs: ['*'] }],
    }),
    aggregated('view', READ),
    aggregated('edit', ['create', 'delete', 'deletecollection', 'patch', 'update']),
  ];
}
