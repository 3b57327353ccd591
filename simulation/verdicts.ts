import { describe } from './kubernetes.ts';
import type { Member } from './members.ts';
import type { MemberReason, Reason, ReasonCode, Share, Verdict } from './model.ts';
import type { Facts } from './placement.ts';
import type { Required } from './required.ts';
import type { Target } from './schedule/binding.ts';
import { type Refusal, type Refuser, refuserOf } from './schedule/filter.ts';
import type { Neighbours } from './schedule/neighbours.ts';

/** Says of one object, for every member, whether it goes there and why. */
export class Judge {
  private readonly refuse: Refuser | undefined;
  private readonly own: ReadonlySet<string>;
  private readonly leftOut: ReadonlySet<string>;
  private readonly overflows: ReadonlyMap<string, string>;
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly facts: Facts,
    private readonly unplaced: Reason | undefined,
    targets: readonly Target[],
    private readonly required: readonly Required[],
    neighbours: Neighbours,
  ) {
    const { binding, schedule } = facts;
    const { term, fits = [], taken = [] } = schedule ?? {};
    this.refuse = binding && schedule && refuserOf(binding, term, neighbours);
    this.own = new Set(targets.map(({ name }) => name));
    this.leftOut = new Set(fits.map(({ member }) => member.name));
    for (const { member } of taken) (this.leftOut as Set<string>).delete(member.name);
    this.overflows = new Map(
      fits.flatMap(({ member, overflow }) => {
        const group = term?.overflowAffinities?.[overflow - 1];
        return group === undefined ? [] : [[member.name, group.affinityName] as const];
      }),
    );
  }

  verdict(member: Member, share: Share | undefined): Verdict {
    const { name } = member;
    if (share === undefined) return { member: name, chosen: false, reason: this.whyNot(member) };
    const overflow = this.overflows.get(name);
    return {
      member: name,
      chosen: true,
      reason: this.why(name, share),
      ...(overflow === undefined ? {} : { overflow }),
    };
  }

  private why(name: string, { replicas }: Share): MemberReason {
    const { binding, object, schedule } = this.facts;
    if (!this.own.has(name)) {
      const requirer = this.required.find(({ targets }) => targets.some((target) => target.name === name));
      return this.about(
        name,
        'Along',
        `gets it along with ${requirer === undefined ? 'another object' : describe(requirer.by)}`,
      );
    }
    if (binding === undefined) {
      return object.kind === 'Namespace'
        ? this.about(name, 'Namespace', 'gets it as every member gets every namespace')
        : this.about(name, 'Chosen', 'keeps it from before');
    }
    const { suspension } = binding.policy.spec;
    if (suspension?.dispatching || suspension?.dispatchingOnClusters?.clusterNames?.includes(name)) {
      return this.about(name, 'Suspended', 'is to get it, but its policy suspends that');
    }
    const group = this.overflows.get(name) ?? schedule?.term?.affinityName;
    const by = group === undefined ? 'the placement' : `the group ${group}`;
    const what = replicas === null ? 'it' : `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
    return this.about(name, 'Chosen', `gets ${what} by ${by}`);
  }

  private whyNot(member: Member): MemberReason {
    const { binding, schedule } = this.facts;
    const { name } = member;
    if (binding === undefined || schedule === undefined || this.refuse === undefined) {
      return this.unplaced
        ? { ...this.unplaced, text: this.unplaced.message }
        : this.about(name, 'NoPolicy', 'runs nothing that it goes along with');
    }
    const refusal = this.refuse(member) ?? this.leftOver(name);
    return this.about(name, refusal.code, refusal.text);
  }

  /** Why a member that passes all filters gets nothing all the same. */
  private leftOver(name: string): Refusal {
    const { binding, schedule } = this.facts;
    if (schedule?.failure) return { code: schedule.failure.code, text: `fits, but ${schedule.failure.message}` };
    if (this.leftOut.has(name)) {
      const count = schedule?.taken.length ?? 0;
      return { code: 'SpreadFull', text: `fits, but the spread takes ${count} ${count === 1 ? 'member' : 'members'}` };
    }
    const replicas = binding?.replicas ?? 0;
    return replicas === 0
      ? { code: 'NoReplicas', text: 'fits, but there are no replicas to run' }
      : { code: 'NoShare', text: `fits, but gets none of the ${replicas} replicas` };
  }

  private about(name: string, code: ReasonCode, text: string): MemberReason {
    const shared = this.texts.get(text) ?? text;
    this.texts.set(shared, shared);
    return { code, text: shared, message: `${name} ${shared}` };
  }
}
