import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { restrictedContainer } from '../security.ts';
import { KARMADA_KUBERNETES_VERSION } from '../versions.ts';
import { CA_FILE, CERTIFICATE_FILE, certificatePath, KEY_FILE } from './certificates/mounts.ts';
import { FRONT_PROXY_USER } from './certificates/plan.ts';
import { ComponentDeployment } from './component-deployment.ts';
import { type EtcdAccess, etcdFlags } from './etcd.ts';
import { APISERVER_PORT, SERVICES } from './names.ts';
import { type ControlPlaneSettings, type GatedComponentSettings, settled } from './settings.ts';
import { waitForEtcd } from './wait-containers.ts';
import { httpProbe } from './workload.ts';

/** How clients outside the host cluster reach the Karmada API server. */
export interface ApiserverService {
  /** @default 'ClusterIP' */
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /**
   * Port of the nodes, of those that the cluster gives to Services, for `NodePort` and `LoadBalancer`.
   *
   * @default - Kubernetes takes one
   */
  readonly nodePort?: number;
  /** @default - none */
  readonly annotations?: { readonly [annotation: string]: string };
  /**
   * For `LoadBalancer`.
   *
   * @default - the cluster's own
   */
  readonly loadBalancerClass?: string;
  /**
   * Networks that may connect, for `LoadBalancer`.
   *
   * @default - any
   */
  readonly loadBalancerSourceRanges?: readonly string[];
}

/** Key of a Secret of the namespace. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Settings of the Karmada API server. */
export interface ApiserverSettings extends GatedComponentSettings {
  /** @default - inside the host cluster only */
  readonly service?: ApiserverService;
  /**
   * Network that the Karmada API takes addresses of Services from. None of them is ever used.
   *
   * @default '10.96.0.0/12'
   */
  readonly serviceCidr?: string;
  /**
   * An `EncryptionConfiguration` by which Secrets are encrypted in etcd.
   *
   * @default - not encrypted
   */
  readonly encryption?: SecretKey;
  /**
   * CA of the OIDC issuer that `extraArgs` name (`oidc-issuer-url` and others).
   *
   * @default - the CAs of the image
   */
  readonly oidcCa?: SecretKey;
}

/** Properties of `Apiserver`. */
export interface ApiserverProps extends ControlPlaneSettings, ApiserverSettings {
  readonly etcd: EtcdAccess;
}

export const DEFAULT_SERVICE_CIDR = '10.96.0.0/12';
const NAME = SERVICES.apiserver;

/** The Karmada API server: a kube-apiserver without nodes, with its Service. */
export class Apiserver extends Construct {
  constructor(scope: Construct, id: string, props: ApiserverProps) {
    super(scope, id);
    const { namespace, clusterDomain } = settled(props);
    const selector = { app: NAME };
    validate(props.service ?? {});
    const files = [
      ...(props.encryption ? [{ volume: 'encryption', flag: 'encryption-provider-config', ...props.encryption }] : []),
      ...(props.oidcCa ? [{ volume: 'oidc-ca', flag: 'oidc-ca-file', ...props.oidcCa }] : []),
    ];
    const probe = (path: string, failureThreshold: number) =>
      httpProbe(path, APISERVER_PORT, { scheme: 'HTTPS', failureThreshold });

    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector,
        certificates: 'apiserver',
        image: `registry.k8s.io/kube-apiserver:${KARMADA_KUBERNETES_VERSION}`,
        command: 'kube-apiserver',
        flags: {
          'allow-privileged': true,
          'authorization-mode': 'Node,RBAC',
          'client-ca-file': certificatePath('server', CA_FILE),
          'disable-admission-plugins': 'StorageObjectInUseProtection,ServiceAccount',
          'enable-bootstrap-token-auth': true,
          ...etcdFlags(props.etcd),
          'bind-address': '0.0.0.0',
          'secure-port': APISERVER_PORT,
          'service-account-issuer': `https://kubernetes.default.svc.${clusterDomain}`,
          'service-account-key-file': certificatePath('serviceAccount', KEY_FILE),
          'service-account-signing-key-file': certificatePath('serviceAccount', KEY_FILE),
          'service-cluster-ip-range': props.serviceCidr ?? DEFAULT_SERVICE_CIDR,
          'proxy-client-cert-file': certificatePath('frontProxy', CERTIFICATE_FILE),
          'proxy-client-key-file': certificatePath('frontProxy', KEY_FILE),
          'requestheader-allowed-names': FRONT_PROXY_USER,
          'requestheader-client-ca-file': certificatePath('frontProxy', CA_FILE),
          'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
          'requestheader-group-headers': 'X-Remote-Group',
          'requestheader-username-headers': 'X-Remote-User',
          'tls-cert-file': certificatePath('server', CERTIFICATE_FILE),
          'tls-private-key-file': certificatePath('server', KEY_FILE),
          'tls-min-version': 'VersionTLS13',
          'max-requests-inflight': 1500,
          'max-mutating-requests-inflight': 500,
          v: 2,
          ...Object.fromEntries(files.map(({ flag, volume, key }) => [flag, `/etc/karmada/${volume}/${key}`])),
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '250m', memory: '512Mi' } },
        ports: [{ name: 'http', containerPort: APISERVER_PORT }],
        livenessProbe: probe('/livez', 8),
        readinessProbe: probe('/readyz', 3),
        initContainers: [waitForEtcd('apiserver', props, props.etcd.servers)],
        volumes: files.map(({ volume, name, key }) => ({
          name: volume,
          secret: { secretName: name, items: [{ key, path: key }], defaultMode: 0o440 },
        })),
        volumeMounts: files.map(({ volume }) => ({
          name: volume,
          mountPath: `/etc/karmada/${volume}`,
          readOnly: true,
        })),
        // The file of kube-apiserver carries this capability, so the kernel does not run it without, whatever the port
        // (kubeadm does the same for an API server that is not root). `restricted` allows it.
        securityContext: {
          ...restrictedContainer,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        },
      },
    });

    const {
      type = 'ClusterIP',
      nodePort,
      annotations,
      loadBalancerClass,
      loadBalancerSourceRanges,
    } = props.service ?? {};
    new k8s.KubeService(this, 'Service', {
      metadata: { name: NAME, namespace, labels: selector, annotations },
      spec: {
        type,
        loadBalancerClass,
        loadBalancerSourceRanges: loadBalancerSourceRanges && [...loadBalancerSourceRanges],
        selector,
        ports: [
          {
            name: NAME,
            protocol: 'TCP',
            port: APISERVER_PORT,
            targetPort: k8s.IntOrString.fromNumber(APISERVER_PORT),
            nodePort,
          },
        ],
      },
    });
  }
}

function validate({ type = 'ClusterIP', nodePort, loadBalancerClass, loadBalancerSourceRanges }: ApiserverService) {
  if (nodePort !== undefined) {
    if (type === 'ClusterIP') {
      throw new Error("'nodePort' of the apiserver's service must come with 'type' NodePort or LoadBalancer");
    }
    if (nodePort < 1 || nodePort > 65535) {
      throw new Error(`'nodePort' of the apiserver's service must be 1 to 65535, got ${nodePort}`);
    }
  }
  if (type !== 'LoadBalancer' && (loadBalancerClass !== undefined || loadBalancerSourceRanges !== undefined)) {
    throw new Error(
      `'loadBalancerClass' and 'loadBalancerSourceRanges' of the apiserver's service must come with 'type' LoadBalancer, got ${type}`,
    );
  }
}
