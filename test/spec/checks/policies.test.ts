import { expect, test } from 'vitest';
import { featureGates } from '../../../constructs/spec/gates.ts';
import { parseFederation } from '../../../constructs/spec/load.ts';
import { faultsOf, federationOf, warningsOf } from './faults.ts';

/** The `spec` of a federation with this control plane and these further lines. */
const spec = (controlPlane: string, lines: string[]) => `
  controlPlane: ${controlPlane}
  runtimes: [{ name: spin }]
  members: [{ name: edge-1 }]
  ${lines.join('\n  ')}
`;

const faults = (controlPlane: string, ...lines: string[]): string[] => faultsOf(spec(controlPlane, lines));

const app = (name: string, rest: string) => `  - { name: ${name}, image: 'example.com/${name}:v1', ${rest} }`;

const USES: [string, string, string][] = [
  ['PropagateDeps', 'propagation: { propagateDeps: true }', 'propagation.propagateDeps'],
  ['PropagateDeps', 'envFrom: { TOKEN: { secret: s, key: k } }', 'envFrom'],
  ['PropagationPolicyPreemption', 'propagation: { preemption: Always }', 'propagation.preemption'],
  ['WorkloadAffinity', 'placement: { workloadAffinity: { affinity: team } }', 'placement.workloadAffinity'],
  ['MultiClusterService', 'port: 80, multiClusterService: {}', 'multiClusterService'],
];

test.each(USES)('gate %s is turned on by itself where a field needs it: %s', (gate, use) => {
  const text = federationOf(spec('{}', ['apps:', app('a', use)]));
  expect(featureGates(parseFederation(text, 'f'))).toEqual({ [gate]: true });
});

test.each(USES)('gate %s, turned off in the file, is a fault of the field that needs it: %s', (gate, use, path) => {
  expect(faults(`{ karmada: { featureGates: { ${gate}: false } } }`, 'apps:', app('a', use))).toEqual([
    `spec.apps[0].${path}: needs Karmada's feature gate '${gate}', which is turned off for controllerManager: leave that out`,
  ]);
});

test.each([
  [
    'Failover',
    'failover: { cluster: { purgeMode: Directly } }',
    'failover.cluster',
    "set 'controlPlane.karmada.failover: true'",
  ],
  [
    'PriorityBasedScheduling',
    'schedulePriority: high',
    'schedulePriority',
    "set 'controlPlane.karmada.featureGates.PriorityBasedScheduling: true'",
  ],
])('gate %s changes more than its user, so a person has to turn it on', (gate, use, path, way) => {
  const lines = ['apps:', app('a', `propagation: { ${use} }`)];
  expect(faults('{}', ...lines)).toEqual([
    `spec.apps[0].propagation.${path}: needs Karmada's feature gate '${gate}', which is off: ${way}`,
  ]);
  const on = `{ karmada: { featureGates: { ${gate}: true } } }`;
  expect(faults(on, ...lines)).toEqual([]);
  expect(featureGates(parseFederation(federationOf(spec(on, lines)), 'f'))).toEqual({ [gate]: true });
});

test('nothing that needs a gate turns none on', () => {
  expect(featureGates(parseFederation(federationOf(spec('{}', ['apps:', app('a', 'replicas: 1')])), 'f'))).toEqual({});
});

test('a policy that is no app needs its gates, too', () => {
  const lines = [
    'policies:',
    '  - type: propagation',
    '    name: p',
    '    resources: [{ apiVersion: v1, kind: ConfigMap, name: c }]',
    '    schedulePriority: high',
  ];
  expect(faults('{}', ...lines)).toEqual([
    "spec.policies[0].schedulePriority: needs Karmada's feature gate 'PriorityBasedScheduling', which is off: set 'controlPlane.karmada.featureGates.PriorityBasedScheduling: true'",
  ]);
});

const policy = (name: string, resource: string, rest = '') =>
  `  - { type: propagation, name: ${name}, resources: [${resource}]${rest} }`;
const config = '{ apiVersion: v1, kind: ConfigMap, name: c }';

test('two policies that select one object in one namespace are a fault', () => {
  expect(faults('{}', 'policies:', policy('p', config), policy('q', config))).toEqual([
    "spec.policies[1].resources[0]: selects ConfigMap 'c' as spec.policies[0].resources[0] does: leave one out, or give one policy a higher 'priority'",
  ]);
});

test('two policies that select a kind by the same labels are a fault', () => {
  const labelled = '{ apiVersion: v1, kind: ConfigMap, labels: { a: b } }';
  expect(faults('{}', 'policies:', policy('p', labelled), policy('q', labelled))).toEqual([
    "spec.policies[1].resources[0]: selects the same ConfigMaps as spec.policies[0].resources[0] does: leave one out, or give one policy a higher 'priority'",
  ]);
});

test('a policy for the Deployment of an app, or its RuntimeClass, is a fault', () => {
  const deployment = '{ apiVersion: apps/v1, kind: Deployment, name: a }';
  const runtimeClass = '{ apiVersion: node.k8s.io/v1, kind: RuntimeClass, name: spin }';
  const lines = ['apps:', app('a', 'replicas: 1'), 'policies:', policy('p', deployment), policy('q', runtimeClass)];
  expect(faults('{}', ...lines)).toEqual([
    "spec.policies[0].resources[0]: selects Deployment 'a' as spec.apps[0].name does: leave one out, or give one policy a higher 'priority'",
    "spec.policies[1].resources[0]: selects RuntimeClass 'spin' as spec.runtimes[0].name does: leave one out, or give one policy a higher 'priority'",
  ]);
});

test.each([
  ['in different namespaces', policy('q', config, ', namespace: other')],
  ['with different priorities', policy('q', config, ', priority: 1')],
  ['one more precise than the other', policy('q', '{ apiVersion: v1, kind: ConfigMap }')],
  ['of another kind', policy('q', '{ apiVersion: v1, kind: Secret, name: c }')],
])('two policies may be %s', (_, other) => {
  expect(faults('{}', 'policies:', policy('p', config), other)).toEqual([]);
});

test('a policy that would replace that of an app is a fault', () => {
  expect(faults('{}', 'apps:', app('a', 'replicas: 1'), 'policies:', policy('a', config))).toEqual([
    "spec.policies[0].name: is the name of a policy already, that of spec.apps[0].name: give this one another, not 'a'",
  ]);
});

test('a propagation and an override policy may have one name', () => {
  const override = `  - { type: override, name: p, resources: [${config}], rules: [{ labels: [{ operator: add, value: { a: b } }] }] }`;
  expect(faults('{}', 'policies:', policy('p', config), override)).toEqual([]);
});

test.each([
  ['{ operator: Exists }', 1],
  ['{ key: cluster.karmada.io/not-ready, operator: Exists, effect: NoExecute }', 1],
  ['{ key: cluster.karmada.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 60 }', 0],
  ['{ key: cluster.karmada.io/not-ready, operator: Exists, effect: NoSchedule }', 0],
  ['{ key: busy, operator: Exists }', 0],
])('failover that a toleration puts off for ever is warned of: %s', (toleration, count) => {
  const settings = `propagation: { failover: { cluster: {} } }, placement: { tolerations: [${toleration}] }`;
  expect(warningsOf(spec('{ karmada: { failover: true } }', ['apps:', app('a', settings)]))).toEqual(
    Array(count).fill(
      "spec.apps[0].placement.tolerations[0]: bears the loss of a member for ever, so that 'failover.cluster' never moves anything: give it 'tolerationSeconds', or another key",
    ),
  );
});

test('a path below the status that begins with the status is warned of', () => {
  const warnings = (jsonPath: string) =>
    warningsOf(
      spec('{ karmada: { featureGates: { StatefulFailoverInjection: true } } }', [
        'policies:',
        `  - { type: propagation, name: p, resources: [{ apiVersion: apps/v1, kind: Deployment, name: d }], failover: { application: { statePreservation: [{ aliasLabelName: a, jsonPath: '${jsonPath}' }] } } }`,
      ]),
    );
  expect(warnings('{.availableReplicas}')).toEqual([]);
  expect(warnings('{.status.availableReplicas}')).toEqual([
    "spec.policies[0].failover.application.statePreservation[0].jsonPath: is read below the status, which most likely has no 'status' itself: did you mean '{.availableReplicas}'?",
  ]);
});
