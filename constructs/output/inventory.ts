import { closeSync, openSync, readdirSync, readSync, rmdirSync, unlinkSync } from 'node:fs';
import { extname, join } from 'node:path';
import { MANAGED_BY } from '../names.ts';
import { OutputFault } from './fault.ts';

/** What every file says first that a synth makes: by it the next one knows what it may delete. */
const MARK = 'Made by serverless-federation';

/** How a comment begins and ends, by the ending of a file's name. */
const COMMENTS: Readonly<Record<string, readonly [start: string, end: string]>> = {
  '.yaml': ['# ', ''],
  '.md': ['<!-- ', ' -->'],
};

/**
 * The first line of a file.
 *
 * @param path of the file, whose ending says how it writes comments.
 * @param source name of the file that it is made from.
 */
export function headerOf(path: string, source: string): string {
  const [start, end] = COMMENTS[extname(path)] ?? ['', ''];
  // A name with a line end would begin a line of its own, one with the end of a comment would end it.
  const name = JSON.stringify(source).slice(1, -1).replaceAll('-->', '--\\u003e');
  return `${start}${MARK} from ${name}: edit that, not this file.${end}\n`;
}

/** What synths have made in a folder, by their paths: the files, and the folders after what is in them. */
export interface Inventory {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Lists a folder that synths have made.
 *
 * @throws OutputFault when it holds anything else, at any depth.
 */
export function inventoryOf(root: string): Inventory {
  const files: string[] = [];
  const folders: string[] = [];
  const buffer = Buffer.alloc(512);
  const visit = (path: string) => {
    const entries = readdirSync(join(root, path), { withFileTypes: true });
    if (entries.length === 0 && path !== '') throw foreign(root, path);
    for (const entry of entries) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) visit(inner);
      else if (entry.isFile() && isMarked(join(root, inner), buffer)) files.push(inner);
      else throw foreign(root, inner);
    }
    folders.push(path);
  };
  visit('');
  return { files, folders };
}

function foreign(root: string, path: string): OutputFault {
  return new OutputFault(`${root} holds '${path}', which no synth made: name another output folder, or move it away`);
}

function isMarked(file: string, buffer: Buffer): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const start = buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
    // Before synths wrote a first line, their files began with an object that bore their label.
    return (
      Object.values(COMMENTS).some(([comment]) => start.startsWith(comment + MARK)) ||
      (start.startsWith('apiVersion: ') && start.includes(`    app.kubernetes.io/managed-by: ${MANAGED_BY}\n`))
    );
  } finally {
    closeSync(descriptor);
  }
}

/** Deletes what is listed, and so nothing that has come since: that, and the folders that it is in, stay. */
export function remove(root: string, { files, folders }: Inventory): void {
  for (const file of files) unlinkSync(join(root, file));
  for (const folder of folders) {
    try {
      rmdirSync(join(root, folder));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}
