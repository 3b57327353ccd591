import { API_PORT, type K3sCluster, type K3sConfig, type K3sHost, type K3sNetwork } from './config.ts';

/*
 * What the bootstrap sees to on a host before it writes anything; `bootstrap/host/checks.sh` and `ownership.sh` read it.
 */

/** What a server cannot change once it has run, with what k3s takes where nothing is said (docs.k3s.io/cli/server). */
const IMMUTABLE: Readonly<Record<string, string>> = {
  'cluster-cidr': '10.42.0.0/16',
  'service-cidr': '10.43.0.0/16',
  'cluster-domain': 'cluster.local',
};

/** The kubelet of this Kubernetes minor and later ones refuses control groups v1 unless it is told otherwise. */
const CGROUP_V1_REFUSED_SINCE = 35;

/** Settings that say what a host must have, for the configuration that its k3s gets. */
export function hostChecks(
  cluster: K3sCluster,
  { flannelBackend = 'vxlan' }: K3sNetwork,
  host: K3sHost,
  config: K3sConfig,
): Record<string, string> {
  const isServer = host.role === 'server';
  const immutable = Object.entries(IMMUTABLE).map(([flag, usual]) => `${flag} ${usual} ${config[flag] ?? usual}\n`);
  return {
    ...(refusesCgroupV1(cluster.k3s.version, config) && { 'cgroup-v1': 'refused' }),
    ...(flannelBackend === 'wireguard-native' && { wireguard: 'true' }),
    ports: Object.entries(ports(cluster, flannelBackend, host, config))
      .map(([port, what]) => `${port} ${what}\n`)
      .join(''),
    ...(isServer && { immutable: immutable.join(''), encryption: String(config['secrets-encryption'] ?? false) }),
  };
}

function refusesCgroupV1(version: string, config: K3sConfig): boolean {
  const minor = Number(version.split('.')[1]);
  const kubelet = [config['kubelet-arg'] ?? []].flat().map(String);
  return minor >= CGROUP_V1_REFUSED_SINCE && !kubelet.includes('fail-cgroupv1=false');
}

/** What k3s listens on, for all of the host's addresses (docs.k3s.io/installation/requirements). */
function ports(
  { hosts }: K3sCluster,
  flannelBackend: K3sNetwork['flannelBackend'],
  { role }: K3sHost,
  config: K3sConfig,
): Record<string, string> {
  const hasEtcd = role === 'server' && hosts.filter((host) => host.role === 'server').length > 1;
  return {
    ...(role === 'server' && { [`${config['https-listen-port'] ?? API_PORT}/tcp`]: 'the API server' }),
    ...(hasEtcd && { '2379/tcp': 'the clients of etcd', '2380/tcp': 'the members of etcd' }),
    '10250/tcp': 'the kubelet',
    ...(flannelBackend === 'vxlan' && { '8472/udp': 'the pod network' }),
    ...(flannelBackend === 'wireguard-native' && { '51820/udp': 'the pod network' }),
  };
}
