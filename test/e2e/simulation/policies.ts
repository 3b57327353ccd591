import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import { affinity, compact, FEDERATION_LABEL, NAME, often, sometimes } from './vocabulary.ts';

export const POLICY_API = 'policy.karmada.io/v1alpha1';

const dynamic = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' };

const weights = fc.array(fc.record({ targetCluster: affinity, weight: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 1,
  maxLength: 3,
});

/** Whether a way to divide lets members of overflow groups take part. */
interface Division {
  readonly replicaScheduling?: Obj;
  readonly overflows: boolean;
}

const division: fc.Arbitrary<Division> = fc.oneof(
  fc.constant({ overflows: false }),
  fc.constant({ replicaScheduling: { replicaSchedulingType: 'Duplicated' }, overflows: false }),
  fc.constant({ replicaScheduling: { ...dynamic }, overflows: false }),
  weights.map((staticWeightList) => ({
    replicaScheduling: { ...dynamic, weightPreference: { staticWeightList } },
    overflows: false,
  })),
  fc.constant({
    replicaScheduling: { ...dynamic, weightPreference: { dynamicWeight: 'AvailableReplicas' } },
    overflows: true,
  }),
  fc.constant({
    replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' },
    overflows: true,
  }),
);

const groups = (overflows: boolean): fc.Arbitrary<Obj[]> =>
  fc
    .array(fc.record({ affinity, overflow: sometimes(2, fc.array(affinity, { minLength: 1, maxLength: 2 })) }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((terms) =>
      terms.map((term, index) =>
        compact({
          affinityName: `group${index}`,
          ...term.affinity,
          overflowAffinities:
            overflows && term.overflow
              ? term.overflow.map((more, number) => ({ affinityName: `overflow${number}`, ...more }))
              : undefined,
        }),
      ),
    );

const bounds = (most: number): fc.Arbitrary<Obj> =>
  fc
    .record({ minGroups: fc.integer({ min: 1, max: most }), more: fc.nat({ max: most }) })
    .map(({ minGroups, more }) => ({ minGroups, maxGroups: minGroups + more }));

const spread: fc.Arbitrary<Obj[] | undefined> = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 10 },
  { arbitrary: bounds(4).map((one) => [{ spreadByField: 'cluster', ...one }]), weight: 3 },
  {
    arbitrary: fc.tuple(bounds(2), bounds(4)).map(([regions, clusters]) => [
      { spreadByField: 'region', ...regions },
      { spreadByField: 'cluster', ...clusters },
    ]),
    weight: 3,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('zone', 'provider'), bounds(2), bounds(3))
      .map(([spreadByField, groups, clusters]) => [
        { spreadByField, ...groups },
        { spreadByField: 'cluster', ...clusters },
      ]),
    weight: 3,
  },
  // The scheduler knows no spread by label: alone it places nothing, beside another it does nothing.
  {
    arbitrary: fc
      .tuple(bounds(2), sometimes(2, bounds(3)))
      .map(([groups, clusters]) => [
        { spreadByLabel: 'tier', ...groups },
        ...(clusters ? [{ spreadByField: 'cluster', ...clusters }] : []),
      ]),
    weight: 1,
  },
);

const tolerations = often<Obj[] | undefined>(
  5,
  fc.constant(undefined),
  fc.constant([{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }]),
  fc.constant([{ key: 'site', operator: 'Exists' }]),
  fc.constant([{ key: 'cluster.karmada.io/not-ready', operator: 'Exists', effect: 'NoExecute' }]),
  fc.constant([{ operator: 'Exists' }]),
);

export const placement: fc.Arbitrary<Obj> = division.chain(({ replicaScheduling, overflows }) =>
  fc
    .record({
      where: often<Obj>(
        2,
        affinity.map((clusterAffinity) => ({ clusterAffinity })),
        groups(overflows).map((clusterAffinities) => ({ clusterAffinities })),
      ),
      spreadConstraints: spread,
      clusterTolerations: tolerations,
    })
    .map(({ where, ...others }) => compact({ ...where, ...others, replicaScheduling })),
);

/** Selects an object, by its name or its label, or as one of its kind. */
const selectorFor = ({ apiVersion, kind, metadata: { name, namespace, labels } }: Obj): fc.Arbitrary<Obj> =>
  fc
    .constantFrom<Obj>(
      // A selector of everything that has no namespace would reach into other federations.
      namespace ? {} : { labelSelector: { matchLabels: { [FEDERATION_LABEL]: NAME } } },
      { name },
      { labelSelector: { matchLabels: { [FEDERATION_LABEL]: NAME, app: labels.app } } },
    )
    .map((by) => compact({ apiVersion, kind, namespace, ...by }));

/** Selects some of these objects, each in one way or another. */
export const selectorsFor = (templates: readonly Obj[], most: number): fc.Arbitrary<Obj[]> =>
  fc
    .subarray([...templates], { minLength: 1, maxLength: Math.min(most, templates.length) })
    .chain((chosen) => fc.tuple(...chosen.map(selectorFor)));

const behaviour = fc
  .record({
    placement,
    priority: sometimes(2, fc.integer({ min: 1, max: 3 })),
    propagateDeps: sometimes(3, fc.constant(true)),
    conflictResolution: sometimes(4, fc.constant('Overwrite')),
    failover: sometimes(4, fc.constant({ cluster: { purgeMode: 'Directly' } })),
    suspension: sometimes(12, fc.constant({ dispatching: true })),
  })
  .map(compact);

export const policyOf = (kind: string, name: string, spec: Obj): Obj => ({
  apiVersion: POLICY_API,
  kind,
  metadata: kind.startsWith('Cluster') ? { name: `${NAME}-${name}` } : { name, namespace: NAME },
  spec,
});

/** Names of override policies. */
export const OVERRIDE_NAMES = ['rho', 'chi', 'tau', 'eta'];

/** Names that sort otherwise than they were made. */
const POLICY_NAMES = ['mu', 'beta', 'zeta', 'alpha', 'nu', 'kappa'];

/** What has no namespace is beyond a policy in a namespace. */
export const namespaced = (templates: readonly Obj[]): Obj[] =>
  templates.filter(({ metadata }) => metadata.namespace !== undefined);

const propagation = (name: string, templates: readonly Obj[]): fc.Arbitrary<Obj> =>
  fc.constantFrom('PropagationPolicy', 'ClusterPropagationPolicy').chain((kind) =>
    fc
      .tuple(
        selectorsFor(kind === 'PropagationPolicy' ? namespaced(templates) : templates, 4),
        behaviour,
        sometimes(10, fc.constantFrom(...OVERRIDE_NAMES)),
        // Of policies that are there from the beginning: others would wait for a change of the object.
        sometimes(8, fc.constant('Lazy')),
      )
      .map(([resourceSelectors, spec, awaited, activationPreference]) => {
        const override = kind === 'PropagationPolicy' ? awaited : `${NAME}-${awaited}`;
        const dependentOverrides = awaited && [override];
        return policyOf(kind, name, {
          resourceSelectors,
          ...spec,
          ...compact({ dependentOverrides, activationPreference }),
        });
      }),
  );

/** Up to 4 policies for these objects. */
export const propagationPolicies = (templates: readonly Obj[]): fc.Arbitrary<Obj[]> =>
  fc
    .subarray(POLICY_NAMES, { minLength: 1, maxLength: 4 })
    .chain((names) => fc.tuple(...names.map((name) => propagation(name, templates))));

/** Policies that come later, each for one of these objects, and take it over or do not. */
export const laterPolicies = (templates: readonly Obj[]): fc.Arbitrary<Obj[]> =>
  fc
    .array(
      fc
        .record({
          kind: fc.constantFrom('PropagationPolicy', 'ClusterPropagationPolicy'),
          of: fc.constantFrom(...namespaced(templates)),
          behaviour,
          priority: fc.integer({ min: 0, max: 5 }),
          preemption: often<string | undefined>(3, fc.constant('Always'), fc.constant(undefined)),
        })
        .map(({ kind, of: { apiVersion, kind: ofKind, metadata }, behaviour, priority, preemption }) => {
          const { name, namespace } = metadata;
          const resourceSelectors = [{ apiVersion, kind: ofKind, name, namespace }];
          return { kind, spec: compact({ resourceSelectors, ...behaviour, priority, preemption }) };
        }),
      { maxLength: 2 },
    )
    .map((policies) => policies.map(({ kind, spec }, index) => policyOf(kind, `later${index}`, spec)));
