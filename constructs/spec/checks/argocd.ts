import { lookup } from '../../../simulation/lookup.ts';
import { KARMADA_CLUSTER } from '../../gitops/names.ts';
import { HOST_CLUSTER } from '../../names.ts';
import { quote, type Report, suggestName } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';

/** Whether Argo CD can tell the clusters apart. */
export function checkArgocd(spec: FederationSpec, report: Report): void {
  if (!spec.argocd) return;
  const { clusters } = spec.argocd;
  const members = spec.members.map(({ name }) => name);
  const known = [HOST_CLUSTER, KARMADA_CLUSTER, ...members];
  for (const name of Object.keys(clusters)) {
    if (!known.includes(name)) {
      report(
        ['spec', 'argocd', 'clusters', name],
        `is no cluster of the federation${suggestName(name, known) || `, which has ${known.map(quote).join(', ')}`}`,
      );
    }
  }
  const registered = new Map<string, string>();
  for (const name of known) {
    const call = lookup(clusters, name) ?? name;
    const other = registered.get(call);
    if (other !== undefined) {
      const i = members.indexOf(name);
      report(
        lookup(clusters, name) === undefined && i >= 0
          ? ['spec', 'members', i, 'name']
          : ['spec', 'argocd', 'clusters', name],
        `is called ${quote(call)} in Argo CD, as '${other}' is: give one of them another name in 'spec.argocd.clusters'`,
      );
    }
    registered.set(call, name);
  }
}
