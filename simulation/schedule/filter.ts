/** Which members an object may go to: the filter plugins of pkg/scheduler/framework/plugins. */
import type { ClusterAffinity, ClusterAffinityTerm, PlacementSpec } from '../karmada.ts';
import { affinityTest, type Member, type Members } from '../members.ts';
import type { Reason } from '../model.ts';
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

/** Says of a member why it does not pass; undefined when it does. */
export function refuserOf(binding: Binding, term: ClusterAffinityTerm | undefined, neighbours: Neighbours): Refuser {
  const affinities = affinitiesOf(binding, term);
  const tests = affinities.map(affinityTest);
  const refuse = refuser(binding, neighbours);
  const whose = term === undefined ? 'the placement' : `the group ${term.affinityName}`;
  return (member) => {
    if (tests.length === 0 || tests.some((test) => test(member) === undefined)) return refuse(member);
    return { code: 'AffinityMismatch', message: `${member.name} ${tests[0]!(member)} of ${whose}` };
  };
}

export type Refuser = (member: Member) => Reason | undefined;

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
  return (member) => {
    const runs = runsOn.has(member.name);
    if (!runs) {
      const taint = member.taints.find((given) => !tolerations.some((toleration) => tolerates(toleration, given)));
      if (taint) {
        return {
          code: 'Untolerated',
          message: `${member.name} has the taint ${taintText(taint)}, which the placement does not tolerate`,
        };
      }
      if (member.served && !member.served.has(served)) {
        return { code: 'ApiMissing', message: `${member.name} does not serve ${kind} of ${apiVersion}` };
      }
    }
    const property = spreadFields.find((field) => lacks(member, field));
    if (property !== undefined) {
      return {
        code: 'SpreadPropertyMissing',
        message: `${member.name} has no ${property}, and the placement spreads by it`,
      };
    }
    if (placed?.evicting?.includes(member.name)) {
      return { code: 'Evicted', message: `${member.name} is being evicted` };
    }
    return runs ? undefined : neighbours.refusal(binding, member);
  };
}

function lacks(member: Member, field: string | undefined): boolean {
  return (
    (field === 'provider' && member.provider === '') ||
    (field === 'region' && member.region === '') ||
    (field === 'zone' && member.zones.length === 0)
  );
}
