import { isIP } from 'node:net';
import {
  DEFAULT_CLUSTER_DOMAIN,
  ESTIMATOR_NAME,
  ETCD_MAX_MEMBERS,
  type OptionalComponent,
  SERVICES,
} from '../names.ts';

/*
 * The certificates of a Karmada control plane, whoever makes them: what each is for, how its Secret is called, who it
 * names and what signs it.
 */

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
          certificate('schedulerEstimatorServer', ESTIMATOR_NAME, {
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

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
