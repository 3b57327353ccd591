import './jitless.ts';
import { z } from 'zod';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { isQuantity } from '../../simulation/quantity.ts';
import { apiGroup } from '../policy/scopes.ts';
import { explain, faultsOf } from './explain.ts';
import type { Fault } from './faults.ts';

/*
 * Shapes that every object has on an API server: those of metadata, and of Karmada's own kinds as far as a placement
 * depends on them. Fields of other kinds are read with care wherever they are read (simulation/interpret/values.ts).
 */

/** Fields of which any may be missing, or null, which is the same to an API server; others are taken as they are. */
const some = (shape: Readonly<Record<string, z.ZodType>>) =>
  z.looseObject(Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.nullish()])));

/** As `some`, with fields that are required. */
const fields = <S extends Readonly<Record<string, z.ZodType>>>(
  required: S,
  optional: Readonly<Record<string, z.ZodType>> = {},
) => z.looseObject({ ...required, ...some(optional).shape });

const text = z.string();
const texts = z.array(text);
const textMap = z.record(text, text.nullable());
const truth = z.boolean();
const whole = z.int();
const quantity = z
  .union([z.string(), z.number()], { error: "must be a quantity, such as '20Gi' or '500m'" })
  .refine(isQuantity, "must be a quantity, such as '20Gi' or '500m'");
const quantities = z.record(text, quantity);
const map = z.looseObject({});

const metadata = fields(
  { name: text.min(1) },
  {
    namespace: text,
    labels: textMap,
    annotations: textMap,
    uid: text,
    deletionTimestamp: text,
    finalizers: texts,
    ownerReferences: z.array(map),
  },
);

const kubeObject = z.looseObject({ apiVersion: text.min(1), kind: text.min(1), metadata });

const requirements = z.array(some({ key: text, operator: text, values: texts }));
const labelSelector = some({ matchLabels: textMap, matchExpressions: requirements });

const cluster = kubeObject.extend(
  some({
    spec: some({
      provider: text,
      region: text,
      zone: text,
      zones: texts,
      taints: z.array(some({ key: text, value: text, effect: text, timeAdded: text })),
      resourceModels: z.array(
        fields({ grade: whole, ranges: z.array(fields({ name: text, min: quantity, max: quantity })) }),
      ),
    }),
    status: some({
      apiEnablements: z.array(some({ groupVersion: text, resources: z.array(some({ name: text, kind: text })) })),
      conditions: z.array(some({ type: text, status: text, reason: text })),
      resourceSummary: some({
        allocatable: quantities,
        allocating: quantities,
        allocated: quantities,
        allocatableModelings: z.array(some({ grade: whole, count: whole })),
      }),
    }),
  }).shape,
);

const selectors = z.array(some({ apiVersion: text, kind: text, namespace: text, name: text, labelSelector }));

const affinityFields = {
  labelSelector,
  fieldSelector: some({ matchExpressions: requirements }),
  clusterNames: texts,
  exclude: texts,
  affinityName: text,
};
const affinity = some(affinityFields);

const placement = some({
  clusterAffinity: affinity,
  clusterAffinities: z.array(some({ ...affinityFields, overflowAffinities: z.array(affinity) })),
  clusterTolerations: z.array(some({ key: text, operator: text, value: text, effect: text, tolerationSeconds: whole })),
  spreadConstraints: z.array(some({ spreadByField: text, spreadByLabel: text, minGroups: whole, maxGroups: whole })),
  replicaScheduling: some({
    replicaSchedulingType: text,
    replicaDivisionPreference: text,
    weightPreference: some({
      staticWeightList: z.array(some({ targetCluster: affinity, weight: whole })),
      dynamicWeight: text,
    }),
  }),
  workloadAffinity: some({
    affinity: some({ groupByLabelKey: text }),
    antiAffinity: some({ groupByLabelKey: text }),
  }),
});

const propagationPolicy = kubeObject.extend({
  spec: fields(
    { resourceSelectors: selectors },
    {
      propagateDeps: truth,
      placement,
      priority: whole,
      preemption: text,
      dependentOverrides: texts,
      schedulerName: text,
      failover: some({ cluster: some({ purgeMode: text }), application: map }),
      conflictResolution: text,
      activationPreference: text,
      suspension: some({ dispatching: truth, dispatchingOnClusters: some({ clusterNames: texts }) }),
      preserveResourcesOnDeletion: truth,
    },
  ),
});

const commands = z.array(fields({ containerName: text, operator: text }, { value: texts }));
const patches = z.array(fields({ subPath: text, operator: text }));
const overriders = some({
  plaintext: z.array(fields({ path: text, operator: text })),
  imageOverrider: z.array(
    fields({ component: text, operator: text }, { predicate: some({ path: text }), value: text }),
  ),
  commandOverrider: commands,
  argsOverrider: commands,
  labelsOverrider: z.array(fields({ operator: text }, { value: textMap })),
  annotationsOverrider: z.array(fields({ operator: text }, { value: textMap })),
  fieldOverrider: z.array(fields({ fieldPath: text }, { json: patches, yaml: patches })),
});

const overridePolicy = kubeObject.extend({
  spec: some({
    resourceSelectors: selectors,
    overrideRules: z.array(some({ targetCluster: affinity, overriders })),
    targetCluster: affinity,
    overriders,
  }),
});

/** By API group and kind. */
const SHAPES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['cluster.karmada.io Cluster', cluster],
  ['policy.karmada.io PropagationPolicy', propagationPolicy],
  ['policy.karmada.io ClusterPropagationPolicy', propagationPolicy],
  ['policy.karmada.io OverridePolicy', overridePolicy],
  ['policy.karmada.io ClusterOverridePolicy', overridePolicy],
]);

/** Whether all of an object that a placement depends on has a shape here. */
export function hasShape({ apiVersion, kind }: Partial<Pick<KubeObject, 'apiVersion' | 'kind'>>): boolean {
  return SHAPES.has(nameOf(apiVersion, kind));
}

/** What of a value is not as an API server could hold it. */
export function shapeFaults(value: unknown): Fault[] {
  const { apiVersion, kind } = Object(value) as Partial<KubeObject>;
  const shape = SHAPES.get(nameOf(apiVersion, kind)) ?? kubeObject;
  const { error } = shape.safeParse(value, { error: explain, reportInput: true });
  return error ? faultsOf(error.issues, value) : [];
}

function nameOf(apiVersion: unknown, kind: unknown): string {
  return `${apiGroup(String(apiVersion))} ${kind}`;
}
