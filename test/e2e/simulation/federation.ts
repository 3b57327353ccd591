import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import { members } from './members.ts';
import { overridePolicies } from './overrides.ts';
import { laterPolicies, propagationPolicies } from './policies.ts';
import { REPLICAS, replicas, templates } from './templates.ts';
import { NAME } from './vocabulary.ts';

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
}

export const keyOf = ({ kind, metadata }: Obj): string => `${kind}/${metadata.name}`;

const federations: fc.Arbitrary<Federation> = fc.tuple(members, templates).chain(([members, templates]) => {
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

/** The federation of a seed, which is always the same. */
export function federationOf(seed: number): Federation {
  return fc.sample(fc.noBias(federations), { seed, numRuns: 1 })[0]!;
}

/** The same federation under a name of its own, which all its members, objects and selectors then bear. */
export function named<T>(federation: T, name: string): T {
  return JSON.parse(JSON.stringify(federation).replaceAll(NAME, name));
}
