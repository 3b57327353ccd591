import type { PlacementSpec } from './karmada.ts';
import { type KubeObject, type ObjectRef, refOf } from './kubernetes.ts';
import type { Latest } from './lookup.ts';
import type { Members } from './members.ts';
import type {
  Along,
  Failover,
  Fault,
  GroupTrial,
  Interpreter,
  Manifest,
  OverriderEffect,
  Placement,
  PolicyMatch,
  Reason,
  Share,
  Uncertainty,
  Verdict,
} from './model.ts';
import type { Overrides } from './override/policies.ts';
import { allAnswers, everywhere, type Required, whyUncertain } from './required.ts';
import { type Binding, hasShares, type Target } from './schedule/binding.ts';
import type { Neighbours } from './schedule/neighbours.ts';
import type { Schedule } from './schedule/schedule.ts';
import { Judge } from './verdicts.ts';
import { Works } from './works.ts';

const COMPLETIONS: Reason = {
  code: 'Remainder',
  message:
    'equal members take the remainder of its completions by name, ascending or descending as the UID of the object falls out',
};

/** What all placements of one simulation share. */
export interface World {
  readonly members: Members;
  readonly overrides: Overrides;
  /** Those of one object, with what members get of it: too much to keep for all. */
  readonly works: Latest<Placed, Works>;
  readonly neighbours: Neighbours;
  readonly quotaFaults: (placement: Placed) => readonly Fault[];
  readonly failover: (placement: Placed, member: string) => Failover;
}

/** What was found out of one object, before anybody asks. */
export interface Facts {
  readonly object: KubeObject;
  readonly interpreter: Interpreter | undefined;
  readonly policies: readonly PolicyMatch[];
  readonly unplaced?: Reason | undefined;
  readonly binding?: Binding | undefined;
  readonly schedule?: Schedule;
  /** Where it stays without being scheduled: what was placed before, or all members for a Namespace. */
  readonly stays?: readonly Target[];
}

/** One object's placement. What is costly is found when it is asked for. */
export class Placed implements Placement {
  readonly ref: ObjectRef;
  readonly along: Along[] = [];
  readonly required: Required[] = [];
  private cache: {
    shares?: readonly Share[];
    byMember?: ReadonlyMap<string, Share>;
    faults?: readonly Fault[];
    judge?: Judge;
  } = {};

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

  get isClaimed(): boolean {
    const code = this.facts.unplaced?.code;
    return this.policy !== undefined && code !== 'OverridesMissing' && code !== 'NeverPropagated';
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

  /**
   * The placement that it was scheduled by last, whose tolerations decide whether it is evicted. A failure that leaves it
   * where it is leaves that placement, too.
   */
  get applied(): PlacementSpec | undefined {
    const { binding, schedule } = this.facts;
    const failure = schedule?.failure;
    return (failure && !failure.clears ? binding?.placed?.placement : undefined) ?? binding?.placement;
  }

  /** The group that Karmada tries first when it schedules it again: it keeps the last one that was taken. */
  get lastGroup(): string | undefined {
    return this.group ?? this.facts.binding?.placed?.group;
  }

  get groups(): readonly GroupTrial[] {
    return this.facts.schedule?.groups ?? [];
  }

  get lazy(): boolean {
    return this.facts.binding?.policy.spec.activationPreference === 'Lazy';
  }

  get requiredBy(): readonly ObjectRef[] {
    return this.required.map(({ by }) => by);
  }

  get uncertain(): Uncertainty | undefined {
    const own = this.unsure;
    const reason = whyUncertain(own, this.required);
    if (reason) {
      const answers = allAnswers(this.targets, own, this.required);
      if (answers.length > 1 || reason.code === 'RoomUnknown') {
        return { reason, answers: answers.map((targets) => this.sharesOf(targets)) };
      }
    }
    return this.works.isUncertain ? { reason: COMPLETIONS, answers: [this.members] } : undefined;
  }

  /** Its own targets, in Karmada's order, without those of the objects that it goes along with. */
  get targets(): readonly Target[] {
    return this.facts.schedule?.targets ?? this.facts.stays ?? [];
  }

  /** What is not known of these. */
  get unsure(): Schedule['uncertain'] {
    return this.facts.schedule?.uncertain;
  }

  get members(): readonly Share[] {
    this.cache.shares ??= this.sharesOf(this.allTargets());
    return this.cache.shares;
  }

  get errors(): readonly Fault[] {
    this.cache.faults ??= [...this.overrideFaults(), ...this.world.quotaFaults(this)];
    return this.cache.faults;
  }

  verdicts(): readonly Verdict[] {
    return this.world.members.all.map((member) => this.judge.verdict(member, this.shareOf(member.name)));
  }

  verdict(name: string): Verdict | undefined {
    const member = this.world.members.get(name);
    return member && this.judge.verdict(member, this.shareOf(name));
  }

  manifestFor(name: string): Manifest {
    const member = this.world.members.get(name);
    const share = this.shareOf(name);
    if (member && share) return this.works.manifestFor(member, share);
    const text = 'is no member';
    const reason = this.verdict(name)?.reason ?? { code: 'NotThere', text, message: `${name} ${text}` };
    return { applied: [], fault: { ...reason, member: name } };
  }

  failover(member: string): Failover {
    return this.world.failover(this, member);
  }

  private get judge(): Judge {
    const { facts, required, world } = this;
    this.cache.judge ??= new Judge(facts, this.unplaced, this.targets, required, world.neighbours);
    return this.cache.judge;
  }

  private get works(): Works {
    const { object, interpreter, binding } = this.facts;
    const { overrides, works } = this.world;
    return works.of(this, () => new Works(object, interpreter, binding, overrides.of(object), () => this.allTargets()));
  }

  /** Whether any override may reach it. */
  get isOverridden(): boolean {
    return this.works.isOverridden;
  }

  overriders(): readonly OverriderEffect[] {
    return this.works.isOverridden ? this.works.effects(this.memberShares()) : [];
  }

  private overrideFaults(): readonly Fault[] {
    return this.works.isOverridden ? this.works.faults(this.memberShares()) : [];
  }

  private memberShares() {
    return this.members.flatMap((share) => {
      const member = this.world.members.get(share.name);
      return member === undefined ? [] : [{ member, share }];
    });
  }

  private shareOf(name: string): Share | undefined {
    this.cache.byMember ??= new Map(this.members.map((share) => [share.name, share]));
    return this.cache.byMember.get(name);
  }

  private allTargets(): readonly Target[] {
    return everywhere(this.targets, this.required);
  }

  /** In the order of the input. */
  private sharesOf(targets: readonly Target[]): readonly Share[] {
    const { binding } = this.facts;
    const counted = binding !== undefined && hasShares(binding);
    return targets
      .map((target) => ({ target, index: this.world.members.get(target.name)?.index ?? Number.MAX_SAFE_INTEGER }))
      .sort((a, b) => a.index - b.index)
      .map(({ target }): Share => ({ name: target.name, replicas: counted ? target.replicas : null }));
  }
}
