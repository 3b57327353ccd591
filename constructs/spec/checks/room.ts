import { compareVersions } from '../../compare-versions.ts';
import { bitsOf, familyOf, listed, prefixLength } from '../../network/addresses.ts';
import type { Path, Report } from '../faults.ts';
import type { Cluster, FederationSpec } from '../federation.ts';
import { settingPath } from './settings.ts';

/** Prefix length of what a node gets of the pod network (kube-controller-manager's default). */
const NODE_MASK = { IPv4: 24, IPv6: 64 } as const;

/** Prefix length of the blocks that Calico gives to nodes, one after another (docs.tigera.io, IP pool). */
const CALICO_BLOCK = { IPv4: 26, IPv6: 122 } as const;

/** Bits between the pod network and a node's that kube-controller-manager counts with at most, for IPv6. */
const MOST_NODE_BITS = 16;

/** Fewest addresses of a service network, as bits: Kubernetes takes 8, and k3s gives DNS the tenth. */
const LEAST_SERVICE_BITS = { withOwnDns: 3, otherwise: 4 } as const;

/** Most addresses of a service network, as bits: since Kubernetes 1.34 they are objects, before a map in memory. */
const MOST_SERVICE_BITS = 20;
const UNBOUNDED_SINCE = 'v1.34.0';

/** Shortest prefix of an IPv6 service network (pkg/registry/core/service/ipallocator). */
const SHORTEST_IPV6_SERVICE_PREFIX = 64;

/** The networks of a cluster are large enough for what is in it, and not larger than Kubernetes takes. */
export function checkRoom(spec: FederationSpec, cluster: Cluster, path: Path, report: Report): void {
  const masks = nodeMasks(cluster.k3s.server['kube-controller-manager-arg']);
  for (const cidr of listed(cluster.podCidr ?? '')) checkPods(spec, cluster, path, cidr, masks, report);
  checkMostPods(spec, cluster, path, masks, report);
  for (const cidr of listed(cluster.serviceCidr ?? '')) checkServices(cluster, path, cidr, report);
}

function checkPods(
  spec: FederationSpec,
  cluster: Cluster,
  path: Path,
  cidr: string,
  masks: Partial<Record<'IPv4' | 'IPv6', number>>,
  report: Report,
): void {
  const family = familyOf(cidr);
  const prefix = prefixLength(cidr);
  const mask = masks[family] ?? NODE_MASK[family];
  const fault = (message: string) => report([...path, 'podCidr'], `'${cidr}' ${message}`);
  const place = "'node-cidr-mask-size' in 'kube-controller-manager-arg'";
  if (mask > bitsOf(family) - 1) {
    report(
      settingPath(spec, cluster, path, 'k3s', 'server', 'kube-controller-manager-arg'),
      `gives each node a network of /${mask}, which holds no pods`,
    );
  } else if (prefix > mask) {
    fault(`is smaller than what one node gets of it, /${mask}: give a wider one, or a narrower ${place}`);
  } else if (family === 'IPv6' && mask - prefix > MOST_NODE_BITS) {
    fault(`is too wide for nodes of /${mask}: give one of /${mask - MOST_NODE_BITS} to /${mask}`);
  } else {
    const hosts = cluster.hosts.length;
    // With a pod network that somebody else brings, who gives what to nodes is not known here.
    const part = { flannel: mask, calico: CALICO_BLOCK[family], none: undefined }[cluster.network.cni];
    if (part === undefined || hosts <= 2 ** (part - prefix)) return;
    const nodes = 2 ** (part - prefix);
    const wider = part - Math.ceil(Math.log2(hosts));
    fault(
      `has room for ${nodes} ${nodes === 1 ? 'node' : 'nodes'} of /${part} each, and the cluster has ${hosts} hosts: give one of /${wider} or wider`,
    );
  }
}

/** More pods on a node than it has addresses for: those of flannel's bridge, the network and its broadcast are none. */
function checkMostPods(
  spec: FederationSpec,
  cluster: Cluster,
  path: Path,
  masks: Partial<Record<'IPv4' | 'IPv6', number>>,
  report: Report,
): void {
  if (cluster.network.cni !== 'flannel' || !listed(cluster.podCidr ?? '').some((one) => familyOf(one) === 'IPv4'))
    return;
  const room = 2 ** (32 - (masks.IPv4 ?? NODE_MASK.IPv4)) - 3;
  const check = (flags: unknown, at: Path) => {
    const most = [flags ?? []].flat().map((flag) => Number(/^(?:--)?max-pods=(\d+)$/.exec(String(flag))?.[1] ?? 0));
    const given = Math.max(0, ...most);
    if (given <= room) return;
    report.warn(
      at,
      `lets ${given} pods onto a node, which has addresses for ${room}: give 'node-cidr-mask-size=${32 - Math.ceil(Math.log2(given + 3))}' in 'kube-controller-manager-arg' of the servers, before they start for the first time`,
    );
  };
  for (const role of ['server', 'agent'] as const) {
    if (!cluster.hosts.some((host) => host.role === role)) continue;
    check(cluster.k3s[role]['kubelet-arg'], settingPath(spec, cluster, path, 'k3s', role, 'kubelet-arg'));
  }
  for (const [i, { k3s }] of cluster.hosts.entries()) {
    check(k3s['kubelet-arg'], [...path, 'hosts', i, 'k3s', 'kubelet-arg']);
  }
}

/** What the flags of kube-controller-manager say of the part that a node gets. */
function nodeMasks(flags: unknown): Partial<Record<'IPv4' | 'IPv6', number>> {
  const masks: Partial<Record<'IPv4' | 'IPv6', number>> = {};
  for (const flag of [flags ?? []].flat()) {
    const [, family, size] = /^(?:--)?node-cidr-mask-size(-ipv4|-ipv6)?=(\d+)$/.exec(String(flag)) ?? [];
    if (size === undefined) continue;
    if (family !== '-ipv6') masks.IPv4 = Number(size);
    if (family !== '-ipv4') masks.IPv6 = Number(size);
  }
  return masks;
}

function checkServices({ k3s }: Cluster, path: Path, cidr: string, report: Report): void {
  const family = familyOf(cidr);
  const bits = bitsOf(family) - prefixLength(cidr);
  const fault = (message: string) => report([...path, 'serviceCidr'], `'${cidr}' ${message}`);
  const least = k3s.server['cluster-dns'] === undefined ? LEAST_SERVICE_BITS.otherwise : LEAST_SERVICE_BITS.withOwnDns;
  if (bits < least) {
    fault(`has fewer than the ${2 ** least} addresses that k3s needs: give one of /${bitsOf(family) - least} or wider`);
  } else if (bits > MOST_SERVICE_BITS && compareVersions(k3s.version, UNBOUNDED_SINCE) < 0) {
    const prefix = bitsOf(family) - MOST_SERVICE_BITS;
    fault(`is wider than Kubernetes before 1.34 takes: give one of /${prefix} or narrower`);
  } else if (family === 'IPv6' && prefixLength(cidr) < SHORTEST_IPV6_SERVICE_PREFIX) {
    fault(`is wider than Kubernetes takes: give one of /${SHORTEST_IPV6_SERVICE_PREFIX} or narrower, such as /112`);
  }
}
