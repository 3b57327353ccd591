import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { enforce } from '../security.ts';
import { ComponentDeployment } from './component-deployment.ts';
import { CLUSTER_NAMESPACE, DEFAULT_NAMESPACE } from './names.ts';
import { type ControlPlaneSettings, type GatedComponentSettings, karmadaImage, settled } from './settings.ts';
import { controllerProbe, METRICS_PORT } from './workload.ts';

/** Namespace of the agent on its member, as `karmadactl register` has it. */
export const AGENT_NAMESPACE = DEFAULT_NAMESPACE;

/** Secret, and key in it, with the agent's kubeconfig for the Karmada API; `scripts/join.sh` makes it. */
export const AGENT_SECRET = { name: 'karmada-kubeconfig', key: 'karmada-kubeconfig' } as const;

const NAME = 'karmada-agent';
const HEALTH_PORT = 10357;
const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Properties of `Agent`. */
export interface AgentProps
  extends Pick<ControlPlaneSettings, 'namespace' | 'version' | 'registry'>,
    GatedComponentSettings {
  /** Name of the member in Karmada. */
  readonly member: string;
  /** @default - the provider is not told */
  readonly provider?: string;
  /** @default - the region is not told */
  readonly region?: string;
  /** @default - the zones are not told */
  readonly zones?: readonly string[];
  /**
   * URL of the member's API server as the control plane can reach it, such as `https://10.20.0.1:6443`.
   *
   * @default - not told: Karmada cannot look into the member
   */
  readonly apiEndpoint?: string;
  /**
   * URL of a proxy through which the control plane reaches that, such as `http://proxy.example.com:8888`.
   *
   * @default - none
   */
  readonly proxy?: string;
  /**
   * Whether the control plane gets a token with all rights on the member, which karmada-search and
   * karmada-metrics-adapter ask the member with. It always gets one that can do no more than act as Karmada's users,
   * for `karmadactl get --operation-scope members` and the like.
   *
   * @default false
   */
  readonly reportCredentials?: boolean;
}

/**
 * The agent of a member in pull mode: it takes work from the Karmada API, so that nobody need reach the member. It
 * starts when `scripts/join.sh` has made its kubeconfig.
 *
 * Its rights on the member: every kind of object, because what policies bring there can be of any kind, but plain
 * verbs only. So it cannot make roles that allow more than that, nor act as others; the one exception are the roles that
 * Karmada has it make for itself. Status and health of the member need nothing further.
 */
export class Agent extends Construct {
  constructor(scope: Construct, id: string, props: AgentProps) {
    super(scope, id);
    const { member, provider, region, zones = [], apiEndpoint, proxy, reportCredentials = false } = props;
    const metadata = { name: NAME, namespace: AGENT_NAMESPACE };
    const labels = { app: NAME };
    const folder = '/etc/karmada/kubeconfig';

    new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: AGENT_NAMESPACE, labels: enforce('restricted') } });
    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata: { ...metadata, labels } });
    new k8s.KubeClusterRole(this, 'ClusterRole', {
      metadata: { name: NAME, labels },
      rules: [
        {
          apiGroups: ['*'],
          resources: ['*'],
          verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
        },
        {
          apiGroups: [RBAC_GROUP],
          resources: ['clusterroles'],
          resourceNames: [
            // With verb `impersonate` (pkg/controllers/unifiedauth of Karmada).
            'karmada-impersonator',
            // All on all (pkg/util/credential.go of Karmada).
            ...(reportCredentials ? [`karmada-controller-manager:karmada-${member}`] : []),
          ],
          verbs: ['escalate', 'bind'],
        },
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'ClusterRoleBinding', {
      metadata: { name: NAME, labels },
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: NAME },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    });
    new ComponentDeployment(this, 'Deployment', {
      // The namespace on the member; that of the control plane may be another.
      settings: { ...props, namespace: AGENT_NAMESPACE },
      workload: {
        name: NAME,
        selector: labels,
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        serviceAccountName: NAME,
        flags: {
          'karmada-kubeconfig': `${folder}/${AGENT_SECRET.key}`,
          'cluster-name': member,
          'cluster-namespace': CLUSTER_NAMESPACE,
          'cluster-api-endpoint': apiEndpoint,
          'proxy-server-address': proxy,
          'cluster-provider': provider,
          'cluster-region': region,
          'cluster-zones': zones.length > 0 ? zones.join(',') : undefined,
          'cluster-status-update-frequency': '10s',
          'report-secrets': reportCredentials ? 'KubeCredentials,KubeImpersonator' : 'KubeImpersonator',
          // Asks for its next certificate in time. It reads that when it starts again, as it does when the old one ends.
          controllers: '*,certRotation',
          'karmada-kubeconfig-namespace': AGENT_NAMESPACE,
          'leader-elect-resource-namespace': settled(props).namespace,
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': `$(POD_IP):${HEALTH_PORT}`,
          v: 2,
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        ports: [METRICS_PORT],
        livenessProbe: controllerProbe(HEALTH_PORT),
        volumes: [{ name: 'kubeconfig', secret: { secretName: AGENT_SECRET.name, defaultMode: 0o440 } }],
        volumeMounts: [{ name: 'kubeconfig', mountPath: folder, readOnly: true }],
      },
    });
  }
}

/** A Kubernetes object as it goes over the wire. */
type Manifest = Record<string, unknown>;

/**
 * What the agent of a member may do in the Karmada API, and the Namespaces that this is in; objects for that API.
 * The rights and the names are those that `karmadactl register` gives it (pkg/karmadactl/register of Karmada), so that
 * its `unregister` finds them.
 */
export function agentAccess(member: string): Manifest[] {
  const user = `system:karmada:agent:${member}`;
  const work = `karmada-es-${member}`;
  const prefix = `system:karmada:${member}`;
  const subjects = [{ apiGroup: RBAC_GROUP, kind: 'User', name: user }];
  const grant = (name: string, namespace: string | undefined, rules: k8s.PolicyRule[]): Manifest[] => {
    const kind = namespace ? 'Role' : 'ClusterRole';
    const common = { apiVersion: `${RBAC_GROUP}/v1`, metadata: { name, ...(namespace && { namespace }) } };
    return [
      { ...common, kind, rules },
      { ...common, kind: `${kind}Binding`, roleRef: { apiGroup: RBAC_GROUP, kind, name }, subjects },
    ];
  };
  return [
    ...[CLUSTER_NAMESPACE, work].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...grant(`${prefix}:agent`, undefined, [
      {
        apiGroups: ['cluster.karmada.io'],
        resources: ['clusters'],
        resourceNames: [member],
        verbs: ['get', 'delete', 'update'],
      },
      // Neither creating nor watching can be bound to a name.
      { apiGroups: ['cluster.karmada.io'], resources: ['clusters'], verbs: ['create', 'list', 'watch'] },
      {
        apiGroups: ['cluster.karmada.io'],
        resources: ['clusters/status'],
        resourceNames: [member],
        verbs: ['update'],
      },
      {
        apiGroups: ['config.karmada.io'],
        resources: ['resourceinterpreterwebhookconfigurations', 'resourceinterpretercustomizations'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
      { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['get', 'create'] },
      { apiGroups: [''], resources: ['events'], verbs: ['patch', 'create', 'update'] },
    ]),
    ...grant(`${prefix}:agent-secret`, CLUSTER_NAMESPACE, [
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: [member, `${member}-impersonator`],
        verbs: ['get', 'patch'],
      },
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    ]),
    ...grant(`${prefix}:agent-work`, work, [
      {
        apiGroups: ['work.karmada.io'],
        resources: ['works'],
        verbs: ['get', 'create', 'list', 'watch', 'update', 'delete'],
      },
      { apiGroups: ['work.karmada.io'], resources: ['works/status'], verbs: ['patch', 'update'] },
    ]),
  ];
}
