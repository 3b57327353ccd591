import { groupBy } from '../../simulation/lookup.ts';
import type { Fault, Placement, ReasonCode } from '../../simulation/model.ts';
import { gives } from '../../simulation/quotas.ts';
import { bestFit, Fit } from '../../simulation/selectors.ts';
import { namespaceOf } from '../own-objects.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { type App, listed, type View } from './view.ts';

/** Where apps will run: nowhere, or not where their own placement says. */
export function checkPlacements(view: View, report: Report): void {
  for (const { app, path, workload } of view.apps()) {
    if (taken(view, app, path, workload, report)) continue;
    otherOverrides(view, app, path, workload, report);
    if (workload.unplaced) {
      const why =
        view.spec.members.length > 0
          ? unplacedMessage(app, workload)
          : "has no member to run on: 'spec.members' names none";
      report(placeOf(path, workload.unplaced.code), why);
    }
  }
  if (view.objects('FederatedResourceQuota').length === 0) return;
  exceeded(view, report);
  unsaid(view, report);
}

/** Apps that ask for more than quotas allow, each for itself, or several together. */
function exceeded(view: View, report: Report): void {
  const found = new Map<string, { apps: ReturnType<View['apps']>; fault: Fault }>();
  for (const each of view.apps()) {
    const { namespace, name } = each.app;
    const beside = BESIDE.flatMap((kind) => view.result.of({ kind, namespace, name }) ?? []);
    for (const fault of [each.workload, ...beside].flatMap(({ errors }) => errors)) {
      if (fault.code !== 'QuotaExceeded') continue;
      const key = fault.message;
      const apps = found.get(key)?.apps ?? [];
      found.set(key, { apps: apps.includes(each) ? apps : [...apps, each], fault });
    }
  }
  for (const { apps, fault } of found.values()) {
    const own = [...apps[0]!.path, 'resources'];
    if (apps.length === 1) report(own, fault.message);
    else {
      const names = listed(apps.map(({ app }) => app.name));
      report(quotaOf(view, fault) ?? own, `${fault.message}; they are of the apps ${names}`);
    }
  }
}

/** Apps that do not say what a quota counts on a member, nor a LimitRange of the file for them. */
function unsaid(view: View, report: Report): void {
  const ranges = limitRanges(view);
  for (const { app, path, workload } of view.apps()) {
    const faults = workload.errors.filter(
      ({ code, member, resource = '' }) =>
        code === 'QuotaUnsatisfied' &&
        !ranges.get(`members/${member} ${app.namespace}`)?.some((range) => gives(range, resource)),
    );
    for (const [name, alike] of groupBy(faults, ({ policy }) => policy?.name ?? '')) {
      const counted = [...new Set(alike.map(({ resource = '' }) => resource))].join(', ');
      const members = [...new Set(alike.map(({ member = '' }) => member))];
      report.warn(
        [...path, 'resources'],
        `must say ${counted} of every container, which the quota ${quote(name)} counts on ${listed(members)}: without it no pod starts there, unless a LimitRange gives it`,
      );
    }
  }
}

/** LimitRanges that the file brings to members, by folder of `dist/` and namespace; of others the simulation knows. */
function limitRanges(view: View) {
  const all = [...view.ownObjects()].flatMap(([target, objects]) => objects.map(({ object }) => ({ target, object })));
  const ranges = all.filter(({ object }) => object.apiVersion === 'v1' && object.kind === 'LimitRange');
  const byPlace = groupBy(ranges, ({ target, object }) => `${target} ${namespaceOf(object)}`);
  return new Map([...byPlace].map(([place, found]) => [place, found.map(({ object }) => object)]));
}

/** Where the file says the quota that a fault is of; undefined for one among its own objects. */
function quotaOf({ spec: { quotas } }: View, { policy, member, resource = '' }: Fault): Path | undefined {
  const i = quotas.findIndex(({ name, namespace }) => name === policy?.name && namespace === policy?.namespace);
  const j = quotas[i]?.members.findIndex(({ name }) => name === member) ?? -1;
  if (i < 0) return undefined;
  return ['spec', 'quotas', i, ...(member === undefined ? ['overall'] : ['members', j, 'limits']), resource];
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
