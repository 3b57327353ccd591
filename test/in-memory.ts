import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Bytes: several times what the tests hold at a time. */
const ROOM = 2 ** 31;

/**
 * Has the tests keep their passing files in memory, where the machine lets them: they make and delete tens of thousands,
 * which a file system on a disk takes longer for than many a test for the rest.
 */
export default function setup(): (() => void) | undefined {
  const folder = folderInMemory();
  if (folder === undefined) return undefined;
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

function folderInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < ROOM) return undefined;
    const folder = mkdtempSync(join(MEMORY, 'serverless-federation-'));
    chmodSync(folder, 0o1777); // as /tmp is: tests are other users, too
    // Containers have it often so that nothing in it runs, and tests put programs there.
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    if (spawnSync(program).status === 0) return folder;
    rmSync(folder, { recursive: true });
  } catch {
    // There is none, or it is not ours to write to.
  }
  return undefined;
}
