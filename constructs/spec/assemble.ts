import { dirname, join } from 'node:path';
import { didYouMean, type Fault, type Path, quote } from './faults.ts';
import { fileBeside, readBeside } from './files.ts';
import { halfCharacters } from './half-characters.ts';
import { guess } from './other-names.ts';
import { readDocuments, YamlFault } from './yaml.ts';

/** A piece of a federation's data that another file holds. */
export interface Part {
  /** Where it is in the data. */
  readonly at: Path;
  /** What messages call the file. */
  readonly name: string;
  readonly text: string;
  /** Which of the file's YAML documents it is in, from 0. */
  readonly document: number;
  /** Where it is in that document. */
  readonly path: Path;
}

/** A federation's data with what other files hold of it. */
export interface Assembly {
  readonly data: unknown;
  readonly parts: readonly Part[];
  /** Files that can't be read, and what is no list of ours in them. */
  readonly faults: readonly Fault[];
}

/** Lists of `spec` that other files may go on with. */
const LISTS = ['members', 'runtimes', 'apps', 'policies', 'quotas', 'manifests'];

type Mapping = Record<string, unknown>;

/**
 * Puts together what the federation file holds and what the files hold that it names: entries of lists (`include`), and
 * objects (`manifests[].files`).
 *
 * @param source what messages call the federation file, and its folder; without one no other file is read.
 */
export function assemble(data: unknown, source: { readonly name: string; readonly folder?: string }): Assembly {
  const reading = new Reading(source);
  if (!isMapping(data) || !isMapping(data.spec)) return { data, parts: [], faults: [] };
  const spec = { ...data.spec };
  for (const [i, path] of listOf(spec.include).entries()) {
    for (const file of reading.files(path, ['spec', 'include', i])) includeLists(spec, file, reading);
  }
  if (Array.isArray(spec.manifests)) {
    spec.manifests = spec.manifests.map((manifest, i) => withObjects(manifest, ['spec', 'manifests', i], reading));
  }
  return { data: { ...data, spec }, parts: reading.parts, faults: reading.faults };
}

/** Adds the entries of a file's lists to those of `spec`. */
function includeLists(spec: Mapping, file: ReadFile, { parts, faults }: Reading): void {
  const { at, name, text } = file;
  const documents = file.documents.filter((document) => document !== null);
  const [lists] = documents;
  if (documents.length > 1 || (documents.length === 1 && !isMapping(lists))) {
    faults.push({ path: at, message: "must be one mapping of lists, such as 'members' and 'apps'" });
    return;
  }
  for (const [key, list] of Object.entries((lists ?? {}) as Mapping)) {
    if (key.startsWith('x-') || list === null) continue;
    if (!LISTS.includes(key)) {
      const meant = guess(key, LISTS);
      const hint = meant ? didYouMean(key, meant.name) : `, known are ${LISTS.map(quote).join(', ')}`;
      faults.push({ path: [...at, key], message: `unknown field${hint}`, atKey: true });
    } else if (!Array.isArray(list)) {
      faults.push({ path: [...at, key], message: `must be a list, got ${quote(list)}` });
    } else if (Array.isArray(spec[key] ?? [])) {
      const before = listOf(spec[key]);
      for (const i of list.keys()) {
        parts.push({ at: ['spec', key, before.length + i], name, text, document: 0, path: [key, i] });
      }
      spec[key] = [...before, ...list];
    }
  }
}

/** An entry of `manifests` with the objects of its files. */
function withObjects(manifest: unknown, at: Path, reading: Reading): unknown {
  if (!isMapping(manifest) || manifest.files === undefined) return manifest;
  const objects = listOf(manifest.objects).slice();
  const files = listOf(manifest.files);
  const faults = reading.faults.length;
  for (const [i, path] of files.entries()) {
    for (const { name, text, documents } of reading.files(path, [...at, 'files', i])) {
      for (const [document, object] of documents.entries()) {
        if (object === null) continue;
        reading.parts.push({ at: [...at, 'objects', objects.length], name, text, document, path: [] });
        objects.push(object);
      }
    }
  }
  if (objects.length === 0 && files.length > 0 && files.every(isFileBeside) && reading.faults.length === faults) {
    reading.faults.push({ path: [...at, 'files'], message: 'must hold at least one object' });
  }
  return { ...manifest, objects };
}

function isFileBeside(path: unknown): path is string {
  return fileBeside.safeParse(path).success;
}

interface ReadFile {
  /** A path for what is about the file itself. */
  readonly at: Path;
  readonly name: string;
  readonly text: string;
  readonly documents: readonly unknown[];
}

/** Reads files, and gathers where their data goes and what is wrong with them. */
class Reading {
  readonly parts: Part[] = [];
  readonly faults: Fault[] = [];

  constructor(private readonly source: { readonly name: string; readonly folder?: string }) {}

  /** The files that a path names which is at this place of the data. */
  files(path: unknown, at: Path): ReadFile[] {
    const { name: from, folder } = this.source;
    // What is no such path has its fault from the schema.
    if (!isFileBeside(path)) return [];
    if (folder === undefined) {
      this.faults.push({ path: at, message: 'has no folder to be in: only a federation in a file can name others' });
      return [];
    }
    try {
      return readBeside(folder, path).map((file) => {
        const name = join(dirname(from), file.path);
        const own = [...at, name];
        this.parts.push({ at: own, name, text: file.text, document: 0, path: [] });
        return { at: own, name, text: file.text, documents: this.documents(file.text, own) };
      });
    } catch (error) {
      this.faults.push({ path: at, message: (error as Error).message });
      return [];
    }
  }

  private documents(text: string, at: Path): unknown[] {
    try {
      const { data: documents } = readDocuments(text);
      for (const document of documents) {
        this.faults.push(
          ...halfCharacters(document, text).map((fault) => ({ ...fault, path: [...at, ...fault.path] })),
        );
      }
      return documents;
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      this.faults.push({ path: at, message: error.message, position: error.position });
      return [];
    }
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
