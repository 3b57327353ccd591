import type { PlacementSpec } from '../karmada.ts';
import type { Binding } from './binding.ts';
import { anyOf, type Schedule, type SchedulerOptions, schedule } from './schedule.ts';

/** Places objects one after the other; those that ask the same of the same members get one answer. */
export class Scheduler {
  private readonly placements = new WeakMap<PlacementSpec, number>();
  private readonly numbers = new Map<string, number>();
  private readonly schedules = new Map<string, Schedule>();

  constructor(private readonly options: SchedulerOptions) {}

  schedule(binding: Binding): Schedule {
    const key = this.keyOf(binding);
    if (key === undefined) return this.besideNeighbours(binding);
    let known = this.schedules.get(key);
    if (known === undefined) {
      known = schedule(binding, this.options);
      this.schedules.set(key, known);
    }
    return known;
  }

  /** Where it is not known where neighbours run, it is not known of this one either. */
  private besideNeighbours(binding: Binding): Schedule {
    const { neighbours } = this.options;
    const unsure = neighbours.unsureFor(binding);
    if (unsure === undefined) return schedule(binding, this.options);
    const ways = neighbours.ways(binding).map((way) => schedule(binding, { ...this.options, neighbours: way }));
    return anyOf(ways, unsure);
  }

  /** All that a first placement depends on. Undefined where more does: what runs already, and the neighbours. */
  private keyOf(binding: Binding): string | undefined {
    const { object, placement, placed, replicas, order, needs, affinityGroup, antiAffinityGroup } = binding;
    if (placed || affinityGroup || antiAffinityGroup) return undefined;
    const asks = binding.requirements === undefined ? '' : 'asks';
    return [this.numberOf(placement), object.apiVersion, object.kind, replicas, order ?? '', asks, needs].join(' ');
  }

  /** Equal placements have the same number. */
  private numberOf(placement: PlacementSpec): number {
    let number = this.placements.get(placement);
    if (number === undefined) {
      const text = JSON.stringify(placement);
      number = this.numbers.get(text) ?? this.numbers.size;
      this.numbers.set(text, number);
      this.placements.set(placement, number);
    }
    return number;
  }
}
