/**
 * Tries many broken federation files in this process, and says how it went:
 *
 *     npm run mutations [COUNT] [SEED]     default: 10000, 1
 *
 * Ends with 1 where one ends in an exception other than the one for faults, or takes more than two seconds of a processor.
 */
import fc from 'fast-check';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { Federation } from '../constructs/federation.ts';
import { InvalidFederation, parseFederation } from '../constructs/spec/load.ts';
import { mutate, mutation, seeds, type Tree } from './spec/mutations.ts';

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const SLOW = 2000;

const samples = fc.sample(fc.tuple(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 })), {
  numRuns: count,
  seed,
});
let [accepted, thrown, slow, slowest] = [0, 0, 0, 0];
for (const [i, [which, mutations]] of samples.entries()) {
  const document = load(seeds[which] as string, { schema: CORE_SCHEMA }) as Tree;
  for (const one of mutations) mutate(document, one);
  const text = dump(document);
  const begin = process.cpuUsage();
  try {
    for (const _ of new Federation(parseFederation(text, 'f')).manifests.files());
    accepted++;
  } catch (error) {
    if (!(error instanceof InvalidFederation)) {
      thrown++;
      console.error(`${i}: ${error instanceof Error ? error.stack : error}\n${text}`);
    }
  }
  // Time of a processor, for others may be at work on this machine.
  const { user, system } = process.cpuUsage(begin);
  const took = (user + system) / 1000;
  slowest = Math.max(slowest, took);
  if (took > SLOW) {
    slow++;
    console.error(`${i}: took ${Math.round(took)} ms\n${text}`);
  }
}
console.log(
  `${count} files: ${accepted} taken, ${count - accepted - thrown} refused, ${thrown} with an exception; the slowest took ${Math.round(slowest)} ms`,
);
process.exitCode = thrown + slow > 0 ? 1 : 0;
