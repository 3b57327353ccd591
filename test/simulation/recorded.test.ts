import { join } from 'node:path';
import { expect, test } from 'vitest';
import { comparison, noTally } from '../e2e/simulation/compare.ts';
import { readRecordings } from '../e2e/simulation/recording.ts';

/*
 * What Karmada 1.18.2 itself has done with random federations, recorded in the end-to-end test (E2E_RECORD; see its
 * README): each step of their lives is computed again.
 */

const recordings = readRecordings(join(import.meta.dirname, 'recorded.json.br'));

test(`the simulation says what Karmada did with ${recordings.length} random federations`, () => {
  const tally = noTally();
  const differences = recordings.flatMap(({ seed, steps }) =>
    steps.flatMap(({ name, observed, ...question }) =>
      comparison(question)(observed, tally).map((line) => `seed ${seed}, ${name}: ${line}`),
    ),
  );
  expect(differences).toEqual([]);
  expect(tally.placements).toBeGreaterThan(10 * recordings.length);
  expect(tally.overridden).toBeGreaterThan(10 * recordings.length);
});
