import { expect, test } from 'vitest';
import { parseFederation } from '../../../constructs/spec/load.ts';
import { faultsOf, federationOf } from './faults.ts';

/** A federation with an app of these settings. */
const spec = (app: string) => `
  controlPlane: {}
  members: [{ name: oslo, labels: { tier: edge } }, { name: bern }]
  runtimes: [{ name: spin }]
  apps: [{ name: a, image: "a:v1", ${app} }]
`;

test.each([
  [
    'a variable that two rules add on one member',
    'overrides: [{ target: { labels: { tier: edge } }, env: { A: x } }, { target: { clusters: [bern, oslo] }, env: { A: y } }]',
    "spec.apps[0].overrides[1].env.A: is set by overrides[0] too, and both are for 'oslo'",
  ],
  ['no change', 'overrides: [{ env: {}, resources: { limits: {} } }]', 'spec.apps[0].overrides[0]: changes nothing'],
  [
    'variables of what is no Wasm',
    'overrides: [{ variables: { a: x } }]',
    'spec.apps[0].overrides[0].variables: are of Wasm apps alone',
  ],
  [
    'the environment of a SpinApp',
    'form: spinapp, runtime: spin, overrides: [{ env: { A: x } }]',
    'spec.apps[0].overrides[0].env: is no setting of a SpinApp',
  ],
  [
    'replicas that something scales',
    'scaling: { schedules: [{ name: d, cron: "@daily", replicas: 1 }] }, overrides: [{ replicas: 2 }]',
    'spec.apps[0].overrides[0].replicas: are set by what scales the app',
  ],
  [
    'more requested than the app may use',
    'resources: { limits: { cpu: 1 } }, overrides: [{ resources: { requests: { cpu: 2 } } }]',
    'spec.apps[0].overrides[0].resources.requests.cpu: must not be more than the limit, which is 1',
  ],
])('%s is refused', (_, app, message) => {
  expect(faultsOf(spec(app))).toEqual([expect.stringContaining(message)]);
});

test.each([
  'overrides: [{ target: { clusters: [oslo] }, env: { A: x } }, { target: { clusters: [bern] }, env: { A: y } }]',
  'env: { A: z }, overrides: [{ env: { A: x } }, { target: { clusters: [bern] }, env: { A: y } }]',
])('a variable may differ on each member, or be replaced again: %s', (app) => {
  expect(faultsOf(spec(app))).toEqual([]);
});

test('replicas that undo a division are warned of', () => {
  const told: string[] = [];
  const app = 'placement: { replicas: { type: dynamic } }, overrides: [{ target: { clusters: [oslo] }, replicas: 2 }]';
  parseFederation(federationOf(spec(app)), 'f', (line) => told.push(line));
  expect(told).toContainEqual(
    expect.stringContaining("takes the place of the share that 'placement.replicas' (dynamic)"),
  );
});

test.each([
  ['Registry', 'https://mirror.example.com', 'must be a registry without scheme'],
  ['Repository', 'Team/App', 'must be a repository in lower case letters'],
  ['Tag', 'v 2', 'must be a tag or a digest'],
])('an image whose %s becomes %s is refused', (component, value, message) => {
  const app = `overrides: [{ image: [{ component: ${component}, operator: replace, value: "${value}" }] }]`;
  expect(faultsOf(spec(app))).toEqual([expect.stringContaining(`image[0].value: ${message}`)]);
});
