import { quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { Reach } from '../reach.ts';
import { checkAmounts } from './amounts.ts';

/** What apps need that stands in other parts of the file, or in another app. */
export function checkApps(spec: FederationSpec, report: Report): void {
  const executors = new Map<string, string>();
  const reach = Reach.of(spec);
  const unmeasured = unmeasuredMembers(spec);
  for (const [i, app] of spec.apps.entries()) {
    const { form, namespace, replicas, runtime, spin, scaling, ingress, placement, resources, overrides } = app;
    const path = ['spec', 'apps', i];
    if (replicas !== undefined && (scaling || spin.autoscaler || spin.autoscaled)) {
      report.warn(
        [...path, 'replicas'],
        "are set by what scales the app, so this number is not kept: leave it out, and say how many by 'scaling'",
      );
    }
    checkAmounts(resources, [...path, 'resources'], report);
    for (const [j, rule] of overrides.entries()) {
      checkAmounts(rule.resources, [...path, 'overrides', j, 'resources'], report);
    }
    const overAll = scaling?.max !== undefined && scaling.per === 'federation';
    const byLoad = overAll && unmeasured.size > 0;
    const silent = byLoad ? reach.members(placement).find(({ name }) => unmeasured.has(name)) : undefined;
    if (silent) {
      report(
        [...path, 'scaling'],
        `needs the load on ${quote(silent.name)}, too, which Karmada cannot read ('registration: pull'): give that member 'apiEndpoint' and 'reportCredentials: true' under 'controlPlane.karmada.agent.members', or keep the app away from it`,
      );
    }
    if (overAll && !spec.controlPlane.karmada.metricsAdapter) {
      report(
        [...path, 'scaling'],
        "needs Karmada's metrics adapter to know the load: give 'controlPlane.karmada.metricsAdapter: {}'",
      );
    }
    if (ingress && ingress.className === undefined && spec.network.ingress === 'none') {
      report(
        [...path, 'ingress', 'className'],
        "is required, and 'spec.network.ingress' is none: give the IngressClass of the members' ingress controller",
      );
    }
    if (form === 'spinapp' && runtime !== undefined) {
      const executor = spin.executor ?? runtime;
      const other = executors.get(`${namespace}/${executor}`);
      if (other !== undefined && other !== runtime) {
        report(
          [...path, 'spin', 'executor'],
          `is the executor ${quote(executor)} of another app in the namespace, which runs on ${quote(other)}: give it a name of its own`,
        );
      }
      executors.set(`${namespace}/${executor}`, runtime);
    }
  }
}

/**
 * Members whose metrics the metrics adapter cannot read: those without credentials in the Karmada API
 * (NewClusterDynamicClientSet in pkg/util of Karmada 1.18), which agents report only when told to.
 */
function unmeasuredMembers({ members, controlPlane }: FederationSpec): ReadonlySet<string> {
  const reported = new Set(
    controlPlane.karmada.agent.members.filter((one) => one.reportCredentials).map(({ name }) => name),
  );
  const pulled = members.filter(({ registration, name }) => registration === 'pull' && !reported.has(name));
  return new Set(pulled.map(({ name }) => name));
}
