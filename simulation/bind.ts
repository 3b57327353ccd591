/** From an object and its policy to what the scheduler looks at: BuildResourceBinding of pkg/detector/detector.go. */
import type { Gates } from './gates.ts';
import type { Interpreters } from './interpret/interpreters.ts';
import type { PropagationPolicy } from './karmada.ts';
import type { KubeObject } from './kubernetes.ts';
import { lookup } from './lookup.ts';
import type { Placed } from './model.ts';
import { type Binding, targetsOf } from './schedule/binding.ts';
import { fnvOrder } from './schedule/webster.ts';

export function bind(
  object: KubeObject,
  policy: PropagationPolicy,
  placed: Placed | undefined,
  gates: Gates,
  interpreters: Interpreters,
): Binding {
  const placement = policy.spec.placement ?? {};
  const interpreter = interpreters(object);
  const components = gates.MultiplePodTemplatesScheduling ? (interpreter?.components?.(object) ?? []) : [];
  const { replicas = 0, requirements } = (components.length === 0 && interpreter?.replicas?.(object)) || {};
  const before = targetsOf(placed?.members ?? []);
  return {
    object,
    policy,
    placement,
    replicas,
    ...(requirements ? { requirements } : {}),
    components,
    needs: requirements || components.length > 0 ? JSON.stringify([requirements, components]) : '',
    before,
    runsOn: new Set(before.map(({ name }) => name)),
    ...(placed ? { placed } : {}),
    order: fnvOrder(object.metadata.uid),
    ...(gates.WorkloadAffinity ? groupsOf(object, policy) : {}),
  };
}

/** The groups that a label of the object puts it into; none where it lacks the label. */
function groupsOf(
  { metadata }: KubeObject,
  { spec }: PropagationPolicy,
): Pick<Binding, 'affinityGroup' | 'antiAffinityGroup'> {
  const { affinity, antiAffinity } = spec.placement?.workloadAffinity ?? {};
  const group = (key: string | undefined) => {
    const value = key === undefined ? undefined : lookup(metadata.labels, key);
    return value === undefined ? undefined : `${key}=${value}`;
  };
  const together = group(affinity?.groupByLabelKey);
  const apart = group(antiAffinity?.groupByLabelKey);
  return { ...(together ? { affinityGroup: together } : {}), ...(apart ? { antiAffinityGroup: apart } : {}) };
}
