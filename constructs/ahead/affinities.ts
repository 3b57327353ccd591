import { groupBy, lookup } from '../../simulation/lookup.ts';
import { type Path, quote, type Report, suggest } from '../spec/faults.ts';
import type { View } from './view.ts';

/**
 * Affinities that hold nothing together and apart. They group the workloads of a namespace by the value of a label, among
 * those whose policies say the same (pkg/scheduler/framework/plugins/workloadaffinity): who lacks the label is in no
 * group, and who is alone in one goes anywhere.
 */
export function checkAffinities(view: View, report: Report): void {
  if (view.placements().every(({ placement }) => placement.workloadAffinity === undefined)) return;
  const grouped: { path: Path; label: string; value: string; key: string }[] = [];
  for (const { object, ref, policy } of view.result.placements) {
    const origin = policy && view.origin(policy);
    const place = origin?.app ?? (origin?.policy?.type === 'propagation' ? origin.policy : undefined);
    if (!origin || !place) continue;
    const path = [...origin.path, ...(origin.app ? [] : ['placement']), 'workloadAffinity'];
    const labels = object.metadata.labels ?? {};
    for (const field of ['affinity', 'antiAffinity'] as const) {
      const label = place.placement.workloadAffinity?.[field];
      if (label === undefined || !RUNS.has(ref.kind)) continue;
      const value = lookup(labels, label);
      const what = origin.app ? 'this app' : `the ${ref.kind} ${quote(ref.name)}`;
      if (value === undefined) {
        // Of what a policy selects, some may be meant to be in no group.
        const tell = origin.app ? report : report.warn;
        tell(
          [...path, field],
          `groups apps by the label ${quote(label)}, which ${what} lacks${suggest(label, Object.keys(labels)) || ": add it to 'labels'"}`,
        );
        continue;
      }
      grouped.push({ path: [...path, field], label, value, key: `${ref.namespace} ${field} ${label}=${value}` });
    }
  }
  for (const members of groupBy(grouped, ({ key }) => key).values()) {
    const [only] = members;
    if (members.length > 1 || !only) continue;
    report.warn(
      only.path,
      `does nothing: nothing else in the namespace is grouped by ${quote(only.label)} and has the value ${quote(only.value)}`,
    );
  }
}

const RUNS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Job', 'Pod', 'SpinApp']);
