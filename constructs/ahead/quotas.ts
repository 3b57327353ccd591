import type { Quantity } from '../../simulation/kubernetes.ts';
import type { Placement } from '../../simulation/model.ts';
import { nanos } from '../../simulation/quantity.ts';
import { replicasOf, requestsOf } from '../../simulation/quotas.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { type View, workloadOf } from './view.ts';

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
  for (const [i, { namespace, overall, members }] of quotas.entries()) {
    const path: Path = ['spec', 'quotas', i];
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
    for (const resource of ['cpu', 'memory'].filter((one) => overall[one] !== undefined)) {
      if (own.some(({ resources: { requests = {}, limits = {} } = {} }) => requests[resource] ?? limits[resource]))
        continue;
      report.warn(
        [...path, 'overall', resource],
        `limits nothing: Karmada counts what is requested, and no app of the namespace requests ${resource}; give them 'resources'`,
      );
    }
  }
}

/** Scaling beyond `overall`: the binding of an app that asks for more is refused, and all its replicas stay as they are. */
function checkScaled({ spec, result }: View, { name, namespace, overall }: Quota, report: Report): void {
  const scaled = [...spec.apps.entries()].flatMap(([i, app]) => {
    const { per, max, schedules = [] } = app.scaling ?? {};
    const workload = result.of(workloadOf(app));
    if (app.namespace !== namespace || per !== 'federation' || !workload) return [];
    const isCopied = (app.placement.replicas?.type ?? 'duplicated') === 'duplicated';
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
    return [{ most, workload, copies: isCopied ? workload.members.length : 1 }];
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
