import ipaddr from 'ipaddr.js';
import { maxPodMtu } from '../../network/mtu.ts';
import type { Path, Report } from '../faults.ts';
import { type Cluster, clustersOf, type FederationSpec } from '../federation.ts';
import type { Vpn } from '../network.ts';
import { contains, overlap } from '../primitives.ts';

/** Networks and addresses that must fit together, within a cluster and among those that share the VPN. */
export function checkNetwork(spec: FederationSpec, report: Report): void {
  const clusters = clustersOf(spec);
  const shared: Network[] = spec.vpn
    ? [{ cidr: spec.vpn.cidr, what: 'the range of the VPN', path: ['spec', 'vpn', 'cidr'] }]
    : [];
  const addresses = new Map<string, string>();
  for (const { cluster, path } of clusters) {
    const own = networksOf(cluster, path);
    const inVpn = spec.vpn !== undefined && cluster.vpn;
    if (inVpn) shared.push(...own);
    else checkOverlap(own, report);
    if (spec.vpn && inVpn) {
      checkHosts(cluster, path, spec.vpn, addresses, report);
      checkVpnNetwork(cluster, [...path, 'network'], spec.vpn, report);
    }
    checkSettings(cluster, path, report);
  }
  checkOverlap(shared, report);
}

/** A network with its place in the file. */
interface Network {
  readonly cidr: string;
  readonly what: string;
  readonly path: Path;
}

function networksOf({ name, podCidr, serviceCidr }: Cluster, path: Path): Network[] {
  return [
    ...(podCidr ? [{ cidr: podCidr, what: `the pod network of '${name}'`, path: [...path, 'podCidr'] }] : []),
    ...(serviceCidr
      ? [{ cidr: serviceCidr, what: `the service network of '${name}'`, path: [...path, 'serviceCidr'] }]
      : []),
  ];
}

/**
 * Reports each network that overlaps an earlier one. Of two that do, one holds the other: so a network is looked up
 * among the wider ones of those before it, and among all that are wider than one of them.
 */
function checkOverlap(networks: readonly Network[], report: Report): void {
  const seen = new Map<string, Network>();
  const wider = new Map<string, Network>();
  for (const network of networks) {
    const prefixes = prefixesOf(network.cidr);
    const holder = prefixes.find((prefix) => seen.has(prefix));
    const other = holder === undefined ? wider.get(prefixes.at(-1)!) : seen.get(holder);
    if (other) {
      report(network.path, `${network.cidr} overlaps ${other.cidr}, ${other.what}: give it a network of its own`);
    } else {
      for (const prefix of prefixes) wider.set(prefix, network);
      seen.set(prefixes.at(-1)!, network);
    }
  }
}

/** The network and all that hold it, the widest first. */
function prefixesOf(cidr: string): string[] {
  const [address, length] = ipaddr.parseCIDR(cidr);
  const bits = address
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: length + 1 }, (_, i) => `${address.kind()} ${bits.slice(0, i)}`);
}

function checkHosts({ hosts }: Cluster, path: Path, vpn: Vpn, addresses: Map<string, string>, report: Report): void {
  for (const [i, { name, vpnIp }] of hosts.entries()) {
    if (!vpnIp) continue;
    const place = [...path, 'hosts', i, 'vpnIp'];
    if (!contains(vpn.cidr, vpnIp)) {
      report(place, `'${vpnIp}' is outside ${vpn.cidr}, the range of the VPN: correct it, or 'spec.vpn.cidr'`);
    }
    const other = addresses.get(vpnIp);
    if (other) report(place, `'${vpnIp}' is the address of the host '${other}' already, give each its own`);
    addresses.set(vpnIp, name);
  }
}

/** What does not work through a VPN, of settings that are right elsewhere. */
function checkVpnNetwork({ network, hosts }: Cluster, path: Path, vpn: Vpn, report: Report): void {
  if (hosts.length === 0) return;
  const { cni, flannel, calico, loadBalancer, metallb } = network;
  if (cni === 'flannel' && flannel.backend === 'host-gw') {
    report([...path, 'flannel', 'backend'], "'host-gw' does not work in a VPN, which knows no pods: take vxlan");
  }
  if (cni === 'flannel' && flannel.externalIp) {
    report([...path, 'flannel', 'externalIp'], 'leads around the VPN, which the cluster is in: leave it out');
  }
  if (cni === 'calico' && calico.encapsulation !== 'VXLAN') {
    report(
      [...path, 'calico', 'encapsulation'],
      `'${calico.encapsulation}' does not work in a VPN, which knows no pods: take VXLAN`,
    );
  }
  const most = maxPodMtu(vpn.mtu, calico.encapsulation);
  if (cni === 'calico' && calico.mtu !== undefined && calico.mtu > most) {
    report(
      [...path, 'calico', 'mtu'],
      `must be at most ${most}: the VPN carries ${vpn.mtu} bytes and ${calico.encapsulation} adds ${vpn.mtu - most}`,
    );
  }
  // ZeroTier carries Ethernet, so that its hosts see each other's announcements; the others carry IP only.
  if (loadBalancer === 'metallb' && vpn.provider !== 'zerotier') {
    for (const [i, pool] of metallb.addresses.entries()) {
      if (!pool.split('-').some((end) => (end.includes('/') ? overlap(vpn.cidr, end) : contains(vpn.cidr, end))))
        continue;
      report(
        [...path, 'metallb', 'addresses', i],
        `'${pool}' is in ${vpn.cidr}, the range of the VPN, where MetalLB can't announce it: take addresses of the hosts' local network`,
      );
    }
  }
  if ('integration' in vpn && vpn.integration === 'k3s') {
    if (cni !== 'flannel') {
      report([...path, 'cni'], "must be flannel, for with 'integration: k3s' k3s makes the pod network in the VPN");
    } else if (flannel.backend !== 'vxlan') {
      report([...path, 'flannel', 'backend'], "has no effect with 'integration: k3s', leave it out");
    }
    if (hosts.filter(({ role }) => role === 'server').length > 1) {
      report(
        [...path.slice(0, -1), 'hosts'],
        "has several servers, whose etcd does not work with 'integration: k3s': take one, or 'integration: client'",
      );
    }
  }
}

/** Settings of the network that need others. */
function checkSettings({ network, hosts }: Cluster, path: Path, report: Report): void {
  if (hosts.length === 0) return;
  if (network.loadBalancer === 'metallb' && network.metallb.addresses.length === 0) {
    report(
      [...path, 'network', 'metallb', 'addresses'],
      "is empty: give MetalLB addresses of the hosts' local network, such as '192.0.2.10-192.0.2.20'",
    );
  }
  if (network.cni === 'flannel' && network.flannel.externalIp) {
    for (const [i, { publicIp }] of hosts.entries()) {
      if (!publicIp) {
        report([...path, 'hosts', i, 'publicIp'], "is missing, and 'flannel.externalIp' sends to it: give it");
      }
    }
  }
}
