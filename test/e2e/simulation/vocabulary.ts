import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';

/*
 * What random federations are made of. Members, labels, kinds and names are few, so that what selects meets what can be
 * selected.
 */

/** Stands for the federation's own name in all that is generated. */
export const NAME = '@federation';

/** Label by which the members and objects of one federation are told from those of others in the same control plane. */
export const FEDERATION_LABEL = 'federation';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
export const MEMBERS = LETTERS.map((letter) => `${NAME}-${letter}`);
export const TIERS = ['edge', 'cloud'];
export const PROVIDERS = ['aws', 'azure'];
export const REGIONS = ['ap', 'eu', 'us'];
export const ZONES = ['z1', 'z2', 'z3'];

/** One of several arbitraries, the first so and so often as the others. */
export function often<T>(weight: number, common: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: common, weight }, ...others.map((arbitrary) => ({ arbitrary, weight: 1 })));
}

/** A value now and then: once in `every` times. */
export function sometimes<T>(every: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: every - 1 }, { arbitrary: value, weight: 1 });
}

export const some = <T>(values: readonly T[], least = 1): fc.Arbitrary<T[]> =>
  fc.subarray([...values], { minLength: least });

/** The same without fields that are undefined. */
export function compact(object: Obj): Obj {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const expression = fc.oneof(
  fc.record({ key: fc.constant('tier'), operator: fc.constantFrom('In', 'NotIn'), values: some(TIERS) }),
  fc.record({ key: fc.constantFrom('gpu', 'tier'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

const field = fc.oneof(
  fc.record({ key: fc.constant('provider'), operator: fc.constantFrom('In', 'NotIn'), values: some(PROVIDERS) }),
  fc.record({ key: fc.constant('region'), operator: fc.constantFrom('In', 'NotIn'), values: some(REGIONS) }),
  fc.record({ key: fc.constant('zone'), operator: fc.constantFrom('In', 'NotIn'), values: some(ZONES) }),
);

/** A choice of members, all of this federation. */
export const affinity: fc.Arbitrary<Obj> = fc
  .record({
    tier: sometimes(6, fc.constantFrom(...TIERS)),
    expression: sometimes(7, expression),
    fields: sometimes(7, fc.array(field, { minLength: 1, maxLength: 2 })),
    clusterNames: sometimes(6, some(MEMBERS, 4)),
    exclude: sometimes(6, fc.subarray(MEMBERS, { minLength: 1, maxLength: 3 })),
  })
  .map(({ tier, expression, fields, clusterNames, exclude }) =>
    compact({
      labelSelector: compact({
        matchLabels: compact({ [FEDERATION_LABEL]: NAME, tier }),
        matchExpressions: expression && [expression],
      }),
      fieldSelector: fields && { matchExpressions: fields },
      clusterNames,
      exclude,
    }),
  );
