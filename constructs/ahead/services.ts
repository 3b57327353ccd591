import { type Path, quote, type Report } from '../spec/faults.ts';
import { listed, type View } from './view.ts';

/** Where apps are reached: Services of members that do not have them, and two apps at one address. */
export function checkServices(view: View, report: Report): void {
  providers(view, report);
  addresses(view, report);
}

function providers(view: View, report: Report): void {
  const members = new Set(view.spec.members.map(({ name }) => name));
  for (const { app, path } of view.apps()) {
    const reached = new Set(view.mayReach(app).map(({ name }) => name));
    for (const [i, name] of (app.multiClusterService?.providers ?? []).entries()) {
      if (!members.has(name) || reached.has(name)) continue;
      report(
        [...path, 'multiClusterService', 'providers', i],
        `is ${quote(name)}, where the placement never takes the app: it serves from ${listed([...reached])}`,
      );
    }
  }
}

/** An ingress controller takes one of two apps with the same host and path, and which one is not told. */
function addresses(view: View, report: Report): void {
  const owners = new Map<string, { name: string; path: Path; members: ReadonlySet<string> }[]>();
  for (const { app, path } of view.apps()) {
    const { ingress, name, namespace } = app;
    if (!ingress) continue;
    // To an ingress controller '/a' and '/a/' are one prefix, and each class has a controller of its own.
    const shown = `${ingress.host}${ingress.path}`;
    const address = `${ingress.className ?? ''} ${shown.replace(/\/+$/, '')}`;
    const members = new Set(view.mayReach(app).map((member) => member.name));
    const others = owners.get(address) ?? [];
    for (const other of others) {
      const shared = [...members].filter((member) => other.members.has(member));
      if (shared.length === 0) continue;
      report(
        [...path, 'ingress'],
        `is ${shown} on ${listed(shared)}, where the app ${quote(other.name)} has it already: give one of them another host or path`,
      );
    }
    owners.set(address, [
      ...others,
      { name: `${namespace === 'default' ? '' : `${namespace}/`}${name}`, path, members },
    ]);
  }
}
