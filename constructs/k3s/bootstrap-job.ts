import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { jobName } from '../hash.ts';
import { mirrored } from '../images.ts';
import { bootstrapSecretNames, FEDERATION_NAMESPACE, hostJobName } from '../names.ts';
import { restrictedContainer, restrictedPod } from '../security.ts';
import { TOOLS_IMAGE } from '../versions.ts';
import { CONNECT_SCRIPT, JOB_SCRIPT, REMOTE_SCRIPT } from './bootstrap/scripts.ts';
import { firstServer, type K3sCluster, type K3sHost, type K3sNetwork, type K3sSettings, serversOf } from './config.ts';
import type { HostFile, HostSecret } from './host-files.ts';
import { hostSettings } from './host-settings.ts';
import type { K3sInstaller } from './installer.ts';
import { registryFiles } from './registries.ts';

/** How the bootstrap brings k3s up, beside what k3s is to be like. */
export interface BootstrapSettings extends K3sSettings {
  /** @default - k3s's own installer and releases */
  readonly installer?: K3sInstaller;
  /**
   * Seconds to wait for a node.
   *
   * @default 600
   */
  readonly readyTimeout?: number;
  /**
   * Seconds that k3s must have run for, with its node Ready, before a host counts as up: one whose network does not
   * come up is Ready for some ten seconds first.
   *
   * @default 25
   */
  readonly settleTime?: number;
  /**
   * Who brings a running host to another version: `bootstrap`, or `plans` of system-upgrade-controller.
   *
   * @default - the bootstrap
   */
  readonly upgrade?: { readonly by: 'bootstrap' | 'plans' };
}

/** How to log in to hosts. */
export interface SshLogin {
  /** `root`, or a user who may use sudo without a password. */
  readonly user: string;
  readonly port: number;
  /**
   * Hosts to jump over on the way, as `ssh -J` takes them; `none`: straight to the host.
   *
   * @default - none
   */
  readonly jump?: string;
}

/** A host and what differs for it in how to log in. */
export interface BootstrapHost extends K3sHost {
  /** @default - as for the other hosts */
  readonly ssh?: Partial<SshLogin>;
}

/** A cluster to bring up. */
export interface BootstrapCluster extends K3sCluster {
  readonly hosts: readonly BootstrapHost[];
  readonly k3s: BootstrapSettings;
}

/** Something to do on a host before k3s is installed, such as joining a VPN. */
export interface BootstrapStep {
  /** Lower case DNS label. Steps run in the order of their names. */
  readonly name: string;
  /** Plain sh, run as root. Must be safe to run again, and change nothing then. */
  readonly script: string;
  /**
   * Environment of the script; values of one line.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A key of a Secret in the management cluster. The script gets the path of a file with it as `SECRET_FILE`.
   *
   * @default - none
   */
  readonly secret?: { readonly name: string; readonly key: string };
}

/** Properties of `ClusterBootstrap`. */
export interface ClusterBootstrapProps {
  readonly cluster: BootstrapCluster;
  /** What k3s has to know of the pod network. */
  readonly network: K3sNetwork;
  /** How to log in to the hosts, and the Secret with the keys `ssh-privatekey` and `known_hosts`. */
  readonly ssh: SshLogin & { readonly secret: string };
  /**
   * Steps before k3s is installed on a host.
   *
   * @default - none
   */
  readonly steps?: (host: K3sHost) => readonly BootstrapStep[];
  /**
   * YAML by name that the first server applies so that its nodes become Ready, such as a CNI's HelmChart. Applied in
   * the order of the names.
   *
   * @default - none
   */
  readonly manifests?: Readonly<Record<string, string>>;
  /**
   * Whether the bootstrap waits until nodes are Ready. Without a pod network they never are; then it waits until they
   * have registered.
   *
   * @default true
   */
  readonly waitForReady?: boolean;
  /**
   * Files that the servers get before k3s starts, beside those that its settings make.
   *
   * @default - none
   */
  readonly serverFiles?: readonly HostFile[];
  /**
   * Mirror that the Jobs' image is pulled through.
   *
   * @default - its own registry
   */
  readonly registry?: string;
  /**
   * Secrets that the Jobs' image is pulled with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
}

/** Name of the ConfigMap with the scripts that all bootstrap Jobs share. */
const SCRIPTS = 'bootstrap-scripts';
const SCRIPT_FILES = { 'connect.sh': CONNECT_SCRIPT, 'job.sh': JOB_SCRIPT, 'remote.sh': REMOTE_SCRIPT };

/** Defines the ConfigMap with the scripts of all bootstrap Jobs. Once for a management cluster, before the clusters. */
export class BootstrapScripts extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: SCRIPTS, namespace: FEDERATION_NAMESPACE, labels: labels() },
      data: SCRIPT_FILES,
    });
  }
}

/**
 * Defines a Job for every host of a cluster that makes it a k3s node over SSH, the first server's before the others'.
 *
 * The first server's Job hands its kubeconfig and join token on as the Secrets `<cluster>-kubeconfig` and
 * `<cluster>-token`. The other Jobs mount the latter, so their pods wait until it exists; they need no access to the
 * API. A host's settings are data: a ConfigMap with a file for each, which no shell evaluates.
 */
export class ClusterBootstrap extends Construct {
  /** Names of the Secrets that the first server hands on. */
  readonly kubeconfigSecret: string;
  readonly tokenSecret: string;

  constructor(scope: Construct, id: string, props: ClusterBootstrapProps) {
    super(scope, id);
    const { cluster } = props;
    const secrets = bootstrapSecretNames(cluster.name);
    this.kubeconfigSecret = secrets.kubeconfig;
    this.tokenSecret = secrets.token;

    const serviceAccount = this.permissions(`bootstrap-${cluster.name}`);
    const first = firstServer(cluster);
    const servers = serversOf(cluster);
    const agents = cluster.hosts.filter((host) => host.role === 'agent');
    for (const host of [...servers, ...agents]) this.host(props, host, host === first ? serviceAccount : undefined);
  }

  /** Lets the first server's Job write the two Secrets. RBAC cannot bind `create` to a name. */
  private permissions(name: string): string {
    const metadata = { name, namespace: FEDERATION_NAMESPACE, labels: labels() };
    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    new k8s.KubeRole(this, 'Role', {
      metadata,
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: [this.kubeconfigSecret, this.tokenSecret],
          verbs: ['get', 'patch'],
        },
      ],
    });
    new k8s.KubeRoleBinding(this, 'RoleBinding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: FEDERATION_NAMESPACE }],
    });
    return name;
  }

  private host(props: ClusterBootstrapProps, host: BootstrapHost, serviceAccount: string | undefined): void {
    const name = hostJobName(props.cluster.name, host.name);
    const steps = props.steps?.(host) ?? [];
    const files = hostFiles(props, host);
    const secrets = [
      ...steps.flatMap(({ name, secret }) => (secret ? [{ name, secret }] : [])),
      ...files.flatMap((file) => file.secrets),
    ];
    const data = hostSettings(props, host, steps, files, serviceAccount !== undefined);
    const hostLabels = labels(host.role);
    const scope = new Construct(this, `host-${host.name}`);
    new k8s.KubeConfigMap(scope, 'Settings', {
      metadata: { name, namespace: FEDERATION_NAMESPACE, labels: hostLabels },
      data,
    });
    const spec = this.jobSpec(props, name, secrets, serviceAccount, hostLabels);
    new k8s.KubeJob(scope, 'Resource', {
      metadata: {
        name: jobName(name, JSON.stringify([SCRIPT_FILES, data, k8s.toJson_JobSpec(spec)])),
        namespace: FEDERATION_NAMESPACE,
        labels: hostLabels,
      },
      spec,
    });
  }

  private jobSpec(
    props: ClusterBootstrapProps,
    configMap: string,
    secrets: readonly HostSecret[],
    serviceAccount: string | undefined,
    podLabels: Record<string, string>,
  ): k8s.JobSpec {
    const mount = (name: string): k8s.VolumeMount => ({ name, mountPath: `/bootstrap/${name}`, readOnly: true });
    const env = {
      HOME: '/bootstrap/work',
      HOST_DIR: '/bootstrap/host',
      NAMESPACE: FEDERATION_NAMESPACE,
      OUT_DIR: '/bootstrap/work',
      REMOTE_SCRIPT: '/bootstrap/scripts/remote.sh',
      SCRIPTS: '/bootstrap/scripts',
      SSH_DIR: '/bootstrap/ssh',
      TMPDIR: '/bootstrap/work',
      TOKEN_FILE: '/bootstrap/token/token',
      ...(secrets.length > 0 && { SECRETS_DIR: '/bootstrap/secrets' }),
    };
    return {
      // A host that is still starting, or a first server that takes long, is worth some more attempts.
      backoffLimit: 10,
      activeDeadlineSeconds: 7200,
      template: {
        metadata: { labels: podLabels },
        spec: {
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: serviceAccount !== undefined,
          enableServiceLinks: false,
          restartPolicy: 'Never',
          imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
          securityContext: restrictedPod,
          containers: [
            {
              name: 'bootstrap',
              image: mirrored(TOOLS_IMAGE, props.registry),
              command: ['bash', '/bootstrap/scripts/job.sh'],
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              securityContext: restrictedContainer,
              resources: {
                requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('32Mi') },
                limits: { memory: k8s.Quantity.fromString('256Mi') },
              },
              volumeMounts: [
                mount('host'),
                mount('scripts'),
                ...(secrets.length > 0 ? [mount('secrets')] : []),
                mount('ssh'),
                mount('token'),
                { name: 'work', mountPath: '/bootstrap/work' },
              ],
            },
          ],
          volumes: [
            { name: 'host', configMap: { name: configMap } },
            { name: 'scripts', configMap: { name: SCRIPTS } },
            ...(secrets.length > 0
              ? [
                  {
                    name: 'secrets',
                    projected: {
                      defaultMode: 0o400,
                      sources: secrets.map(({ name, secret }) => ({
                        secret: { name: secret.name, items: [{ key: secret.key, path: name }] },
                      })),
                    },
                  },
                ]
              : []),
            // With the fsGroup the key is root's and readable by the pod's group; ssh minds the mode of its own files only.
            { name: 'ssh', secret: { secretName: props.ssh.secret, defaultMode: 0o400 } },
            {
              name: 'token',
              // A first server makes it. Where it is there already, the cluster is, and the server must not make a new one.
              secret: { secretName: this.tokenSecret, defaultMode: 0o400, optional: serviceAccount ? true : undefined },
            },
            { name: 'work', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
          ],
        },
      },
    };
  }
}

function labels(component?: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'bootstrap',
    ...(component && { 'app.kubernetes.io/component': component }),
  };
}

/** What goes to the host before k3s starts. */
function hostFiles({ cluster, serverFiles = [] }: ClusterBootstrapProps, host: BootstrapHost): HostFile[] {
  const { registries } = cluster.k3s;
  return [...(registries ? registryFiles(registries) : []), ...(host.role === 'server' ? serverFiles : [])];
}
