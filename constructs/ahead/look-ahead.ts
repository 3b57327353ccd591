import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Result } from '../../simulation/model.ts';
import { scaled } from '../../simulation/scaled.ts';
import { simulate } from '../../simulation/simulate.ts';
import type { Report } from '../spec/faults.ts';
import type { FederationSpec } from '../spec/federation.ts';
import { checkAffinities } from './affinities.ts';
import { checkEntrances } from './entrances.ts';
import { checkNodes } from './nodes.ts';
import { outlook } from './outlook.ts';
import { checkOverrides } from './overrides.ts';
import { checkOwnFields, checkOwnObjects, checkOwnPlaced } from './own-objects.ts';
import { checkPlacements } from './placements.ts';
import { checkPolicies } from './policies.ts';
import { checkQuotas } from './quotas.ts';
import { checkScaling } from './scaling.ts';
import { checkSelections } from './selections.ts';
import { checkServices } from './services.ts';
import { checkSpreads } from './spreads.ts';
import { View } from './view.ts';
import { checkWeights } from './weights.ts';

const CHECKS: readonly ((view: View, report: Report) => void)[] = [
  checkSelections,
  checkWeights,
  checkSpreads,
  checkPlacements,
  checkAffinities,
  checkOverrides,
  checkPolicies,
  checkScaling,
  checkServices,
  checkEntrances,
  checkQuotas,
  checkOwnObjects,
  checkOwnFields,
  checkOwnPlaced,
  checkNodes,
];

/**
 * Computes what Karmada will do with a federation, and reports what of it cannot be meant: apps that have no place,
 * overrides that fail, policies that take apps elsewhere.
 *
 * @param objects the objects for the Karmada API server, as the constructs make them.
 * @returns what is then to be seen, with what scales by load at its fewest: it begins with less, and checks look at that.
 */
export function lookAhead(spec: FederationSpec, objects: readonly KubeObject[], report: Report): Result {
  const input = outlook(spec, objects);
  const result = simulate(input);
  const view = new View(spec, input, result);
  for (const check of CHECKS) check(view, report);
  const risen = scaled(input.objects);
  return risen === input.objects ? result : simulate({ ...input, objects: risen });
}
