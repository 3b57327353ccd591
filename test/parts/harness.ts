import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onTestFailed, test } from 'vitest';
import { Process, run, runFolder } from '../e2e/harness/process.ts';
import { Stages } from '../e2e/harness/stages.ts';

/**
 * A story of steps, each of which is a test that needs those before it: after one that fails, the rest is skipped.
 * @param explain Prints what to read when a step fails, besides the logs of servers that ended.
 */
export function story(explain: () => Promise<void>): {
  step: (name: string, work: () => Promise<void>) => void;
  stages: Stages;
} {
  const stages = new Stages();
  let failed = false;
  const step = (name: string, work: () => Promise<void>) =>
    test(name, async ({ skip }) => {
      skip(failed, 'a step before it failed');
      failed = true;
      onTestFailed(explain);
      await stages.measure(name, work);
      failed = false;
    });
  return { step, stages };
}

/** Prints the ends of the logs of servers, all of them or those whose names begin so. */
export function printLogs(beginning = ''): void {
  for (const server of Process.all) if (server.name.startsWith(beginning)) console.error(server.tail(25));
}

/** Folder with the programs of a part, and the files that come with them; run.sh builds it. */
export function partFolder(part: string): string {
  const name = `PART_${part.toUpperCase().replaceAll('-', '_')}`;
  const folder = process.env[name];
  if (!folder) throw new Error(`${name} is not set: start the test with test/parts/run.sh ${part}`);
  return folder;
}

/** Lays programs of other folders beside the servers that pods find on their PATH, for the rest of this run. */
export async function addPrograms(...folders: readonly string[]): Promise<void> {
  const all = join(runFolder, `programs-${folders.map((folder) => basename(folder)).join('-')}`);
  mkdirSync(all, { recursive: true });
  const lower = [...folders, process.env.E2E_BIN].join(':');
  await run(['mount', '-t', 'overlay', '-o', `lowerdir=${lower}`, 'overlay', all]);
  process.env.E2E_BIN = all;
}
