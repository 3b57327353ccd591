import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import { members } from './members.ts';
import { overridePolicies } from './overrides.ts';
import { laterPolicies, POLICY_API, propagationPolicies } from './policies.ts';
import { REPLICAS, replicas, templates } from './templates.ts';
import { compact, NAME, often, sometimes } from './vocabulary.ts';

/** A federation, and what happens to it. */
export interface Federation {
  readonly members: readonly Obj[];
  readonly policies: readonly Obj[];
  readonly overrides: readonly Obj[];
  readonly templates: readonly Obj[];
  /** Whether what is on a lost member is evicted. */
  readonly failover: boolean;
  /** Replicas that workloads get after they are placed, by `kind/name`. */
  readonly scaled: Readonly<Record<string, number>>;
  /** Policies that come after that. */
  readonly later: readonly Obj[];
  /** The member that is lost at last. @default - none */
  readonly lost?: string;
  /** Whether objects come and change one by one, for where one goes depends on where others are. @default false */
  readonly oneByOne?: boolean;
}

export const keyOf = ({ kind, metadata }: Obj): string => `${kind}/${metadata.name}`;

const anyFederation: fc.Arbitrary<Federation> = fc.tuple(members, templates).chain(([members, templates]) => {
  const workloads = templates.filter(({ kind }) => REPLICAS[kind]).map(keyOf);
  return fc
    .record({
      policies: propagationPolicies(templates),
      overrides: overridePolicies(templates),
      failover: fc.boolean(),
      scaled: fc.tuple(...workloads.map(() => replicas)),
      later: laterPolicies(templates),
      lost: fc.constantFrom(...members.map(({ metadata }) => metadata.name)),
    })
    .map(({ scaled, ...others }) => ({
      members,
      templates,
      ...others,
      scaled: Object.fromEntries(workloads.map((key, index) => [key, scaled[index]!])),
    }));
});

const workloadAffinity = fc.constantFrom<Obj>(
  { affinity: { groupByLabelKey: 'app' } },
  { antiAffinity: { groupByLabelKey: 'app' } },
  { antiAffinity: { groupByLabelKey: 'track' } },
  { affinity: { groupByLabelKey: 'track' }, antiAffinity: { groupByLabelKey: 'app' } },
);

/** Some policies group workloads. What is evicted at one time, or comes by a later policy, would come in any order. */
const withAffinities: fc.Arbitrary<Federation> = anyFederation.chain(({ lost: _, ...federation }) =>
  fc.tuple(...federation.policies.map(() => sometimes(2, workloadAffinity))).map((affinities) => ({
    ...federation,
    policies: federation.policies.map((policy, index) => ({
      ...policy,
      spec: {
        ...policy.spec,
        placement: compact({ ...policy.spec.placement, workloadAffinity: affinities[index] }),
      },
    })),
    later: [],
    failover: false,
    oneByOne: true,
  })),
);

/** What pods may request over all members. Whatever it is, one object at a time shows who gets it. */
const withQuota: fc.Arbitrary<Federation> = fc
  .tuple(
    anyFederation,
    fc.constantFrom<Obj>({ cpu: '3' }, { cpu: '12' }, { cpu: '100', memory: '8Gi' }, { memory: '64Gi' }),
  )
  .map(([{ lost: _, ...federation }, overall]) => ({
    ...federation,
    policies: [...federation.policies, quotaOf(overall)],
    later: [],
    failover: false,
    oneByOne: true,
  }));

const quotaOf = (overall: Obj): Obj => ({
  apiVersion: POLICY_API,
  kind: 'FederatedResourceQuota',
  metadata: { name: 'quota', namespace: NAME },
  spec: { overall },
});

const federations = often(8, anyFederation, withAffinities, withQuota);

/** The federation of a seed, which is always the same. */
export function federationOf(seed: number): Federation {
  return fc.sample(fc.noBias(federations), { seed, numRuns: 1 })[0]!;
}

/** The same federation under a name of its own, which all its members, objects and selectors then bear. */
export function named<T>(federation: T, name: string): T {
  return JSON.parse(JSON.stringify(federation).replaceAll(NAME, name));
}
