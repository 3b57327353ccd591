import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { readText } from './text.ts';

/*
 * Files that a federation file names. They lie in its folder or below, so that a repository holds all that its manifests
 * are made of, and whoever changes the file in a pull request can read no others of the machine that makes them.
 */

const BELOW = /^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\0\\]+$/;

/** The path of such a file. */
export const fileBeside = z
  .string()
  .regex(BELOW, "must be a path in the folder of this file or below, without '..', such as 'shops/members.yaml'");

/** A file and its text. */
export interface TextFile {
  /** Path as it was asked for, or a file in the folder that was. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads a file, or all `.yaml` and `.yml` files of a folder in the order of their names.
 *
 * @param folder that of the federation file.
 * @throws Error that completes the sentence "PATH …".
 */
export function readBeside(folder: string, path: string): TextFile[] {
  if (!BELOW.test(path)) return [];
  const whole = join(folder, path);
  const files = isFolder(whole)
    ? readdirSync(whole)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0) throw new Error('is a folder without .yaml files');
  return files.map((file) => {
    if (statSync(join(folder, file), { throwIfNoEntry: false })?.isFile() === false)
      throw new Error('is no plain file');
    const text = readText(join(folder, file));
    if (!realpathSync(join(folder, file)).startsWith(join(realpathSync(folder), sep))) {
      throw new Error(`leads out of the folder of this file by a symbolic link`);
    }
    return { path: file, text };
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
