import { archiveName } from '../../network/chart-source.ts';
import { chartsOf } from '../../network/cluster-network.ts';
import type { Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';
import { settingPath } from './settings.ts';

/** Where charts come from: one place, with what belongs to it. */
export function checkCharts(spec: FederationSpec, report: Report): void {
  for (const { cluster, path } of clustersOf(spec)) {
    const { repository, folder, secret, caSecret } = cluster.network.charts;
    const place = (key: string) => settingPath(spec, cluster, path, 'network', 'charts', key);
    if (folder !== undefined && repository !== undefined) {
      report(place('folder'), "and 'repository' exclude each other: give one of them");
    }
    for (const [key, given] of Object.entries({ secret, caSecret })) {
      if (given !== undefined && repository === undefined) {
        report(place(key), "is for a 'repository' of your own, which is not given");
      }
    }
  }
}

/** Archives that clusters need, and that their folder lacks. Its files are read when all else is right. */
export function checkArchives(spec: FederationSpec, report: Report): void {
  const { chartArchives } = spec;
  for (const { cluster, path } of clustersOf(spec)) {
    const { folder } = cluster.network.charts;
    if (folder === undefined || cluster.hosts.length === 0) continue;
    const missing = chartsOf(cluster.network)
      .map(({ chart, version }) => archiveName(chart, version))
      .filter((name) => chartArchives?.get(folder)?.[name] === undefined);
    if (missing.length === 0) continue;
    report(
      settingPath(spec, cluster, path, 'network', 'charts', 'folder'),
      `lacks ${missing.map((name) => `'${name}'`).join(' and ')} for '${cluster.name}': get it with helm pull`,
    );
  }
}
