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
