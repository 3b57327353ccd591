import type { Placement } from '../../policy/placement.ts';
import { quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { Reach } from '../reach.ts';

/**
 * Estimators that are never asked. Where one of the members that the scheduler chooses from has no estimator, it throws
 * away what the others say (runSingleTemplateEstimator in pkg/scheduler/core of Karmada 1.18).
 */
export function checkEstimators(spec: FederationSpec, report: Report): void {
  const listed = spec.controlPlane.karmada.schedulerEstimator?.members ?? [];
  if (listed.length === 0) return;
  const estimated = new Set(listed.map(({ name }) => name));
  const asked = new Set<string>();
  const inVain = new Map<string, string>();
  for (const members of choicesByRoom(spec)) {
    const without = members.find(({ name }) => !estimated.has(name));
    for (const { name } of members) {
      if (without) inVain.set(name, without.name);
      else asked.add(name);
    }
  }
  for (const [i, { name }] of listed.entries()) {
    const without = asked.has(name) ? undefined : inVain.get(name);
    if (without === undefined) continue;
    report(
      ['spec', 'controlPlane', 'karmada', 'schedulerEstimator', 'members', i, 'name'],
      `names ${quote(name)}, whose estimator is never asked: each placement that divides replicas by room chooses from ${quote(without)} too, which has none, and Karmada then asks nobody. Give ${quote(without)} one, or keep it out of a placement`,
    );
  }
}

/** The members that the scheduler chooses from, once for each different choice by what room they have. */
function choicesByRoom(spec: FederationSpec) {
  const reach = Reach.of(spec);
  const policies = spec.policies.filter((policy) => policy.type === 'propagation');
  const placements: Placement[] = [...spec.apps, ...policies].map(({ placement }) => placement);
  const byRoom = placements.filter(({ replicas }) => replicas?.type === 'dynamic' || replicas?.type === 'aggregated');
  // Of groups, the scheduler looks at one after the other, each with its overflow.
  const choices = byRoom.flatMap((one) => one.groups?.map((group) => ({ ...one, groups: [group] })) ?? [one]);
  return new Set(choices.map((placement) => reach.members(placement)));
}
