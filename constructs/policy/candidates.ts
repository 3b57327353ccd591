import { lookup } from '../../simulation/lookup.ts';
import { parseTaint } from '../member.ts';
import {
  type ClusterAffinity,
  type ClusterToleration,
  fieldExpressions,
  type LabelExpression,
  type Placement,
} from './placement.ts';

/** What placements can ask of a member. */
export interface CandidateMember {
  readonly name: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zones: readonly string[];
  readonly labels: { readonly [key: string]: string };
  /** As `key=value:Effect`. */
  readonly taints: readonly string[];
}

/**
 * Tells on which members a placement may put resources, by the rules of Karmada's scheduler: ClusterMatches in
 * pkg/util/selector.go, and the plugin TaintToleration. Every member on which they may land counts, even one that is
 * only an overflow, or loses against others by spread constraints.
 */
export class Candidates<Member extends CandidateMember> {
  private readonly byName: ReadonlyMap<string, Member>;
  private readonly places: ReadonlyMap<Member, number>;
  /** Those of placements that have been asked for, by the very placement, and by all that are equal. */
  private readonly known = new WeakMap<Placement, readonly Member[]>();
  private readonly equal = new Map<string, readonly Member[]>();
  private readonly selected = new Map<string, readonly Member[]>();

  constructor(private readonly members: readonly Member[]) {
    this.byName = new Map(members.map((member) => [member.name, member]));
    this.places = new Map(members.map((member, i) => [member, i]));
  }

  /** Members where the resources may land, in the order of the federation. The same list for equal placements. */
  of(placement: Placement): readonly Member[] {
    let members = this.known.get(placement);
    if (!members) {
      const { replicas: _r, spread: _s, workloadAffinity: _w, ...choice } = placement;
      const key = JSON.stringify(choice);
      members = this.equal.get(key) ?? this.find(placement);
      this.equal.set(key, members);
      this.known.set(placement, members);
    }
    return members;
  }

  private find({ groups, tolerations = [], ...affinity }: Placement): readonly Member[] {
    const affinities = groups ? groups.flatMap((group) => [group, ...(group.overflow ?? [])]) : [affinity];
    const chosen = new Set(affinities.flatMap((one) => this.matching(one)));
    const place = (member: Member) => this.places.get(member) ?? 0;
    return [...chosen].filter(({ taints }) => tolerates(tolerations, taints)).sort((a, b) => place(a) - place(b));
  }

  /** Members that an affinity selects, taints aside. */
  matching(affinity: ClusterAffinity): readonly Member[] {
    const { clusters, exclude, labels, labelExpressions, fields, fieldExpressions } = affinity;
    const key = JSON.stringify([clusters, exclude, labels, labelExpressions, fields, fieldExpressions]);
    let members = this.selected.get(key);
    if (!members) {
      const named = clusters?.length ? clusters.flatMap((name) => this.byName.get(name) ?? []) : this.members;
      members = named.filter((member) => matches(affinity, member));
      this.selected.set(key, members);
    }
    return members;
  }
}

function matches(affinity: ClusterAffinity, member: CandidateMember): boolean {
  if (affinity.exclude?.includes(member.name)) return false;
  for (const [key, value] of Object.entries(affinity.labels ?? {})) {
    if (lookup(member.labels, key) !== value) return false;
  }
  if (!(affinity.labelExpressions ?? []).every((expression) => labelMatches(expression, member.labels))) return false;
  return fieldExpressions(affinity).every(({ key, operator, values }) => {
    const own = key === 'zone' ? member.zones : [member[key]].filter((value) => value !== undefined && value !== '');
    return own.some((value) => values.includes(value as string)) === (operator === 'In');
  });
}

function labelMatches({ key, operator, values = [] }: LabelExpression, labels: CandidateMember['labels']): boolean {
  const value = lookup(labels, key);
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
  }
}

/** Whether every taint that keeps resources away is tolerated (k8s.io/component-helpers, FindMatchingUntoleratedTaint). */
function tolerates(tolerations: readonly ClusterToleration[], taints: readonly string[]): boolean {
  return taints
    .map(parseTaint)
    .every(
      (taint) =>
        taint.effect === 'PreferNoSchedule' ||
        tolerations.some(
          ({ key, operator = 'Equal', value = '', effect }) =>
            (effect === undefined || effect === taint.effect) &&
            (key === undefined || key === taint.key) &&
            (operator === 'Exists' || value === (taint.value ?? '')),
        ),
    );
}
