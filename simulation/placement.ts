import { completionsOf } from './interpret/native.ts';
import { describe, type KubeObject, type ObjectRef, refOf } from './kubernetes.ts';
import { identityFault, manifestOf } from './manifest.ts';
import type { Member, Members } from './members.ts';
import type {
  Along,
  Failover,
  Fault,
  GroupTrial,
  Interpreter,
  Manifest,
  Placement,
  PolicyMatch,
  Reason,
  Share,
  Uncertainty,
  Verdict,
} from './model.ts';
import type { Overrides } from './override/policies.ts';
import { type Binding, divisionOf, hasShares, type Target } from './schedule/binding.ts';
import { type Refuser, refuserOf } from './schedule/filter.ts';
import type { Neighbours } from './schedule/neighbours.ts';
import type { Schedule } from './schedule/schedule.ts';
import { divideByVotes, fnvOrder } from './schedule/webster.ts';

/** What all placements of one simulation share. */
export interface World {
  readonly members: Members;
  readonly overrides: Overrides;
  readonly neighbours: Neighbours;
  readonly quotaFaults: (placement: Placed) => readonly Fault[];
  readonly failover: (placement: Placed, member: string) => Failover;
}

/** What was found out of one object, before anybody asks. */
export interface Facts {
  readonly object: KubeObject;
  readonly interpreter: Interpreter | undefined;
  readonly policies: readonly PolicyMatch[];
  readonly unplaced?: Reason;
  readonly binding?: Binding;
  readonly schedule?: Schedule;
  /** Where it stays without being scheduled: what was placed before, or all members for a Namespace. */
  readonly stays?: readonly Target[];
}

/** One object's placement. What is costly is found when it is asked for, and then kept. */
export class Placed implements Placement {
  readonly ref: ObjectRef;
  readonly along: Along[] = [];
  readonly requiredBy: ObjectRef[] = [];
  /** The targets of those that require it. */
  readonly required: { readonly by: ObjectRef; readonly targets: readonly Target[] }[] = [];
  private shares?: readonly Share[];
  private byMember?: ReadonlyMap<string, Share>;
  private faults?: readonly Fault[];
  private refuse?: Refuser;
  private cut?: ReadonlySet<string>;
  private completions?: ReadonlyMap<string, number>;
  private readonly manifests = new Map<string, Manifest>();

  constructor(
    private readonly facts: Facts,
    private readonly world: World,
  ) {
    this.ref = refOf(facts.object);
  }

  get object(): KubeObject {
    return this.facts.object;
  }

  get binding(): Binding | undefined {
    return this.facts.binding;
  }

  get policy(): ObjectRef | undefined {
    return this.facts.policies.find(({ wins }) => wins)?.policy;
  }

  get policies(): readonly PolicyMatch[] {
    return this.facts.policies;
  }

  get unplaced(): Reason | undefined {
    if (this.facts.unplaced && this.required.length > 0) return undefined;
    const failure = this.facts.schedule?.failure;
    return this.facts.unplaced ?? (failure && { code: failure.code, message: failure.message });
  }

  get group(): string | undefined {
    return this.facts.schedule?.failure ? undefined : this.facts.schedule?.term?.affinityName;
  }

  get groups(): readonly GroupTrial[] {
    return this.facts.schedule?.groups ?? [];
  }

  get lazy(): boolean {
    return this.facts.binding?.policy.spec.activationPreference === 'Lazy';
  }

  get uncertain(): Uncertainty | undefined {
    const uncertain = this.facts.schedule?.uncertain;
    return (
      uncertain && { reason: uncertain.reason, answers: uncertain.answers.map((targets) => this.sharesOf(targets)) }
    );
  }

  /** Its own targets, in Karmada's order, without those of the objects that it goes along with. */
  get targets(): readonly Target[] {
    return this.facts.schedule?.targets ?? this.facts.stays ?? [];
  }

  get members(): readonly Share[] {
    this.shares ??= this.sharesOf(this.allTargets());
    return this.shares;
  }

  get errors(): readonly Fault[] {
    this.faults ??= [...this.overrideFaults(), ...this.world.quotaFaults(this)];
    return this.faults;
  }

  verdicts(): readonly Verdict[] {
    return this.world.members.all.map((member) => this.judge(member));
  }

  verdict(name: string): Verdict | undefined {
    const member = this.world.members.get(name);
    return member && this.judge(member);
  }

  manifestFor(name: string): Manifest {
    const member = this.world.members.get(name);
    const share = this.shareOf(name);
    if (member === undefined || share === undefined) {
      const reason = this.verdict(name)?.reason ?? { code: 'NotThere', message: `there is no member ${name}` };
      return { applied: [], fault: { ...reason, member: name } };
    }
    return this.manifestOn(member, share);
  }

  failover(member: string): Failover {
    return this.world.failover(this, member);
  }

  private shareOf(name: string): Share | undefined {
    this.byMember ??= new Map(this.members.map((share) => [share.name, share]));
    return this.byMember.get(name);
  }

  /** Its own members, then those of whatever requires it (mergeTargetClusters). */
  private allTargets(): readonly Target[] {
    if (this.required.length === 0) return this.targets;
    const all = new Map(this.targets.map((target) => [target.name, target]));
    for (const { targets } of this.required) {
      for (const target of targets) if (!all.has(target.name)) all.set(target.name, target);
    }
    return [...all.values()];
  }

  private sharesOf(targets: readonly Target[]): readonly Share[] {
    const { binding } = this.facts;
    const counted = binding !== undefined && hasShares(binding);
    const place = ({ name }: Target) => this.world.members.get(name)?.index ?? Number.MAX_SAFE_INTEGER;
    const placed = targets.map((target) => ({ target, index: place(target) }));
    return placed
      .sort((a, b) => a.index - b.index)
      .map(({ target }): Share => ({ name: target.name, replicas: counted ? target.replicas : null }));
  }

  /** Members that the same override rules reach, with the same replicas, get the same: it is made once for all of them. */
  private manifestOn(member: Member, { replicas }: Share): Manifest {
    const { object, interpreter } = this.facts;
    const { overrides } = this.world;
    const completions = this.completionsOn(member.name);
    const rules = overrides.concern(object) ? overrides.signature(object, member) : '';
    const key = `${replicas} ${completions} ${rules}`;
    let manifest = this.manifests.get(key);
    if (manifest === undefined || manifest.fault) {
      manifest = manifestOf({ object, interpreter, replicas, completions }, member, overrides);
      this.manifests.set(key, manifest);
    }
    return manifest;
  }

  /** A divided Job's completions are divided, too, in proportion to its replicas. */
  private completionsOn(name: string): number | undefined {
    const { binding, object } = this.facts;
    if (object.kind !== 'Job' || binding === undefined || binding.replicas === 0) return undefined;
    const total = completionsOf(object);
    if (total === undefined || divisionOf(binding.placement) === 'Duplicated') return undefined;
    this.completions ??= new Map(
      divideByVotes(
        total,
        new Map(this.allTargets().map((target) => [target.name, target.replicas])),
        fnvOrder(object.metadata.uid) ?? 'ascending',
      ).map((target) => [target.name, target.replicas]),
    );
    return this.completions.get(name);
  }

  private overrideFaults(): readonly Fault[] {
    if (!this.world.overrides.concern(this.facts.object)) return [];
    return this.members.flatMap((share): readonly Fault[] => {
      const member = this.world.members.get(share.name);
      if (member === undefined) return [];
      const manifest = this.manifestOn(member, share);
      return manifest.fault
        ? [manifest.fault]
        : [identityFault(this.facts.object, manifest, share.name)].filter((fault) => fault !== undefined);
    });
  }

  private judge(member: Member): Verdict {
    const share = this.shareOf(member.name);
    const reason = share === undefined ? this.whyNot(member) : this.why(member, share);
    const overflow = share === undefined ? undefined : this.overflowOf(member);
    return {
      member: member.name,
      chosen: share !== undefined,
      reason,
      ...(overflow === undefined ? {} : { overflow }),
    };
  }

  private overflowOf({ name }: Member): string | undefined {
    const { schedule } = this.facts;
    if (schedule?.term?.overflowAffinities === undefined) return undefined;
    const order = schedule.fits.find(({ member }) => member.name === name)?.overflow ?? 0;
    return schedule.term.overflowAffinities[order - 1]?.affinityName;
  }

  private why(member: Member, { replicas }: Share): Reason {
    const { binding, object } = this.facts;
    const own = this.targets.some(({ name }) => name === member.name);
    if (!own) {
      const requirer = this.required.find(({ targets }) => targets.some(({ name }) => name === member.name));
      return {
        code: 'Along',
        message: `goes along with ${requirer === undefined ? 'another object' : describe(requirer.by)}`,
      };
    }
    if (binding === undefined) {
      return object.kind === 'Namespace'
        ? { code: 'Namespace', message: 'Karmada gives every member the namespaces' }
        : { code: 'Chosen', message: 'stays where it was placed before' };
    }
    const { suspension } = binding.policy.spec;
    if (suspension?.dispatching || suspension?.dispatchingOnClusters?.clusterNames?.includes(member.name)) {
      return { code: 'Suspended', message: `placed, but its policy suspends what goes to ${member.name}` };
    }
    const group = this.overflowOf(member) ?? this.group;
    const by = group === undefined ? 'the placement' : `the group ${group}`;
    return {
      code: 'Chosen',
      message: `${replicas === null ? 'placed' : `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`} by ${by}`,
    };
  }

  private whyNot(member: Member): Reason {
    const { binding, schedule } = this.facts;
    if (binding === undefined || schedule === undefined) {
      return this.unplaced ?? { code: 'NoPolicy', message: `nothing that it goes along with is on ${member.name}` };
    }
    this.refuse ??= refuserOf(binding, schedule.term, this.world.neighbours);
    const refused = this.refuse(member);
    if (refused) return refused;
    if (schedule.failure) return { code: schedule.failure.code, message: schedule.failure.message };
    this.cut ??= cutOf(schedule);
    if (!this.cut.has(member.name)) return this.noShare(member, binding);
    const count = schedule.taken.length;
    return {
      code: 'SpreadFull',
      message: `${member.name} fits, but the spread takes ${count} ${count === 1 ? 'member' : 'members'}`,
    };
  }

  private noShare({ name }: Member, binding: Binding): Reason {
    if (binding.replicas === 0)
      return { code: 'NoReplicas', message: `${name} fits, but there are no replicas to run` };
    return { code: 'NoShare', message: `${name} fits, but gets none of the ${binding.replicas} replicas` };
  }
}

/** The names of the members that fit and that the spread leaves out. */
function cutOf({ fits, taken }: Schedule): ReadonlySet<string> {
  const names = new Set(fits.map(({ member }) => member.name));
  for (const { member } of taken) names.delete(member.name);
  return names;
}
