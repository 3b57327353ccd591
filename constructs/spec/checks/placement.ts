import { lookup } from '../../../simulation/lookup.ts';
import type { ClusterAffinity, Placement } from '../../policy/placement.ts';
import { type Path, quote, type Report, suggestName } from '../faults.ts';
import type { FederationSpec, Member } from '../federation.ts';
import { whyNobody } from '../nobody.ts';
import { Reach } from '../reach.ts';

/** Where the file chooses members, and which runtimes they must then have. */
export function checkPlacement(spec: FederationSpec, report: Report): void {
  checkMemberNames(spec, report);
  checkRuntimes(spec, report);
}

/** Names of members that no member bears. */
function checkMemberNames(spec: FederationSpec, report: Report): void {
  const members = new Set(spec.members.map(({ name }) => name));
  const named = (name: string, path: Path) => {
    if (!members.has(name)) report(path, unknown(name, 'spec.members', members));
  };
  const names = (list: readonly string[] = [], path: Path) => {
    for (const [i, name] of list.entries()) named(name, [...path, i]);
  };
  const affinity = ({ clusters, exclude }: ClusterAffinity, path: Path) => {
    names(clusters, [...path, 'clusters']);
    names(exclude, [...path, 'exclude']);
  };
  const placement = (value: Placement, path: Path) => {
    affinity(value, path);
    for (const [i, group] of (value.groups ?? []).entries()) {
      affinity(group, [...path, 'groups', i]);
      for (const [j, other] of (group.overflow ?? []).entries()) affinity(other, [...path, 'groups', i, 'overflow', j]);
    }
    for (const [i, weight] of (value.replicas?.weights ?? []).entries()) {
      affinity(weight, [...path, 'replicas', 'weights', i]);
    }
  };
  const suspension = (value: 'all' | readonly string[] | undefined, path: Path) => {
    if (typeof value === 'object') names(value, path);
  };
  for (const [i, app] of spec.apps.entries()) {
    const path = ['spec', 'apps', i];
    placement(app.placement, [...path, 'placement']);
    suspension(app.propagation.suspension, [...path, 'propagation', 'suspension']);
    for (const [j, { target = {} }] of app.overrides.entries()) affinity(target, [...path, 'overrides', j, 'target']);
    names(app.multiClusterService?.providers, [...path, 'multiClusterService', 'providers']);
    names(app.multiClusterService?.consumers, [...path, 'multiClusterService', 'consumers']);
  }
  for (const [i, quota] of spec.quotas.entries()) {
    for (const [j, { name }] of quota.members.entries()) named(name, ['spec', 'quotas', i, 'members', j, 'name']);
  }
  for (const [i, policy] of spec.policies.entries()) {
    const path = ['spec', 'policies', i];
    if (policy.type === 'propagation') {
      placement(policy.placement, [...path, 'placement']);
      suspension(policy.suspension, [...path, 'suspension']);
    } else {
      for (const [j, { target = {} }] of policy.rules.entries()) affinity(target, [...path, 'rules', j, 'target']);
    }
  }
}

/** An app that fits no member, or whose runtime is not known, or missing on a member where the app may land. */
function checkRuntimes(spec: FederationSpec, report: Report): void {
  const runtimes = new Set(spec.runtimes.map(({ name }) => name));
  const members = new Set(spec.members.map(({ name }) => name));
  const reach = Reach.of(spec);
  for (const [i, app] of spec.apps.entries()) {
    const path = ['spec', 'apps', i];
    const { runtime, placement, container } = app;
    const known = placement.clusters?.every((name) => members.has(name)) ?? true;
    if (known && members.size > 0 && reach.members(placement).length === 0) {
      report(
        [...path, 'placement'],
        `fits no member, so that the app would never run${whyEmpty(spec, reach, placement)}`,
      );
    }
    if (runtime === undefined) continue;
    if (!runtimes.has(runtime)) {
      report([...path, 'runtime'], unknown(runtime, 'spec.runtimes', runtimes));
      continue;
    }
    checkNodeSelector(spec, i, reach, report);
    const without = reach.membersWithoutRuntime(app);
    if (without.length === 0 || container) continue;
    report(
      [...path, 'placement'],
      `can put the app on ${listed(without)}, without the runtime ${quote(runtime)}: add it to 'runtimes' there, keep the app away by 'placement', or give it a 'container' form`,
    );
  }
}

/** What keeps a placement off all members, as far as that is one thing: what it asks for, or taints. */
function whyEmpty({ members }: FederationSpec, { candidates }: Reach, placement: Placement): string {
  if (placement.groups) return '';
  const tainted = candidates.matching(placement);
  if (tainted.length === 0) return whyNobody(placement, members);
  return `: the taints of ${listed(tainted)} keep it away, which 'tolerations' would bear`;
}

/** Kubernetes refuses pods that ask for another value of a label than their RuntimeClass (its admission, RuntimeClass). */
function checkNodeSelector(spec: FederationSpec, i: number, reach: Reach, report: Report): void {
  const { runtime: name = '', nodeSelector = {}, placement } = spec.apps[i]!;
  const isOurs = ({ runtimes, ownRuntimeClasses }: Member) =>
    runtimes.includes(name) && !ownRuntimeClasses.includes(name);
  const wanted = spec.runtimes.find((runtime) => runtime.name === name)?.nodeSelector ?? {};
  for (const [key, value] of Object.entries(nodeSelector)) {
    const other = lookup(wanted, key);
    if (other === undefined || other === value || !reach.members(placement).some(isOurs)) continue;
    report(
      ['spec', 'apps', i, 'nodeSelector', key],
      `is ${quote(value)}, and ${quote(other)} in the nodeSelector of the runtime ${quote(name)}: Kubernetes takes no pod that has both, leave it out`,
    );
  }
}

function listed(members: readonly Member[]): string {
  const names = members.slice(0, 5).map(({ name }) => quote(name));
  return members.length > 5 ? `${names.join(', ')} and ${members.length - 5} more members` : names.join(', ');
}

function unknown(name: string, where: string, known: ReadonlySet<string>): string {
  const some = [...known].slice(0, 10).map(quote).join(', ');
  const choice = known.size === 0 ? 'it has none' : `it has ${some}${known.size > 10 ? ' and others' : ''}`;
  return `names ${quote(name)}, which ${where} does not have${suggestName(name, known) || `: ${choice}`}`;
}
