/** Which override rules reach an object on a member, and in what order: pkg/util/overridemanager/overridemanager.go. */
import type { OverridePolicy, OverrideRule } from '../karmada.ts';
import { describe, type KubeObject, type ObjectRef, refOf } from '../kubernetes.ts';
import { affinityMatches, type Member } from '../members.ts';
import { bestFit, Fit } from '../selectors.ts';
import { PatchError } from './json-patch.ts';
import { applyOverriders } from './overriders.ts';

export type Overridden =
  | { readonly object: KubeObject; readonly applied: readonly ObjectRef[] }
  | { readonly policy: ObjectRef; readonly message: string; readonly applied: readonly ObjectRef[] };

/** All override policies. */
export class Overrides {
  private readonly clusterWide: readonly OverridePolicy[];
  private readonly byNamespace = new Map<string, OverridePolicy[]>();
  private readonly kinds = new Set<string>();
  private readonly names = new Set<string>();
  private readonly forAll: boolean;

  constructor(policies: readonly OverridePolicy[]) {
    this.clusterWide = policies.filter(({ kind }) => kind === 'ClusterOverridePolicy');
    for (const policy of policies) {
      const { namespace = '', name } = policy.metadata;
      this.names.add(`${policy.kind} ${namespace}/${name}`);
      for (const { apiVersion, kind } of selectorsOf(policy)) this.kinds.add(`${apiVersion} ${kind}`);
      if (policy.kind !== 'OverridePolicy') continue;
      const known = this.byNamespace.get(namespace);
      if (known) known.push(policy);
      else this.byNamespace.set(namespace, [policy]);
    }
    this.forAll = policies.some((policy) => selectorsOf(policy).length === 0);
  }

  /** Whether any rule can reach objects of this kind at all. */
  concern({ apiVersion, kind }: KubeObject): boolean {
    return this.forAll || this.kinds.has(`${apiVersion} ${kind}`);
  }

  has({ kind, namespace = '', name }: ObjectRef): boolean {
    return this.names.has(`${kind} ${namespace}/${name}`);
  }

  /** A text that is equal for members which the same rules reach: they get the same. */
  signature(object: KubeObject, member: Member): string {
    const near = this.byNamespace.get(object.metadata.namespace ?? '') ?? [];
    return [...this.clusterWide, ...near]
      .flatMap((policy) => rulesOf(policy).map((rule) => (reaches(rule, member) ? '1' : '0')))
      .join('');
  }

  /**
   * The object as a member gets it. Cluster-wide policies come first and those of the namespace (which the first may have
   * changed) then; among each, the more closely one selects, the later it is applied, and so has the last word.
   */
  apply(object: KubeObject, member: Member): Overridden {
    const wide = applyAll(object, this.clusterWide, member, []);
    if (!('object' in wide)) return wide;
    const { namespace } = wide.object.metadata;
    if (!namespace) return wide;
    return applyAll(wide.object, this.byNamespace.get(namespace) ?? [], member, wide.applied);
  }
}

function applyAll(
  object: KubeObject,
  policies: readonly OverridePolicy[],
  member: Member,
  before: readonly ObjectRef[],
): Overridden {
  let result = object;
  const applied = [...before];
  for (const policy of ordered(policies, object)) {
    for (const rule of rulesOf(policy)) {
      if (!reaches(rule, member)) continue;
      try {
        result = applyOverriders(result, rule.overriders ?? {});
      } catch (error) {
        if (!(error instanceof PatchError)) throw error;
        return { policy: refOf(policy), message: `${describe(refOf(policy))}: ${error.message}`, applied };
      }
      const ref = refOf(policy);
      if (!applied.some(({ kind, name }) => kind === ref.kind && name === ref.name)) applied.push(ref);
    }
  }
  return { object: result, applied };
}

function ordered(policies: readonly OverridePolicy[], object: KubeObject): readonly OverridePolicy[] {
  return policies
    .map((policy) => {
      const selectors = selectorsOf(policy);
      return { policy, fit: selectors.length === 0 ? Fit.Kind : bestFit(selectors, object) };
    })
    .filter(({ fit }) => fit !== Fit.None)
    .sort((a, b) => a.fit - b.fit || (a.policy.metadata.name < b.policy.metadata.name ? -1 : 1))
    .map(({ policy }) => policy);
}

function selectorsOf({ spec }: OverridePolicy) {
  return spec.resourceSelectors ?? [];
}

function rulesOf({ spec }: OverridePolicy): readonly OverrideRule[] {
  const { overrideRules = [], targetCluster, overriders = {} } = spec;
  return overrideRules.length > 0 ? overrideRules : [{ ...(targetCluster ? { targetCluster } : {}), overriders }];
}

function reaches({ targetCluster }: OverrideRule, member: Member): boolean {
  return !targetCluster || affinityMatches(targetCluster, member);
}
