import type { ClusterAffinity, Placement } from '../policy/placement.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Member } from '../spec/federation.ts';
import { whyNobody } from '../spec/nobody.ts';
import { listed, type View } from './view.ts';

/**
 * Choices of members that choose nobody: a label that no member bears, a region where none is. Karmada takes them in
 * silence, and what hangs on them never happens.
 */
export function checkSelections(view: View, report: Report): void {
  const { spec } = view;
  if (spec.members.length === 0) return;
  const { candidates } = view.reach;
  const known = new Set(spec.members.map(({ name }) => name));
  // Names that no member bears have been told already.
  const misnamed = ({ clusters = [] }: ClusterAffinity) => clusters.some((name) => !known.has(name));
  const selects = (affinity: ClusterAffinity, path: Path, what: string): readonly Member[] => {
    const members = candidates.matching(affinity);
    if (members.length === 0 && !misnamed(affinity))
      report(path, `selects no member, ${what}${whyNobody(affinity, spec.members)}`);
    return members;
  };
  const placement = ({ groups = [], replicas }: Placement, path: Path) => {
    for (const [i, group] of groups.entries()) {
      const place = [...path, 'groups', i];
      const members = selects(group, place, 'so nothing is ever placed by this group');
      const before = groups.slice(0, i).find((other) => isPart(members, candidates.matching(other)));
      if (before && members.length > 0) {
        report.warn(
          place,
          `is never taken: all its members are in the group ${quote(before.name)}, which comes before it`,
        );
      }
      for (const [j, other] of (group.overflow ?? []).entries()) {
        selects(other, [...place, 'overflow', j], 'so nothing ever overflows to it');
      }
    }
    for (const [i, weight] of (replicas?.weights ?? []).entries()) {
      selects(weight, [...path, 'replicas', 'weights', i], "so the weight is no member's");
    }
  };
  for (const [i, app] of spec.apps.entries()) {
    const path = ['spec', 'apps', i];
    const reached = view.mayReach(app);
    placement(app.placement, [...path, 'placement']);
    suspension(app.propagation.suspension, reached, [...path, 'propagation', 'suspension']);
    for (const [j, { target }] of app.overrides.entries()) {
      if (target) overrideTarget(target, reached, [...path, 'overrides', j, 'target']);
    }
  }
  for (const [i, policy] of spec.policies.entries()) {
    const path = ['spec', 'policies', i];
    if (policy.type === 'propagation') {
      const reached = view.mayReach(policy);
      placement(policy.placement, [...path, 'placement']);
      suspension(policy.suspension, reached, [...path, 'suspension']);
      const { clusters = [] } = policy.placement;
      if (reached.length === 0 && clusters.every((name) => known.has(name))) {
        const why = policy.placement.groups ? '' : whyNobody(policy.placement, spec.members);
        report([...path, 'placement'], `fits no member, so that nothing is ever placed by it${why}`);
      }
    } else {
      for (const [j, { target }] of policy.rules.entries()) {
        if (target) selects(target, [...path, 'rules', j, 'target'], 'so the rule never does anything');
      }
    }
  }

  function suspension(names: 'all' | readonly string[] = [], reached: readonly Member[], path: Path) {
    if (names === 'all') return;
    for (const [i, name] of names.entries()) {
      if (reached.length === 0 || !known.has(name) || reached.some((member) => member.name === name)) continue;
      report.warn([...path, i], `is ${quote(name)}, where the placement never takes it: there is nothing to suspend`);
    }
  }

  function overrideTarget(target: ClusterAffinity, reached: readonly Member[], path: Path) {
    const chosen = selects(target, path, 'so the override never does anything');
    if (chosen.length === 0 || reached.length === 0 || chosen.some((member) => reached.includes(member))) return;
    const names = listed(chosen.map(({ name }) => name));
    report.warn(path, `selects ${names}, where the placement never takes the app: the override does nothing`);
  }
}

function isPart(members: readonly Member[], all: readonly Member[]): boolean {
  return members.every((member) => all.includes(member));
}
