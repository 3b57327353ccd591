import { lookup } from '../../../simulation/lookup.ts';
import { ARGOCD_PROJECT, IN_CLUSTER, KARMADA_CLUSTER } from '../../gitops/names.ts';
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
  if ((spec.argocd.project ?? spec.name) === ARGOCD_PROJECT) {
    report(['spec', 'argocd', 'project'], `must not be '${ARGOCD_PROJECT}', which is Argo CD's own project`);
  }
  const own = members.indexOf(IN_CLUSTER);
  if (own >= 0 && lookup(clusters, IN_CLUSTER) === undefined) {
    report(
      ['spec', 'members', own, 'name'],
      `is what Argo CD calls the cluster that it runs on: give this one's name there in 'spec.argocd.clusters', or '${IN_CLUSTER}' if it is that`,
    );
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
