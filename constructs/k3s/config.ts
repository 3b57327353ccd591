import { compareVersions } from '../compare-versions.ts';
import { httpsAt } from '../network/addresses.ts';
import type { PackagedComponent } from './flags.ts';
import type { K3sProxy } from './proxy.ts';
import type { K3sRegistries } from './registries.ts';

/** Path of the token on a host that joins. Written by the bootstrap, mode 0600. */
export const TOKEN_FILE = '/etc/rancher/k3s/token';

/** Port of the API server and of k3s's own API for nodes that join. */
export const API_PORT = 6443;

/** A value that k3s's config.yaml takes: repeatable flags are lists. */
export type K3sValue = string | number | boolean | readonly (string | number | boolean)[];

/** Content of `/etc/rancher/k3s/config.yaml`: flag names without dashes, and their values. */
export type K3sConfig = Readonly<Record<string, K3sValue>>;

/** A machine that becomes a node. */
export interface K3sHost {
  /** Name of the node. */
  readonly name: string;
  readonly role: 'server' | 'agent';
  /**
   * Address that SSH connects to.
   *
   * @default - `publicIp`, else `vpnIp`
   */
  readonly address?: string;
  /** @default - none */
  readonly publicIp?: string;
  /** @default - none */
  readonly vpnIp?: string;
  /**
   * Node labels, set when the node registers; the bootstrap of the first server brings what changed since.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Node taints as `key=value:Effect`, set when the node registers; the bootstrap of the first server brings what changed.
   *
   * @default - none
   */
  readonly taints?: readonly string[];
  /**
   * Further flags of k3s on this host, which win over its cluster's.
   *
   * @default - none
   */
  readonly k3s?: K3sConfig;
}

/** What k3s is to be like on a cluster, the same for all its hosts. */
export interface K3sSettings {
  /** Release, such as `v1.35.6+k3s1`. */
  readonly version: string;
  /** @default - images come from where they are */
  readonly registries?: K3sRegistries;
  /** @default - the internet is reached without one */
  readonly proxy?: K3sProxy;
  /**
   * Packaged components to leave out.
   *
   * @default - none
   */
  readonly disable?: readonly PackagedComponent[];
  /**
   * Mode of the admin kubeconfig on the servers, octal.
   *
   * @default '0600'
   */
  readonly kubeconfigMode?: string;
  /**
   * Whether Secrets are encrypted in the datastore.
   *
   * @default true
   */
  readonly secretsEncryption?: boolean;
  /**
   * Further flags of the servers.
   *
   * @default - none
   */
  readonly server?: K3sConfig;
  /**
   * Further flags of the agents.
   *
   * @default - none
   */
  readonly agent?: K3sConfig;
}

/** The part of the pod network that k3s itself has to know; the caller derives it from the CNI. */
export interface K3sNetwork {
  /**
   * `none` where another CNI makes the pod network.
   *
   * @default - k3s's own, vxlan
   */
  readonly flannelBackend?: 'none' | 'vxlan' | 'host-gw' | 'wireguard-native';
  /**
   * Whether flannel talks to the external addresses of the nodes.
   *
   * @default false
   */
  readonly flannelExternalIp?: boolean;
  /**
   * Whether k3s leaves network policies to the CNI.
   *
   * @default false
   */
  readonly disableNetworkPolicy?: boolean;
}

/** A k3s cluster: what all its hosts have to agree on is said here, not on a host (docs.k3s.io/cli/server). */
export interface K3sCluster {
  /** Name of the cluster, `host` for the central one. */
  readonly name: string;
  /**
   * Name or address at which the API server is reached from outside; part of its certificate.
   *
   * @default - the addresses of the servers
   */
  readonly address?: string;
  /**
   * Name or address at which hosts join, that outlives each server.
   *
   * @default - `address` where the cluster has several servers, else the first server's address. In a VPN also the
   * first server's where `address` is a host's own outside of it, for no server listens there
   */
  readonly registrationAddress?: string;
  /** One network, or one of each IP family with a comma between. @default - k3s's own, 10.42.0.0/16 */
  readonly podCidr?: string;
  /** @default - k3s's own, 10.43.0.0/16 */
  readonly serviceCidr?: string;
  /** Whether the nodes are in a VPN and take their addresses there as their own. */
  readonly vpn: boolean;
  /** The first server makes the cluster, the others join it. */
  readonly hosts: readonly K3sHost[];
  readonly k3s: K3sSettings;
}

/** The hosts of a cluster that are servers, in its order. */
export function serversOf<Host extends { readonly role: string }>({
  hosts,
}: {
  readonly hosts: readonly Host[];
}): Host[] {
  return hosts.filter(({ role }) => role === 'server');
}

/** The server that makes the cluster, and that the other hosts join. */
export function firstServer(cluster: K3sCluster): K3sHost {
  const [server] = serversOf(cluster);
  if (!server) throw new Error(`cluster '${cluster.name}' has no host with the role 'server', give one that role`);
  return server;
}

/** Address that SSH connects to. */
export function sshAddress(host: K3sHost): string {
  const address = host.address ?? host.publicIp ?? host.vpnIp;
  if (!address) throw new Error(`host '${host.name}' has no address, give it 'address', 'publicIp' or 'vpnIp'`);
  return address;
}

/** URL at which hosts that join and clients outside reach the API server. */
export function apiServerUrl(cluster: K3sCluster): string {
  const port = cluster.k3s.server?.['https-listen-port'] ?? API_PORT;
  return httpsAt(apiServerAddress(cluster), String(port));
}

/** Name or address in that URL. */
export function apiServerAddress(cluster: K3sCluster): string {
  return cluster.registrationAddress ?? usualAddress(cluster);
}

/**
 * The cluster's own address where there is one. With a VPN, k3s listens on the servers' addresses in it alone: then a lone
 * server's, for the cluster's may be for others, and the first server's where the cluster's is a host's outside the VPN.
 */
function usualAddress(cluster: K3sCluster): string {
  const { address, vpn } = cluster;
  const server = firstServer(cluster);
  if (!vpn) return address ?? server.publicIp ?? sshAddress(server);
  const isLone = serversOf(cluster).length === 1;
  return address === undefined || isLone || isOutsideVpn(cluster, address) ? vpnAddress(server) : address;
}

/** Whether it is the address of a host of the cluster, but not its address in the VPN. */
export function isOutsideVpn({ hosts }: Pick<K3sCluster, 'hosts'>, address: string): boolean {
  return hosts.some((host) => host.vpnIp !== address && [host.publicIp, host.address].includes(address));
}

/**
 * k3s's configuration for a host.
 *
 * Repeatable flags are lists. What is not set is left out, so that k3s's own default holds.
 */
export function k3sConfig(cluster: K3sCluster, network: K3sNetwork, host: K3sHost): K3sConfig {
  const config = host.role === 'server' ? serverConfig(cluster, network, host) : agentConfig(cluster, network, host);
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as K3sConfig;
}

type Draft = Record<string, K3sValue | undefined>;

function serverConfig(cluster: K3sCluster, network: K3sNetwork, host: K3sHost): Draft {
  const { k3s, vpn } = cluster;
  const address = vpn ? vpnAddress(host) : undefined;
  const names = [cluster.address, cluster.registrationAddress, host.publicIp, host.vpnIp, host.address].filter(
    (name) => name !== undefined,
  );
  return {
    ...k3s.server,
    ...host.k3s,
    ...nodeConfig(cluster, network, host),
    ...membership(cluster, host),
    'advertise-address': address,
    'bind-address': reachesItself(k3s.version, network) ? address : undefined,
    'cluster-cidr': cluster.podCidr,
    disable: k3s.disable,
    'disable-network-policy': network.disableNetworkPolicy || undefined,
    'flannel-backend': network.flannelBackend,
    'flannel-external-ip': network.flannelExternalIp || undefined,
    'secrets-encryption': k3s.secretsEncryption ?? true,
    'service-cidr': cluster.serviceCidr,
    'tls-san': [...new Set(names)],
    'write-kubeconfig-mode': k3s.kubeconfigMode ?? '0600',
  };
}

/** First release whose API server listens on loopback, too, where it has an address to bind to (commit ce3443ddf). */
const LISTENS_ON_LOOPBACK = 'v1.27.4';

/** Whether a server that is bound to one address can install a pod network's chart, which it does through loopback. */
function reachesItself(version: string, { flannelBackend }: K3sNetwork): boolean {
  return flannelBackend !== 'none' || compareVersions(version, LISTENS_ON_LOOPBACK) >= 0;
}

function agentConfig(cluster: K3sCluster, network: K3sNetwork, host: K3sHost): Draft {
  return { ...cluster.k3s.agent, ...host.k3s, ...nodeConfig(cluster, network, host), ...membership(cluster, host) };
}

/** How the host comes to be part of the cluster. More than one server means embedded etcd. */
function membership(cluster: K3sCluster, host: K3sHost): Draft {
  if (host.name !== firstServer(cluster).name) return { server: apiServerUrl(cluster), 'token-file': TOKEN_FILE };
  return { 'cluster-init': cluster.hosts.filter(({ role }) => role === 'server').length > 1 || undefined };
}

function nodeConfig({ vpn }: K3sCluster, { flannelExternalIp }: K3sNetwork, host: K3sHost): Draft {
  const address = vpn ? vpnAddress(host) : undefined;
  return {
    // Flannel learns the address to send to from it.
    'node-external-ip': address ?? (flannelExternalIp ? host.publicIp : undefined),
    'node-ip': address,
    'node-label': Object.entries(host.labels ?? {}).map(([key, value]) => `${key}=${value}`),
    'node-name': host.name,
    'node-taint': host.taints,
  };
}

function vpnAddress(host: K3sHost): string {
  if (!host.vpnIp) throw new Error(`host '${host.name}' has no address in the VPN, give it a 'vpnIp'`);
  return host.vpnIp;
}
