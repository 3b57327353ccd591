import { serversOf } from '../../k3s/config.ts';
import { isOn } from '../../k3s/flags.ts';
import type { Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';

/** What must fit together inside a cluster that the bootstrap makes. */
export function checkClusters(spec: FederationSpec, report: Report): void {
  for (const { cluster, path } of clustersOf(spec)) {
    const servers = serversOf(cluster);
    if (cluster.hosts.length > 0 && servers.length === 0) {
      report([...path, 'hosts'], "has no server, give at least one host 'role: server'");
    }
    const voters = servers.filter(({ k3s }) => !isOn(k3s['disable-etcd'])).length;
    if (voters > 0 && voters % 2 === 0) {
      report(
        [...path, 'hosts'],
        `has ${voters} servers; embedded etcd keeps its quorum with an odd number, so take ${voters - 1} or ${voters + 1}`,
      );
    }
    if (cluster.vpn && !spec.vpn) {
      report([...path, 'vpn'], "is true, but there is no VPN: give 'spec.vpn', or leave this out");
    }
    for (const [i, host] of cluster.hosts.entries()) {
      const place = [...path, 'hosts', i];
      if (cluster.vpn && spec.vpn && !host.vpnIp) {
        report(
          [...place, 'vpnIp'],
          "is required: the cluster is in the VPN. Give the host's address there, or 'vpn: false' to the cluster",
        );
      }
      if (!cluster.vpn && host.vpnIp) {
        report(
          [...place, 'vpnIp'],
          "is given, but the cluster is in no VPN: leave it out, or give 'spec.vpn' and 'vpn: true'",
        );
      }
    }
  }
}
