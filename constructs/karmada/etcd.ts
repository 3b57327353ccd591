import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { restrictedPod } from '../security.ts';
import { ETCD_VERSION } from '../versions.ts';
import { CA_FILE, CERTIFICATE_FILE, certificatePath, KEY_FILE } from './certificates/mounts.ts';
import { ComponentDisruptionBudget } from './component-deployment.ts';
import { ETCD_MAX_MEMBERS, SERVICES } from './names.ts';
import { type ComponentSettings, type ControlPlaneSettings, settled } from './settings.ts';
import { httpProbe, podTemplate, type Workload } from './workload.ts';

/**
 * Where etcd keeps its data:
 *
 * - `persistent`: on a volume of its own, of a storage class.
 * - `hostPath`: in a folder of the node, for one replica. It must keep to that node, so name the node in `nodeSelector`.
 * - `memory`: nowhere; what the control plane knows is gone with the pod. For trials, for one replica.
 */
export type EtcdStorage =
  | {
      readonly type: 'persistent';
      /** Size as a Kubernetes quantity. */
      readonly size: string;
      /** @default - the cluster's default class */
      readonly storageClass?: string;
    }
  | { readonly type: 'hostPath'; readonly path: string }
  | {
      readonly type: 'memory';
      /** Most that it may hold, as a Kubernetes quantity. It counts as memory of the pod. */
      readonly size: string;
    };

export const DEFAULT_ETCD_STORAGE = { type: 'persistent', size: '10Gi' } as const satisfies EtcdStorage;

/** Settings of an etcd that the control plane brings. */
export interface EtcdSettings extends ComponentSettings {
  /**
   * Members; an odd number. More members later need `etcdctl member add` for each: etcd does not read it from its flags
   * once it has data.
   *
   * @default 1
   */
  readonly replicas?: number;
  /** @default DEFAULT_ETCD_STORAGE */
  readonly storage?: EtcdStorage;
}

/** An etcd that is there already. */
export interface ExternalEtcd {
  /** URLs of its members, such as `https://10.0.0.11:2379`. */
  readonly endpoints: readonly string[];
  /** Secret of the namespace with `ca.crt`, and `tls.crt` and `tls.key` of a client. */
  readonly secretName: string;
  /**
   * Key under which the Karmada API keeps everything; another for each of several control planes in one etcd.
   *
   * @default '/registry'
   */
  readonly prefix?: string;
}

/** How components reach etcd. */
export interface EtcdAccess {
  readonly servers: readonly string[];
  readonly prefix?: string;
}

const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
const METRICS_PORT = 2381;

/** How components reach the control plane's own etcd, or somebody else's. */
export function etcdAccess(settings: ControlPlaneSettings, external?: ExternalEtcd): EtcdAccess {
  if (external) return { servers: external.endpoints, prefix: external.prefix };
  const { namespace, clusterDomain } = settled(settings);
  return { servers: [`https://${SERVICES.etcdClient}.${namespace}.svc.${clusterDomain}:${CLIENT_PORT}`] };
}

/** The flags by which an API server finds etcd; its certificate must be mounted. */
export function etcdFlags({ servers, prefix }: EtcdAccess) {
  return {
    'etcd-cafile': certificatePath('etcd', CA_FILE),
    'etcd-certfile': certificatePath('etcd', CERTIFICATE_FILE),
    'etcd-keyfile': certificatePath('etcd', KEY_FILE),
    'etcd-servers': servers.join(','),
    'etcd-prefix': prefix,
  };
}

/** Properties of `Etcd`. */
export interface EtcdProps extends ControlPlaneSettings, EtcdSettings {}

/**
 * etcd of the Karmada API: members that know each other by name, over TLS like their clients.
 *
 * Three replicas start from nothing: pods start together, for none becomes ready without a quorum, and names resolve
 * before that. On a host path it runs as root, for the kubelet makes that folder root's, and it fits no Pod Security
 * Standard but `privileged`; otherwise it fits `restricted`.
 */
export class Etcd extends Construct {
  constructor(scope: Construct, id: string, props: EtcdProps) {
    super(scope, id);
    const { namespace, clusterDomain } = settled(props);
    const { replicas = 1, storage = DEFAULT_ETCD_STORAGE } = props;
    validate(props, replicas, storage);
    const selector = { app: 'etcd' };
    const address = (member: string, port: number) =>
      `https://${member}.${SERVICES.etcd}.${namespace}.svc.${clusterDomain}:${port}`;
    const members = Array.from({ length: replicas }, (_, i) => `etcd-${i}`);

    const workload: Workload = {
      name: 'etcd',
      selector,
      certificates: 'etcd',
      image: `registry.k8s.io/etcd:${ETCD_VERSION}`,
      command: '/usr/local/bin/etcd',
      flags: {
        name: '$(KARMADA_ETCD_NAME)',
        'data-dir': DATA_PATH,
        'listen-client-urls': `https://0.0.0.0:${CLIENT_PORT}`,
        'advertise-client-urls': address('$(KARMADA_ETCD_NAME)', CLIENT_PORT),
        'listen-peer-urls': `https://0.0.0.0:${PEER_PORT}`,
        // Left to itself, etcd would advertise its address and look for that in `initial-cluster`.
        'initial-advertise-peer-urls': address('$(KARMADA_ETCD_NAME)', PEER_PORT),
        'initial-cluster': members.map((member) => `${member}=${address(member, PEER_PORT)}`).join(','),
        'initial-cluster-state': 'new',
        'listen-metrics-urls': `http://0.0.0.0:${METRICS_PORT}`,
        'cert-file': certificatePath('server', CERTIFICATE_FILE),
        'key-file': certificatePath('server', KEY_FILE),
        'trusted-ca-file': certificatePath('server', CA_FILE),
        'client-cert-auth': true,
        'peer-cert-file': certificatePath('peer', CERTIFICATE_FILE),
        'peer-key-file': certificatePath('peer', KEY_FILE),
        'peer-trusted-ca-file': certificatePath('peer', CA_FILE),
        'peer-client-cert-auth': true,
        // Chooses good ciphers by itself.
        'tls-min-version': 'TLS1.3',
        'log-level': 'info',
      },
      env: [{ name: 'KARMADA_ETCD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      resources: { requests: { cpu: '200m', memory: '512Mi' } },
      ports: [
        { name: 'client', containerPort: CLIENT_PORT },
        { name: 'server', containerPort: PEER_PORT },
        { name: 'metrics', containerPort: METRICS_PORT },
      ],
      livenessProbe: httpProbe('/livez', METRICS_PORT, { initialDelaySeconds: 60, timeoutSeconds: 5 }),
      readinessProbe: httpProbe('/readyz', METRICS_PORT, {
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 30,
      }),
      volumes: storage.type === 'persistent' ? [] : [dataVolume(storage)],
      volumeMounts: [{ name: DATA, mountPath: DATA_PATH }],
      podSecurityContext: storage.type === 'hostPath' ? rootPod : restrictedPod,
      // Two members on one node would fall together, and with them the quorum.
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: selector }, topologyKey: 'kubernetes.io/hostname' },
          ],
        },
      },
    };

    new k8s.KubeService(this, 'ClientService', {
      metadata: { name: SERVICES.etcdClient, namespace, labels: selector },
      spec: { selector, ports: [servicePort('etcd-client-port', CLIENT_PORT)] },
    });
    new k8s.KubeService(this, 'Service', {
      metadata: { name: SERVICES.etcd, namespace, labels: selector },
      spec: {
        clusterIp: 'None',
        // Members must find each other before they are ready, which they are together only.
        publishNotReadyAddresses: true,
        selector,
        ports: [servicePort('client', CLIENT_PORT), servicePort('server', PEER_PORT)],
      },
    });
    new k8s.KubeStatefulSet(this, 'Resource', {
      metadata: { name: 'etcd', namespace, labels: selector },
      spec: {
        replicas,
        serviceName: SERVICES.etcd,
        // One by one, the first would wait for a quorum that the others never come to form.
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selector },
        updateStrategy: { type: 'RollingUpdate' },
        template: podTemplate(workload, props, 1),
        volumeClaimTemplates: storage.type === 'persistent' ? [claim(storage)] : undefined,
      },
    });
    new ComponentDisruptionBudget(this, 'DisruptionBudget', { workload, settings: props, replicas });
  }
}

const DATA = 'etcd-data';
const DATA_PATH = '/var/lib/etcd';

/** What is left of `restricted` where the data is in a folder of root's: no privilege is gained, none is kept. */
const rootPod: k8s.PodSecurityContext = { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } };

function validate(props: EtcdProps, replicas: number, storage: EtcdStorage): void {
  if (replicas % 2 === 0) {
    throw new Error(`'replicas' of etcd must be odd, for its quorum, such as ${replicas + 1}, got ${replicas}`);
  }
  if (replicas > ETCD_MAX_MEMBERS) {
    throw new Error(`'replicas' of etcd must be at most ${ETCD_MAX_MEMBERS}, got ${replicas}`);
  }
  if (storage.type !== 'persistent' && replicas > 1) {
    throw new Error(
      `'storage' of etcd with ${replicas} replicas must be persistent: a member that finds no data, or another's, cannot come back`,
    );
  }
  if (storage.type === 'hostPath' && Object.keys(props.nodeSelector ?? {}).length === 0) {
    throw new Error(
      "'nodeSelector' of etcd must name the node where its host path is, such as { 'kubernetes.io/hostname': 'cplane-1' }",
    );
  }
}

function dataVolume(storage: Exclude<EtcdStorage, { type: 'persistent' }>): k8s.Volume {
  return storage.type === 'hostPath'
    ? { name: DATA, hostPath: { path: storage.path, type: 'DirectoryOrCreate' } }
    : { name: DATA, emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString(storage.size) } };
}

function claim(storage: Extract<EtcdStorage, { type: 'persistent' }>): k8s.KubePersistentVolumeClaimProps {
  return {
    metadata: { name: DATA },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storage.storageClass,
      resources: { requests: { storage: k8s.Quantity.fromString(storage.size) } },
    },
  };
}

function servicePort(name: string, port: number): k8s.ServicePort {
  return { name, protocol: 'TCP', port, targetPort: k8s.IntOrString.fromNumber(port) };
}

/** The certificates that an external etcd's Secret stands in for, by purpose. */
export function externalSecretNames(external: ExternalEtcd | undefined): ControlPlaneSettings['secretNames'] {
  return external && { etcdClient: external.secretName };
}
