import type { KubeObject } from '../../simulation/kubernetes.ts';
import { simulate } from '../../simulation/simulate.ts';
import { skipper } from '../../simulation/skipped.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import { IDENTITY } from './overrides.ts';
import type { Policy, View } from './view.ts';

/** Propagation policies for objects that others bring: whether Karmada will ever apply them, and find members for them. */
export function checkPolicies(view: View, report: Report): void {
  const skips = skipper(view.input);
  for (const [i, policy] of view.spec.policies.entries()) {
    const path = ['spec', 'policies', i];
    if (policy.type === 'override') {
      for (const [j, resource] of policy.resources.entries()) {
        const skipped = skips(templateOf(policy, j));
        if (skipped)
          report([...path, 'resources', j], `is never propagated, so that nothing is changed: ${skipped.message}`);
        else renames(view, policy, resource, path, report);
      }
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
    if (!template || view.mayReach(policy).length === 0) continue;
    const failure = failureOf(view, policy, template);
    if (failure) report([...path, ...failure.field], `places nothing: ${failure.message}`);
  }
}

/** What is made for apps and runtimes beside workloads, and a policy of the file takes to members of its own. */
function claims({ spec, result }: View, { name, namespace }: Policy, path: Path, report: Report): void {
  for (const { ref, policy } of result.placements) {
    if (policy?.name !== name || (policy.namespace !== undefined && policy.namespace !== (namespace ?? 'default'))) {
      continue;
    }
    const ofApp =
      ['Service', 'Ingress'].includes(ref.kind) &&
      spec.apps.some((app) => app.name === ref.name && app.namespace === ref.namespace && app.name !== name);
    const ofRuntime = ref.kind === 'RuntimeClass' && spec.runtimes.some((runtime) => runtime.name === ref.name);
    if (!ofApp && !ofRuntime) continue;
    const owner = ofApp ? `app ${quote(ref.name)}` : `runtime ${quote(ref.name)}`;
    report.warn(
      path,
      `takes the ${ref.kind} of the ${owner} where this policy says, and not where the ${ofApp ? 'app' : 'runtime'} is: select other objects, unless that is meant`,
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
  if (result.placements.some(({ ref }) => ref.kind === kind && (name === undefined || ref.name === name))) return;
  for (const [j, { plaintext = [] }] of rules.entries()) {
    const named = plaintext.find((one) => IDENTITY.includes(one.path));
    if (named)
      report([...path, 'rules', j], `writes to ${named.path}: overrides must leave what names an object as it is`);
  }
}

/** What keeps an object off all members that the policy of this name places, were there no other policy. */
function failureOf(view: View, { name, namespace }: Policy, template: KubeObject) {
  const own = view.input.objects.filter(
    ({ kind, metadata }) =>
      kind.endsWith('PropagationPolicy') &&
      metadata.name === name &&
      (metadata.namespace === undefined || metadata.namespace === (namespace ?? 'default')),
  );
  const overrides = view.input.objects.filter(({ kind }) => kind.endsWith('OverridePolicy'));
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
