import { type Path, quote, type Report } from '../spec/faults.ts';
import type { View } from './view.ts';

/**
 * Quotas that limit nothing: of a namespace that nothing of the file is in, for a member where nothing of it goes, over
 * what apps do not request (Karmada counts requests alone, pkg/util/helper/binding.go).
 */
export function checkQuotas(view: View, report: Report): void {
  const { quotas, apps } = view.spec;
  if (quotas.length === 0) return;
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

/** What Karmada itself is told, and never propagates. */
function isOwn({ apiVersion }: { apiVersion: string }): boolean {
  return apiVersion.includes('.karmada.io/');
}
