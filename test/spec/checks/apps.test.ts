import { expect, test } from 'vitest';
import { faultsOf, warningsOf } from './faults.ts';

/** What is wrong with an app that scales by load, over a member that is called and one that calls. */
function faults(placement: string, agent = '{}'): string[] {
  return faultsOf(`
  controlPlane:
    address: karmada.example.com
    karmada:
      metricsAdapter: {}
      agent: ${agent}
      apiserver: { service: { type: NodePort, nodePort: 32443 } }
  members: [{ name: called }, { name: calling, registration: pull }]
  apps:
    - name: web
      image: 'example.com/web:v1'
      resources: { requests: { cpu: 100m } }
      scaling: { max: 5 }
      placement: ${placement}
`);
}

test('an app does not scale by the load on a member whose metrics Karmada cannot read', () => {
  expect(faults('{}')).toEqual([
    expect.stringMatching(/^spec\.apps\[0\]\.scaling: needs the load on 'calling', too, .* 'reportCredentials: true'/),
  ]);
});

test('it scales where the member gives credentials, and where the app keeps away from it', () => {
  const agent = '{ members: [{ name: calling, apiEndpoint: "https://10.0.0.9:6443", reportCredentials: true }] }';
  expect(faults('{}', agent)).toEqual([]);
  expect(faults('{ clusters: [called] }')).toEqual([]);
});

test.each([
  [
    'resources: { limits: { memory: 128m } }',
    ["resources.limits.memory: is 128m, less than a mebibyte, did you mean '128Mi'?"],
  ],
  [
    'resources: { requests: { memory: 512 } }',
    ["resources.requests.memory: is 512, less than a mebibyte, did you mean '512Mi'?"],
  ],
  ['resources: { requests: { memory: 10k } }', ['resources.requests.memory: is 10k, less than a mebibyte: give more']],
  [
    'overrides: [{ resources: { limits: { memory: 64 } } }]',
    ["overrides[0].resources.limits.memory: is 64, less than a mebibyte, did you mean '64Mi'?"],
  ],
  ['resources: { requests: { memory: 0, cpu: 100m }, limits: { memory: 1Mi } }', []],
])('memory without its unit is warned of: %s', (settings, expected) => {
  const app = `{ name: a, image: 'example.com/a:v1', ${settings} }`;
  expect(warningsOf(`  controlPlane: {}\n  members: [{ name: e }]\n  apps: [${app}]\n`)).toEqual(
    expected.map((line) => `spec.apps[0].${line}`),
  );
});

test('a PriorityClass that nobody brings is warned of', () => {
  const warnings = (settings: string, target = 'host') =>
    warningsOf(`
  controlPlane: { karmada: { featureGates: { PriorityBasedScheduling: true } } }
  members: [{ name: e }]
  apps: [{ name: a, image: 'example.com/a:v1', ${settings} }]
  manifests: [{ target: ${target}, objects: [{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: high }, value: 9 }] }]
`);
  const names = "names the PriorityClass 'high', which the file brings to some other place alone: add it to";
  expect(warnings('priorityClass: high')).toEqual([
    `spec.apps[0].priorityClass: ${names} 'spec.manifests' with the target 'members', or make it there`,
  ]);
  expect(warnings('priorityClass: high', 'members')).toEqual([]);
  expect(warnings('priorityClass: system-cluster-critical')).toEqual([]);
  expect(warnings('propagation: { schedulePriority: high }')).toEqual([
    `spec.apps[0].propagation.schedulePriority: ${names} 'spec.manifests' with the target 'karmada', or make it in the Karmada API`,
  ]);
  expect(warnings('propagation: { schedulePriority: high }', 'karmada')).toEqual([]);
});
