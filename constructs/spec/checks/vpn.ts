import { isIP } from 'node:net';
import { isOutsideVpn } from '../../k3s/config.ts';
import { missingIn } from '../../k3s/flags.ts';
import { contains, familyOf, listed, overlap, parseRange } from '../../network/addresses.ts';
import { maxPodMtu } from '../../network/mtu.ts';
import type { Path, Report } from '../faults.ts';
import { type Cluster, clustersOf, type FederationSpec } from '../federation.ts';
import type { Vpn } from '../network.ts';
import { settingPath } from './settings.ts';

/** Addresses in the VPN, and settings that do not work through it though they are right elsewhere. */
export function checkVpn(spec: FederationSpec, cluster: Cluster, path: Path, vpn: Vpn, report: Report): void {
  const { hosts } = cluster;
  const place: Place = (...keys) => settingPath(spec, cluster, path, 'network', ...keys);
  if (hosts.length === 0) return;
  for (const [i, { vpnIp }] of hosts.entries()) {
    if (vpnIp && !contains(vpn.cidr, vpnIp)) {
      report(
        [...path, 'hosts', i, 'vpnIp'],
        `'${vpnIp}' is outside ${vpn.cidr}, the range of the VPN: correct it, or 'spec.vpn.cidr'`,
      );
    }
  }
  checkRegistration(cluster, path, vpn, report);
  checkPodNetwork(cluster, place, vpn, report);
  checkLoadBalancer(cluster, place, vpn, report);
  if (isJoinedByK3s(vpn)) checkIntegration(cluster, path, place, report);
}

/** Where hosts join leads to the servers' addresses in the VPN, which a name alone does not tell. */
function checkRegistration(cluster: Cluster, path: Path, vpn: Vpn, report: Report): void {
  const { address, registrationAddress, hosts } = cluster;
  const servers = hosts.flatMap(({ role, vpnIp }) => (role === 'server' && vpnIp ? [vpnIp] : []));
  const listening = `k3s listens on the servers' addresses in the VPN alone, ${servers.join(', ')}`;
  if (registrationAddress && isOutsideVpn(cluster, registrationAddress)) {
    report(
      [...path, 'registrationAddress'],
      `'${registrationAddress}' is a host's address outside the VPN, and ${listening}: leave it out, or take one that leads there`,
    );
  }
  if (servers.length < 2 || registrationAddress || !address || isOutsideVpn(cluster, address)) return;
  if (isIP(address) && contains(vpn.cidr, address)) return;
  report.warn(
    [...path, 'address'],
    `is where hosts join, too, and ${listening}: have it lead to these, or give 'registrationAddress'`,
  );
}

/** Where a setting of the cluster's network stands. */
type Place = (...keys: string[]) => Path;

function checkPodNetwork({ network }: Cluster, place: Place, vpn: Vpn, report: Report): void {
  const { cni, flannel, calico } = network;
  if (cni === 'flannel' && flannel.backend === 'host-gw') {
    report(place('flannel', 'backend'), "'host-gw' does not work in a VPN, which knows no pods: take vxlan");
  }
  if (cni === 'flannel' && flannel.externalIp) {
    report(place('flannel', 'externalIp'), 'leads around the VPN, which the cluster is in: leave it out');
  }
  if (cni === 'calico' && calico.encapsulation !== 'VXLAN') {
    report(
      place('calico', 'encapsulation'),
      `'${calico.encapsulation}' does not work in a VPN, which knows no pods: take VXLAN`,
    );
  }
  const most = maxPodMtu(vpn.mtu, calico.encapsulation, familyOf(vpn.cidr));
  if (cni === 'calico' && calico.mtu !== undefined && calico.mtu > most) {
    report(
      place('calico', 'mtu'),
      `must be at most ${most}: the VPN carries ${vpn.mtu} bytes and ${calico.encapsulation} adds ${vpn.mtu - most}`,
    );
  }
}

/** ZeroTier carries Ethernet, so that its hosts see each other's announcements; the others carry IP only. */
function checkLoadBalancer({ network }: Cluster, place: Place, vpn: Vpn, report: Report): void {
  if (network.loadBalancer !== 'metallb' || vpn.provider === 'zerotier') return;
  const range = parseRange(vpn.cidr);
  for (const [i, pool] of network.metallb.addresses.entries()) {
    if (!overlap(parseRange(pool), range)) continue;
    report(
      [...place('metallb', 'addresses'), i],
      `'${pool}' is in ${vpn.cidr}, the range of the VPN, where MetalLB can't announce it: take addresses of the hosts' local network`,
    );
  }
}

function checkIntegration(
  { network: { cni, flannel }, hosts, k3s }: Cluster,
  path: Path,
  place: Place,
  report: Report,
): void {
  const missing = missingIn(k3s.version, 'vpn-auth-file');
  if (missing) {
    const message = `needs the flag 'vpn-auth-file' with 'k3s', which ${missing}, and k3s here is ${k3s.version}: take 'client', or another release`;
    report(['spec', 'vpn', 'integration'], message);
  }
  if (cni !== 'flannel') {
    report(place('cni'), "must be flannel, for with 'integration: k3s' k3s makes the pod network in the VPN");
  } else if (flannel.backend !== 'vxlan') {
    report(place('flannel', 'backend'), "has no effect with 'integration: k3s', leave it out");
  }
  if (hosts.filter(({ role }) => role === 'server').length > 1) {
    report(
      [...path, 'hosts'],
      "has several servers, whose etcd does not work with 'integration: k3s': take one, or 'integration: client'",
    );
  }
}

/**
 * Pod networks that others route to are apart: each cluster's where k3s itself announces them in the VPN, and those of
 * the members that a MultiClusterService takes pods' addresses between. All others may be the same.
 */
export function checkRoutedPods(spec: FederationSpec, report: Report): void {
  const { vpn } = spec;
  const clusters = clustersOf(spec);
  if (vpn && isJoinedByK3s(vpn)) {
    const announced = clusters.filter(({ cluster }) => cluster.vpn && cluster.hosts.length > 0);
    checkPodsApart(announced, "k3s announces both in the VPN ('integration: k3s')", report);
  }
  // Most apps name the same members, or none, which means all.
  const routed = new Map(
    spec.apps.flatMap(({ multiClusterService: service }) => {
      if (service?.type !== 'CrossCluster') return [];
      const { providers, consumers } = service;
      const members = providers && consumers ? new Set([...providers, ...consumers]) : undefined;
      return [[members ? [...members].sort().join() : '', members] as const];
    }),
  );
  for (const members of routed.values()) {
    const connected = clusters.slice(1).filter(({ cluster }) => !members || members.has(cluster.name));
    checkPodsApart(connected, 'a multiClusterService takes addresses of pods from one to the other', report);
  }
}

/** Whether k3s itself joins its hosts to the VPN. */
export function isJoinedByK3s(vpn: Vpn): boolean {
  return 'integration' in vpn && vpn.integration === 'k3s';
}

/** Reports each pod network that overlaps another. In the order of their first addresses, those that do are neighbours. */
function checkPodsApart(
  clusters: readonly { readonly cluster: Cluster; readonly path: Path }[],
  because: string,
  report: Report,
): void {
  const networks = clusters
    .flatMap(({ cluster, path }, order) =>
      cluster.podCidr
        ? listed(cluster.podCidr).map((cidr) => ({ cidr, range: parseRange(cidr), name: cluster.name, path, order }))
        : [],
    )
    .sort((a, b) => compare(a.range.first, b.range.first) || compare(b.range.last, a.range.last) || a.order - b.order);
  const widest = new Map<string, (typeof networks)[number]>();
  for (const network of networks) {
    const other = widest.get(network.range.family);
    if (other && overlap(network.range, other.range)) {
      const [earlier, later] = network.order < other.order ? [network, other] : [other, network];
      report(
        [...later.path, 'podCidr'],
        `${later.cidr} overlaps ${earlier.cidr}, the pod network of '${earlier.name}', and ${because}: give it a network of its own`,
      );
    } else {
      widest.set(network.range.family, network);
    }
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
