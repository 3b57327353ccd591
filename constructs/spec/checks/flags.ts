import { serversOf } from '../../k3s/config.ts';
import { isOn, missingIn, type Role, undoing } from '../../k3s/flags.ts';
import { chartsOf } from '../../network/cluster-network.ts';
import { list, type Path, type Report } from '../faults.ts';
import { type Cluster, clustersOf, type FederationSpec, type Host } from '../federation.ts';
import { settingPath } from './settings.ts';

/** Flags of k3s that do nothing or harm on the cluster that they are for. */
export function checkFlags(spec: FederationSpec, report: Report): void {
  const told = new Set<string>();
  const once: Warn = (at, message) => {
    // What all clusters share is told of once; of flags of one kind the first says enough.
    const key = `${at.slice(0, -1).join()} ${message}`;
    if (!told.has(key)) report.warn(at, message);
    told.add(key);
  };
  for (const { cluster, path } of clustersOf(spec)) {
    if (cluster.hosts.length === 0) continue;
    for (const flag of flagsOf(spec, cluster, path)) {
      checkRelease(cluster, flag, report);
      checkArguments(flag, once);
      checkDatastore(spec, cluster, flag, report, once);
    }
    checkCharts(spec, cluster, path, report);
    const { cni, flannel } = cluster.network;
    const missing = cni === 'flannel' && flannel.externalIp && missingIn(cluster.k3s.version, 'flannel-external-ip');
    if (missing) {
      report(
        settingPath(spec, cluster, path, 'network', 'flannel', 'externalIp'),
        `is a flag of k3s that ${missing}, and k3s here is ${cluster.k3s.version}: take another release`,
      );
    }
  }
}

type Warn = (at: Path, message: string) => void;

/** A flag that the file gives to hosts. */
interface Given {
  readonly name: string;
  readonly value: unknown;
  readonly role: Role;
  readonly at: Path;
  /** The host that it is for. @default - all of the role */
  readonly host?: Host;
}

function flagsOf(spec: FederationSpec, cluster: Cluster, path: Path): Given[] {
  const shared = (['server', 'agent'] as const)
    .filter((role) => cluster.hosts.some((host) => host.role === role))
    .flatMap((role) =>
      Object.entries(cluster.k3s[role]).map(([name, value]) => {
        return { name, value, role, at: settingPath(spec, cluster, path, 'k3s', role, name) };
      }),
    );
  const own = cluster.hosts.flatMap((host, i) =>
    Object.entries(host.k3s).map(([name, value]) => {
      return { name, value, role: host.role, at: [...path, 'hosts', i, 'k3s', name], host };
    }),
  );
  return [...shared, ...own];
}

/** A flag that the cluster's release does not know: it would warn, and run without the setting. */
function checkRelease({ k3s }: Cluster, { name, role, at }: Given, report: Report): void {
  const missing = missingIn(k3s.version, name, role);
  if (missing) report(at, `${missing}, and k3s here is ${k3s.version}: leave it out, or take another release`);
}

/** Arguments for components of k3s that take the place of what this project gives them. */
function checkArguments({ name, value, at }: Given, warn: Warn): void {
  const found = undoing(name, value);
  if (found) warn(at, `takes the place of what the federation sets by '${found.argument}': ${found.instead}`);
}

/** Flags about etcd, which a lone server does without, and the first one not. */
function checkDatastore(
  spec: FederationSpec,
  cluster: Cluster,
  { name, value, at, host }: Given,
  report: Report,
  warn: Warn,
): void {
  const servers = serversOf(cluster);
  if ((name === 'disable-etcd' || name === 'disable-apiserver') && isOn(value) && (!host || host === servers[0])) {
    report(
      at,
      'leaves the first server without what the others join: set it on other servers alone, in their own flags',
    );
  } else if (name.startsWith('etcd-') && servers.length === 1) {
    const isShared = at[1] === 'k3s';
    if (isShared && clustersOf(spec).some((other) => serversOf(other.cluster).length > 1)) return;
    warn(
      at,
      'does nothing: a lone server keeps its data in SQLite, not in etcd. Take three servers, or save /var/lib/rancher/k3s/server/db in another way',
    );
  }
}

/** What helm-controller, a part of k3s, installs, where it is switched off. */
function checkCharts(spec: FederationSpec, cluster: Cluster, path: Path, report: Report): void {
  const flag = 'disable-helm-controller';
  if (!isOn(cluster.k3s.server[flag])) return;
  const { cni, ingress } = cluster.network;
  const charts = chartsOf(cluster.network).map(({ chart }) => chart);
  if (ingress === 'traefik' && !cluster.k3s.disable.includes('traefik')) charts.push('traefik');
  if (charts.length === 0) return;
  // Without its pod network no node gets ready, and nothing else could install it before.
  const tell = cni === 'calico' ? report : report.warn;
  const names = list(new Set(charts));
  tell(
    settingPath(spec, cluster, path, 'k3s', 'server', flag),
    `leaves ${names} uninstalled, for k3s's helm-controller installs charts: leave it out, or take others in 'network'`,
  );
}
