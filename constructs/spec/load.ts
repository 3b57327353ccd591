import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { readCrds } from '../karmada/crds.ts';
import { check } from './checks/index.ts';
import { explain, type Fault, faultsOf, formatPath, reportTo } from './faults.ts';
import { type FederationSpec, federation, resolve } from './federation.ts';
import { positionsIn } from './positions.ts';

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
  const find = text === undefined ? undefined : positionsIn(text);
  return faults.map(({ path, message, atKey, position = find?.(path, atKey) }) => {
    const place = position ? [name, position.line, position.column].join(':') : name;
    return [place, kind, formatPath(path), message].filter(Boolean).join(': ');
  });
}

/**
 * Loads a federation file: reads its YAML, checks it whole and fills in the defaults.
 *
 * @param name what messages call the file.
 * @param onWarning takes each warning, as the line to print. Default: they are dropped.
 * @throws InvalidFederation with all faults at once.
 */
export function loadFederation(file: string, { name = file, onWarning }: Partial<Source> = {}): FederationSpec {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidFederation({ name }, [{ path: [], message: `can't be read: ${(error as Error).message}` }]);
  }
  const source = { name, text, onWarning };
  const spec = validFederation(parseYaml(text, name), source);
  const { folder } = spec.controlPlane.karmada.crds;
  if (folder === undefined) return spec;
  try {
    return { ...spec, crdFiles: readCrds(resolvePath(dirname(file), folder)) };
  } catch (error) {
    const path = ['spec', 'controlPlane', 'karmada', 'crds', 'folder'];
    throw new InvalidFederation(source, [{ path, message: `can't be used: ${(error as Error).message}` }]);
  }
}

/** As `loadFederation`, for a text that is at hand. `name` is what messages call it. */
export function parseFederation(text: string, name: string, onWarning?: Source['onWarning']): FederationSpec {
  return validFederation(parseYaml(text, name), { name, text, onWarning });
}

/** Checks a federation given as plain data and fills in its defaults. */
export function validFederation(data: unknown, source: Source): FederationSpec {
  const crossFaults: Fault[] = [];
  const warnings: Fault[] = [];
  const report = reportTo(crossFaults, warnings);
  // The checks that need the whole file run even where a field is wrong, so that one run tells all.
  const checked = federation.superRefine(
    (value, context) => {
      const broken = context.issues.length > 0;
      try {
        check(resolve(value), report, broken);
      } catch (error) {
        // What cannot even be resolved has its own fault.
        if (!broken) throw error;
      }
    },
    { when: () => true },
  );
  const result = checked.safeParse(data, { error: explain, reportInput: true });
  const faults = result.success ? [] : faultsOf(result.error.issues);
  const places = new Set(faults.map(({ path }) => formatPath(path)));
  faults.push(...crossFaults.filter(({ path }) => !places.has(formatPath(path))));
  if (!result.success || faults.length > 0) throw new InvalidFederation(source, faults);
  if (source.onWarning && warnings.length > 0) lines(source, warnings, 'warning').forEach(source.onWarning);
  return resolve(result.data);
}

function parseYaml(text: string, name: string): unknown {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
  } catch (error) {
    throw new InvalidFederation({ name }, [yamlFault(error)]);
  }
  if (documents.length !== 1) {
    const message = `must hold one YAML document, got ${documents.length}`;
    throw new InvalidFederation({ name }, [{ path: [], message }]);
  }
  return documents[0];
}

function yamlFault(error: unknown): Fault {
  if (!(error instanceof YAMLException)) {
    return { path: [], message: 'is no YAML that can be read: it is nested too deeply' };
  }
  const { reason, mark } = error;
  const position = mark && { line: mark.line + 1, column: mark.column + 1 };
  return { path: [], message: `is no YAML: ${reason}`, ...(position && { position }) };
}
