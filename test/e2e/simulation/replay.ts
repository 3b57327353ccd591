import { comparison, noTally } from './compare.ts';
import { readRecordings } from './recording.ts';

/*
 * Compares the simulation with what Karmada did in an earlier run, without Karmada:
 * node --import tsx test/e2e/simulation/replay.ts FILE [SEED…]
 */

const [file = '', ...seeds] = process.argv.slice(2);
const tally = noTally();
let [steps, unequal] = [0, 0];
for (const recording of readRecordings(file)) {
  if (seeds.length > 0 && !seeds.includes(String(recording.seed))) continue;
  for (const { name, observed, ...question } of recording.steps) {
    const found = comparison(question)(observed, tally);
    steps++;
    if (found.length === 0) continue;
    unequal++;
    console.log([`seed ${recording.seed}, ${name}:`, ...found].join('\n  '));
  }
}
console.log(`${unequal} of ${steps} steps differ`, tally);
process.exitCode = unequal > 0 ? 1 : 0;
