import { quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';

/** What apps need that stands in other parts of the file, or in another app. */
export function checkApps(spec: FederationSpec, report: Report): void {
  const executors = new Map<string, string>();
  for (const [i, { form, namespace, runtime, spin, scaling, ingress }] of spec.apps.entries()) {
    const path = ['spec', 'apps', i];
    if (scaling?.max !== undefined && !spec.controlPlane.karmada.metricsAdapter) {
      report(
        [...path, 'scaling'],
        "needs Karmada's metrics adapter to know the load: give 'controlPlane.karmada.metricsAdapter: {}'",
      );
    }
    if (ingress && ingress.className === undefined && spec.network.ingress === 'none') {
      report(
        [...path, 'ingress', 'className'],
        "is missing, and 'spec.network.ingress' is none: give the IngressClass of the members' ingress controller",
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
