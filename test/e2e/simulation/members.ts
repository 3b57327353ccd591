import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import {
  compact,
  FEDERATION_LABEL,
  MEMBERS,
  NAME,
  often,
  PROVIDERS,
  REGIONS,
  some,
  sometimes,
  TIERS,
  ZONES,
} from './vocabulary.ts';

/** Kinds by API group, as an agent reports what its cluster serves. */
const SERVED: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'v1',
    [
      ['configmaps', 'ConfigMap'],
      ['services', 'Service'],
    ],
  ],
  [
    'apps/v1',
    [
      ['deployments', 'Deployment'],
      ['statefulsets', 'StatefulSet'],
    ],
  ],
  ['batch/v1', [['jobs', 'Job']]],
  ['node.k8s.io/v1', [['runtimeclasses', 'RuntimeClass']]],
];

const enablements = (without?: string) =>
  SERVED.filter(([groupVersion]) => groupVersion !== without).map(([groupVersion, kinds]) => ({
    groupVersion,
    resources: kinds.map(([name, kind]) => ({ name, kind })),
  }));

const taints = often<Obj[] | undefined>(
  10,
  fc.constant(undefined),
  fc.constant([{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }]),
  fc.constant([{ key: 'site', value: 'remote', effect: 'NoExecute' }]),
);

const summary = fc
  .record({
    cpu: fc.constantFrom('2', '3500m', '8', '16', '64'),
    memory: fc.constantFrom('2Gi', '6000Mi', '16Gi', '64G'),
    pods: fc.constantFrom('5', '20', '110'),
    allocated: fc.record({
      cpu: fc.constantFrom('0', '250m', '1', '4'),
      memory: fc.constantFrom('0', '100Mi', '3Gi'),
      pods: fc.constantFrom('0', '3', '19'),
    }),
    allocating: sometimes(4, fc.constant({ cpu: '500m', memory: '1Gi', pods: '2' })),
    grades: sometimes(4, fc.array(fc.nat({ max: 3 }), { minLength: 9, maxLength: 9 })),
  })
  .map(({ cpu, memory, pods, allocated, allocating, grades }) =>
    compact({
      allocatable: { cpu, memory, pods },
      allocated,
      allocating,
      allocatableModelings: grades?.map((count, grade) => ({ grade, count })),
    }),
  );

const status = fc
  .record({
    without: sometimes(12, fc.constantFrom('node.k8s.io/v1', 'batch/v1', 'apps/v1')),
    complete: often<string | undefined>(8, fc.constant('True'), fc.constant('False'), fc.constant(undefined)),
    resourceSummary: often<Obj | undefined>(8, summary, fc.constant(undefined)),
  })
  .map(({ without, complete, resourceSummary }) =>
    compact({
      kubernetesVersion: 'v1.35.4',
      apiEnablements: enablements(without),
      conditions: [condition('Ready', 'True'), ...(complete ? [condition('CompleteAPIEnablements', complete)] : [])],
      resourceSummary,
    }),
  );

function condition(type: string, status: string): Obj {
  return { type, status, reason: 'Reported', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
}

const member = (name: string): fc.Arbitrary<Obj> =>
  fc
    .record({
      tier: often<string | undefined>(4, fc.constantFrom(...TIERS), fc.constant(undefined)),
      gpu: sometimes(3, fc.constantFrom('true', 'false')),
      provider: often<string | undefined>(4, fc.constantFrom(...PROVIDERS), fc.constant(undefined)),
      region: often<string | undefined>(8, fc.constantFrom(...REGIONS), fc.constant(undefined)),
      zones: often<string[] | undefined>(4, some(ZONES), fc.constant(undefined)),
      taints,
      status,
    })
    .map(({ tier, gpu, provider, region, zones, taints, status }) => ({
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name, labels: compact({ [FEDERATION_LABEL]: NAME, tier, gpu }) },
      // Nobody answers at this end: in pull mode an agent reports, and here the test does.
      spec: compact({ syncMode: 'Pull', provider, region, zones, taints }),
      status,
    }));

/** From 2 to 12 members, as Karmada knows them once their agents have reported. */
export const members: fc.Arbitrary<Obj[]> = fc
  .subarray(MEMBERS, { minLength: 2 })
  .chain((names) => fc.tuple(...names.map(member)));

/** The status that Karmada gives to a member whose agent is silent for long. */
export function silent(status: Obj): Obj {
  const others = status.conditions.filter(({ type }: Obj) => type !== 'Ready');
  return { conditions: [condition('Ready', 'Unknown'), ...others] };
}
