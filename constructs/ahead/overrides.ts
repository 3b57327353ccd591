import type { Placement } from '../../simulation/model.ts';
import type { Report } from '../spec/faults.ts';
import { failingOverrides } from './failing-overrides.ts';
import { idleOverrides } from './idle-overrides.ts';
import { overriddenValues } from './overridden-values.ts';
import type { View } from './view.ts';

/** A check that looks at placements one after the other, and tells what it has found when it has seen all. */
export interface Survey {
  see(placement: Placement): void;
  tell(report: Report): void;
}

const SURVEYS: readonly ((view: View) => Survey)[] = [failingOverrides, idleOverrides, overriddenValues];

/**
 * What overrides come to. All is asked about one placement before the next: what members get takes too much memory to be
 * kept for all of them.
 */
export function checkOverrides(view: View, report: Report): void {
  const surveys = SURVEYS.map((survey) => survey(view));
  for (const placement of view.result.placements) for (const survey of surveys) survey.see(placement);
  for (const survey of surveys) survey.tell(report);
}
