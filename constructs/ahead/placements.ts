import type { Placement, ReasonCode } from '../../simulation/model.ts';
import { bestFit, Fit } from '../../simulation/selectors.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { type App, listed, type View } from './view.ts';

/** Where apps will run: nowhere, or not where their own placement says. */
export function checkPlacements(view: View, report: Report): void {
  for (const { app, path, workload } of view.apps()) {
    if (taken(view, app, path, workload, report)) continue;
    otherOverrides(view, app, path, workload, report);
    if (workload.unplaced) report(placeOf(path, workload.unplaced.code), unplacedMessage(app, workload));
  }
  exceeded(view, report);
}

/** Apps that ask for more than quotas allow. */
function exceeded(view: View, report: Report): void {
  if (view.objects('FederatedResourceQuota').length === 0) return;
  for (const { app, path, workload } of view.apps()) {
    const told = new Set<string>();
    const { namespace, name } = app;
    const beside = BESIDE.flatMap((kind) => view.result.of({ kind, namespace, name }) ?? []);
    for (const { code, message } of [workload, ...beside].flatMap(({ errors }) => errors)) {
      if (!code.startsWith('Quota') || told.has(message)) continue;
      told.add(message);
      report([...path, 'resources'], message);
    }
  }
}

/** Override policies that an app waits for, and that are for other objects. */
function otherOverrides(
  view: View,
  { namespace, propagation }: App,
  path: Path,
  { object }: Placement,
  report: Report,
) {
  for (const [i, name] of (propagation.dependentOverrides ?? []).entries()) {
    const policy = view.overridePolicy({ kind: 'OverridePolicy', namespace, name });
    if (!policy || bestFit(policy.spec.resourceSelectors ?? [], object) !== Fit.None) continue;
    report.warn(
      [...path, 'propagation', 'dependentOverrides', i],
      `is ${quote(name)}, which selects other objects: the app waits for it, and is not changed by it`,
    );
  }
}

/** What is made for an app beside what runs it. */
const BESIDE = ['Service', 'Ingress', 'HorizontalPodAutoscaler'];

/** The field that decides about what kept an app from its place. */
function placeOf(path: Path, code: ReasonCode): Path {
  if (code === 'OverridesMissing') return [...path, 'propagation', 'dependentOverrides'];
  if (code.startsWith('Spread')) return [...path, 'placement', 'spread'];
  return [...path, 'placement'];
}

function unplacedMessage({ placement }: App, { unplaced, groups }: Placement): string {
  const message = unplaced?.message ?? '';
  const tried = groups.filter(({ left }) => left).map(({ name, left }) => `${name}: ${left?.message}`);
  const groupsText = placement.groups && tried.length > 1 ? ` (${tried.join('; ')})` : '';
  return `keeps the app off all members: ${message}${groupsText}`;
}

/** A policy of the file that claims an app in place of the app's own. @returns whether one does */
function taken(view: View, app: App, path: Path, workload: Placement, report: Report): boolean {
  const { policy } = workload;
  if (!policy || (policy.name === app.name && policy.namespace === app.namespace)) return false;
  const origin = view.origin(policy);
  if (!origin) return false;
  const place = origin.policy ? origin.path : path;
  const names = workload.members.map(({ name }) => name);
  const reason = workload.policies.find(({ wins }) => wins)?.reason.message ?? '';
  const bare = app.container === undefined ? view.spec.members.filter(({ name }) => names.includes(name)) : [];
  const without = bare.filter(({ runtimes }) => app.runtime !== undefined && !runtimes.includes(app.runtime));
  const where = names.length === 0 ? 'nowhere' : `to ${listed(names)}`;
  const what = `takes the app ${quote(app.name)} ${where}, in place of the app's own placement (${reason})`;
  if (without.length > 0) {
    const missing = listed(without.map(({ name }) => name));
    report(
      place,
      `${what}, and ${missing} lack the runtime ${quote(app.runtime)}: select other objects, or give it a lower priority`,
    );
  } else if (workload.unplaced) {
    report(place, `${what}: ${workload.unplaced.message}`);
  } else {
    report.warn(
      place,
      `${what}: select other objects, or give the app a higher 'propagation.priority', unless that is meant`,
    );
  }
  return true;
}
