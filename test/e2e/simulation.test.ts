import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { FederationUnderTest } from './harness/federation.ts';
import { runFolder } from './harness/process.ts';
import { Stages } from './harness/stages.ts';
import { noTally, type Tally } from './simulation/compare.ts';
import { ControlPlane } from './simulation/control-plane.ts';
import { type Federation, federationOf } from './simulation/federation.ts';
import { type Outcome, Play, type Step } from './simulation/play.ts';
import { type Recording, recordingOf, writeRecordings } from './simulation/recording.ts';
import { shrink } from './simulation/shrink.ts';

/*
 * Random federations, placed by Karmada's own components and computed by `simulation/`: both must say the same. Each
 * federation follows from a number; those that are tried are the numbers from E2E_SEED on.
 */

const COUNT = Number(process.env.E2E_FEDERATIONS ?? 12);
const SEED = Number(process.env.E2E_SEED ?? 1);
/** Federations that are in Karmada at one time. */
const AT_ONCE = Number(process.env.E2E_AT_ONCE ?? 12);
/** A file for what Karmada does, to compare the simulation without Karmada (`simulation/replay.ts`). */
const RECORD = process.env.E2E_RECORD;

const federation = new FederationUnderTest();
const stages = new Stages();
let karmada: ControlPlane;

beforeAll(async () => {
  await stages.measure('the control plane comes up', async () => {
    await federation.start([]);
    const dist = await federation.synth('simulation');
    await federation.script('apply', ['--dist', dist, 'host']);
    await federation.takeKubeconfig(dist);
    karmada = new ControlPlane(federation.karmada);
    await karmada.start();
  });
});

afterAll(async () => {
  karmada?.stop();
  await federation.stop();
  console.log(stages.table());
});

let plays = 0;

/** Plays a federation under a name that none has had. */
const play = (federation: Federation, tally: Tally = noTally()): Promise<Outcome> =>
  new Play(karmada, federation, `f${plays++}`, tally).run();

/** Works on all items, so many at one time. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const differing = ({ steps }: Outcome): Step | undefined => steps.find(({ differences }) => differences.length > 0);

/** Plays a federation that has differed once more, twice at most: what was chance, or a machine that was too slow, passes. */
async function differsAgain(federation: Federation): Promise<boolean> {
  for (let again = 0; again < 2; again++) if (differing(await play(federation))) return true;
  return false;
}

/** Writes a federation that differs as files, as small as some tries make it, and returns what to read. */
async function report(seed: number): Promise<string> {
  const differs = async (one: Federation) => Boolean(differing(await play(one)));
  const smallest = await shrink(federationOf(seed), differs, { tries: 60, atOnce: AT_ONCE });
  const step = differing(await play(smallest));
  if (!step) return `seed ${seed} differs, but not each time`;
  const folder = join(runFolder, 'logs', `seed-${seed}`);
  mkdirSync(folder, { recursive: true });
  const { members, objects, before = [] } = step.input;
  for (const [name, found] of Object.entries({ members, objects, before })) {
    writeFileSync(join(folder, `${name}.yaml`), found.map((object) => `---\n${dump(object)}`).join(''));
  }
  return [`seed ${seed}, ${step.name}; a small case is in ${folder}`, ...step.differences].join('\n  ');
}

const name = `Karmada places ${COUNT} federations as computed, from seed ${SEED} on`;
test(name, { timeout: 1_800_000 + COUNT * 15_000 }, async () => {
  onTestFailed(async () => console.error(await federation.explain()));
  const tally = noTally();
  const unequal: number[] = [];
  const once: number[] = [];
  const failed: string[] = [];
  const recordings: Recording[] = [];
  let refused = 0;
  const seeds = Array.from({ length: COUNT }, (_, index) => SEED + index);
  await stages.measure(`${COUNT} federations`, () =>
    each(seeds, AT_ONCE, async (seed) => {
      try {
        const outcome = await play(federationOf(seed), tally);
        const step = differing(outcome);
        if (step) {
          console.error([`seed ${seed}, ${step.name}`, ...step.differences].join('\n  '));
          ((await differsAgain(federationOf(seed))) ? unequal : once).push(seed);
        } else recordings.push(recordingOf(seed, outcome.steps));
        refused += outcome.refused.length;
      } catch (error) {
        failed.push(`seed ${seed}: ${(error as Error).stack}`);
      }
    }),
  );
  if (RECORD) writeRecordings(RECORD, recordings);
  console.log(
    `${COUNT} federations from seed ${SEED} on: ${tally.placements} placements (${tally.uncertain} uncertain), ` +
      `${tally.manifests} manifests, overridden ${tally.overridden} times; ${refused} policies refused by Karmada; ` +
      `${unequal.length} federations differ (${unequal.join(', ') || 'none'}), ` +
      `${once.length} did so once and not again (${once.join(', ') || 'none'})`,
  );
  const reports = [...failed];
  for (const seed of unequal.slice(0, 2)) reports.push(await stages.measure(`shrinking ${seed}`, () => report(seed)));
  expect(reports).toEqual([]);
});
