import { dirname, resolve as resolvePath } from 'node:path';
import { readCrds } from '../karmada/crds.ts';
import { type ChartArchives, readChartArchives } from '../network/chart-archives.ts';
import { assemble, type Part } from './assemble.ts';
import { checkArchives } from './checks/charts.ts';
import { check } from './checks/index.ts';
import { settingPath } from './checks/settings.ts';
import { explain, faultsOf } from './explain.ts';

import { type Fault, formatPath, type Path, quote, type Report, reportTo } from './faults.ts';

import { clustersOf, type FederationSpec, federation, resolve } from './federation.ts';
import { halfCharacters } from './half-characters.ts';
import { withoutOwnKeys } from './own-keys.ts';
import { positionsIn, writtenIn } from './positions.ts';
import { repair } from './repair.ts';
import { readText } from './text.ts';
import { type Events, type Read, readYaml, YamlFault } from './yaml.ts';

/** What a file is called in messages, its text where it is at hand, and who hears of what may be wrong in it. */
export interface Source {
  readonly name: string;
  /** @default - messages tell no line. */
  readonly text?: string;
  /**
   * What the parser has met in the text.
   *
   * @default - it is parsed again when a line is to be told.
   */
  readonly events?: Events;
  /**
   * Folder that the files which it names are in.
   *
   * @default - it can name none.
   */
  readonly folder?: string;
  /**
   * What other files hold of it.
   *
   * @default - nothing.
   */
  readonly parts?: readonly Part[];
  /**
   * Takes each warning, as the line to print. Those of a file that can't be used are not told.
   *
   * @default - warnings are dropped.
   */
  readonly onWarning?: ((line: string) => void) | undefined;
}

/** A federation file that can't be used, with everything that is wrong in it, a line each. */
export class InvalidFederation extends Error {
  constructor(
    source: Source,
    readonly faults: readonly Fault[],
  ) {
    super(lines(source, faults).join('\n'));
    this.name = 'InvalidFederation';
  }
}

/** Faults or warnings as lines that terminals and editors know: `FILE:LINE:COLUMN: PATH: MESSAGE`. */
function lines(source: Source, faults: readonly Fault[], kind?: 'warning'): string[] {
  const locate = origins(source);
  const told = faults.slice(0, MOST).map((fault) => {
    const { name, path, find } = locate(fault.path);
    const position = fault.position ?? find()?.(path, fault.atKey);
    const place = position ? [name, position.line, position.column].join(':') : name;
    const line = [place, kind, formatPath(path), fault.message].filter(Boolean).join(': ');
    // What a file holds, or is called, must not steer a terminal, whatever a message quotes.
    return line.replace(/\p{Cc}/gu, (control) => quote(control).slice(1, -1));
  });
  if (faults.length > MOST)
    told.push([source.name, kind, `and ${faults.length - MOST} more like these`].filter(Boolean).join(': '));
  return told;
}

/** Finds the file that a path of the data comes from, the path in it, and what finds its lines. */
function origins({ name, text, events, parts = [] }: Source) {
  const byPlace = new Map(parts.map((part) => [formatPath(part.at), part]));
  // The places are looked for only when they are asked for: a right file needs none.
  const known = new Map<string, ReturnType<typeof positionsIn>>();
  const finder = (key: string, text: string | undefined, document: number, events?: Events) => () => {
    if (text === undefined) return undefined;
    const find = known.get(key) ?? positionsIn(text, document, events);
    known.set(key, find);
    return find;
  };
  return (path: Path) => {
    for (let end = path.length; end > 0 && byPlace.size > 0; end--) {
      const part = byPlace.get(formatPath(path.slice(0, end)));
      if (!part) continue;
      const { document } = part;
      const find = finder(`${part.name} ${document}`, part.text, document);
      return { name: part.name, path: [...part.path, ...path.slice(end)], document, text: part.text, find };
    }
    return { name, path, document: 0, text, find: finder(name, text, 0, events) };
  };
}

/** As many faults are told one by one: who has more has one reason for them, or will run it again. */
const MOST = 200;

/**
 * Loads a federation file: reads its YAML, checks it whole and fills in the defaults.
 *
 * @param file its path, or '-' for standard input.
 * @param name what messages call the file.
 * @param folder where the files are that it names. Default: that of the file.
 * @param onWarning takes each warning, as the line to print. Default: they are dropped.
 * @throws InvalidFederation with all faults at once.
 */
export function loadFederation(
  file: string,
  { name = file, folder = dirname(file), onWarning }: Partial<Source> = {},
): FederationSpec {
  let text: string;
  try {
    text = readText(file === STDIN ? 0 : file);
  } catch (error) {
    throw new InvalidFederation({ name }, [{ path: [], message: (error as Error).message }]);
  }
  const source = { name, text, folder, onWarning };
  const { data, events } = dataOf(source);
  const spec = validFederation(data, { ...source, events });
  return withFolders(spec, folder, source);
}

/** The federation with what lies in the folders that it names, as `folder` has them. */
function withFolders(spec: FederationSpec, folder: string, source: Source): FederationSpec {
  const faults: Fault[] = [];
  const read = <T>(name: string, path: Path, reader: (folder: string) => T): T | undefined => {
    try {
      return reader(resolvePath(folder, name));
    } catch (error) {
      faults.push({ path, message: `can't be used: ${(error as Error).message}` });
      return undefined;
    }
  };
  const { crds } = spec.controlPlane.karmada;
  const crdFiles = crds.folder && read(crds.folder, ['spec', 'controlPlane', 'karmada', 'crds', 'folder'], readCrds);
  const archives = new Map<string, ChartArchives>();
  for (const { cluster, path } of clustersOf(spec)) {
    const name = cluster.network.charts.folder;
    if (name === undefined || archives.has(name)) continue;
    const place = settingPath(spec, cluster, path, 'network', 'charts', 'folder');
    archives.set(name, read(name, place, readChartArchives) ?? {});
  }
  const found = {
    ...(crdFiles && { crdFiles }),
    ...(archives.size > 0 && { chartArchives: archives }),
  };
  // The same where nothing was found, for what is known about it is known by it.
  const whole = Object.keys(found).length > 0 ? { ...spec, ...found } : spec;
  if (faults.length === 0) checkArchives(whole, reportTo(faults));
  if (faults.length > 0) throw new InvalidFederation(source, faults);
  return whole;
}

/** What stands for standard input where a file is named. */
export const STDIN = '-';

function dataOf(source: Source & { text: string }): Read<unknown> {
  let read: Read<unknown>;
  try {
    read = readYaml(source.text);
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    const { message, position } = error;
    throw new InvalidFederation(source, [{ path: [], message, position }]);
  }
  const faults = halfCharacters(read.data, source.text);
  if (faults.length > 0) throw new InvalidFederation(source, faults);
  return read;
}

/** As `loadFederation`, for a text that is at hand. `name` is what messages call it. */
export function parseFederation(text: string, name: string, onWarning?: Source['onWarning']): FederationSpec {
  const source = { name, text, onWarning };
  const { data, events } = dataOf(source);
  return validFederation(data, { ...source, events });
}

/** Checks a federation given as plain data and fills in its defaults. */
export function validFederation(given: unknown, from: Source): FederationSpec {
  const { data: whole, parts, faults: unread } = assemble(given, from);
  const data = withoutOwnKeys(whole);
  const source = { ...from, parts };
  const result = federation.safeParse(data, { error: explain, reportInput: true });
  if (result.success) {
    if (unread.length > 0) throw new InvalidFederation(source, unread);
    // The events are many, and nothing is told of most files later on.
    const { events: _, ...kept } = source;
    const spec = { ...resolve(result.data), source: kept };
    judge(spec, (report) => check(spec, report), source);
    return spec;
  }
  const faults = faultsOf(result.error.issues, data, written(source));
  // What is in a file that can't be read would only be missed.
  throw new InvalidFederation(source, unread.length > 0 ? [...faults, ...unread] : wholeFaults(data, faults));
}

/** What the files of a federation have at a path of its data, letter for letter. */
function written(source: Source): ((path: Path) => string | undefined) | undefined {
  if (source.text === undefined) return undefined;
  const locate = origins(source);
  return (path) => {
    const { text, document, path: inside } = locate(path);
    return text === undefined ? undefined : writtenIn(text, document)(inside);
  };
}

/**
 * Checks a federation further, by what only its constructs show, and tells what is wrong at its place in the file.
 *
 * @param source the file. Default: that of the federation.
 * @returns what the check returns.
 * @throws InvalidFederation with all faults at once.
 */
export function judge<T>(
  spec: FederationSpec,
  check: (report: Report) => T,
  source: Source = spec.source ?? { name: spec.name },
): T {
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const result = check(reportTo(faults, warnings));
  if (faults.length > 0) throw new InvalidFederation(source, firstOfEachPlace(faults));
  if (source.onWarning && warnings.length > 0) lines(source, warnings, 'warning').forEach(source.onWarning);
  return result;
}

/** Whether a part of an entry, such as a placement, has a fault inside: what it comes to can't be judged then. */
function isAround(path: Path, faults: readonly Fault[]): boolean {
  const { length } = path;
  const place = formatPath(path);
  return (
    length > 3 && faults.some((one) => one.path.length > length && formatPath(one.path.slice(0, length)) === place)
  );
}

/** One fault for each place: what else is found there mostly follows from it. */
function firstOfEachPlace(faults: readonly Fault[]): Fault[] {
  const first = new Map<string, Fault>();
  for (const fault of faults) {
    const place = formatPath(fault.path);
    if (!first.has(place)) first.set(place, fault);
  }
  return [...first.values()];
}

/**
 * All that is wrong in data that has faults, so that one run tells it: it is looked at again with the certain mistakes
 * mended, and with the checks that need the whole file. What is gone then followed from those mistakes and is left out,
 * and so is what is at, under or around a place that has its fault already.
 */
function wholeFaults(data: unknown, faults: readonly Fault[]): Fault[] {
  const further: Fault[] = [];
  const whole = federation.superRefine(
    (value, context) => {
      const broken = context.issues.length > 0;
      try {
        check(resolve(value), reportTo(further), broken);
      } catch (error) {
        // What cannot even be resolved has its own fault.
        if (!broken) throw error;
      }
    },
    { when: () => true },
  );
  const mended = repair(data, faults);
  const result = whole.safeParse(mended, { error: explain, reportInput: true });
  const again = result.success ? [] : faultsOf(result.error.issues, mended);
  const taken = new Set(
    faults.flatMap(({ path, meant }) => [
      formatPath(path),
      ...(meant && 'key' in meant ? [formatPath([...path.slice(0, -1), meant.key])] : []),
    ]),
  );
  const follows = (path: Path) =>
    [...path.keys(), path.length].some((end) => taken.has(formatPath(path.slice(0, end))));
  const left = new Set(again.map(({ path }) => formatPath(path)));
  return [
    ...faults.filter(({ path, meant }) => meant || left.has(formatPath(path))),
    ...again.filter(({ path }) => !follows(path)),
    ...firstOfEachPlace(further).filter(({ path }) => !follows(path) && !isAround(path, faults)),
  ];
}
