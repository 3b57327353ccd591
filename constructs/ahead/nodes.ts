import type { OverridePolicy } from '../../simulation/karmada.ts';
import { groupBy } from '../../simulation/lookup.ts';
import type { Placement } from '../../simulation/model.ts';
import type { Path, Report } from '../spec/faults.ts';
import { type HostNode, type NodeRules, nodesFor, nodesOf, unmet } from '../spec/nodes.ts';
import { type App, listed, type View } from './view.ts';

/** A member that the file lists the hosts of. */
interface Made {
  readonly name: string;
  readonly nodes: readonly HostNode[];
  readonly path: Path;
  /** Runtimes whose RuntimeClass is its own, which may have pods tolerate more. */
  readonly ownRuntimeClasses: readonly string[];
}

/** An app that bears the taints of no host of a member. */
interface Kept {
  readonly app: App;
  readonly path: Path;
  readonly member: Made;
  readonly taints: string;
}

/** Apps that come to members where no host takes their pods. Others may have nodes, or labels, that are not in the file. */
export function checkNodes(view: View, report: Report): void {
  const made = new Map<string, Made>();
  for (const [i, member] of view.spec.members.entries()) {
    const { name, hosts, ownRuntimeClasses } = member;
    const path = ['spec', 'members', i];
    if (hosts.length > 0) made.set(name, { name, nodes: nodesOf(member), path, ownRuntimeClasses });
  }
  if (made.size === 0) return;
  const mayDiffer = areOverridden(view);
  const kept: Kept[] = [];
  for (const { app, path, workload } of view.apps()) {
    const unfit: { member: Made; rules: NodeRules }[] = [];
    for (const { name, rules } of copies(workload, made, mayDiffer)) {
      const member = made.get(name)!;
      const { selected, taints } = nodesFor(rules, member.nodes);
      if (selected.length === 0) unfit.push({ member, rules });
      else if (app.runtime !== undefined && member.ownRuntimeClasses.includes(app.runtime)) continue;
      else if (taints !== undefined) kept.push({ app, path, member, taints });
    }
    const [first] = unfit;
    if (!first) continue;
    const label = unmet(first.rules.nodeSelector, first.member.nodes) ?? '';
    report.warn(
      [...path, 'nodeSelector'],
      `fits no host of ${listed(unfit.map(({ member }) => member.name))}${label}, so that no pod of it starts there: give a host such 'labels', unless it has them already`,
    );
  }
  tellTaints(kept, report);
}

/** Hosts that keep several apps away are told of once, and so are apps that several members keep away. */
function tellTaints(kept: readonly Kept[], report: Report): void {
  const members = [...groupBy(kept, ({ member, taints }) => `${member.name} ${taints}`).values()];
  for (const alike of groupBy(
    members,
    (all) => `${all[0]?.taints} ${all.map(({ path }) => path.join()).join(' ')}`,
  ).values()) {
    const [apps = []] = alike;
    const [first] = apps;
    if (!first) continue;
    const where = listed(alike.map(([one]) => one?.member.name ?? ''));
    const mayTolerate = apps.some(({ app }) => app.form !== 'spinapp');
    const wayOut = `${mayTolerate ? 'tolerate that, or ' : ''}give a host without`;
    const why = `for each that may take them has ${first.taints}: ${wayOut}`;
    if (apps.length === 1 && mayTolerate) {
      report.warn([...first.path, 'tolerations'], `leave no host of ${where} for its pods, ${why}`);
    } else {
      const names = listed(apps.map(({ app }) => app.name));
      const what = apps.length === 1 ? 'app' : 'apps';
      report.warn([...first.member.path, 'hosts'], `take no pods of the ${what} ${names} on ${where}, ${why}`);
    }
  }
}

/** What the copies of a workload ask of nodes, by those of the members that run some. */
function copies(workload: Placement, made: ReadonlyMap<string, unknown>, mayDiffer: boolean) {
  return workload.members.flatMap(({ name, replicas }): { name: string; rules: NodeRules }[] => {
    if (replicas === 0 || !made.has(name)) return [];
    const { spec } = (mayDiffer ? workload.manifestFor(name).object : undefined) ?? workload.object;
    const { template, replicas: own } = (spec ?? {}) as { template?: { spec?: NodeRules }; replicas?: number };
    return own === 0 ? [] : [{ name, rules: template?.spec ?? {} }];
  });
}

/** Whether anything overrides what decides about nodes, or whether there are pods at all. */
function areOverridden(view: View): boolean {
  const policies = ['OverridePolicy', 'ClusterOverridePolicy'].flatMap(
    (kind) => view.objects(kind) as OverridePolicy[],
  );
  return policies.some(({ spec: { overriders, overrideRules = [] } }) =>
    [{ overriders }, ...overrideRules].some(({ overriders: { plaintext = [], fieldOverrider = [] } = {} }) =>
      [...plaintext.map(({ path }) => path), ...fieldOverrider.map(({ fieldPath }) => fieldPath)].some(isDeciding),
    ),
  );
}

function isDeciding(path: string): boolean {
  return DECIDING.some((one) => one.startsWith(path) || path.startsWith(one));
}

const DECIDING = [
  ...['nodeSelector', 'tolerations', 'affinity'].map((field) => `/spec/template/spec/${field}`),
  '/spec/replicas',
];
