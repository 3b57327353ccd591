import { quote, type Report, suggest } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';

/** What the Karmada control plane and the members must have in common. */
export function checkKarmada(spec: FederationSpec, report: Report): void {
  const path = ['spec', 'controlPlane', 'karmada'];
  const { schedulerEstimator, descheduler, apiserver } = spec.controlPlane.karmada;
  const names = spec.members.map(({ name }) => name);
  const seen = new Set<string>();
  for (const [i, { name: member }] of (schedulerEstimator?.members ?? []).entries()) {
    const place = [...path, 'schedulerEstimator', 'members', i, 'name'];
    if (!names.includes(member)) {
      report(place, `names ${quote(member)}, which is no member of the federation${suggest(member, names)}`);
    }
    if (seen.has(member)) report(place, `names ${quote(member)} again, leave it out: a member has one estimator`);
    seen.add(member);
  }
  if (descheduler && !schedulerEstimator) {
    report([...path, 'descheduler'], "acts on what estimators tell: give 'schedulerEstimator', too, or leave this out");
  }
  const pull = spec.members.filter(({ registration }) => registration === 'pull');
  if (pull.length > 0 && apiserver.service.type === 'ClusterIP') {
    report(
      [...path, 'apiserver', 'service', 'type'],
      `is ClusterIP, so that the agent of ${quote(pull[0]?.name)} ('registration: pull') cannot reach the Karmada API: take NodePort or LoadBalancer`,
    );
  }
}
