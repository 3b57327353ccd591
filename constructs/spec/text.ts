import { readFileSync } from 'node:fs';
import { reasonOf } from '../reason.ts';

/**
 * The text of a file, without the mark that some editors begin one with.
 *
 * @param file a path, or 0 for standard input.
 * @throws Error that completes the sentence "FILE …".
 */
export function readText(file: string | 0): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Error(`can't be read: ${REASONS[code] ?? reasonOf(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8: save it as UTF-8');
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
};
