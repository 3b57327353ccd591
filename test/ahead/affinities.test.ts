import { expect, test } from 'vitest';
import { APP, said, saidOf, warned } from './said.ts';

const together = { labels: { team: 'a' }, placement: { workloadAffinity: { affinity: 'team' } } };
const other = (more: object) =>
  said({
    apps: [
      { ...APP, ...together },
      { ...APP, name: 'v', ...together, ...more },
    ],
  });

test('an app that is alone in its group is warned of', () => {
  const alone = "does nothing: nothing else in the namespace is grouped by 'team' and has the value 'a'";
  expect(warned(saidOf(together))).toEqual([`apps[0].placement.workloadAffinity.affinity: ${alone}`]);
  expect(warned(other({ namespace: 'shop' }))).toHaveLength(2);
  expect(warned(other({}))).toEqual([]);
});

test('a misspelt label is refused with the right one', () => {
  const { faults } = saidOf({ ...together, placement: { workloadAffinity: { antiAffinity: 'taem' } } });
  expect(faults).toEqual([
    "spec.apps[0].placement.workloadAffinity.antiAffinity: groups apps by the label 'taem', which this app lacks, did you mean 'team'?",
  ]);
});

test('of what a policy selects, one without the label is only warned of', () => {
  const deployment = (name: string, labels: object = {}) => {
    const pods = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a:v1' }] } };
    const spec = { selector: { matchLabels: { a: 'b' } }, template: pods };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec };
  };
  const objects = [deployment('u', { team: 'a' }), deployment('v', { team: 'a' }), deployment('x')];
  const resources = [{ apiVersion: 'apps/v1', kind: 'Deployment' }];
  const policies = [{ type: 'propagation', name: 'p', resources, placement: together.placement }];
  expect(warned(said({ manifests: [{ target: 'karmada', objects }], policies }))).toEqual([
    "policies[0].placement.workloadAffinity.affinity: groups apps by the label 'team', which the Deployment 'x' lacks: add it to 'labels'",
  ]);
});
