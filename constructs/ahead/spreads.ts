import type { Placement, SpreadConstraint } from '../policy/placement.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Member } from '../spec/federation.ts';
import { type App, listed, type View } from './view.ts';
import { isScaled } from './weights.ts';

/** Spreads that leave members or groups out for good, or ask for more than the replicas can give. */
export function checkSpreads(view: View, report: Report): void {
  for (const { placement, path, app } of view.placements()) {
    const { spread = [] } = placement;
    if (spread.length === 0) continue;
    withoutRegion(view, placement, path, report);
    withoutReplicas(placement, app, path, report);
    if (!placement.groups) continue; // the simulation tells
    const unmet = view.choices(placement).map(({ members }) => shortOf(spread, members));
    // Where none of the groups will do, the app has no place, which is told as such.
    if (unmet.every((one) => one !== undefined)) continue;
    for (const [i, short] of unmet.entries()) {
      if (short) report.warn([...path, 'groups', i], `is never taken: it has ${short}`);
    }
  }
}

/** What a spread asks for that members cannot give, to be read after "it has". */
function shortOf(spread: readonly SpreadConstraint[], members: readonly Member[]): string | undefined {
  for (const { by, min = 1 } of spread) {
    const count = by === 'cluster' ? members.length : new Set(members.flatMap(({ region }) => region ?? [])).size;
    if (members.length === 0 || count >= min) continue;
    return `${count} ${by === 'cluster' ? 'member' : 'region'}${count === 1 ? '' : 's'}, and 'spread' asks for at least ${min}`;
  }
  return undefined;
}

/** Karmada leaves out of a spread by region what has no region. */
function withoutRegion(view: View, placement: Placement, path: Path, report: Report): void {
  const i = placement.spread?.findIndex(({ by }) => by === 'region') ?? -1;
  if (i < 0) return;
  const nameless = view.mayReach({ placement }).filter(({ region }) => region === undefined);
  if (nameless.length === 0) return;
  report(
    [...path, 'spread', i, 'by'],
    `is region, and ${listed(nameless.map(({ name }) => name))} have none, so that nothing ever comes there: give them a 'region', or leave them out of the placement`,
  );
}

/** The spread of divided replicas chooses where they may go; it is not they that are spread. */
function withoutReplicas(
  { spread = [], replicas: division }: Placement,
  app: App | undefined,
  path: Path,
  report: Report,
) {
  if (!app || isScaled(app) || (division?.type ?? 'duplicated') === 'duplicated') return;
  const { replicas = 1 } = app;
  const i = spread.findIndex(({ min = 1 }) => min > Math.max(replicas, 1));
  if (i < 0) return;
  const { by, min } = spread[i]!;
  const what = by === 'cluster' ? 'members' : 'regions';
  const have = `the app has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} in all`;
  report.warn(
    [...path, 'spread', i, 'min'],
    `is ${min} ${what}, and ${have}, which ${quote(division?.type)} divides: it never runs in so many`,
  );
}
