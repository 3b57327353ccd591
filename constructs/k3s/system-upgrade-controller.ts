import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { jobName } from '../hash.ts';
import { mirrored } from '../images.ts';
import { enforce, restrictedContainer, restrictedPod } from '../security.ts';
import { SYSTEM_UPGRADE_CONTROLLER_VERSION, TOOLS_IMAGE } from '../versions.ts';

/** Namespace of the controller, of its Plans and of the Jobs that it makes for them. */
export const UPGRADE_NAMESPACE = 'system-upgrade';

/** Service account of the Jobs that upgrade a node. */
export const UPGRADE_SERVICE_ACCOUNT = 'k3s-upgrade';

const CONTROLLER = 'system-upgrade-controller';
const CRD = 'plans.upgrade.cattle.io';

/** Properties of `SystemUpgradeController`. */
export interface SystemUpgradeControllerProps {
  /** k3s release of the cluster; the kubectl that cordons and drains is of the same Kubernetes release. */
  readonly k3sVersion: string;
  /**
   * Mirror that images are pulled through.
   *
   * @default - each from its own registry
   */
  readonly registry?: string;
  /**
   * Secrets of the namespace that images are pulled with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
}

/**
 * Defines Rancher's system-upgrade-controller, which runs a Job on every node that a Plan means, and a Job that waits
 * until it has registered the kind Plan: Plans go into the next file.
 *
 * After manifests/ of github.com/rancher/system-upgrade-controller, but for two things: the Jobs on the nodes have an
 * account of their own, which may not do what the controller may; and the controller may change no other
 * CustomResourceDefinition than its own.
 */
export class SystemUpgradeController extends Construct {
  constructor(scope: Construct, id: string, props: SystemUpgradeControllerProps) {
    super(scope, id);
    // What upgrades a node holds its root file system.
    new k8s.KubeNamespace(this, 'Namespace', {
      metadata: { name: UPGRADE_NAMESPACE, labels: enforce('privileged') },
    });
    this.controllerPermissions();
    this.jobPermissions();
    this.controller(props);
    this.waitForPlans(props);
  }

  private controllerPermissions(): void {
    const read = ['get', 'list', 'watch'];
    this.account('Controller', CONTROLLER, {
      cluster: [
        { apiGroups: ['batch'], resources: ['jobs'], verbs: read },
        { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: [...read, 'create'] },
        {
          apiGroups: ['apiextensions.k8s.io'],
          resources: ['customresourcedefinitions'],
          resourceNames: [CRD],
          verbs: ['patch', 'update'],
        },
        { apiGroups: [''], resources: ['namespaces', 'nodes'], verbs: read },
        { apiGroups: [''], resources: ['nodes'], verbs: ['update'] },
        { apiGroups: [''], resources: ['events'], verbs: ['get', 'create', 'patch', 'update'] },
      ],
      namespace: [
        {
          apiGroups: ['batch'],
          resources: ['jobs'],
          verbs: [...read, 'create', 'delete', 'deletecollection', 'patch', 'update'],
        },
        { apiGroups: [''], resources: ['secrets'], verbs: read },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: [CONTROLLER],
          verbs: ['get', 'update'],
        },
        {
          apiGroups: ['upgrade.cattle.io'],
          resources: ['plans', 'plans/status'],
          verbs: [...read, 'create', 'patch', 'update', 'delete'],
        },
      ],
    });
  }

  /** What kubectl's cordon and drain need, and the step of agents that waits for the servers. */
  private jobPermissions(): void {
    this.account('Upgrade', UPGRADE_SERVICE_ACCOUNT, {
      cluster: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'patch'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'delete'] },
        { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
        { apiGroups: ['apps'], resources: ['daemonsets', 'replicasets', 'statefulsets'], verbs: ['get', 'list'] },
      ],
      namespace: [{ apiGroups: ['upgrade.cattle.io'], resources: ['plans'], verbs: ['get'] }],
    });
  }

  /** A service account with a ClusterRole of its own and a Role in the namespace. */
  private account(
    id: string,
    name: string,
    { cluster, namespace }: Record<'cluster' | 'namespace', k8s.PolicyRule[]>,
  ): void {
    const scope = new Construct(this, id);
    const here = { name, namespace: UPGRADE_NAMESPACE };
    // A ClusterRole is for the whole cluster: its name says whose it is.
    const everywhere = { name: `${UPGRADE_NAMESPACE}-${name}` };
    const subjects = [{ kind: 'ServiceAccount', ...here }];
    const apiGroup = 'rbac.authorization.k8s.io';
    new k8s.KubeServiceAccount(scope, 'Resource', { metadata: here, automountServiceAccountToken: true });
    new k8s.KubeClusterRole(scope, 'ClusterRole', { metadata: everywhere, rules: cluster });
    new k8s.KubeClusterRoleBinding(scope, 'ClusterRoleBinding', {
      metadata: everywhere,
      roleRef: { apiGroup, kind: 'ClusterRole', name: everywhere.name },
      subjects,
    });
    new k8s.KubeRole(scope, 'Role', { metadata: here, rules: namespace });
    new k8s.KubeRoleBinding(scope, 'RoleBinding', {
      metadata: here,
      roleRef: { apiGroup, kind: 'Role', name },
      subjects,
    });
  }

  private controller({ k3sVersion, registry, imagePullSecrets }: SystemUpgradeControllerProps): void {
    const podLabels = { 'app.kubernetes.io/name': CONTROLLER, 'upgrade.cattle.io/controller': CONTROLLER };
    const env = {
      SYSTEM_UPGRADE_CONTROLLER_NAME: CONTROLLER,
      SYSTEM_UPGRADE_CONTROLLER_NAMESPACE: UPGRADE_NAMESPACE,
      SYSTEM_UPGRADE_CONTROLLER_THREADS: '2',
      SYSTEM_UPGRADE_CONTROLLER_LEADER_ELECT: 'true',
      SYSTEM_UPGRADE_JOB_ACTIVE_DEADLINE_SECONDS: '900',
      SYSTEM_UPGRADE_JOB_BACKOFF_LIMIT: '99',
      SYSTEM_UPGRADE_JOB_IMAGE_PULL_POLICY: 'IfNotPresent',
      SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE: mirrored(`registry.k8s.io/kubectl:${k3sVersion.split('+')[0]}`, registry),
      SYSTEM_UPGRADE_JOB_PRIVILEGED: 'true',
      SYSTEM_UPGRADE_JOB_TTL_SECONDS_AFTER_FINISH: '900',
      SYSTEM_UPGRADE_PLAN_POLLING_INTERVAL: '15m',
    };
    new k8s.KubeDeployment(this, 'Resource', {
      metadata: {
        name: CONTROLLER,
        namespace: UPGRADE_NAMESPACE,
        labels: { 'app.kubernetes.io/name': CONTROLLER },
      },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        // A drain leaves pods with this label alone.
        selector: { matchLabels: { 'upgrade.cattle.io/controller': CONTROLLER } },
        template: {
          metadata: { labels: podLabels },
          spec: {
            serviceAccountName: CONTROLLER,
            imagePullSecrets: imagePullSecrets?.map((secret) => ({ name: secret })),
            enableServiceLinks: false,
            securityContext: restrictedPod,
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [
                    { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
                  ],
                },
              },
            },
            // Servers are often tainted against all but the platform, in ways that the file decides.
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: CONTROLLER,
                image: mirrored(`docker.io/rancher/${CONTROLLER}:${SYSTEM_UPGRADE_CONTROLLER_VERSION}`, registry),
                env: [
                  ...Object.entries(env).map(([name, value]) => ({ name, value })),
                  {
                    name: 'SYSTEM_UPGRADE_CONTROLLER_NODE_NAME',
                    valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
                  },
                ],
                securityContext: restrictedContainer,
                resources: resources('10m', '64Mi', '256Mi'),
                volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
    });
  }

  /** The controller registers the kind Plan itself, when it starts. Plans that come earlier are refused. */
  private waitForPlans({ registry, imagePullSecrets }: SystemUpgradeControllerProps): void {
    const name = 'wait-for-plans';
    const scope = new Construct(this, 'WaitForPlans');
    const metadata = { name, namespace: UPGRADE_NAMESPACE };
    const clusterRole = { name: `${UPGRADE_NAMESPACE}-${name}` };
    new k8s.KubeServiceAccount(scope, 'ServiceAccount', { metadata });
    new k8s.KubeClusterRole(scope, 'ClusterRole', {
      metadata: clusterRole,
      rules: [
        {
          apiGroups: ['apiextensions.k8s.io'],
          resources: ['customresourcedefinitions'],
          resourceNames: [CRD],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    });
    new k8s.KubeClusterRoleBinding(scope, 'ClusterRoleBinding', {
      metadata: clusterRole,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole.name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    });
    const spec: k8s.JobSpec = {
      backoffLimit: 20,
      activeDeadlineSeconds: 1800,
      template: {
        spec: {
          serviceAccountName: name,
          imagePullSecrets: imagePullSecrets?.map((secret) => ({ name: secret })),
          enableServiceLinks: false,
          restartPolicy: 'OnFailure',
          securityContext: restrictedPod,
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'wait',
              image: mirrored(TOOLS_IMAGE, registry),
              // Fails while there is no such kind at all, and is started again then.
              command: ['kubectl', 'wait', '--for=condition=Established', `crd/${CRD}`, '--timeout=60s'],
              env: [{ name: 'HOME', value: '/tmp' }],
              securityContext: restrictedContainer,
              resources: resources('10m', '32Mi', '128Mi'),
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    };
    new k8s.KubeJob(scope, 'Resource', {
      metadata: { ...metadata, name: jobName(name, JSON.stringify(k8s.toJson_JobSpec(spec))) },
      spec,
    });
  }
}

function resources(cpu: string, memory: string, limit: string): k8s.ResourceRequirements {
  return {
    requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
    limits: { memory: k8s.Quantity.fromString(limit) },
  };
}
