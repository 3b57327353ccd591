import { missingIn, type Role } from '../../k3s/flags.ts';
import type { Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';
import { settingPath } from './settings.ts';

/** Flags of k3s that the cluster's release does not know: it would warn, and run without the setting. */
export function checkFlags(spec: FederationSpec, report: Report): void {
  for (const { cluster, path } of clustersOf(spec)) {
    if (cluster.hosts.length === 0) continue;
    const { version } = cluster.k3s;
    const message = (name: string, role: Role) => {
      const missing = missingIn(version, name, role);
      return missing && `${missing}, and k3s here is ${version}: leave it out, or take another release`;
    };
    for (const role of ['server', 'agent'] as const) {
      if (!cluster.hosts.some((host) => host.role === role)) continue;
      for (const name of Object.keys(cluster.k3s[role])) {
        const fault = message(name, role);
        if (fault) report(settingPath(spec, cluster, path, 'k3s', role, name), fault);
      }
    }
    for (const [i, host] of cluster.hosts.entries()) {
      for (const name of Object.keys(host.k3s)) {
        const fault = message(name, host.role);
        if (fault) report([...path, 'hosts', i, 'k3s', name], fault);
      }
    }
  }
}
