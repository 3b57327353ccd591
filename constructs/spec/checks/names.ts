import { RESERVED_CLUSTERS } from '../../names.ts';
import { type Path, quote, type Report, suggestName } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';

/** Names that are given twice, and names that nothing bears. */
export function checkNames(spec: FederationSpec, report: Report): void {
  const hosts = clustersOf(spec).flatMap(({ cluster, path }) =>
    cluster.hosts.map(({ name }, i) => ({ name, path: [...path, 'hosts', i, 'name'] })),
  );
  unique(hosts, 'host', report);
  unique(named(spec.members, 'members'), 'member', report);
  unique(named(spec.runtimes, 'runtimes'), 'runtime', report);
  unique(namespaced(spec.apps, 'apps'), 'app', report);
  unique(namespaced(spec.quotas, 'quotas'), 'quota', report);
  for (const [i, { name, runtimes, ownRuntimeClasses }] of spec.members.entries()) {
    const path = ['spec', 'members', i];
    if (RESERVED_CLUSTERS.includes(name)) {
      report([...path, 'name'], `must not be '${name}', which is what another API server of the federation is called`);
    }
    const known = spec.runtimes.map((runtime) => runtime.name);
    for (const [j, runtime] of runtimes.entries()) {
      if (!known.includes(runtime)) report([...path, 'runtimes', j], unknown(runtime, 'spec.runtimes', known));
      else if (runtimes.indexOf(runtime) < j && known.indexOf(runtime) === known.lastIndexOf(runtime))
        report([...path, 'runtimes', j], `names ${quote(runtime)} again, leave it out`);
    }
    for (const [j, runtime] of ownRuntimeClasses.entries()) {
      if (!runtimes.includes(runtime))
        report([...path, 'ownRuntimeClasses', j], unknown(runtime, 'its runtimes', runtimes));
    }
  }
}

function named(things: readonly { name: string }[], key: string) {
  return things.map(({ name }, i) => ({ name, path: ['spec', key, i, 'name'] }));
}

function namespaced(things: readonly { name: string; namespace: string }[], key: string) {
  return things.map(({ name, namespace }, i) => ({
    name: `${namespace}/${name}`,
    path: ['spec', key, i, 'name'],
    shown: name,
  }));
}

function unique(things: readonly { name: string; path: Path; shown?: string }[], kind: string, report: Report): void {
  const seen = new Set<string>();
  for (const { name, path, shown = name } of things) {
    if (seen.has(name)) report(path, `is the name of another ${kind} already, give each its own: ${quote(shown)}`);
    seen.add(name);
  }
}

function unknown(name: string, where: string, known: readonly string[]): string {
  const choice = known.length > 0 ? `it has ${known.map((one) => `'${one}'`).join(', ')}` : 'it has none';
  return `names ${quote(name)}, which ${where} does not have${suggestName(name, known) || `: ${choice}`}`;
}
