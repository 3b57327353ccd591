import { lookup } from '../../simulation/lookup.ts';
import { scalesBy } from '../apps/scaling.ts';
import { neverComes } from '../cron.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { quantityValue } from '../spec/primitives.ts';
import { type App, listed, type View, workloadOf } from './view.ts';
import { isScaled } from './weights.ts';

/** Scaling that others undo, that has nothing to scale, or that Karmada refuses when its time comes. */
export function checkScaling(view: View, report: Report): void {
  for (const [i, app] of view.spec.apps.entries()) {
    const path: Path = ['spec', 'apps', i];
    divided(app, path, report);
    averages(app, path, report);
    schedules(app, path, report);
  }
  unmeasured(view, report);
  overridden(view, report);
  ownAutoscalers(view, report);
}

/** More CPUs than a pod is likely to have: a percentage in quotes is an amount. */
const MANY_CPUS = 10;

/** Averages that no pod reaches. */
function averages(app: App, path: Path, report: Report): void {
  const { targets, at } = loadOf(app);
  for (const [resource, target] of Object.entries(targets)) {
    if (typeof target === 'number') continue;
    const place = [...path, ...at, resource];
    const limit = lookup(app.resources?.limits ?? {}, resource);
    if (limit !== undefined && quantityValue(target) > quantityValue(limit)) {
      report.warn(place, `is ${quote(target)}, more than a pod may use (${limit}): it never scales up`);
    } else if (resource === 'cpu' && /^\d+$/.test(target) && Number(target) >= MANY_CPUS) {
      report.warn(place, `is ${target} CPUs for each pod: write a percentage without quotes`);
    }
  }
}

/** The load that an app scales by, and where it says so. */
function loadOf({ scaling, spin }: App): { readonly targets: ReturnType<typeof scalesBy>; readonly at: Path } {
  if (scaling?.max !== undefined) return { targets: scalesBy(scaling), at: ['scaling'] };
  return { targets: scalesBy(spin.autoscaler ?? {}), at: ['spin', 'autoscaler'] };
}

/** Load by CPU or memory, which nobody measures on members whose metrics server is left out. */
function unmeasured(view: View, report: Report): void {
  const without = view.spec.members.filter(
    ({ hosts, k3s }) => hosts.length > 0 && k3s.disable.includes('metrics-server'),
  );
  if (without.length === 0) return;
  for (const { app, path } of view.apps()) {
    const { targets, at } = loadOf(app);
    if (Object.keys(targets).length === 0) continue;
    const reached = new Set(view.mayReach(app).map(({ name }) => name));
    const names = without.flatMap(({ name }) => (reached.has(name) ? [name] : []));
    if (names.length === 0) continue;
    report.warn(
      [...path, ...at],
      `needs the load on ${listed(names)}, whose metrics server is left out by 'k3s.disable': have it, unless you bring one`,
    );
  }
}

/** Replicas that each member sets are not Karmada's to divide: a member without a share has nothing to scale. */
function divided({ scaling, spin, placement }: App, path: Path, report: Report): void {
  const type = placement.replicas?.type ?? 'duplicated';
  if (type === 'duplicated') return;
  if (scaling?.per === 'member') {
    report.warn(
      [...path, 'scaling', 'per'],
      `is 'member', and 'placement.replicas' (${type}) divides the app: a member without a share has nothing to scale, and what Karmada divides anew is undone; copy the app to all ('duplicated'), or scale 'per: federation'`,
    );
  } else if (spin.autoscaler || spin.autoscaled) {
    report.warn(
      [...path, 'placement', 'replicas'],
      `(${type}) divides nothing: 'spin.${spin.autoscaler ? 'autoscaler' : 'autoscaled'}' leaves the replicas to the members`,
    );
  }
}

/** What Karmada's webhook for FederatedHPAs refuses at the time of a schedule, and schedules of which one undoes another. */
function schedules({ scaling }: App, path: Path, report: Report): void {
  const rules = (scaling?.schedules ?? []).filter(({ suspend }) => !suspend);
  if (!scaling || (scaling.schedules ?? []).length === 0) return;
  const at = (name: string): Path => [
    ...path,
    'scaling',
    'schedules',
    (scaling.schedules ?? []).findIndex((rule) => rule.name === name),
  ];
  if (rules.length === 0 && scaling.max === undefined) {
    report.warn([...path, 'scaling'], 'scales nothing: each of its schedules is suspended');
  }
  const highest = Math.max(scaling.max ?? 0, ...rules.map(({ max = 0 }) => max));
  const lowest = Math.min(scaling.min, ...rules.map(({ min = Number.POSITIVE_INFINITY }) => min));
  for (const { name, cron } of rules) {
    if (neverComes(cron)) report.warn([...at(name), 'cron'], 'is a day that no such month has: it never comes');
  }
  for (const [i, { name, cron, timeZone, min, max }] of rules.entries()) {
    if (min !== undefined && min > highest) {
      report.warn(
        [...at(name), 'min'],
        `is more than 'max' ever is, which is ${highest}: Karmada refuses that when the time comes`,
      );
    }
    if (max !== undefined && max < lowest) {
      report.warn(
        [...at(name), 'max'],
        `is less than 'min' ever is, which is ${lowest}: Karmada refuses that when the time comes`,
      );
    }
    const other = rules.slice(0, i).find((one) => one.cron === cron && (one.timeZone ?? 'UTC') === (timeZone ?? 'UTC'));
    if (other)
      report.warn(
        [...at(name), 'cron'],
        `is that of ${quote(other.name)}, too: which of them has the last word is chance`,
      );
  }
}

/** Policies of the file that write replicas which something scales. An app's own overrides are checked with the app. */
function overridden(view: View, report: Report): void {
  if (view.spec.policies.every(({ type }) => type !== 'override')) return;
  const told = new Set<string>();
  for (const { app, workload } of view.apps()) {
    if (!isScaled(app)) continue;
    for (const { policy, rule, field, index } of workload.overriders()) {
      const origin = view.origin(policy);
      if (field !== 'plaintext' || origin?.policy?.type !== 'override') continue;
      const path = [...origin.path, 'rules', rule, 'plaintext', index];
      if (origin.policy.rules[rule]?.plaintext?.[index]?.path !== '/spec/replicas' || told.has(path.join())) continue;
      told.add(path.join());
      report.warn(path, `writes the replicas of the app ${quote(app.name)}, which are set by what scales it`);
    }
  }
}

/** Autoscalers of the file's own for an app: beside another, or on members, where Karmada sets replicas back. */
function ownAutoscalers(view: View, report: Report): void {
  if (view.spec.manifests.length === 0) return;
  const apps = new Map(view.spec.apps.map((app) => [`${app.namespace}/${app.name}`, app]));
  const told = new Set<unknown>();
  for (const [target, objects] of view.ownObjects()) {
    for (const { object, path } of objects) {
      const { scaleTargetRef } = (object.spec ?? {}) as { scaleTargetRef?: { kind?: string; name?: string } };
      const app = apps.get(`${object.metadata.namespace ?? 'default'}/${scaleTargetRef?.name}`);
      if (object.kind !== 'HorizontalPodAutoscaler' || !app || told.has(object)) continue;
      if (scaleTargetRef?.kind !== workloadOf(app).kind) continue;
      told.add(object);
      if (isScaled(app)) {
        report.warn(path, `scales the app ${quote(app.name)}, as 'scaling' of the app does: leave one of them out`);
      } else if (target !== 'karmada') {
        report.warn(
          path,
          `scales the app ${quote(app.name)} on ${listed([target.replace('members/', '')])}, where Karmada sets its replicas back: give the app 'scaling' with 'per: member'`,
        );
      }
    }
  }
}
