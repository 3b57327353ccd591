import { alike, stored } from './api-defaults.ts';
import { same } from './equality.ts';
import { completionsOf } from './interpret/native.ts';
import type { KubeObject } from './kubernetes.ts';
import { changedIdentity, type Failed, type Made, make, type Work } from './manifest.ts';
import type { Member } from './members.ts';
import type { Fault, Interpreter, Manifest, OverriderEffect, OverriderRef, Share } from './model.ts';
import { type LeavesOut, ObjectOverrides } from './override/policies.ts';
import { type Binding, divisionOf, type Order, type Target } from './schedule/binding.ts';
import { divideByVotes } from './schedule/webster.ts';

/** Makes what the members of one object get. Members that the same rules reach, with equal replicas, share it. */
export class Works {
  private readonly made = new Map<string, Made>();
  private template?: KubeObject;
  private completions?: ReadonlyMap<string, number>;

  constructor(
    private readonly object: KubeObject,
    private readonly interpreter: Interpreter | undefined,
    private readonly binding: Binding | undefined,
    private readonly overrides: ObjectOverrides | undefined,
    private readonly targets: () => readonly Target[],
  ) {}

  get isOverridden(): boolean {
    return this.overrides !== undefined;
  }

  manifestFor(member: Member, { replicas }: Share): Manifest {
    const completions = this.completionsOn(member.name);
    const rules = this.overrides?.signature(member) ?? '';
    const made = this.makeOnce(keyFor(replicas, completions, rules), member, replicas, completions);
    if ('object' in made) return made;
    return { applied: made.applied, fault: withMember(failure(made), member.name) };
  }

  /** What overrides do wrong, member by member. Whether they do does not depend on replicas, so it is tried once a rule. */
  faults(shares: readonly { readonly member: Member; readonly share: Share }[]): readonly Fault[] {
    const { overrides } = this;
    if (overrides === undefined) return [];
    const found = new Map<string, WithoutMember | undefined>();
    return shares.flatMap(({ member, share }): readonly Fault[] => {
      const rules = overrides.signature(member);
      if (!ObjectOverrides.reach(rules)) return [];
      if (!found.has(rules))
        found.set(
          rules,
          faultOf(
            this.object,
            this.makeOnce(keyFor(share.replicas, undefined, rules), member, share.replicas, undefined),
          ),
        );
      const fault = found.get(rules);
      return fault ? [withMember(fault, member.name)] : [];
    });
  }

  /** What each overrider comes to that reaches one of these members. Where any of them fails, all count as doing something. */
  effects(shares: readonly { readonly member: Member; readonly share: Share }[]): readonly OverriderEffect[] {
    const { overrides } = this;
    if (overrides === undefined) return [];
    const seen = new Set<string>();
    const effects = new Map<string, OverriderEffect>();
    for (const { member, share } of shares) {
      const rules = overrides.signature(member);
      const likeness = keyFor(share.replicas, undefined, rules);
      if (!ObjectOverrides.reach(rules) || seen.has(likeness)) continue;
      seen.add(likeness);
      const made = this.makeOnce(likeness, member, share.replicas, undefined);
      const work = this.workOf(share.replicas, undefined);
      for (const overrider of overrides.overriders(work.object, member)) {
        const key = keyOf(overrider);
        const known = effects.get(key);
        if (known?.does === 'something') continue;
        const does = effectOf(made, work, member, overrides, (other) => keyOf(other) === key);
        effects.set(key, { ...overrider, does: known && does === 'nothing' ? known.does : does });
      }
    }
    return [...effects.values()];
  }

  /** Whether it hangs on the object's UID, which is not known, which member makes which of a Job's completions. */
  get isUncertain(): boolean {
    const { binding } = this;
    const total = this.dividedCompletions();
    if (total === undefined || binding?.order !== undefined) return false;
    const share = (order: Order) => divideByVotes(total, byName(this.targets()), order);
    return !same([...byName(share('ascending'))].sort(), [...byName(share('descending'))].sort());
  }

  private makeOnce(key: string, member: Member, replicas: number | null, completions: number | undefined): Made {
    const made = this.made.get(key) ?? make(this.workOf(replicas, completions), member, this.overrides);
    this.made.set(key, made);
    return made;
  }

  private workOf(replicas: number | null, completions: number | undefined): Work {
    this.template ??= stored(this.object, this.binding !== undefined);
    return { object: this.template, interpreter: this.interpreter, replicas, completions };
  }

  /** A divided Job's completions are divided, too, in proportion to its replicas. */
  private completionsOn(name: string): number | undefined {
    const total = this.dividedCompletions();
    if (total === undefined) return undefined;
    this.completions ??= byName(divideByVotes(total, byName(this.targets()), this.binding?.order ?? 'ascending'));
    return this.completions.get(name);
  }

  private dividedCompletions(): number | undefined {
    const { binding, object } = this;
    if (object.kind !== 'Job' || binding === undefined || binding.replicas === 0) return undefined;
    return divisionOf(binding.placement) === 'Duplicated' ? undefined : completionsOf(object);
  }
}

/** Tries one overrider: all with and without it, and it alone. One without which others fail does something. */
function effectOf(
  all: Made,
  work: Work,
  member: Member,
  overrides: ObjectOverrides,
  isIt: (other: OverriderRef) => boolean,
): OverriderEffect['does'] {
  const object = (leavesOut: LeavesOut) => {
    const made = make(work, member, overrides, leavesOut);
    return 'object' in made ? made.object : undefined;
  };
  const without = object(isIt);
  if (!('object' in all) || without === undefined || !alike(all.object, without)) return 'something';
  return alike(
    object((other) => !isIt(other)),
    object(() => true),
  )
    ? 'nothing'
    : 'undone';
}

/** What is made is equal for members that get as many replicas by the same rules. */
function keyFor(replicas: number | null, completions: number | undefined, rules: string): string {
  return `${replicas} ${completions} ${rules}`;
}

function keyOf({ policy, rule, field, index }: OverriderRef): string {
  return `${policy.kind} ${policy.namespace} ${policy.name} ${rule} ${field} ${index}`;
}

type WithoutMember = Omit<Fault, 'member' | 'message'> & { readonly prefix: string };

function faultOf(object: KubeObject, made: Made): WithoutMember | undefined {
  if (!('object' in made)) return failure(made);
  const text = changedIdentity(object, made);
  return text === undefined ? undefined : { code: 'IdentityChanged', text, prefix: '' };
}

function failure({ policy, text }: Failed): WithoutMember {
  return { code: 'OverrideFailed', policy, text, prefix: 'no Work for ' };
}

function withMember({ prefix, ...fault }: WithoutMember, member: string): Fault {
  const separator = prefix === '' ? ' ' : ': ';
  return { ...fault, member, message: `${prefix}${member}${separator}${fault.text}` };
}

function byName(targets: readonly Target[]): ReadonlyMap<string, number> {
  return new Map(targets.map(({ name, replicas }) => [name, replicas]));
}
