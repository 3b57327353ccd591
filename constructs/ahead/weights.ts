import type { StaticWeight } from '../policy/placement.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Member } from '../spec/federation.ts';
import { type App, listed, type View } from './view.ts';

/**
 * Fixed weights that do not divide as they say. A member takes the highest of its weights, and nothing where it has none
 * and another has; where none has any, Karmada divides equally (getStaticWeightInfoList of
 * pkg/scheduler/core/division_algorithm.go).
 */
export function checkWeights(view: View, report: Report): void {
  const { candidates } = view.reach;
  for (const { placement, path, policy } of view.placements()) {
    const weights = placement.replicas?.weights ?? [];
    const reached = view.mayReach({ placement });
    if (weights.length === 0 || reached.length === 0) continue;
    if (policy && !view.mayHaveReplicas(policy)) {
      const kinds = [...new Set(policy.resources.map(({ kind }) => kind))].join(' or ');
      report.warn([...path, 'replicas'], `divides nothing: no ${kinds} has replicas`);
      continue;
    }
    const mayReach = new Set(reached);
    const chosen = weights.map((weight) => candidates.matching(weight).filter((member) => mayReach.has(member)));
    const at = [...path, 'replicas', 'weights'];
    if (chosen.every((members) => members.length === 0)) {
      report(at, 'have no weight for a member that the placement selects: Karmada would divide equally');
      continue;
    }
    for (const [i, weight] of weights.entries()) {
      idle(weight, candidates.matching(weight), chosen[i]!, weights, chosen, [...at, i], report);
    }
    const weighed = new Set(chosen.flat());
    for (const { name, members } of view.choices(placement)) {
      const without = members.filter((member) => !weighed.has(member));
      if (without.length === 0) continue;
      const whose = name === undefined ? '' : `, of the group ${quote(name)}`;
      report.warn(
        at,
        without.length === members.length
          ? `have none for a member of the group ${quote(name)}: Karmada would divide equally there`
          : `have none for ${names(without)}${whose}, so that no replica goes there: give each a weight, or leave it out of the placement`,
      );
    }
  }
  for (const { app, path, workload } of view.apps()) {
    if (!app.placement.replicas?.weights || isScaled(app) || workload.uncertain) continue;
    const left = workload.verdicts().filter(({ reason }) => reason.code === 'NoShare');
    const weighed = new Set(app.placement.replicas.weights.flatMap((one) => candidates.matching(one)));
    const empty = view.spec.members.filter(
      (member) => weighed.has(member) && left.some((verdict) => verdict.member === member.name),
    );
    const { replicas = 1 } = app;
    if (empty.length === 0 || replicas === 0) continue;
    report.warn(
      [...path, 'placement', 'replicas', 'weights'],
      `leave none of ${replicas === 1 ? 'the 1 replica' : `${replicas} replicas`} for ${names(empty)}: 'replicas' are those of all members together`,
    );
  }
}

/** A weight that is nobody's: those that it is for are not reached, or have a higher one. */
function idle(
  { weight }: StaticWeight,
  selected: readonly Member[],
  reached: readonly Member[],
  weights: readonly StaticWeight[],
  chosen: readonly (readonly Member[])[],
  path: Path,
  report: Report,
): void {
  if (selected.length === 0) return; // told already
  if (reached.length === 0) {
    report.warn(path, `is for ${names(selected)}, where the placement never takes it: the weight does nothing`);
    return;
  }
  const higher = (member: Member) => weights.findIndex((one, i) => one.weight > weight && chosen[i]!.includes(member));
  if (reached.some((member) => higher(member) < 0)) return;
  report.warn(path, `does nothing: ${names(reached)} take the higher weight of weights[${higher(reached[0]!)}]`);
}

export function isScaled({ scaling, spin }: App): boolean {
  return scaling !== undefined || Boolean(spin.autoscaler) || spin.autoscaled;
}

function names(members: readonly Member[]): string {
  return listed(members.map(({ name }) => name));
}
