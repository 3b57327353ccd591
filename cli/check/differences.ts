import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { headerOf } from '../../constructs/output/inventory.ts';
import { bytesOf, unreadable } from '../files.ts';

/** A file that is not what a synth would make. */
export interface Difference {
  /** In the folder. */
  readonly path: string;
  readonly is: 'missing' | 'other than what synth makes' | 'not made by synth any more';
}

/**
 * How a folder differs from what a synth would make it.
 *
 * @param files paths in the folder, and texts.
 * @param source name of the file that they are made from.
 */
export function differences(
  folder: string,
  files: Iterable<readonly [path: string, text: string]>,
  source: string,
): Difference[] {
  const left = new Map(filesIn(folder));
  const found: Difference[] = [];
  for (const [path, text] of files) {
    const isFile = left.get(path);
    if (!left.delete(path)) found.push({ path, is: 'missing' });
    else if (!isFile || !bytesOf(join(folder, path)).equals(Buffer.from(headerOf(path, source) + text))) {
      found.push({ path, is: 'other than what synth makes' });
    }
  }
  for (const path of left.keys()) found.push({ path, is: 'not made by synth any more' });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What is in a folder, each with whether it is a plain file: of links and pipes a synth makes none. */
function filesIn(folder: string): [path: string, isFile: boolean][] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => [relative(folder, join(entry.parentPath, entry.name)), entry.isFile()]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}
