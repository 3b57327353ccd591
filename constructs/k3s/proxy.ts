import type { K3sCluster } from './config.ts';

/** The way to the internet of hosts that have no other. */
export interface K3sProxy {
  /** URL. @default - http URLs are fetched without one */
  readonly http?: string;
  /** URL. @default - https URLs are fetched without one */
  readonly https?: string;
  /** Names, domains, addresses and networks that need none, beside the cluster's own. */
  readonly except: readonly string[];
}

/**
 * Environment of k3s's service, a variable a line. k3s and containerd read it, and Helm in its Jobs
 * (docs.k3s.io/advanced, "Configuring an HTTP proxy").
 *
 * What is within the cluster goes around the proxy: k3s itself excepts pods, services and the cluster's domain, but
 * knows nothing of its nodes' addresses.
 */
export function proxyEnvironment(cluster: K3sCluster, proxy: K3sProxy): string {
  const { podCidr, serviceCidr, address, registrationAddress, hosts, k3s } = cluster;
  const own = [
    'localhost',
    '127.0.0.0/8',
    '::1',
    '.svc',
    `.${k3s.server?.['cluster-domain'] ?? 'cluster.local'}`,
    ...(podCidr?.split(',') ?? []),
    ...(serviceCidr?.split(',') ?? []),
    address,
    registrationAddress,
    ...hosts.flatMap((host) => [host.publicIp, host.vpnIp, host.address]),
  ];
  const variables = {
    HTTP_PROXY: proxy.http,
    HTTPS_PROXY: proxy.https,
    NO_PROXY: [...new Set([...own.filter((place) => place !== undefined), ...proxy.except])].join(','),
  };
  return Object.entries(variables)
    .map(([name, value]) => (value === undefined ? '' : `${name}=${value}\n`))
    .join('');
}
