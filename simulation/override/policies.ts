/** Which override rules reach an object on a member, and in what order: pkg/util/overridemanager/overridemanager.go. */
import { same } from '../equality.ts';
import type { ClusterAffinity, OverridePolicy, OverrideRule, Overriders } from '../karmada.ts';
import { describe, type KubeObject, type ObjectRef, refOf } from '../kubernetes.ts';
import { affinityMatches, type Member } from '../members.ts';
import type { OverriderRef } from '../model.ts';
import { bestFit, Fit } from '../selectors.ts';
import { PatchError } from './json-patch.ts';
import { applyOverriders } from './overriders.ts';

export type Overridden =
  | { readonly object: KubeObject; readonly applied: readonly ObjectRef[] }
  | { readonly policy: ObjectRef; readonly text: string; readonly applied: readonly ObjectRef[] };

/** Says which overriders are to be left out. */
export type LeavesOut = (overrider: OverriderRef) => boolean;

/** All override policies, laid out so that an object meets only those that may select it. */
export class Overrides {
  private readonly index = new Map<string, OverridePolicy[]>();
  private readonly names = new Set<string>();

  constructor(policies: readonly OverridePolicy[]) {
    for (const policy of policies) {
      const { namespace = '', name } = policy.metadata;
      this.names.add(nameOf(policy.kind, namespace, name));
      for (const key of keysOf(policy)) {
        const known = this.index.get(key);
        if (known) known.push(policy);
        else this.index.set(key, [policy]);
      }
    }
  }

  has({ kind, namespace = '', name }: ObjectRef): boolean {
    return this.names.has(nameOf(kind, namespace, name));
  }

  /** What reaches one object; undefined when nothing does. */
  of(object: KubeObject): ObjectOverrides | undefined {
    const wide = this.policiesFor(object, undefined);
    const near = object.metadata.namespace ? this.policiesFor(object, object.metadata.namespace) : [];
    return wide.length + near.length === 0 ? undefined : new ObjectOverrides(this, wide, near);
  }

  /** The policies that select an object if its labels are right, which other overrides may change on the way. */
  policiesFor({ apiVersion, kind, metadata }: KubeObject, namespace: string | undefined): readonly OverridePolicy[] {
    const of = (key: string) => this.index.get(`${namespace ?? ''} ${key}`) ?? [];
    return [...new Set([...of(''), ...of(`${apiVersion} ${kind}`), ...of(`${apiVersion} ${kind} ${metadata.name}`)])];
  }
}

function nameOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** Where a policy is found: by its namespace and, as far as it says, kind and name. */
function keysOf(policy: OverridePolicy): ReadonlySet<string> {
  const namespace = policy.kind === 'OverridePolicy' ? (policy.metadata.namespace ?? '') : '';
  const selectors = selectorsOf(policy);
  if (selectors.length === 0) return new Set([`${namespace} `]);
  return new Set(
    selectors.map(({ apiVersion, kind, name }) => `${namespace} ${apiVersion} ${kind}${name ? ` ${name}` : ''}`),
  );
}

/** The overrides that may reach one object. */
export class ObjectOverrides {
  private readonly targets: readonly (ClusterAffinity | undefined)[];

  constructor(
    private readonly all: Overrides,
    private readonly wide: readonly OverridePolicy[],
    private readonly near: readonly OverridePolicy[],
  ) {
    this.targets = [...wide, ...near].flatMap((policy) => rulesOf(policy).map((rule) => rule.targetCluster));
  }

  /** A text that is equal for members which the same rules reach: they get the same. */
  signature(member: Member): string {
    let text = '';
    for (const target of this.targets) text += reaches(target, member) ? '1' : '0';
    return text;
  }

  /** Whether any rule reaches members of a signature. */
  static reach(signature: string): boolean {
    return signature.includes('1');
  }

  /**
   * The object as a member gets it. Cluster-wide policies come first and those of the namespace (which the first may have
   * changed) then; among each, the more closely one selects, the later it is applied, and so has the last word.
   */
  apply(object: KubeObject, member: Member, leavesOut?: LeavesOut): Overridden {
    const wide = applyAll(object, this.wide, member, [], leavesOut);
    if (!('object' in wide)) return wide;
    const { namespace } = wide.object.metadata;
    if (!namespace) return wide;
    const near = isLike(wide.object, object) ? this.near : this.all.policiesFor(wide.object, namespace);
    return applyAll(wide.object, near, member, wide.applied, leavesOut);
  }

  /** The overriders that are for an object on a member. */
  overriders(object: KubeObject, member: Member): readonly OverriderRef[] {
    return [...this.wide, ...this.near].flatMap((policy) =>
      fitsPolicy(policy, object) === Fit.None
        ? []
        : rulesOf(policy).flatMap(({ targetCluster, overriders }, rule) =>
            reaches(targetCluster, member) ? refsOf(refOf(policy), rule, overriders ?? {}) : [],
          ),
    );
  }
}

function isLike(a: KubeObject, b: KubeObject): boolean {
  return same(refOf(a), refOf(b));
}

function applyAll(
  object: KubeObject,
  policies: readonly OverridePolicy[],
  member: Member,
  before: readonly ObjectRef[],
  leavesOut: LeavesOut | undefined,
): Overridden {
  let result = object;
  const applied = [...before];
  for (const policy of ordered(policies, object)) {
    for (const [index, rule] of rulesOf(policy).entries()) {
      if (!reaches(rule.targetCluster, member)) continue;
      const overriders = rule.overriders ?? {};
      try {
        result = applyOverriders(result, leavesOut ? without(overriders, refOf(policy), index, leavesOut) : overriders);
      } catch (error) {
        if (!(error instanceof PatchError)) throw error;
        return { policy: refOf(policy), text: `${describe(refOf(policy))}: ${error.message}`, applied };
      }
      const ref = refOf(policy);
      if (!applied.some(({ kind, name }) => kind === ref.kind && name === ref.name)) applied.push(ref);
    }
  }
  return { object: result, applied };
}

function ordered(policies: readonly OverridePolicy[], object: KubeObject): readonly OverridePolicy[] {
  return policies
    .map((policy) => ({ policy, fit: fitsPolicy(policy, object) }))
    .filter(({ fit }) => fit !== Fit.None)
    .sort((a, b) => a.fit - b.fit || (a.policy.metadata.name < b.policy.metadata.name ? -1 : 1))
    .map(({ policy }) => policy);
}

function fitsPolicy(policy: OverridePolicy, object: KubeObject): Fit {
  const selectors = selectorsOf(policy);
  return selectors.length === 0 ? Fit.Kind : bestFit(selectors, object);
}

function refsOf(policy: ObjectRef, rule: number, overriders: Overriders): OverriderRef[] {
  return Object.entries(overriders).flatMap(([field, list]) =>
    ((list as readonly unknown[] | undefined) ?? []).map((_, index) => ({
      policy,
      rule,
      field: field as keyof Overriders,
      index,
    })),
  );
}

function without(overriders: Overriders, policy: ObjectRef, rule: number, leavesOut: LeavesOut): Overriders {
  return Object.fromEntries(
    Object.entries(overriders).map(([field, list]) => [
      field,
      (list as readonly unknown[] | undefined)?.filter(
        (_, index) => !leavesOut({ policy, rule, field: field as keyof Overriders, index }),
      ),
    ]),
  );
}

function selectorsOf({ spec }: OverridePolicy) {
  return spec.resourceSelectors ?? [];
}

function rulesOf({ spec }: OverridePolicy): readonly OverrideRule[] {
  const { overrideRules = [], targetCluster, overriders = {} } = spec;
  return overrideRules.length > 0 ? overrideRules : [{ ...(targetCluster ? { targetCluster } : {}), overriders }];
}

function reaches(targetCluster: ClusterAffinity | undefined, member: Member): boolean {
  return !targetCluster || affinityMatches(targetCluster, member);
}
