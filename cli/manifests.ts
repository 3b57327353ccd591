import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readDocuments, YamlFault } from '../constructs/spec/yaml.ts';
import type { KubeObject } from '../simulation/kubernetes.ts';
import { Failure } from './failure.ts';
import { entriesIn, plainFile, textOf, unreadable } from './files.ts';
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

function objectsIn(text: string, file: string): KubeObject[] {
  return documentsIn(text, file)
    .filter((document) => document !== null && document !== undefined)
    .flatMap((document) => {
      const { kind, items } = document as { kind?: unknown; items?: unknown };
      if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
        return items.map((item) => asObject(item, file));
      }
      return [asObject(document, file)];
    });
}

function documentsIn(text: string, file: string): unknown[] {
  if (text.startsWith('{')) {
    try {
      // What servers answer, which is read many times faster so.
      return [JSON.parse(text)];
    } catch {
      // YAML may begin so, too, and its reader says where a fault is.
    }
  }
  try {
    return readDocuments(text).data;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    const { message, position } = error;
    throw new Failure(`${file}:${position.line}:${position.column}: ${message}`);
  }
}
