import type { ObjectRef } from '../../simulation/kubernetes.ts';
import { describe } from '../../simulation/kubernetes.ts';
import type { Placement, Result, Share } from '../../simulation/model.ts';
import { isTold, planKey } from '../../simulation/plan.ts';
import { policyOf } from './computed.ts';
import { failuresOf, type SyncFailure } from './failures.ts';
import type { AggregatedStatus, Binding, Event, Karmada } from './live.ts';
import type { MemberStatus, ObjectStatus, PairStatus, State } from './report.ts';

/** What is computed of one object. */
interface Computed {
  readonly ref: ObjectRef;
  readonly shares: readonly Share[];
  /** Nothing for what dist/ does not hold, and only goes along with what it holds. */
  readonly placement?: Placement;
}

/**
 * Every object that is computed to be somewhere, or is: what it should be beside what it is.
 *
 * @param missing objects, by `planKey`, that the Karmada API does not hold.
 */
export function objectsOf(
  result: Result,
  karmada: Karmada,
  members: readonly MemberStatus[],
  missing: ReadonlySet<string>,
): ObjectStatus[] {
  const bindings = new Map(karmada.bindings.map((binding) => [planKey(binding.spec.resource), binding]));
  const judge = new Judge(members, karmada.events, missing);
  const objects = computedObjects(result).map((computed) => {
    const key = planKey(computed.ref);
    const binding = bindings.get(key);
    bindings.delete(key);
    return judge.object(computed, binding);
  });
  return [...objects, ...[...bindings.values()].map((binding) => judge.foreign(binding))];
}

/** The objects that Karmada should have a binding for, and has none. */
export function withoutBinding(result: Result, { bindings }: Karmada): Placement[] {
  const bound = new Set(bindings.map(({ spec }) => planKey(spec.resource)));
  return result.placements.filter((placement) => isTold(placement) && !bound.has(planKey(placement.ref)));
}

/** What is placed itself, and what goes along though dist/ does not hold it: a Secret that a script made, say. */
function computedObjects(result: Result): Computed[] {
  const told = result.placements.filter(isTold);
  const along = new Map<string, { ref: ObjectRef; names: Set<string> }>();
  for (const { ref, members, exists } of told.flatMap((placement) => placement.along)) {
    if (exists || ref.name === undefined) continue;
    const one = along.get(planKey(ref)) ?? { ref, names: new Set() };
    along.set(planKey(ref), one);
    for (const name of members) one.names.add(name);
  }
  return [
    ...told.map((placement) => ({ ref: placement.ref, shares: placement.members, placement })),
    ...[...along.values()].map(({ ref, names }) => ({
      ref,
      shares: [...names].map((name) => ({ name, replicas: null })),
    })),
  ];
}

class Judge {
  private readonly members: ReadonlyMap<string, MemberStatus>;
  private readonly failures: ReadonlyMap<string, SyncFailure>;

  constructor(
    members: readonly MemberStatus[],
    events: readonly Event[],
    private readonly missing: ReadonlySet<string>,
  ) {
    this.members = new Map(members.map((member) => [member.name, member]));
    this.failures = failuresOf(events);
  }

  object({ ref, shares, placement }: Computed, binding: Binding | undefined): ObjectStatus {
    const own = { ...plainRef(ref), declared: true };
    if (!binding) {
      // What goes along is there once Karmada has it; whether it is needed the pods tell.
      if (!placement) return { ...own, state: 'unknown', why: 'the Karmada API does not hold it', members: [] };
      const why = placement.unplaced?.message ?? this.whyUnbound(ref);
      const pairs = shares.map(
        (share): PairStatus => ({ member: share.name, computed: countOf(share), state: 'wrong' }),
      );
      return { ...own, state: 'wrong', why, members: pairs };
    }
    const live = sharesOf(binding);
    const answers = placement?.uncertain?.answers ?? [];
    const wanted = [shares, ...answers].find((answer) => equal(answer, live)) ?? shares;
    const names = [...new Set([...wanted, ...live].map(({ name }) => name))];
    const [should, is, told] = [byName(wanted), byName(live), toldIn(binding)];
    const members = names.map((name) =>
      this.pair(name, { binding, placement, computed: should.get(name), live: is.get(name), told: told.get(name) }),
    );
    const why = nowhere(wanted, live, placement, binding);
    return { ...own, state: why === undefined ? worst(members) : 'wrong', ...(why !== undefined && { why }), members };
  }

  /** What dist/ knows nothing of: somebody else has it placed. */
  foreign(binding: Binding): ObjectStatus {
    const live = sharesOf(binding);
    const told = toldIn(binding);
    const members = live
      .map((share) => this.pair(share.name, { binding, computed: share, live: share, told: told.get(share.name) }))
      .map(({ computed: _, ...pair }) => pair);
    const why = live.length === 0 ? conditionOf(binding, 'Scheduled')?.message : undefined;
    const { resource } = binding.spec;
    return {
      ...plainRef(resource),
      declared: false,
      state: why === undefined ? worst(members) : 'wrong',
      ...(why !== undefined && { why }),
      members,
    };
  }

  private whyUnbound(ref: ObjectRef): string {
    return this.missing.has(planKey(ref))
      ? 'the Karmada API does not hold it'
      : 'Karmada has not bound it to a policy yet';
  }

  private pair(member: string, facts: Facts): PairStatus {
    const { computed, live, told } = facts;
    const [state, why] = this.judge(member, facts);
    const ready = told?.status && live?.replicas ? (told.status.readyReplicas ?? 0) : undefined;
    return {
      member,
      ...(computed && { computed: countOf(computed) }),
      ...(live && {
        live: {
          ...countOf(live),
          ...(ready !== undefined && { ready }),
          applied: told?.applied === true,
          health: told?.health ?? 'Unknown',
        },
      }),
      state,
      ...(why !== undefined && { why }),
    };
  }

  private judge(member: string, facts: Facts): [State, string?] {
    const { binding, placement, computed, live, told } = facts;
    if (!live) return ['wrong', notChosen(binding, placement, member)];
    if (!computed)
      return ['wrong', placement?.verdict(member)?.reason.text ?? 'nothing that it goes along with is there'];
    if (!sameCount(computed, live))
      return ['wrong', `computed are ${many(computed)}, Karmada has decided on ${many(live)}`];
    const { joined, ready } = this.members.get(member) ?? {};
    if (!joined || ready !== 'True') return ['unknown', 'the member is not ready'];
    if (told?.applied !== true) return ['wrong', told?.appliedMessage || this.whyNoWork(member, facts)];
    if (told.health === 'Unhealthy') {
      return [
        'wrong',
        live.replicas ? `${told.status?.readyReplicas ?? 0} of ${many(live)} ready` : 'it is not healthy',
      ];
    }
    // A copy that was sent before stays as it was.
    const failure = this.failureOn(member, binding);
    return failure === undefined ? ['well'] : ['wrong', failure];
  }

  /** Why Karmada has not sent it: an override that fails is told by no condition, but in an event. */
  private whyNoWork(member: string, { binding, placement }: Facts): string {
    const error = placement?.errors.find((one) => one.member === member || one.member === undefined);
    const verdict = placement?.verdict(member);
    if (verdict?.reason.code === 'Suspended') return verdict.reason.text;
    return error?.text ?? this.failureOn(member, binding) ?? 'Karmada has not sent it yet';
  }

  private failureOn(member: string, { spec }: Binding): string | undefined {
    const { message, overrides } = this.failures.get(planKey(spec.resource)) ?? {};
    if (message === undefined || overrides === undefined) return undefined;
    if (overrides.size === 0) return message;
    const policy = overrides.get(member);
    return policy && `${policy} fails: ${message}`;
  }
}

interface Facts {
  readonly binding: Binding;
  readonly placement?: Placement | undefined;
  readonly computed: Share | undefined;
  readonly live: Share | undefined;
  /** What the member has told. */
  readonly told: AggregatedStatus | undefined;
}

/** Where Karmada has decided that it is: by itself, and along with others. */
function sharesOf({ spec }: Binding): Share[] {
  const own = (spec.clusters ?? []).map(({ name, replicas }) => ({ name, replicas: replicas ?? null }));
  const along = (spec.requiredBy ?? []).flatMap(({ clusters = [] }) => clusters.map(({ name }) => name));
  const others = [...new Set(along)].filter((name) => !own.some((share) => share.name === name));
  return [...own, ...others.map((name) => ({ name, replicas: null }))];
}

/** Why an object is nowhere, or is placed by another policy than it should be. */
function nowhere(
  wanted: readonly Share[],
  live: readonly Share[],
  placement: Placement | undefined,
  binding: Binding,
): string | undefined {
  if (wanted.length === 0 && live.length === 0) return placement?.unplaced?.message ?? 'nothing places it';
  const [is, should] = [policyOf(binding), placement?.policy];
  if (equal(wanted, live) || !is || !should || (is.kind === should.kind && is.name === should.name)) return undefined;
  return `${describe(is)} places it, and not ${describe(should)}`;
}

function notChosen(binding: Binding, placement: Placement | undefined, member: string): string {
  const scheduled = conditionOf(binding, 'Scheduled');
  if (scheduled && scheduled.status !== 'True') return scheduled.message || 'no member fits';
  if (!scheduled && placement?.policy) return 'Karmada has not scheduled it yet';
  const { reason } = placement?.verdict(member) ?? {};
  return `Karmada has not chosen the member${reason ? `, which ${reason.text}` : ''}`;
}

const conditionOf = ({ status }: Binding, name: string) => status?.conditions?.find(({ type }) => type === name);

const byName = (shares: readonly Share[]) => new Map(shares.map((share) => [share.name, share]));

const toldIn = ({ status }: Binding) => new Map(status?.aggregatedStatus?.map((told) => [told.clusterName, told]));

const countOf = ({ replicas }: Share) => ({ replicas });

/** Karmada leaves a number out that is 0. */
const sameCount = (a: Share, b: Share) => (a.replicas ?? 0) === (b.replicas ?? 0);

function equal(a: readonly Share[], b: readonly Share[]): boolean {
  const others = byName(b);
  return (
    a.length === b.length &&
    a.every((share) => {
      const other = others.get(share.name);
      return other !== undefined && sameCount(share, other);
    })
  );
}

function worst(members: readonly PairStatus[]): State {
  return (['wrong', 'unknown'] as const).find((state) => members.some((pair) => pair.state === state)) ?? 'well';
}

const many = ({ replicas }: Share) => `${replicas ?? 0} ${replicas === 1 ? 'replica' : 'replicas'}`;

function plainRef({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return { ...(apiVersion !== undefined && { apiVersion }), kind, ...(namespace !== undefined && { namespace }), name };
}
