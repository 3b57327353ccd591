/** Workload affinity: pkg/scheduler/framework/plugins/{workloadaffinity,workloadantiaffinity}, gate WorkloadAffinity. */

import type { KubeObject } from '../kubernetes.ts';
import type { Member } from '../members.ts';
import type { Reason } from '../model.ts';
import type { Binding, Target } from './binding.ts';
import type { Refusal } from './filter.ts';
import type { Schedule } from './schedule.ts';

interface Neighbour {
  readonly object: KubeObject;
  /** Each place that it may be at; the first is the one that is told. */
  readonly answers: readonly ReadonlySet<string>[];
  readonly unsure: Schedule['uncertain'];
}

/** Ways that are looked at, at most: each neighbour whose place is not known may double them. */
const MOST_WAYS = 64;

/**
 * Where the objects of each group run, as they are placed one after the other: who comes later goes where those before
 * it are, or where they are not.
 */
export class Neighbours {
  private constructor(
    private readonly together: Map<string, Neighbour[]>,
    private readonly apart: Map<string, Neighbour[]>,
    /** Where those are whose place is not known, in one of the ways that are possible. */
    private readonly supposed: ReadonlyMap<KubeObject, ReadonlySet<string>>,
  ) {}

  static none(): Neighbours {
    return new Neighbours(new Map(), new Map(), new Map());
  }

  /** Notes where an object runs; what was known of it before no longer counts. */
  note(binding: Binding, targets: readonly Target[], unsure?: Schedule['uncertain']): void {
    if (!isGrouped(binding)) return;
    // Replicas do not count here: answers with the same members are one.
    const places = (unsure?.answers ?? [targets]).map((answer) => answer.map(({ name }) => name));
    const distinct = new Map(places.map((names) => [[...names].sort().join(), names]));
    const answers = [...distinct.values()].map((names) => new Set(names));
    const neighbour = { object: binding.object, answers, unsure };
    for (const [groups, group] of [
      [this.together, binding.affinityGroup],
      [this.apart, binding.antiAffinityGroup],
    ] as const) {
      if (group === undefined) continue;
      const key = keyOf(binding, group);
      groups.set(key, [...(groups.get(key) ?? []).filter(({ object }) => object !== binding.object), neighbour]);
    }
  }

  /** Each way in which the neighbours of an object may be placed, as far as they differ; first the one that is told. */
  ways(binding: Binding): readonly Neighbours[] {
    let ways: Neighbours[] = [this];
    for (const { object, answers } of this.around(binding)) {
      if (answers.length < 2 || answers.length * ways.length > MOST_WAYS) continue;
      ways = ways.flatMap((way) =>
        answers.map(
          (answer) => new Neighbours(this.together, this.apart, new Map([...way.supposed, [object, answer]])),
        ),
      );
    }
    return ways;
  }

  /** Why it is not known where a neighbour runs. */
  unsureFor(binding: Binding): Reason | undefined {
    const open = this.around(binding).find(({ unsure }) => unsure !== undefined);
    if (!open?.unsure) return undefined;
    const { code, message } = open.unsure.reason;
    const { kind, metadata } = open.object;
    return { code, message: `it heeds ${kind} ${metadata.name} of its group, of which this is not known: ${message}` };
  }

  refusal(binding: Binding, member: Member): Refusal | undefined {
    if (!isGrouped(binding)) return undefined;
    const missed = this.others(this.together, binding, binding.affinityGroup).find((neighbour) => {
      const targets = this.placeOf(neighbour);
      return targets.size > 0 && !targets.has(member.name);
    });
    if (missed) {
      return {
        code: 'WorkloadAffinity',
        text: `does not run ${missed.object.kind} ${missed.object.metadata.name} of the affinity group ${binding.affinityGroup}`,
      };
    }
    const met = this.others(this.apart, binding, binding.antiAffinityGroup).find((neighbour) =>
      this.placeOf(neighbour).has(member.name),
    );
    return (
      met && {
        code: 'WorkloadAntiAffinity',
        text: `runs ${met.object.kind} ${met.object.metadata.name} of the anti-affinity group ${binding.antiAffinityGroup}`,
      }
    );
  }

  private placeOf({ object, answers }: Neighbour): ReadonlySet<string> {
    return this.supposed.get(object) ?? answers[0]!;
  }

  private around(binding: Binding): readonly Neighbour[] {
    const all = [
      ...this.others(this.together, binding, binding.affinityGroup),
      ...this.others(this.apart, binding, binding.antiAffinityGroup),
    ];
    return [...new Map(all.map((neighbour) => [neighbour.object, neighbour])).values()];
  }

  private others(groups: ReadonlyMap<string, Neighbour[]>, binding: Binding, group: string | undefined) {
    if (group === undefined) return [];
    return (groups.get(keyOf(binding, group)) ?? []).filter(({ object }) => object !== binding.object);
  }
}

function isGrouped({ affinityGroup, antiAffinityGroup }: Binding): boolean {
  return affinityGroup !== undefined || antiAffinityGroup !== undefined;
}

function keyOf({ object }: Binding, group: string): string {
  return `${object.metadata.namespace ?? ''} ${group}`;
}
