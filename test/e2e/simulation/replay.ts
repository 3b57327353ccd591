import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { comparison, noTally } from './compare.ts';
import { recorded } from './recording.ts';

/*
 * Compares the simulation with what Karmada did in an earlier run, without Karmada:
 * node --import tsx test/e2e/simulation/replay.ts FOLDER [SEED…]
 */

const [folder = '', ...seeds] = process.argv.slice(2);
const files =
  seeds.length > 0
    ? seeds.map((seed) => `${seed}.json`)
    : readdirSync(folder).sort(new Intl.Collator('en', { numeric: true }).compare);
const tally = noTally();
let [steps, unequal] = [0, 0];
for (const file of files) {
  for (const { name, observed, ...question } of recorded(join(folder, file))) {
    const found = comparison(question)(observed, tally);
    steps++;
    if (found.length > 0) {
      unequal++;
      console.log([`${file}, ${name}:`, ...found].join('\n  '));
    }
  }
}
console.log(`${unequal} of ${steps} steps differ`, tally);
process.exitCode = unequal > 0 ? 1 : 0;
