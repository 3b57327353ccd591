import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readText } from '../constructs/spec/text.ts';
import { readDocuments, YamlFault } from '../constructs/spec/yaml.ts';
import type { KubeObject } from '../simulation/kubernetes.ts';
import { Failure } from './failure.ts';
import { here } from './here.ts';
import { asObject } from './shapes.ts';

const MANIFEST = /\.(?:ya?ml|json)$/;

/**
 * All Kubernetes objects of a file, of standard input (`-`), or of the YAML and JSON files of a folder at any depth, in
 * the order of their names. Lists are taken apart.
 *
 * @throws Failure for what cannot be read, or is no Kubernetes object.
 */
export function readManifests(path: string): KubeObject[] {
  return filesOf(path).flatMap((file) => objectsIn(textOf(file), file));
}

function filesOf(path: string): string[] {
  if (path === '-') return [path];
  try {
    // What a user names may be a pipe, as of a shell's <(…); one in a folder would be waited for.
    if (!statSync(resolve(here(), path)).isDirectory()) return [path];
  } catch (error) {
    throw unreadable(path, error);
  }
  return entriesIn(resolve(here(), path)).flatMap((entry) => {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return filesOf(inside);
    return MANIFEST.test(entry.name) ? [plainFile(inside)] : [];
  });
}

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

function unreadable(path: string, error: unknown): Failure {
  return new Failure(`cannot read '${path}': ${(error as Error).message}`);
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

function objectsIn(text: string, file: string): KubeObject[] {
  let documents: unknown[];
  try {
    documents = readDocuments(text).data;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    const { message, position } = error;
    throw new Failure(`${file}:${position.line}:${position.column}: ${message}`);
  }
  return documents
    .filter((document) => document !== null && document !== undefined)
    .flatMap((document) => {
      const { kind, items } = document as { kind?: unknown; items?: unknown };
      if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
        return items.map((item) => asObject(item, file));
      }
      return [asObject(document, file)];
    });
}

/** The names of the folders in a folder, which need not be there. */
export function foldersIn(path: string): string[] {
  return entriesIn(path)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
