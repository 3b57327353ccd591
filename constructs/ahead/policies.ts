import { propagationPolicy } from '../../simulation/defaults.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { groupBy } from '../../simulation/lookup.ts';
import type { Placement } from '../../simulation/model.ts';
import { Policies } from '../../simulation/policies.ts';
import { bestFit, Fit } from '../../simulation/selectors.ts';
import { simulate } from '../../simulation/simulate.ts';
import { skipper } from '../../simulation/skipped.ts';
import { type Path, quote, type Report, suggest } from '../spec/faults.ts';
import { IDENTITY } from './failing-overrides.ts';
import { listed, type Policy, type View, workloadOf } from './view.ts';

/** Propagation policies for objects that others bring: whether Karmada will ever apply them, and find members for them. */
export function checkPolicies(view: View, report: Report): void {
  if (view.spec.policies.length === 0) return;
  const skips = skipper(view.input);
  const propagation = view.input.objects.filter(({ kind }) => kind.endsWith('PropagationPolicy'));
  const byName = groupBy(propagation, ({ metadata }) => metadata.name);
  const all = new Policies(propagation.map(propagationPolicy), view.input.gates?.PropagationPolicyPreemption ?? false);
  for (const [i, policy] of view.spec.policies.entries()) {
    const path = ['spec', 'policies', i];
    if (policy.type === 'override') {
      for (const [j, resource] of policy.resources.entries()) {
        const skipped = skips(templateOf(policy, j));
        if (skipped)
          report([...path, 'resources', j], `is never propagated, so that nothing is changed: ${skipped.message}`);
        else renames(view, policy, resource, path, report);
      }
      nearMisses(view, policy, path, report);
      idleRules(view, policy, path, report);
      continue;
    }
    const templates = policy.resources.map((_, j) => {
      const template = templateOf(policy, j);
      const skipped = skips(template);
      if (skipped) report([...path, 'resources', j], `is never propagated: ${skipped.message}`);
      return skipped ? undefined : template;
    });
    const template = templates.find((one) => one !== undefined);
    claims(view, policy, path, report);
    nearMisses(view, policy, path, report);
    const some = templates.filter((one) => one !== undefined);
    if (some.length > 0) shadowed(view, all, policy, some, path, report);
    if (!template || view.mayReach(policy).length === 0) continue;
    const failure = failureOf(view, policy, byName.get(policy.name) ?? [], template);
    if (failure) report([...path, ...failure.field], `places nothing: ${failure.message}`);
  }
}

/** What is made for apps and runtimes beside workloads, and a policy of the file takes to members of its own. */
function claims(view: View, { name, namespace }: Policy, path: Path, report: Report): void {
  for (const { ref, policy, policies } of view.claimed(name)) {
    if (policy?.namespace !== undefined && policy.namespace !== (namespace ?? 'default')) continue;
    const app = policies.map((one) => view.origin(one.policy)?.app).find((one) => one !== undefined);
    const isWorkload = app?.name === ref.name && ref.kind === workloadOf(app).kind;
    const ofRuntime = ref.kind === 'RuntimeClass' && view.spec.runtimes.some((runtime) => runtime.name === ref.name);
    if (isWorkload || (!app && !ofRuntime)) continue;
    const owner = app ? `app ${quote(app.name)}` : `runtime ${quote(ref.name)}`;
    report.warn(
      path,
      `takes the ${ref.kind} of the ${owner} where this policy says, and not where the ${app ? 'app' : 'runtime'} is: select other objects, unless that is meant`,
    );
  }
}

/** A policy that another one of the file leaves nothing, whatever there may be to select. */
function shadowed(
  view: View,
  all: Policies,
  policy: Policy,
  templates: readonly KubeObject[],
  path: Path,
  report: Report,
) {
  const winners = templates.map((template) => {
    const { matches } = all.claim(template);
    const own = matches.find((one) => view.origin(one.policy)?.policy === policy);
    return own?.wins === false ? own.reason.message : undefined;
  });
  const [why] = winners;
  if (why === undefined || winners.includes(undefined)) return;
  report.warn(path, `never places anything, for another policy takes all that it selects: ${why}`);
}

/** Objects of the file that a policy misses by a hair: of another namespace, or of nearly the same name. */
function nearMisses(view: View, policy: Policy, path: Path, report: Report): void {
  const inNamespace = (namespace?: string) => namespace ?? policy.namespace ?? 'default';
  for (const [j, { apiVersion, kind, name, namespace }] of policy.resources.entries()) {
    if (name === undefined) continue;
    const isHere = ({ ref }: Placement) => ref.namespace === undefined || ref.namespace === inNamespace(namespace);
    const named = view.selected({ apiVersion, kind, name });
    if (named.some(isHere)) continue;
    const [elsewhere] = named;
    const here = view.selected({ apiVersion, kind }).filter(isHere);
    const near = suggest(
      name,
      here.map(({ ref }) => ref.name),
    );
    if (elsewhere) {
      report.warn(
        [...path, 'resources', j],
        `selects nothing of the file: its ${kind} ${quote(name)} is in the namespace ${quote(elsewhere.ref.namespace)}`,
      );
    } else if (near) {
      report.warn(
        [...path, 'resources', j, 'name'],
        `is ${quote(name)}, which no ${kind} of the file is called${near}`,
      );
    }
  }
}

/** Rules for members where nothing of what a policy selects ever goes. */
function idleRules(view: View, policy: Policy & { type: 'override' }, path: Path, report: Report): void {
  const { candidates } = view.reach;
  const { name, namespace = 'default' } = policy;
  const made = [
    { kind: 'OverridePolicy', namespace, name },
    { kind: 'ClusterOverridePolicy', name },
  ]
    .filter((ref) => view.origin(ref)?.policy === policy)
    .map((ref) => view.overridePolicy(ref))
    .find((one) => one !== undefined);
  const selectors = made?.spec.resourceSelectors ?? [];
  const selected = selectors
    .flatMap((selector) => view.selected(selector))
    .filter(
      ({ ref, object }) =>
        (made?.metadata.namespace === undefined || ref.namespace === made.metadata.namespace) &&
        bestFit(selectors, object) !== Fit.None,
    );
  if (selected.length === 0) return;
  const reached = new Set(selected.flatMap((placement) => view.everReaches(placement)));
  for (const [j, { target }] of policy.rules.entries()) {
    const chosen = target ? candidates.matching(target) : [];
    if (chosen.length === 0 || chosen.some(({ name }) => reached.has(name))) continue;
    report.warn(
      [...path, 'rules', j, 'target'],
      `selects ${listed(chosen.map(({ name }) => name))}, where nothing that the policy selects ever goes: the rule does nothing`,
    );
  }
}

/** An object that a policy selects, as little as there is to one. */
function templateOf(policy: Policy, index: number): KubeObject {
  const { apiVersion = '', kind = '', name, namespace, labels } = policy.resources[index] ?? {};
  return {
    apiVersion,
    kind,
    metadata: { name: name ?? 'any', namespace: namespace ?? policy.namespace ?? 'default', labels: { ...labels } },
  };
}

/** Rules that write to what names an object, where it is not in the file; of those that are, the simulation tells. */
function renames(
  { result }: View,
  { rules }: Policy & { type: 'override' },
  { kind, name }: Policy['resources'][number],
  path: Path,
  report: Report,
): void {
  for (const [j, { plaintext = [] }] of rules.entries()) {
    const named = plaintext.find((one) => IDENTITY.includes(one.path));
    if (!named) continue;
    if (result.placements.some(({ ref }) => ref.kind === kind && (name === undefined || ref.name === name))) return;
    report([...path, 'rules', j], `writes to ${named.path}: overrides must leave what names an object as it is`);
  }
}

/** What keeps an object off all members that the policy of this name places, were there no other policy. */
function failureOf(
  view: View,
  { namespace, dependentOverrides = [] }: Policy & { type: 'propagation' },
  named: readonly KubeObject[],
  template: KubeObject,
) {
  const own = named.filter(({ metadata }) => [undefined, namespace ?? 'default'].includes(metadata.namespace));
  // No others are looked at to place something.
  const overrides =
    dependentOverrides.length === 0
      ? []
      : view.input.objects.filter(
          ({ kind, metadata }) => kind.endsWith('OverridePolicy') && dependentOverrides.includes(metadata.name),
        );
  const [placement] = simulate({ ...view.input, objects: [...own, ...overrides, template] }).placements.filter(
    ({ object }) => object.metadata.name === template.metadata.name && object.kind === template.kind,
  );
  const unplaced = placement?.unplaced;
  if (!unplaced || unplaced.code === 'NoPolicy' || unplaced.code === 'OtherScheduler') return undefined;
  const field =
    unplaced.code === 'OverridesMissing'
      ? ['dependentOverrides']
      : unplaced.code.startsWith('Spread')
        ? ['placement', 'spread']
        : ['placement'];
  return { field, message: unplaced.message };
}
