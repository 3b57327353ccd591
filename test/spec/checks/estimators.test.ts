import { expect, test } from 'vitest';
import { faultsOf } from './faults.ts';

/** What is wrong with a federation of three members, some of which have estimators, and an app with this placement. */
function faults(estimated: readonly string[] | undefined, placement: string): string[] {
  const members = estimated && `members: [${estimated.map((name) => `{ name: ${name} }`).join(', ')}]`;
  return faultsOf(`
  controlPlane: { karmada: { schedulerEstimator: { ${members ?? ''} } } }
  members:
    - { name: edge-1, labels: { tier: edge } }
    - { name: edge-2, labels: { tier: edge } }
    - { name: cloud, labels: { tier: cloud }, taints: ["cloud=true:NoSchedule"] }
  apps:
    - { name: web, image: 'example.com/web:v1', placement: { ${placement} } }
`);
}

const OVERFLOW = 'groups: [{ name: e, labels: { tier: edge }, overflow: [{ name: c, labels: { tier: cloud } }] }]';
const TOLERATED = 'tolerations: [{ key: cloud, operator: Exists }]';

test.each([
  ['every member has one, as without a list of them', undefined, 'replicas: { type: dynamic }'],
  ['all members that it chooses from have one', ['edge-1', 'edge-2'], 'replicas: { type: dynamic }'],
  [
    'a group of it has them all',
    ['edge-1'],
    'groups: [{ name: a, clusters: [edge-1] }, { name: b, clusters: [edge-2] }], replicas: { type: dynamic }',
  ],
  [
    'replicas do not depend on room',
    ['edge-1'],
    'replicas: { type: weighted, weights: [{ clusters: [edge-1], weight: 1 }] }',
  ],
  ['an overflow is kept out by its taint', ['edge-1', 'edge-2'], `${OVERFLOW}, replicas: { type: aggregated }`],
])('estimators are taken where %s', (_, estimated, placement) => {
  expect(faults(estimated, placement)).toEqual([]);
});

test.each([
  ['a member', ['edge-1'], 'replicas: { type: dynamic }', 'edge-2'],
  ['an overflow', ['edge-1', 'edge-2'], `${OVERFLOW}, ${TOLERATED}, replicas: { type: aggregated }`, 'cloud'],
])('estimators that Karmada never asks, for %s lacks one, are refused', (_, estimated, placement, lacking) => {
  const found = faults(estimated, placement);
  expect(found).toHaveLength(estimated.length);
  expect(found[0]).toContain("spec.controlPlane.karmada.schedulerEstimator.members[0].name: names 'edge-1'");
  expect(found[0]).toContain(`Give '${lacking}' one`);
});
