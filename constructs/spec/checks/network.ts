import { notYet } from '../../k3s/flags.ts';
import {
  canonicalAddress,
  contains,
  type Family,
  familyOf,
  listed,
  overlap,
  parseRange,
  type Range,
} from '../../network/addresses.ts';
import { type Path, quote, type Report } from '../faults.ts';
import { type Cluster, clustersOf, type FederationSpec } from '../federation.ts';
import type { Vpn } from '../network.ts';
import { checkRoom } from './room.ts';
import { settingPath } from './settings.ts';
import { checkRoutedPods, checkVpn, isJoinedByK3s } from './vpn.ts';

/** Networks and addresses that must fit together: within a cluster, and with the VPN that it is in. */
export function checkNetwork(spec: FederationSpec, report: Report): void {
  for (const { cluster, path } of clustersOf(spec)) {
    const vpn = spec.vpn && cluster.vpn ? spec.vpn : undefined;
    checkFamilies(cluster, path, vpn, report);
    checkApart(spec, cluster, path, vpn, report);
    if (cluster.hosts.length > 0) {
      checkRoom(spec, cluster, path, report);
      checkSettings(spec, cluster, path, report);
    }
    if (vpn) checkVpn(spec, cluster, path, vpn, report);
  }
  checkRoutedPods(spec, report);
}

/** Addresses with what they are and their place in the file. */
interface Area {
  readonly text: string;
  readonly range: Range;
  readonly what: string;
  readonly path: Path;
}

function area(text: string, what: string, path: Path): Area {
  return { text, range: parseRange(text), what, path };
}

/** Pods, services, nodes, the addresses of load balancers and the VPN have nothing of each other's. */
function checkApart(spec: FederationSpec, cluster: Cluster, path: Path, vpn: Vpn | undefined, report: Report): void {
  const { name, podCidr, serviceCidr, hosts, network } = cluster;
  const range = vpn ? [area(vpn.cidr, 'the range of the VPN', ['spec', 'vpn', 'cidr'])] : [];
  const pods = networks(podCidr, `the pod network of '${name}'`, [...path, 'podCidr']);
  const services = networks(serviceCidr, `the service network of '${name}'`, [...path, 'serviceCidr']);
  const meetsVpn = [...pods, ...services].some((one) => range.some((other) => overlap(one.range, other.range)));
  const nodes = hosts.flatMap((host, i) => {
    // What SSH connects to may be a name. A network that has the VPN's addresses is a fault already.
    const own = {
      publicIp: host.publicIp,
      vpnIp: meetsVpn ? undefined : host.vpnIp,
      address: isAddress(host.address) ? host.address : undefined,
    };
    return Object.entries(own).flatMap(([key, address]) =>
      address ? [area(address, `the address of the host '${host.name}'`, [...path, 'hosts', i, key])] : [],
    );
  });
  const pools =
    hosts.length > 0 && network.loadBalancer === 'metallb'
      ? network.metallb.addresses.map((pool, i) =>
          area(pool, 'addresses of MetalLB', [
            ...settingPath(spec, cluster, path, 'network', 'metallb', 'addresses'),
            i,
          ]),
        )
      : [];
  for (const [what, others, advice] of [
    [pods, range, 'give it a network of its own'],
    [services, [...range, ...pods], 'give it a network of its own'],
    [nodes, [...pods, ...services], 'nothing else would reach the node, so give that a network without it'],
  ] as const) {
    for (const one of what) {
      const other = others.find((candidate) => overlap(one.range, candidate.range));
      if (!other) continue;
      const verb = one.text.includes('/') ? 'overlaps' : 'is in';
      report(one.path, `${one.text} ${verb} ${other.text}, ${other.what}: ${advice}`);
    }
  }
  const joined = cluster.registrationAddress;
  const holding = isAddress(joined) ? pools.find(({ range }) => overlap(range, parseRange(joined!))) : undefined;
  if (holding) {
    report.warn(
      holding.path,
      `'${holding.text}' holds ${joined}, the 'registrationAddress' of '${name}', which MetalLB may give to any Service: take addresses without it`,
    );
  }
  for (const [i, pool] of pools.entries()) {
    const other = [...pods, ...services, ...nodes, ...pools.slice(0, i)].find(({ range }) =>
      overlap(pool.range, range),
    );
    if (!other) continue;
    const verb = other.text.includes('/') || other.text.includes('-') ? 'overlaps' : 'holds';
    const advice = "take free addresses of the hosts' local network";
    report(pool.path, `'${pool.text}' ${verb} ${other.text}, ${other.what}: ${advice}`);
  }
}

function networks(list: string | undefined, what: string, path: Path): Area[] {
  return list ? listed(list).map((cidr) => area(cidr, what, path)) : [];
}

function isAddress(address: string | undefined): boolean {
  return address !== undefined && (address.includes(':') || /^[0-9.]+$/.test(address));
}

/** Pods, services, nodes and load balancers speak the same IP, the one that comes first likewise. */
function checkFamilies(cluster: Cluster, path: Path, vpn: Vpn | undefined, report: Report): void {
  const { name, podCidr, serviceCidr, hosts, network } = cluster;
  if (!podCidr || !serviceCidr) return;
  const families = listed(podCidr).map(familyOf);
  const primary = families[0]!;
  const services = listed(serviceCidr).map(familyOf);
  // Several networks of a family are a fault already.
  if ([families, services].some((all) => new Set(all).size < all.length)) return;
  if (families.join() !== services.join()) {
    report(
      [...path, 'serviceCidr'],
      `is ${list(services)}, but the pods of '${name}' have ${list(families)} (${podCidr}): give both the same, in the same order`,
    );
  }
  // k3s itself takes both addresses that Tailscale gives a node; of those that are written here it has one.
  if (vpn && !isJoinedByK3s(vpn) && hosts.length > 0 && families.length > 1) {
    report(
      [...path, 'podCidr'],
      "holds networks of both IP families, but nodes have one address in the VPN: give one, 'integration: k3s' to the VPN, or 'vpn: false' to the cluster",
    );
  }
  const externalIp = network.cni === 'flannel' && network.flannel.externalIp;
  for (const [i, host] of hosts.entries()) {
    for (const key of ['vpnIp', 'publicIp'] as const) {
      const address = host[key];
      const isNodes = key === 'vpnIp' ? vpn !== undefined : externalIp;
      if (!isNodes || !address || familyOf(address) === primary) continue;
      report(
        [...path, 'hosts', i, key],
        `is ${familyOf(address)}, but the pods of '${name}' have ${primary} first (${podCidr}): give addresses of one IP family`,
      );
    }
  }
}

/**
 * First releases that find their own API server for the chart of a pod network where IPv6 comes first: k3s-io/k3s#12947
 * and its backports.
 */
const INSTALLS_CHARTS_BY_IPV6 = ['v1.31.14', 'v1.32.10', 'v1.33.6', 'v1.34.2'];

function list(families: readonly Family[]): string {
  return families.join(' and ');
}

/** Settings of the network that need others. */
function checkSettings(spec: FederationSpec, cluster: Cluster, path: Path, report: Report): void {
  const { network, hosts, k3s, serviceCidr } = cluster;
  if (network.loadBalancer === 'metallb') {
    if (network.metallb.addresses.length === 0) {
      report(
        [...path, 'network', 'metallb', 'addresses'],
        "is empty: give MetalLB addresses of the hosts' local network, such as '192.0.2.10-192.0.2.20'",
      );
    }
    const families = listed(serviceCidr ?? '').map(familyOf);
    for (const [i, pool] of network.metallb.addresses.entries()) {
      if (families.includes(familyOf(pool))) continue;
      const place = settingPath(spec, cluster, path, 'network', 'metallb', 'addresses');
      report([...place, i], `'${pool}' is ${familyOf(pool)}, but services have ${list(families)} (${serviceCidr})`);
    }
  }
  if (network.cni === 'flannel' && network.flannel.externalIp) {
    for (const [i, { publicIp }] of hosts.entries()) {
      if (!publicIp) {
        report([...path, 'hosts', i, 'publicIp'], "is required, and 'flannel.externalIp' sends to it: give it");
      }
    }
  }
  const families = listed(cluster.podCidr ?? '').map(familyOf);
  const installs = notYet(k3s.version, INSTALLS_CHARTS_BY_IPV6);
  if (network.cni === 'calico' && families[0] === 'IPv6' && installs) {
    report(
      settingPath(spec, cluster, path, 'network', 'cni'),
      `can't be calico with k3s ${k3s.version} where IPv6 comes first (${cluster.podCidr}): it looks for its API server at an IPv4 address to install the chart. Take k3s ${installs} or later, or give IPv4 first`,
    );
  }
  if (network.cni === 'calico' && network.calico.encapsulation.startsWith('IPIP') && cluster.podCidr?.includes(':')) {
    report(
      settingPath(spec, cluster, path, 'network', 'calico', 'encapsulation'),
      `'${network.calico.encapsulation}' is for IPv4 only, and the pods have ${cluster.podCidr}: take VXLAN`,
    );
  }
  checkClusterDns(k3s.server['cluster-dns'], serviceCidr ?? '', (message) =>
    report(settingPath(spec, cluster, path, 'k3s', 'server', 'cluster-dns'), message),
  );
}

/** The address of the cluster's DNS is one of its services', and not the API server's, which has the first. */
function checkClusterDns(value: unknown, serviceCidr: string, fault: (message: string) => void): void {
  if (value === undefined) return;
  const families = new Set<Family>();
  for (const text of [value].flat().flatMap((one) => String(one).split(','))) {
    const address = canonicalAddress(text.trim());
    const cidr = address && listed(serviceCidr).find((one) => contains(one, address));
    if (address === undefined) {
      fault(`must be an address, such as '${example(serviceCidr)}', got ${quote(text)}`);
    } else if (cidr === undefined) {
      fault(`'${address}' is outside ${serviceCidr}, the service network: take an address of it, or leave it out`);
    } else if (parseRange(address).first - parseRange(cidr).first < 2n) {
      fault(
        `'${address}' is the API server's, which has the first of the service network: take another, or leave it out`,
      );
    } else if (familyOf(address) === 'IPv4' && parseRange(address).first === parseRange(cidr).last) {
      fault(`'${address}' is the last of ${cidr}, which no service gets: take another, or leave it out`);
    } else if (families.has(familyOf(address))) {
      fault(`'${address}' is the second ${familyOf(address)} address: the DNS service has one of each IP family`);
    }
    if (address !== undefined) families.add(familyOf(address));
  }
}

function example(serviceCidr: string): string {
  return familyOf(serviceCidr.split(',')[0]!) === 'IPv6' ? 'fd00:43::a' : '10.43.0.10';
}
