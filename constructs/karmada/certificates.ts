import { isIP } from 'node:net';
import type { k8s } from 'cdk8s-plus-28';

/*
 * The certificates of a Karmada control plane: what each is for, how its Secret is called, and where it is mounted.
 *
 * There is one layout, whoever makes the Secrets: type kubernetes.io/tls with `tls.crt`, `tls.key`, and in `ca.crt` the
 * certificate that signed it. They are mounted as folders, never by subPath, so that a renewed one reaches the process:
 * kube-apiserver, etcd, client-go and controller-runtime all read these files again.
 */

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
export type OptionalComponent = 'etcd' | 'schedulerEstimator' | 'descheduler' | 'search' | 'metricsAdapter';

/** Names of the files in every Secret, and thus in every mounted folder. */
export const CERTIFICATE_FILE = 'tls.crt';
export const KEY_FILE = 'tls.key';
export const CA_FILE = 'ca.crt';

/** Folders that the Secrets are mounted at; what a component lacks is not there. */
export const MOUNT_PATHS = {
  /** Certificate that the component serves with; its `ca.crt` is the CA of the Karmada API. */
  server: '/etc/karmada/server',
  /** Certificate that the component shows to the Karmada API and to estimators. */
  client: '/etc/karmada/client',
  /** Certificate that etcd members show to each other. */
  peer: '/etc/karmada/peer',
  /** Certificate for etcd; `ca.crt` is etcd's CA. */
  etcd: '/etc/karmada/etcd',
  /** Certificate that the API server shows to aggregated API servers; `ca.crt` is the CA of these alone. */
  frontProxy: '/etc/karmada/front-proxy',
  /** Key that signs ServiceAccount tokens, in `tls.key`. */
  serviceAccount: '/etc/karmada/service-account',
  /** CA of the Karmada API with its key, which signs the certificates of agents. */
  ca: '/etc/karmada/ca',
} as const;

/** Where the ConfigMap with the kubeconfig is mounted, and the file in it. */
export const KUBECONFIG_MOUNT_PATH = '/etc/karmada/kubeconfig';
export const KUBECONFIG_KEY = 'kubeconfig';
export const KUBECONFIG_FILE = `${KUBECONFIG_MOUNT_PATH}/${KUBECONFIG_KEY}`;

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

/** Port of the Karmada API server, in its pods and its Service. */
export const APISERVER_PORT = 5443;

/**
 * Most members that etcd may have: each has its own name in the certificates, so that the number can grow without new
 * ones. etcd itself advises against more (etcd.io/docs, FAQ).
 */
export const ETCD_MAX_MEMBERS = 7;

/** What a certificate is for. */
export type CertificatePurpose = keyof typeof SECRETS;

/** Names of the Secrets, by purpose. */
export const SECRETS = {
  ca: 'karmada-ca',
  etcdCa: 'karmada-etcd-ca',
  frontProxyCa: 'karmada-front-proxy-ca',
  serviceAccount: 'karmada-service-account',
  etcdServer: 'karmada-etcd-server',
  etcdPeer: 'karmada-etcd-peer',
  etcdClient: 'karmada-etcd-client',
  frontProxyClient: 'karmada-front-proxy-client',
  apiserverServer: 'karmada-apiserver-server',
  aggregatedApiserverServer: 'karmada-aggregated-apiserver-server',
  webhookServer: 'karmada-webhook-server',
  searchServer: 'karmada-search-server',
  metricsAdapterServer: 'karmada-metrics-adapter-server',
  schedulerEstimatorServer: 'karmada-scheduler-estimator-server',
  adminClient: 'karmada-admin-client',
  kubeControllerManagerClient: 'karmada-kube-controller-manager-client',
  controllerManagerClient: 'karmada-controller-manager-client',
  schedulerClient: 'karmada-scheduler-client',
  webhookClient: 'karmada-webhook-client',
  aggregatedApiserverClient: 'karmada-aggregated-apiserver-client',
  deschedulerClient: 'karmada-descheduler-client',
  searchClient: 'karmada-search-client',
  metricsAdapterClient: 'karmada-metrics-adapter-client',
} as const;

/** Who a client certificate is in the Karmada API: its common name. */
export const USERS = {
  /** The one pair with all rights, by its group; `scripts/karmada-kubeconfig.sh` and the Jobs use it, no component. */
  adminClient: 'system:admin',
  /** Has its rights from the API server itself (kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
  kubeControllerManagerClient: 'system:kube-controller-manager',
  controllerManagerClient: 'system:karmada:controller-manager',
  schedulerClient: 'system:karmada:scheduler',
  webhookClient: 'system:karmada:webhook',
  aggregatedApiserverClient: 'system:karmada:aggregated-apiserver',
  deschedulerClient: 'system:karmada:descheduler',
  searchClient: 'system:karmada:search',
  metricsAdapterClient: 'system:karmada:metrics-adapter',
} as const;

/** Common name that aggregated API servers accept from the API server (`--requestheader-allowed-names`). */
export const FRONT_PROXY_USER = 'front-proxy-client';

/** What each component mounts: a purpose at a folder of `MOUNT_PATHS`. */
export const COMPONENT_CERTIFICATES: Record<
  Component,
  Partial<Record<keyof typeof MOUNT_PATHS, CertificatePurpose>>
> = {
  etcd: { server: 'etcdServer', peer: 'etcdPeer' },
  apiserver: {
    server: 'apiserverServer',
    etcd: 'etcdClient',
    frontProxy: 'frontProxyClient',
    serviceAccount: 'serviceAccount',
  },
  aggregatedApiserver: {
    server: 'aggregatedApiserverServer',
    client: 'aggregatedApiserverClient',
    etcd: 'etcdClient',
  },
  kubeControllerManager: { client: 'kubeControllerManagerClient', ca: 'ca', serviceAccount: 'serviceAccount' },
  controllerManager: { client: 'controllerManagerClient' },
  scheduler: { client: 'schedulerClient' },
  webhook: { server: 'webhookServer', client: 'webhookClient' },
  schedulerEstimator: { server: 'schedulerEstimatorServer' },
  descheduler: { client: 'deschedulerClient' },
  search: { server: 'searchServer', client: 'searchClient', etcd: 'etcdClient' },
  metricsAdapter: { server: 'metricsAdapterServer', client: 'metricsAdapterClient' },
  administration: { client: 'adminClient' },
};

/** What certificates are made for. */
export interface CertificateNaming {
  /** Namespace of the control plane, on the host cluster and in the Karmada API. */
  readonly namespace: string;
  /**
   * DNS domain of the host cluster.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
  /**
   * Names and addresses at which clients outside the host cluster reach the Karmada API server: its domain name, and
   * public, VPN and load balancer addresses.
   *
   * @default - the API server is known by the names of its Service alone.
   */
  readonly hosts?: readonly string[];
  /**
   * Optional components that the control plane has; without `etcd`, whoever runs etcd also issues the certificate for
   * its clients.
   */
  readonly components: readonly OptionalComponent[];
}

/** A certificate to be made. */
export interface CertificateSpec {
  readonly purpose: CertificatePurpose;
  readonly secretName: string;
  readonly commonName: string;
  /** Groups of the user, for a client of the Karmada API. */
  readonly organizations: readonly string[];
  /** Extended key usages; none for a CA and for a key that is no certificate's. */
  readonly usages: readonly ('server auth' | 'client auth')[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly isCa: boolean;
  /**
   * The CA that signs it.
   *
   * @default - it signs itself.
   */
  readonly issuer?: CertificatePurpose;
}

const DEFAULT_CLUSTER_DOMAIN = 'cluster.local';

/** The certificates of a control plane, CAs first, each after the one that signs it. */
export function certificatesOf(naming: CertificateNaming): CertificateSpec[] {
  const { namespace, clusterDomain = DEFAULT_CLUSTER_DOMAIN, hosts = [], components } = naming;
  const has = (component: OptionalComponent) => components.includes(component);
  const inCluster = (service: string) => [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.${clusterDomain}`,
  ];
  const loopback = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };

  const certificate = (
    purpose: CertificatePurpose,
    commonName: string,
    rest: Partial<Omit<CertificateSpec, 'purpose' | 'secretName' | 'commonName'>>,
  ): CertificateSpec => ({
    purpose,
    secretName: SECRETS[purpose],
    commonName,
    organizations: [],
    usages: [],
    dnsNames: [],
    ipAddresses: [],
    isCa: false,
    ...rest,
  });
  const authority = (purpose: CertificatePurpose) => certificate(purpose, SECRETS[purpose], { isCa: true });
  const server = (purpose: CertificatePurpose, service: string) =>
    certificate(purpose, service, {
      issuer: 'ca',
      usages: ['server auth'],
      dnsNames: [...inCluster(service), ...loopback.dnsNames],
      ipAddresses: loopback.ipAddresses,
    });
  const client = (purpose: keyof typeof USERS, organizations: readonly string[] = []) =>
    certificate(purpose, USERS[purpose], { issuer: 'ca', usages: ['client auth'], organizations });

  // etcd compares the address of a peer with its certificate, looking up the names in it (checkCertSAN in etcd's
  // client/pkg/transport): a name per member. A client's certificate carries none, so that nothing is compared.
  const etcdNames = [
    ...Array.from({ length: ETCD_MAX_MEMBERS }, (_, i) => inCluster(`etcd-${i}.${SERVICES.etcd}`).slice(1)).flat(),
    ...inCluster(SERVICES.etcd),
    ...inCluster(SERVICES.etcdClient),
    ...loopback.dnsNames,
  ];
  const etcdMember = {
    issuer: 'etcdCa',
    // etcd's own gateway calls its server with the server's certificate.
    usages: ['server auth', 'client auth'],
    dnsNames: etcdNames,
    ipAddresses: loopback.ipAddresses,
  } as const;

  return [
    authority('ca'),
    ...(has('etcd') ? [authority('etcdCa')] : []),
    authority('frontProxyCa'),
    certificate('serviceAccount', SECRETS.serviceAccount, {}),
    ...(has('etcd')
      ? [
          certificate('etcdServer', 'etcd-server', etcdMember),
          certificate('etcdPeer', 'etcd-peer', etcdMember),
          certificate('etcdClient', 'etcd-client', { issuer: 'etcdCa', usages: ['client auth'] }),
        ]
      : []),
    certificate('frontProxyClient', FRONT_PROXY_USER, { issuer: 'frontProxyCa', usages: ['client auth'] }),
    certificate('apiserverServer', SERVICES.apiserver, {
      issuer: 'ca',
      usages: ['server auth'],
      dnsNames: unique([
        ...inCluster(SERVICES.apiserver),
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        `kubernetes.default.svc.${clusterDomain}`,
        ...loopback.dnsNames,
        ...hosts.filter((host) => isIP(host) === 0),
      ]),
      ipAddresses: unique([...loopback.ipAddresses, ...hosts.filter((host) => isIP(host) !== 0)]),
    }),
    server('aggregatedApiserverServer', SERVICES.aggregatedApiserver),
    server('webhookServer', SERVICES.webhook),
    ...(has('search') ? [server('searchServer', SERVICES.search)] : []),
    ...(has('metricsAdapter') ? [server('metricsAdapterServer', SERVICES.metricsAdapter)] : []),
    ...(has('schedulerEstimator')
      ? [
          certificate('schedulerEstimatorServer', 'karmada-scheduler-estimator', {
            issuer: 'ca',
            usages: ['server auth'],
            // One estimator per member, each a Service of its own: a wildcard, for members come and go.
            dnsNames: [`*.${namespace}.svc`, `*.${namespace}.svc.${clusterDomain}`],
          }),
        ]
      : []),
    client('adminClient', ['system:masters']),
    client('kubeControllerManagerClient'),
    client('controllerManagerClient'),
    client('schedulerClient'),
    client('webhookClient'),
    client('aggregatedApiserverClient'),
    ...(has('descheduler') ? [client('deschedulerClient')] : []),
    ...(has('search') ? [client('searchClient')] : []),
    ...(has('metricsAdapter') ? [client('metricsAdapterClient')] : []),
  ];
}

/** Path of a file of a certificate in the component that mounts it, such as `/etc/karmada/server/tls.crt`. */
export function certificatePath(
  mount: keyof typeof MOUNT_PATHS,
  file: typeof CERTIFICATE_FILE | typeof KEY_FILE | typeof CA_FILE,
): string {
  return `${MOUNT_PATHS[mount]}/${file}`;
}

/**
 * Volumes and mounts of what a component needs: its certificates, and the kubeconfig when it is a client of the Karmada
 * API.
 *
 * @param secretNames Secrets that have another name than `SECRETS` says, by purpose.
 */
export function certificateVolumes(
  component: Component,
  secretNames: Partial<Record<CertificatePurpose, string>> = {},
): { volumes: k8s.Volume[]; volumeMounts: k8s.VolumeMount[] } {
  const mounts = Object.entries(COMPONENT_CERTIFICATES[component]) as [keyof typeof MOUNT_PATHS, CertificatePurpose][];
  const volumes: k8s.Volume[] = mounts.map(([mount, purpose]) => ({
    name: volumeName(mount),
    secret: { secretName: secretNames[purpose] ?? SECRETS[purpose], defaultMode: 0o440 },
  }));
  const volumeMounts: k8s.VolumeMount[] = mounts.map(([mount]) => ({
    name: volumeName(mount),
    mountPath: MOUNT_PATHS[mount],
    readOnly: true,
  }));
  if (COMPONENT_CERTIFICATES[component].client) {
    volumes.push({ name: 'kubeconfig', configMap: { name: KUBECONFIG_CONFIG_MAP } });
    volumeMounts.push({ name: 'kubeconfig', mountPath: KUBECONFIG_MOUNT_PATH, readOnly: true });
  }
  return { volumes, volumeMounts };
}

/** ConfigMap with the kubeconfig of everything that runs beside the Karmada API server. */
export const KUBECONFIG_CONFIG_MAP = 'karmada-kubeconfig';

/** URL of the Karmada API server for what runs on the host cluster. */
export function apiserverUrl(naming: Pick<CertificateNaming, 'namespace' | 'clusterDomain'>): string {
  const { namespace, clusterDomain = DEFAULT_CLUSTER_DOMAIN } = naming;
  return `https://${SERVICES.apiserver}.${namespace}.svc.${clusterDomain}:${APISERVER_PORT}`;
}

function volumeName(mount: keyof typeof MOUNT_PATHS): string {
  return `${mount.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-cert`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
