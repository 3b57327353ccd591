import { withNamespace } from './defaults.ts';
import { evicted, evictionOf, lost } from './failover.ts';
import { gatesOf } from './gates.ts';
import { describe, type KubeObject, type ObjectRef } from './kubernetes.ts';
import { groupBy, nameOf } from './lookup.ts';
import type { Failover, Input, Placed as PlacedBefore, Reason, Result } from './model.ts';
import { place } from './place.ts';
import type { Placed } from './placement.ts';
import { sameRef } from './policies.ts';

/**
 * What Karmada 1.18 does with these objects and members: which policy claims each object, where it is placed and with
 * how many replicas, and what each member gets. A pure function: the same input gives the same result; nothing of the
 * input is changed.
 */
export function simulate(input: Input): Result {
  const result = new Simulation(input);
  const before = drivenOut(input, result);
  return before ? new Simulation({ ...input, before }) : result;
}

/**
 * What is placed once members have driven out what ran there, and does not tolerate a taint `NoExecute` any more: Karmada
 * first schedules, which keeps it, and evicts then (pkg/controllers/cluster/taint_manager.go).
 * @returns Undefined where nothing is driven out.
 */
function drivenOut(input: Input, result: Result): readonly PlacedBefore[] | undefined {
  if (!input.before?.length || !input.evictsNoExecute) return undefined;
  const tainted = input.members.filter(({ spec }) => spec?.taints?.some(({ effect }) => effect === 'NoExecute'));
  if (tainted.length === 0) return undefined;
  const placed = asBefore(result);
  const after = evicted(placed, tainted, input);
  return after.some((one, index) => one !== placed[index]) ? after : undefined;
}

class Simulation implements Result {
  readonly placements: readonly Placed[];
  private readonly byName: ReadonlyMap<string, readonly Placed[]>;
  private readonly objects: readonly KubeObject[];
  private readonly losses = new Map<string, Simulation>();

  constructor(private readonly input: Input) {
    this.objects = input.objects.map(withNamespace);
    this.placements = place(input, this.objects, gatesOf(input.gates), (placement, member) =>
      this.failover(placement, member),
    );
    this.byName = groupBy(this.placements, ({ ref }) => nameOf(ref));
  }

  of(ref: ObjectRef): Placed | undefined {
    return this.byName.get(nameOf(ref))?.find((placement) => sameRef(placement.ref, ref));
  }

  /** Members do not answer: they are tainted, what does not tolerate that is evicted, and all is scheduled again. */
  whenLost(names: readonly string[]): Simulation {
    const key = [...names].sort().join(' ');
    const known = this.losses.get(key);
    if (known) return known;
    const taintPolicies = this.objects.filter(({ kind }) => kind === 'ClusterTaintPolicy');
    const members = this.input.members.map((cluster) =>
      names.includes(cluster.metadata.name) ? lost(cluster, taintPolicies) : cluster,
    );
    const gone = members.filter(({ metadata }) => names.includes(metadata.name));
    const result = new Simulation({ ...this.input, members, before: evicted(asBefore(this), gone, this.input) });
    this.losses.set(key, result);
    return result;
  }

  private failover(placement: Placed, name: string): Failover {
    const stays = (reason: Reason): Failover => ({ member: name, evicted: false, reason, members: placement.members });
    if (!placement.members.some((share) => share.name === name)) {
      return stays({ code: 'NotThere', message: `${describe(placement.ref)} is not on ${name}` });
    }
    const after = this.whenLost([name]);
    const cluster = after.input.members.find(({ metadata }) => metadata.name === name);
    if (cluster === undefined || placement.binding === undefined) {
      return stays({
        code: 'Tolerated',
        message: 'it is not placed by a policy of its own, so failover does not move it',
      });
    }
    const { evicted, code, message } = evictionOf(cluster, placement.applied ?? {}, this.input);
    if (!evicted) return stays({ code, message });
    const then = after.of(placement.ref);
    const members = then?.members ?? [];
    const why = then?.unplaced?.message ?? 'its replicas go to other members';
    return members.length === 0
      ? {
          member: name,
          evicted,
          reason: { code: 'Lost', message: `${message}; ${why}, so it runs nowhere any more` },
          members,
        }
      : { member: name, evicted, reason: { code: 'Moved', message: `${message}; ${why}` }, members };
  }
}

/**
 * A result of `simulate` as what is placed already, for the next simulation. What a policy has claimed is among it even
 * if it has no members: the claim stays.
 */
export function asBefore(result: Result): readonly PlacedBefore[] {
  return (result.placements as readonly Placed[])
    .filter(
      ({ binding, targets, object }) => binding !== undefined || (targets.length > 0 && object.kind !== 'Namespace'),
    )
    .map(({ ref, policy, lastGroup, targets, unsure, binding, applied }) => ({
      ...ref,
      ...(policy ? { policy } : {}),
      ...(lastGroup === undefined ? {} : { group: lastGroup }),
      members: targets,
      ...(unsure ? { answers: unsure.answers } : {}),
      ...(binding?.placed?.evicting?.length ? { evicting: binding.placed.evicting } : {}),
      ...(applied ? { placement: applied } : {}),
    }));
}
