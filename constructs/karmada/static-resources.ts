import { k8s } from 'cdk8s-plus-28';
import { USERS } from './certificates/plan.ts';
import { apiserverUrl, type OptionalComponent, SERVICES } from './names.ts';
import { type ControlPlaneSettings, settled } from './settings.ts';

/*
 * What Karmada's components expect to find in the Karmada API, beside its CRDs (Karmada: charts/karmada/templates and
 * artifacts/deploy). Objects of another API server than the chart they are made in: data for `StaticResourceJob`.
 */

/** Stands for the CA of the Karmada API, in base64, in objects and in the CRD patches of a release. */
export const CA_BUNDLE = '{{caBundle}}';

/** ConfigMap that says for which version the static resources are there; components wait for it. */
export const VERSION_CONFIG_MAP = 'karmada-version';
export const VERSION_KEY = 'karmadaVersion';

/** Namespace of the members' credentials in the Karmada API. */
export const CLUSTER_NAMESPACE = 'karmada-cluster';

/** Keeps a Namespace of the Karmada API off the members (pkg/controllers/namespace of Karmada). */
const SKIP_PROPAGATION = 'namespace.karmada.io/skip-auto-propagation';

/** Label by which the objects of an optional part are found when the control plane no longer has it. */
const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** Optional components that have objects of their own in the Karmada API, and the value of `COMPONENT_LABEL` on them. */
const LABELLED_COMPONENTS = {
  descheduler: 'karmada-descheduler',
  search: SERVICES.search,
  metricsAdapter: SERVICES.metricsAdapter,
} as const satisfies Partial<Record<OptionalComponent, string>>;

/** The same for the registration of members. */
const REGISTRATION = 'karmada-registration';

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

/** A Kubernetes object as it goes over the wire. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
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
      ...apiServices(namespace, clusterDomain, SERVICES.aggregatedApiserver, AGGREGATED_APIS),
      ...(has('metricsAdapter') ? apiServices(namespace, clusterDomain, SERVICES.metricsAdapter, METRICS_APIS) : []),
      ...(has('search') ? apiServices(namespace, clusterDomain, SERVICES.search, SEARCH_APIS) : []),
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

/** The name and type of an L1 object's properties, and how it is rendered. */
interface Kind<Props> {
  manifest(props: Props): unknown;
}

function make<Props>(kind: Kind<Props>, props: Props & { metadata: k8s.ObjectMeta }): Manifest {
  const labels = { 'app.kubernetes.io/managed-by': 'serverless-federation', ...props.metadata.labels };
  return prune(kind.manifest({ ...props, metadata: { ...props.metadata, labels } })) as Manifest;
}

/** Leaves out what is undefined. */
function prune(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/*
 * Who may do what.
 */

const RBAC = 'rbac.authorization.k8s.io';
const CLUSTER_ADMIN = 'cluster-admin';
const READ = ['get', 'list', 'watch'];

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
function componentAccess(namespace: string, has: (component: OptionalComponent) => boolean): Manifest[] {
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

interface Grant {
  /** Of the role and of its binding. */
  readonly name: string;
  /** @default - the whole Karmada API */
  readonly namespace?: string;
  readonly users: readonly string[];
  readonly rules: readonly k8s.PolicyRule[];
  readonly labels?: Record<string, string>;
}

function grant({ name, namespace, users, rules, labels }: Grant): Manifest[] {
  if (!namespace) {
    return [
      make(k8s.KubeClusterRole, { metadata: { name, labels }, rules: [...rules] }),
      bindCluster(name, name, users, labels),
    ];
  }
  const metadata = { name, namespace, labels };
  return [
    make(k8s.KubeRole, { metadata, rules: [...rules] }),
    make(k8s.KubeRoleBinding, {
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: toSubjects(users),
    }),
  ];
}

function bindCluster(name: string, role: string, users: readonly string[], labels?: Record<string, string>): Manifest {
  return make(k8s.KubeClusterRoleBinding, {
    metadata: { name, labels },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: toSubjects(users),
  });
}

function toSubjects(users: readonly string[]): k8s.Subject[] {
  return users.map((name) => ({ apiGroup: RBAC, kind: 'User', name }));
}

/** Roles for people: what views and edits Karmada's kinds, and the cluster proxy. */
function roles(): Manifest[] {
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

/*
 * Registration of members in pull mode: karmadactl register.
 */

const BOOTSTRAPPERS = 'system:bootstrappers:karmada:default-cluster-token';
const CLUSTER_INFO = 'cluster-info';

/** What a bootstrap token may do, and what agents may. */
function registrationAccess(): Manifest[] {
  const labels = { [COMPONENT_LABEL]: REGISTRATION };
  const group = (name: string): k8s.Subject[] => [{ apiGroup: RBAC, kind: 'Group', name }];
  const approver = (name: string, resource: string) =>
    make(k8s.KubeClusterRole, {
      metadata: { name, labels },
      rules: [
        {
          apiGroups: ['certificates.k8s.io'],
          resources: [`certificatesigningrequests/${resource}`],
          verbs: ['create'],
        },
      ],
    });
  const binding = (name: string, role: string, subjects: k8s.Subject[]) =>
    make(k8s.KubeClusterRoleBinding, {
      metadata: { name, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
      subjects,
    });
  const autoApprover = 'system:karmada:certificatesigningrequest:autoapprover';
  const selfApprover = 'system:karmada:certificatesigningrequest:selfautoapprover';
  return [
    ...grant({
      name: 'system:karmada:bootstrap-signer-clusterinfo',
      namespace: 'kube-public',
      users: ['system:anonymous'],
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [CLUSTER_INFO], verbs: ['get'] }],
      labels,
    }),
    binding('system:karmada:agent-bootstrap', 'system:node-bootstrapper', group(BOOTSTRAPPERS)),
    approver(autoApprover, 'clusteragent'),
    binding('system:karmada:agent-autoapprove-bootstrap', autoApprover, group(BOOTSTRAPPERS)),
    approver(selfApprover, 'selfclusteragent'),
    binding('system:karmada:agent-autoapprove-certificate-rotation', selfApprover, group('system:karmada:agents')),
    // It makes the roles of each new agent, which is more than it could do with fewer rights than they have.
    ...grant({
      name: 'system:karmada:agent-rbac-generator',
      users: ['system:karmada:agent:rbac-generator'],
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      labels,
    }),
  ];
}

/** Where a member that registers finds the Karmada API, and which CA it has; the token's signature is added to it. */
function clusterInfo(server: string): Manifest {
  const kubeconfig = {
    apiVersion: 'v1',
    clusters: [{ cluster: { 'certificate-authority-data': CA_BUNDLE, server } }],
    kind: 'Config',
  };
  return make(k8s.KubeConfigMap, {
    metadata: { name: CLUSTER_INFO, namespace: 'kube-public', labels: { [COMPONENT_LABEL]: REGISTRATION } },
    data: { kubeconfig: `${JSON.stringify(kubeconfig)}\n` },
  });
}

/*
 * Aggregated API servers.
 */

interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

const karmadaApi = (group: string): AggregatedApi => ({
  group,
  version: 'v1alpha1',
  groupPriority: 2000,
  versionPriority: 10,
});
const metricsApi = (group: string, version: string): AggregatedApi => ({
  group,
  version,
  groupPriority: 100,
  versionPriority: 200,
});
const AGGREGATED_APIS = [karmadaApi('cluster.karmada.io')];
const SEARCH_APIS = [karmadaApi('search.karmada.io')];
const METRICS_APIS = [
  metricsApi('metrics.k8s.io', 'v1beta1'),
  metricsApi('custom.metrics.k8s.io', 'v1beta2'),
  metricsApi('custom.metrics.k8s.io', 'v1beta1'),
];

/** APIs that a Service of the host cluster serves, and in the Karmada API a Service that leads there. */
function apiServices(
  namespace: string,
  clusterDomain: string,
  service: string,
  apis: readonly AggregatedApi[],
): Manifest[] {
  const labels = { app: service, [COMPONENT_LABEL]: service };
  return [
    make(k8s.KubeService, {
      metadata: { name: service, namespace, labels },
      spec: { type: 'ExternalName', externalName: `${service}.${namespace}.svc.${clusterDomain}` },
    }),
    ...apis.map(({ group, version, groupPriority, versionPriority }) =>
      make(k8s.KubeApiService, {
        metadata: { name: `${version}.${group}`, labels: { ...labels, apiserver: 'true' } },
        spec: {
          caBundle: CA_BUNDLE,
          group,
          groupPriorityMinimum: groupPriority,
          service: { name: service, namespace },
          version,
          versionPriority,
        },
      }),
    ),
  ];
}

/*
 * Admission.
 */

interface WebhookRow {
  readonly group: string;
  readonly resource: string;
  /** First part of the webhook's name; and of its path, behind what it does. */
  readonly name: string;
  readonly path: string;
  /** @default 'Namespaced' */
  readonly scope?: 'Namespaced' | 'Cluster' | '*';
  /** @default - CREATE and UPDATE */
  readonly operations?: string[];
  /** Seconds. @default 3 */
  readonly timeout?: number;
  /** @default 'None' */
  readonly sideEffects?: 'None' | 'NoneOnDryRun';
  /** @default - all objects */
  readonly objectSelector?: k8s.LabelSelector;
}

const MUTATING: WebhookRow[] = [
  { name: 'propagationpolicy', group: 'policy', resource: 'propagationpolicies', path: 'mutate-propagationpolicy' },
  {
    name: 'clusterpropagationpolicy',
    group: 'policy',
    resource: 'clusterpropagationpolicies',
    path: 'mutate-clusterpropagationpolicy',
    scope: 'Cluster',
  },
  { name: 'overridepolicy', group: 'policy', resource: 'overridepolicies', path: 'mutate-overridepolicy' },
  {
    name: 'resourcebinding',
    group: 'work',
    resource: 'resourcebindings',
    path: 'mutate-resourcebinding',
    operations: ['CREATE'],
  },
  {
    name: 'clusterresourcebinding',
    group: 'work',
    resource: 'clusterresourcebindings',
    path: 'mutate-clusterresourcebinding',
    scope: 'Cluster',
    operations: ['CREATE'],
  },
  { name: 'work', group: 'work', resource: 'works', path: 'mutate-work' },
  { name: 'autoscaling', group: 'autoscaling', resource: 'federatedhpas', path: 'mutate-federatedhpa' },
  {
    name: 'multiclusterservice',
    group: 'networking',
    resource: 'multiclusterservices',
    path: 'mutate-multiclusterservice',
  },
];

const VALIDATING: WebhookRow[] = [
  { name: 'propagationpolicy', group: 'policy', resource: 'propagationpolicies', path: 'validate-propagationpolicy' },
  {
    name: 'clusterpropagationpolicy',
    group: 'policy',
    resource: 'clusterpropagationpolicies',
    path: 'validate-clusterpropagationpolicy',
    scope: 'Cluster',
  },
  { name: 'overridepolicy', group: 'policy', resource: 'overridepolicies', path: 'validate-overridepolicy' },
  {
    name: 'clusteroverridepolicy',
    group: 'policy',
    resource: 'clusteroverridepolicies',
    path: 'validate-clusteroverridepolicy',
    scope: 'Cluster',
  },
  {
    name: 'config',
    group: 'config',
    resource: 'resourceinterpreterwebhookconfigurations',
    path: 'validate-resourceinterpreterwebhookconfiguration',
    scope: 'Cluster',
  },
  {
    name: 'resourceinterpretercustomization',
    group: 'config',
    resource: 'resourceinterpretercustomizations',
    path: 'validate-resourceinterpretercustomization',
    scope: 'Cluster',
    timeout: 10,
  },
  {
    name: 'federatedresourcequota',
    group: 'policy',
    resource: 'federatedresourcequotas',
    path: 'validate-federatedresourcequota',
  },
  {
    name: 'multiclusteringress',
    group: 'networking',
    resource: 'multiclusteringresses',
    path: 'validate-multiclusteringress',
  },
  {
    name: 'multiclusterservice',
    group: 'networking',
    resource: 'multiclusterservices',
    path: 'validate-multiclusterservice',
  },
  {
    name: 'resourcedeletionprotection',
    group: '*',
    resource: '*',
    path: 'validate-resourcedeletionprotection',
    scope: '*',
    operations: ['DELETE'],
    objectSelector: {
      matchExpressions: [{ key: 'resourcetemplate.karmada.io/deletion-protected', operator: 'Exists' }],
    },
  },
  {
    name: 'resourcebinding',
    group: 'work',
    resource: 'resourcebindings',
    path: 'validate-resourcebinding',
    sideEffects: 'NoneOnDryRun',
  },
  // The webhook checks these three as well (cmd/webhook/app/webhook.go), but the chart forgets to ask it, unlike
  // artifacts/deploy/webhook-configuration.yaml.
  { name: 'federatedhpa', group: 'autoscaling', resource: 'federatedhpas', path: 'validate-federatedhpa' },
  { name: 'cronfederatedhpa', group: 'autoscaling', resource: 'cronfederatedhpas', path: 'validate-cronfederatedhpa' },
  {
    name: 'clustertaintpolicy',
    group: 'policy',
    resource: 'clustertaintpolicies',
    path: 'validate-clustertaintpolicy',
    scope: 'Cluster',
  },
];

function toWebhook(namespace: string, row: WebhookRow) {
  return {
    name: `${row.name}.karmada.io`,
    rules: [
      {
        operations: row.operations ?? ['CREATE', 'UPDATE'],
        apiGroups: [row.group === '*' ? '*' : `${row.group}.karmada.io`],
        apiVersions: ['*'],
        resources: [row.resource],
        scope: row.scope ?? 'Namespaced',
      },
    ],
    clientConfig: { url: `https://${SERVICES.webhook}.${namespace}.svc:443/${row.path}`, caBundle: CA_BUNDLE },
    objectSelector: row.objectSelector,
    failurePolicy: 'Fail',
    sideEffects: row.sideEffects ?? 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: row.timeout ?? 3,
  };
}

function mutatingWebhooks(namespace: string): Manifest {
  return make(k8s.KubeMutatingWebhookConfiguration, {
    metadata: { name: 'mutating-config', labels: { app: SERVICES.webhook } },
    webhooks: MUTATING.map((row) => toWebhook(namespace, row)),
  });
}

function validatingWebhooks(namespace: string): Manifest {
  return make(k8s.KubeValidatingWebhookConfiguration, {
    metadata: { name: 'validating-config', labels: { app: SERVICES.webhook } },
    webhooks: VALIDATING.map((row) => toWebhook(namespace, row)),
  });
}
