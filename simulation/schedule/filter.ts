/** Which members an object may go to: the filter plugins of pkg/scheduler/framework/plugins. */
import type { ClusterAffinity, ClusterAffinityTerm, PlacementSpec } from '../karmada.ts';
import { affinityTest, type Member, type Members, type Mismatch } from '../members.ts';
import type { ReasonCode } from '../model.ts';
import { taintText, tolerates } from '../tolerations.ts';
import { type Binding, isWorkload } from './binding.ts';
import type { Neighbours } from './neighbours.ts';

/** A member that passes, and by which of the term's overflow groups: 0 is the term itself. */
export interface Fitting {
  readonly member: Member;
  readonly overflow: number;
}

/** What a placement without any overflow gives a member (getClusterOverflowOrder): after all others. */
const OUTSIDE = 1000;

export interface Filter {
  readonly members: Members;
  readonly neighbours: Neighbours;
}

/** All members that pass, sorted by name. `term` is the group of `clusterAffinities` that is tried. */
export function fitting(binding: Binding, term: ClusterAffinityTerm | undefined, filter: Filter): Fitting[] {
  const affinities = affinitiesOf(binding, term);
  const tests = affinities.map(affinityTest);
  const refuse = refuser(binding, filter.neighbours);
  const result: Fitting[] = [];
  for (const member of filter.members.candidates(affinities.length === 1 ? affinities[0] : undefined)) {
    const overflow = tests.length === 0 ? 0 : tests.findIndex((test) => test(member) === undefined);
    if (overflow < 0 || refuse(member) !== undefined) continue;
    result.push({ member, overflow: orderOf(binding.placement, term, overflow) });
  }
  return result;
}

/** Why a member does not pass; the text is to be read after its name, and is the same for all that it holds for. */
export interface Refusal {
  readonly code: ReasonCode;
  readonly text: string;
}

export type Refuser = (member: Member) => Refusal | undefined;

/** Says of a member why it does not pass; undefined when it does. */
export function refuserOf(binding: Binding, term: ClusterAffinityTerm | undefined, neighbours: Neighbours): Refuser {
  const affinities = affinitiesOf(binding, term);
  const tests = affinities.map(affinityTest);
  const refuse = refuser(binding, neighbours);
  const mismatches = mismatchesOf(term === undefined ? 'the placement' : `the group ${term.affinityName}`);
  return (member) => {
    if (tests.length === 0 || tests.some((test) => test(member) === undefined)) return refuse(member);
    return mismatches[tests[0]!(member)!];
  };
}

function mismatchesOf(whose: string): Readonly<Record<Mismatch, Refusal>> {
  const refusal = (text: string): Refusal => ({ code: 'AffinityMismatch', text });
  return {
    excluded: refusal(`is excluded by ${whose}`),
    labels: refusal(`lacks the labels that ${whose} asks for`),
    fields: refusal(`has another provider, region or zone than ${whose} asks for`),
    names: refusal(`is not named by ${whose}`),
  };
}

/** `clusterAffinity` alone, else the tried group with what it overflows into; only pods overflow. None: all members fit. */
function affinitiesOf(binding: Binding, term: ClusterAffinityTerm | undefined): readonly ClusterAffinity[] {
  const { clusterAffinity } = binding.placement;
  if (clusterAffinity) return [clusterAffinity];
  if (term === undefined) return [];
  return isWorkload(binding) ? [term, ...(term.overflowAffinities ?? [])] : [term];
}

function orderOf(
  { clusterAffinity, clusterAffinities = [] }: PlacementSpec,
  term: ClusterAffinityTerm | undefined,
  overflow: number,
): number {
  if (clusterAffinity || clusterAffinities.length === 0) return 0;
  return term === undefined ? OUTSIDE : overflow;
}

/** All filters but the affinity. Where an object runs already, neither taints nor missing kinds drive it out. */
function refuser(binding: Binding, neighbours: Neighbours): Refuser {
  const { object, placement, placed, runsOn } = binding;
  const { apiVersion, kind } = object;
  const served = `${apiVersion} ${kind}`;
  const tolerations = placement.clusterTolerations ?? [];
  const spreadFields = (placement.spreadConstraints ?? []).map(({ spreadByField }) => spreadByField);
  const unserved: Refusal = { code: 'ApiMissing', text: `does not serve ${kind} of ${apiVersion}` };
  const untolerated = sharing(
    'Untolerated',
    (taint) => `has the taint ${taint}, which the placement does not tolerate`,
  );
  const unspread = sharing('SpreadPropertyMissing', (field) => `has no ${field}, and the placement spreads by it`);
  return (member) => {
    const runs = runsOn.has(member.name);
    if (!runs) {
      const taint = member.taints.find((given) => !tolerations.some((toleration) => tolerates(toleration, given)));
      if (taint) {
        return untolerated(taintText(taint));
      }
      if (member.served && !member.served.has(served)) {
        return unserved;
      }
    }
    const property = spreadFields.find((field) => lacks(member, field));
    if (property !== undefined) {
      return unspread(property);
    }
    if (placed?.evicting?.includes(member.name)) {
      return EVICTED;
    }
    return runs ? undefined : neighbours.refusal(binding, member);
  };
}

const EVICTED: Refusal = { code: 'Evicted', text: 'is being evicted' };

/** One refusal for each value. */
function sharing(code: ReasonCode, text: (value: string) => string): (value: string) => Refusal {
  const known = new Map<string, Refusal>();
  return (value) => {
    const refusal = known.get(value) ?? { code, text: text(value) };
    known.set(value, refusal);
    return refusal;
  };
}

function lacks(member: Member, field: string | undefined): boolean {
  return (
    (field === 'provider' && member.provider === '') ||
    (field === 'region' && member.region === '') ||
    (field === 'zone' && member.zones.length === 0)
  );
}
