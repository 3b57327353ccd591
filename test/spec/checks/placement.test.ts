import { describe, expect, test } from 'vitest';
import { faultsOf } from './faults.ts';

/** The faults of a federation whose members and apps are these, without the file's name. */
const faults = (...lines: string[]): string[] =>
  faultsOf(`
  controlPlane: {}
  runtimes: [{ name: spin }, { name: wasmtime }]
  members:
    - { name: edge-1, provider: lab, region: de, zones: [de-1, de-2], labels: { tier: edge } }
    - { name: edge-2, provider: lab, region: mk, labels: { tier: edge }, taints: ['busy:NoSchedule'] }
    - { name: cloud-1, provider: azure, region: us, labels: { tier: cloud }, runtimes: [wasmtime] }
  ${lines.join('\n  ')}
`);

/** The faults of one app that is placed so. */
const app = (placement: string, rest = 'runtime: spin') =>
  faults('apps:', `  - { name: a, image: 'example.com/a:v1', ${rest}, placement: ${placement} }`);

const canLand = (members: string) =>
  `spec.apps[0].placement: can put the app on ${members}, without the runtime 'spin': add it to 'runtimes' there, keep the app away by 'placement', or give it a 'container' form`;

test.each([
  ['by name', '{ clusters: [edge-1, cloud-1] }'],
  ['by label', '{ labels: { tier: cloud } }'],
  ['by label expression', '{ labelExpressions: [{ key: tier, operator: NotIn, values: [edge] }] }'],
  ['by another label expression', '{ labelExpressions: [{ key: tier, operator: Exists }] }'],
  ['by provider', '{ fields: { provider: [azure, lab] } }'],
  ['by region', '{ fields: { region: [us] } }'],
  ['by not being in a zone', '{ fieldExpressions: [{ key: zone, operator: NotIn, values: [de-1] }] }'],
  ['by what is left out', '{ exclude: [edge-1] }'],
  ['by one of several groups', '{ groups: [{ name: e, clusters: [edge-1] }, { name: c, labels: { tier: cloud } }] }'],
  [
    'by overflow',
    '{ groups: [{ name: e, clusters: [edge-1], overflow: [{ name: c, clusters: [cloud-1] }] }], replicas: { type: dynamic } }',
  ],
  ['by nothing at all, which means everywhere', '{}'],
])('an app that lands on a member without its runtime is a fault: %s', (_, placement) => {
  expect(app(placement)).toEqual([canLand("'cloud-1'")]);
});

test.each([
  ['by name', '{ clusters: [edge-1, edge-2], tolerations: [{ key: busy, operator: Exists }] }'],
  ['by label', '{ labels: { tier: edge } }'],
  ['by label expression', '{ labelExpressions: [{ key: tier, operator: In, values: [edge] }] }'],
  ['by region', '{ fields: { region: [de, mk] } }'],
  ['by one of its zones', '{ fields: { zone: [de-2] } }'],
  ['by not being of a provider', '{ fieldExpressions: [{ key: provider, operator: NotIn, values: [azure] }] }'],
  ['by leaving out the one without', '{ exclude: [cloud-1] }'],
  ['by all conditions together', '{ clusters: [edge-1, cloud-1], labels: { tier: edge } }'],
])('an app that only lands where its runtime is has no fault: %s', (_, placement) => {
  expect(app(placement)).toEqual([]);
});

test('an app that runs as a container where the runtime is missing may land anywhere', () => {
  expect(app('{}', "runtime: spin, container: { image: 'example.com/a-container:v1' }")).toEqual([]);
});

test('an app without a runtime may land anywhere', () => {
  expect(app('{}', 'replicas: 1')).toEqual([]);
});

test('a tainted member is reached by what tolerates its taint alone', () => {
  expect(app('{ clusters: [edge-2] }')).toEqual([
    "spec.apps[0].placement: fits no member, so that the app would never run: the taints of 'edge-2' keep it away, which 'tolerations' would bear",
  ]);
  expect(app('{ clusters: [edge-2], tolerations: [{ key: busy, effect: NoSchedule }] }')).toEqual([]);
  expect(app('{ clusters: [edge-2], tolerations: [{ key: busy, value: very }] }')).toHaveLength(1);
  expect(app('{ clusters: [edge-2], tolerations: [{ key: busy, effect: NoExecute }] }')).toHaveLength(1);
  expect(app('{ clusters: [edge-2], tolerations: [{ operator: Exists }] }')).toEqual([]);
});

describe('a placement that fits no member says what no member has:', () => {
  test.each([
    ['a misspelt label', '{ labels: { teir: edge } }', "the label 'teir', did you mean 'tier'?"],
    ['a misspelt value', '{ labels: { tier: Edge } }', "the label 'tier' with 'Edge', did you mean 'edge'?"],
    [
      'other values',
      '{ labelExpressions: [{ key: tier, operator: In, values: [far, near] }] }',
      "the label 'tier' with 'far' or 'near', known are 'edge', 'cloud'",
    ],
    ['a region', '{ fields: { region: [fr] } }', "the region 'fr', known are 'de', 'mk', 'us'"],
    ['a zone', '{ fields: { zone: [de-3] } }', "the zone 'de-3', did you mean 'de-1'?"],
  ])('%s', (_, placement, missing) => {
    expect(app(placement, 'replicas: 1')).toEqual([
      `spec.apps[0].placement: fits no member, so that the app would never run: no member has ${missing}`,
    ]);
  });

  test('or none of those that it names', () => {
    expect(app('{ clusters: [edge-1, edge-2], labels: { tier: cloud } }', 'replicas: 1')).toEqual([
      "spec.apps[0].placement: fits no member, so that the app would never run: of 'edge-1', 'edge-2' none has the label 'tier' with 'cloud', known are 'edge'",
    ]);
  });

  test('nothing, where each is some member’s', () => {
    expect(app('{ labels: { tier: edge }, fields: { region: [us] } }', 'replicas: 1')).toEqual([
      'spec.apps[0].placement: fits no member, so that the app would never run',
    ]);
  });
});

test('a misspelt runtime is a fault with a suggestion', () => {
  expect(app('{ clusters: [edge-1] }', 'runtime: spn')).toEqual([
    "spec.apps[0].runtime: names 'spn', which spec.runtimes does not have, did you mean 'spin'?",
  ]);
});

test('misspelt members are faults wherever a member is named, all at once', () => {
  const wrong = "names 'egde-1', which spec.members does not have, did you mean 'edge-1'?";
  const lines = faults(
    'apps:',
    '  - name: a',
    "    image: 'example.com/a:v1'",
    '    placement: { clusters: [egde-1], exclude: [egde-1] }',
    '    propagation: { suspension: [egde-1] }',
    '    overrides: [{ target: { clusters: [egde-1] }, labels: [{ operator: add, value: { a: b } }] }]',
    '  - name: b',
    "    image: 'example.com/b:v1'",
    '    placement:',
    '      groups: [{ name: e, clusters: [egde-1, edge-1], overflow: [{ name: o, exclude: [egde-1] }] }]',
    '      replicas: { type: dynamic }',
    '  - name: c',
    "    image: 'example.com/c:v1'",
    '    placement: { replicas: { type: weighted, weights: [{ clusters: [egde-1], weight: 1 }] } }',
    'policies:',
    '  - type: propagation',
    '    name: p',
    '    resources: [{ apiVersion: v1, kind: ConfigMap, name: c }]',
    '    placement: { clusters: [egde-1] }',
    '    suspension: [egde-1]',
    '  - type: override',
    '    name: o',
    '    resources: [{ apiVersion: v1, kind: ConfigMap, name: c }]',
    '    rules: [{ target: { clusters: [egde-1] }, labels: [{ operator: add, value: { a: b } }] }]',
  );
  expect(lines).toEqual(
    [
      'spec.apps[0].placement.clusters[0]',
      'spec.apps[0].placement.exclude[0]',
      'spec.apps[0].propagation.suspension[0]',
      'spec.apps[0].overrides[0].target.clusters[0]',
      'spec.apps[1].placement.groups[0].clusters[0]',
      'spec.apps[1].placement.groups[0].overflow[0].exclude[0]',
      'spec.apps[2].placement.replicas.weights[0].clusters[0]',
      'spec.policies[0].placement.clusters[0]',
      'spec.policies[0].suspension[0]',
      'spec.policies[1].rules[0].target.clusters[0]',
    ].map((path) => `${path}: ${wrong}`),
  );
});

test.each([
  ['b: y', '', []],
  ['a: x', '', []],
  ['a: y', 'ownRuntimeClasses: [spin]', []],
  [
    'a: y',
    '',
    [
      "spec.apps[0].nodeSelector.a: is 'y', and 'x' in the nodeSelector of the runtime 'spin': Kubernetes takes no pod that has both, leave it out",
    ],
  ],
])('an app asks for no other nodes than its RuntimeClass: %s %s', (label, member, expected) => {
  expect(
    faultsOf(`
  controlPlane: {}
  members: [{ name: edge, ${member} }]
  runtimes: [{ name: spin, nodeSelector: { a: x } }]
  apps: [{ name: a, image: 'example.com/a:v1', runtime: spin, nodeSelector: { ${label} } }]
`),
  ).toEqual(expected);
});
