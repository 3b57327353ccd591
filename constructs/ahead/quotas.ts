import type { Quantity } from '../../simulation/kubernetes.ts';
import type { Placement } from '../../simulation/model.ts';
import { nanos } from '../../simulation/quantity.ts';
import { replicasOf, requestsOf } from '../../simulation/quotas.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { type App, type View, workloadOf } from './view.ts';
import { isScaled } from './weights.ts';

type Quota = View['spec']['quotas'][number];

/**
 * Quotas that end what scales, and quotas that limit nothing: of a namespace that nothing of the file is in, for a
 * member where nothing of it goes, over what apps do not request (Karmada counts requests alone,
 * pkg/util/helper/binding.go).
 */
export function checkQuotas(view: View, report: Report): void {
  const { quotas, apps } = view.spec;
  if (quotas.length === 0) return;
  for (const quota of quotas) checkScaled(view, quota, report);
  for (const [i, quota] of quotas.entries()) {
    const { namespace, overall, members } = quota;
    const path: Path = ['spec', 'quotas', i];
    checkLeast(view, quota, path, report);
    const parts = new Set(members.map(({ name }) => name));
    const placed = view.result.placements.filter(({ ref, object }) => ref.namespace === namespace && !isOwn(object));
    if (placed.length === 0) {
      report.warn(
        [...path, 'namespace'],
        `is ${quote(namespace)}, where nothing of the file is: the quota limits nothing`,
      );
      continue;
    }
    const reached = new Set(placed.flatMap((one) => one.members.map((member) => member.name)));
    for (const app of apps) {
      if (app.namespace === namespace) for (const member of view.mayReach(app)) reached.add(member.name);
    }
    for (const [j, member] of members.entries()) {
      if (reached.has(member.name)) continue;
      report.warn(
        [...path, 'members', j, 'name'],
        `is ${quote(member.name)}, where nothing of the namespace ${quote(namespace)} goes: the part limits nothing`,
      );
    }
    const own = apps.filter((app) => app.namespace === namespace);
    // A member with a part of its own refuses pods without requests, which is told as such.
    if (own.length === 0 || own.some((app) => view.mayReach(app).some((member) => parts.has(member.name)))) continue;
    const requested = placed.map(({ object }) => requestsOf(object));
    for (const resource of ['cpu', 'memory'].filter((one) => overall[one] !== undefined)) {
      if (requested.some((requests) => requests[resource] !== undefined)) continue;
      report.warn(
        [...path, 'overall', resource],
        `limits nothing: Karmada counts what is requested, and no app of the namespace requests ${resource}; give them 'resources'`,
      );
    }
  }
}

/** Quotas without room for the `min` of what scales by load, which it has however low the load is. */
function checkLeast(view: View, { namespace, overall, members }: Quota, path: Path, report: Report): void {
  const scaled = view.apps().filter(({ app }) => app.namespace === namespace && isScaled(app));
  if (scaled.length === 0) return;
  const appOf = new Map(scaled.map(({ app, workload }) => [workload, app]));
  const placed = view.result.placements.filter(({ ref }) => ref.namespace === namespace);
  const check = (at: Path, resource: string, limit: Quantity, member?: string): boolean => {
    const pods = placed.map((one) => {
      const there = one.members.filter(({ name }) => member === undefined || name === member);
      const now = replicasOf(there, member === undefined ? 0n : 1n);
      const app = appOf.get(one);
      const least = (app && now > 0n ? leastOf(app, one, member) : undefined) ?? now;
      return { name: one.ref.name, app, now, least, each: now === 0n ? 0n : askedFor(one, resource, member) };
    });
    const sum = (key: 'now' | 'least') => pods.reduce((total, one) => total + BigInt(one[key]) * one.each, 0n);
    // What is beyond it from the start is told as such.
    if (sum('now') > nanos(limit) || sum('least') <= nanos(limit)) return false;
    const needed = pods.filter(({ app, each }) => app !== undefined && each > 0n);
    const text = needed.map(({ name, least }) => `${quote(name)} with ${least}`).join(', ');
    const where = member === undefined ? '' : ' there';
    report(
      [...at, resource],
      `is ${limit}, and beside what else runs${where} it has no room for the fewest replicas of what scales, ${text}: raise it, or lower their 'min'`,
    );
    return true;
  };
  const told = Object.entries(overall).filter(([resource, limit]) => check([...path, 'overall'], resource, limit));
  for (const [j, { name, limits }] of members.entries()) {
    for (const [resource, limit] of Object.entries(limits)) {
      if (!told.some(([other]) => other === resource)) check([...path, 'members', j, 'limits'], resource, limit, name);
    }
  }
}

/**
 * The fewest replicas of an app that scales by load: those that Karmada counts, or those on one member. Undefined where
 * members count by themselves, or nobody knows their share.
 */
function leastOf({ scaling, spin, placement }: App, { members }: Placement, member?: string): number | undefined {
  const copied = isCopied(placement);
  const min = scaling?.max === undefined ? undefined : scaling.min;
  if (member !== undefined) return copied ? (min ?? spin.autoscaler?.min) : undefined;
  return scaling?.per === 'federation' ? min && min * (copied ? members.length : 1) : undefined;
}

/** What a pod asks for of what a quota counts, as overrides leave it on a member. */
function askedFor(one: Placement, counted: string, member?: string): bigint {
  if (member === undefined) return nanos(requestsOf(one.object)[counted] as Quantity | undefined);
  const requests = requestsOf(one.manifestFor(member).object ?? one.object);
  const pods = one.members.some(({ replicas }) => replicas !== null) ? 1 : 0;
  return nanos({ pods, ...requests }[counted.replace(/^requests\./, '')] as Quantity | undefined);
}

/** Whether each member gets all replicas. */
function isCopied({ replicas }: App['placement']): boolean {
  return (replicas?.type ?? 'duplicated') === 'duplicated';
}

/** Scaling beyond `overall`: the binding of an app that asks for more is refused, and all its replicas stay as they are. */
function checkScaled({ spec, result }: View, { name, namespace, overall }: Quota, report: Report): void {
  const scaled = [...spec.apps.entries()].flatMap(([i, app]) => {
    const { per, max, schedules = [] } = app.scaling ?? {};
    const workload = result.of(workloadOf(app));
    if (app.namespace !== namespace || per !== 'federation' || !workload) return [];
    const copies = isCopied(app.placement) ? workload.members.length : 1;
    const path = ['spec', 'apps', i, 'scaling'];
    const most = [
      { path: [...path, 'max'], to: max },
      ...schedules.flatMap(({ replicas, max, suspend }, j) =>
        suspend
          ? []
          : [
              { path: [...path, 'schedules', j, 'replicas'], to: replicas },
              { path: [...path, 'schedules', j, 'max'], to: max },
            ],
      ),
    ];
    return [{ most, workload, copies }];
  });
  if (scaled.length === 0) return;
  const placed = result.placements.filter(({ ref }) => ref.namespace === namespace);
  for (const [resource, limit] of Object.entries(overall)) {
    const requested = ({ object }: Placement) => nanos(requestsOf(object)[resource] as Quantity | undefined);
    const left = placed.reduce((rest, one) => rest - requested(one) * replicasOf(one.members), nanos(limit));
    if (left < 0n) continue; // what is beyond it from the start is a fault
    for (const { most, workload, copies } of scaled) {
      if (copies === 0 || requested(workload) === 0n) continue;
      const room = (left / requested(workload) + replicasOf(workload.members)) / BigInt(copies);
      const replicas = `${room} replica${room === 1n ? '' : 's'}${copies > 1 ? ' on each member' : ''}`;
      for (const { path, to } of most) {
        if (to === undefined || room >= BigInt(to)) continue;
        report.warn(
          path,
          `is ${to}, and the quota ${quote(name)} has room for ${replicas} (${resource}: ${limit}) beside what else runs: Karmada refuses to scale beyond`,
        );
      }
    }
  }
}

/** What Karmada itself is told, and never propagates. */
function isOwn({ apiVersion }: { apiVersion: string }): boolean {
  return apiVersion.includes('.karmada.io/');
}
