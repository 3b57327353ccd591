import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { readCrds } from '../karmada/crds.ts';
import { type ChartArchives, readChartArchives } from '../network/chart-archives.ts';
import { checkArchives } from './checks/charts.ts';
import { check } from './checks/index.ts';
import { settingPath } from './checks/settings.ts';
import { explain, faultsOf } from './explain.ts';
import { type Fault, formatPath, type Path, reportTo } from './faults.ts';
import { clustersOf, type FederationSpec, federation, resolve } from './federation.ts';
import { halfCharacters } from './half-characters.ts';
import { positionsIn, writtenIn } from './positions.ts';
import { repair } from './repair.ts';
import { readYaml, YamlFault } from './yaml.ts';

/** What a file is called in messages, its text where it is at hand, and who hears of what may be wrong in it. */
export interface Source {
  readonly name: string;
  /** @default - messages tell no line. */
  readonly text?: string;
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
function lines({ name, text }: Source, faults: readonly Fault[], kind?: 'warning'): string[] {
  // The places are looked for only now: a right file needs none.
  const find = text === undefined || faults.every(({ position }) => position) ? undefined : positionsIn(text);
  const told = faults.slice(0, MOST).map(({ path, message, atKey, position = find?.(path, atKey) }) => {
    const place = position ? [name, position.line, position.column].join(':') : name;
    return [place, kind, formatPath(path), message].filter(Boolean).join(': ');
  });
  if (faults.length > MOST)
    told.push([name, kind, `and ${faults.length - MOST} more like these`].filter(Boolean).join(': '));
  return told;
}

/** As many faults are told one by one: who has more has one reason for them, or will run it again. */
const MOST = 200;

/**
 * Loads a federation file: reads its YAML, checks it whole and fills in the defaults.
 *
 * @param name what messages call the file.
 * @param onWarning takes each warning, as the line to print. Default: they are dropped.
 * @throws InvalidFederation with all faults at once.
 */
export function loadFederation(file: string, { name = file, onWarning }: Partial<Source> = {}): FederationSpec {
  const text = textOf(file, name);
  const source = { name, text, onWarning };
  const spec = validFederation(dataOf(source), source);
  return withFolders(spec, dirname(file), source);
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
  const archives: Record<string, ChartArchives> = {};
  for (const { cluster, path } of clustersOf(spec)) {
    const name = cluster.network.charts.folder;
    if (name === undefined || archives[name]) continue;
    archives[name] =
      read(name, settingPath(spec, cluster, path, 'network', 'charts', 'folder'), readChartArchives) ?? {};
  }
  const whole = {
    ...spec,
    ...(crdFiles && { crdFiles }),
    ...(Object.keys(archives).length > 0 && { chartArchives: archives }),
  };
  if (faults.length === 0) checkArchives(whole, reportTo(faults));
  if (faults.length > 0) throw new InvalidFederation(source, faults);
  return whole;
}

function textOf(file: string, name: string): string {
  const refuse = (message: string) => new InvalidFederation({ name }, [{ path: [], message }]);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(`can't be read: ${REASONS[code ?? ''] ?? message}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('is not UTF-8: save it as UTF-8');
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
};

function dataOf(source: Source & { text: string }): unknown {
  let data: unknown;
  try {
    data = readYaml(source.text);
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    const { message, position } = error;
    throw new InvalidFederation(source, [{ path: [], message, position }]);
  }
  const faults = halfCharacters(data, source.text);
  if (faults.length > 0) throw new InvalidFederation(source, faults);
  return data;
}

/** As `loadFederation`, for a text that is at hand. `name` is what messages call it. */
export function parseFederation(text: string, name: string, onWarning?: Source['onWarning']): FederationSpec {
  const source = { name, text, onWarning };
  return validFederation(dataOf(source), source);
}

/** Checks a federation given as plain data and fills in its defaults. */
export function validFederation(data: unknown, source: Source): FederationSpec {
  const found: Fault[] = [];
  const warnings: Fault[] = [];
  const result = federation.safeParse(data, { error: explain, reportInput: true });
  if (result.success) {
    const spec = resolve(result.data);
    check(spec, reportTo(found, warnings));
    if (found.length > 0) throw new InvalidFederation(source, found);
    if (source.onWarning && warnings.length > 0) lines(source, warnings, 'warning').forEach(source.onWarning);
    return spec;
  }
  const { text } = source;
  const faults = faultsOf(result.error.issues, data, text === undefined ? undefined : writtenIn(text));
  throw new InvalidFederation(source, [...faults, ...furtherFaults(data, faults)]);
}

/**
 * What else is wrong in data that has faults already, so that one run tells all: it is looked at again with the certain
 * mistakes mended, and with the checks that need the whole file. What is at or under a place that has its fault already
 * follows from it, and is left out.
 */
function furtherFaults(data: unknown, faults: readonly Fault[]): Fault[] {
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
  return [...again, ...further].filter(({ path }) => !follows(path));
}
