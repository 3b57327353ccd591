import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../constructs/reason.ts';
import { readText } from '../constructs/spec/text.ts';
import { Failure } from './failure.ts';
import { here } from './here.ts';

/*
 * Files and folders as the subcommands read them: whatever is against that is a Failure, which names them.
 */

/** A path, made sure to lead to a file: nobody may ever write to a pipe. */
export function plainFile(path: string): string {
  let isFile: boolean;
  try {
    isFile = statSync(resolve(here(), path)).isFile();
  } catch (error) {
    throw unreadable(path, error);
  }
  if (!isFile) throw new Failure(`cannot read '${path}': it is no plain file`);
  return path;
}

/** What is in a folder, which need not be there, in the order of the names. */
export function entriesIn(folder: string): Dirent[] {
  if (!isThere(folder)) return [];
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/**
 * Whether there is something at a path.
 *
 * @throws Failure where that can't be told, such as in a folder that others alone may read.
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The names of the folders in a folder, which need not be there. */
export function foldersIn(path: string): string[] {
  return entriesIn(path)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The text of a file, or of standard input. */
export function textOf(file: string): string {
  try {
    return readText(file === '-' ? 0 : resolve(here(), file));
  } catch (error) {
    throw new Failure(`'${file}' ${(error as Error).message}`);
  }
}

/** What a file holds, to the byte: a mark of an editor before the text is part of it. */
export function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Says that a file or a folder can't be read, and why. */
export function unreadable(path: string, error: unknown): Failure {
  return new Failure(`cannot read '${path}': ${reasonOf(error)}`);
}
