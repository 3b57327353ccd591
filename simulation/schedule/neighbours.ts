/** Workload affinity: pkg/scheduler/framework/plugins/{workloadaffinity,workloadantiaffinity}, gate WorkloadAffinity. */

import type { KubeObject } from '../kubernetes.ts';
import type { Member } from '../members.ts';
import type { Binding, Target } from './binding.ts';
import type { Refusal } from './filter.ts';

interface Neighbour {
  readonly object: KubeObject;
  readonly targets: ReadonlySet<string>;
}

/**
 * Where the objects of each group run, as they are placed one after the other: who comes later goes where those before
 * it are, or where they are not.
 */
export class Neighbours {
  private readonly together = new Map<string, Neighbour[]>();
  private readonly apart = new Map<string, Neighbour[]>();

  /** Notes where an object runs; what was known of it before no longer counts. */
  note(binding: Binding, targets: readonly Target[]): void {
    const neighbour = { object: binding.object, targets: new Set(targets.map(({ name }) => name)) };
    for (const [groups, group] of [
      [this.together, binding.affinityGroup],
      [this.apart, binding.antiAffinityGroup],
    ] as const) {
      if (group === undefined) continue;
      const key = keyOf(binding, group);
      groups.set(key, [...(groups.get(key) ?? []).filter(({ object }) => object !== binding.object), neighbour]);
    }
  }

  refusal(binding: Binding, member: Member): Refusal | undefined {
    if (binding.affinityGroup === undefined && binding.antiAffinityGroup === undefined) return undefined;
    const others = (groups: ReadonlyMap<string, Neighbour[]>, group: string | undefined) =>
      group === undefined
        ? []
        : (groups.get(keyOf(binding, group)) ?? []).filter(({ object }) => object !== binding.object);
    const missed = others(this.together, binding.affinityGroup).find(
      ({ targets }) => targets.size > 0 && !targets.has(member.name),
    );
    if (missed) {
      return {
        code: 'WorkloadAffinity',
        text: `does not run ${missed.object.kind} ${missed.object.metadata.name} of the affinity group ${binding.affinityGroup}`,
      };
    }
    const met = others(this.apart, binding.antiAffinityGroup).find(({ targets }) => targets.has(member.name));
    return (
      met && {
        code: 'WorkloadAntiAffinity',
        text: `runs ${met.object.kind} ${met.object.metadata.name} of the anti-affinity group ${binding.antiAffinityGroup}`,
      }
    );
  }
}

function keyOf({ object }: Binding, group: string): string {
  return `${object.metadata.namespace ?? ''} ${group}`;
}
