import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { readCrds } from '../karmada/crds.ts';
import { check } from './checks/index.ts';
import { explain, type Fault, faultsOf, formatPath } from './faults.ts';
import { type FederationSpec, federation, resolve } from './federation.ts';

/** A federation file that can't be used, with everything that is wrong in it. */
export class InvalidFederation extends Error {
  constructor(
    /** The file, as it was named. */
    readonly file: string,
    readonly faults: readonly Fault[],
  ) {
    super(faults.map(({ path, message }) => [file, formatPath(path), message].filter(Boolean).join(': ')).join('\n'));
    this.name = 'InvalidFederation';
  }
}

/**
 * Loads a federation file: reads its YAML, checks it whole and fills in the defaults.
 *
 * @throws InvalidFederation with all faults at once.
 */
export function loadFederation(file: string): FederationSpec {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidFederation(file, [{ path: [], message: `can't be read: ${(error as Error).message}` }]);
  }
  const spec = parseFederation(text, file);
  const { folder } = spec.controlPlane.karmada.crds;
  if (folder === undefined) return spec;
  try {
    return { ...spec, crdFiles: readCrds(resolvePath(dirname(file), folder)) };
  } catch (error) {
    const path = ['spec', 'controlPlane', 'karmada', 'crds', 'folder'];
    throw new InvalidFederation(file, [{ path, message: `can't be used: ${(error as Error).message}` }]);
  }
}

/** As `loadFederation`, for a text that is at hand. `file` is its name in messages. */
export function parseFederation(text: string, file: string): FederationSpec {
  return validFederation(parseYaml(text, file), file);
}

/** Checks a federation given as plain data and fills in its defaults. */
export function validFederation(data: unknown, file: string): FederationSpec {
  const crossFaults: Fault[] = [];
  // The checks that need the whole file run even where a field is wrong, so that one run tells all.
  const checked = federation.superRefine(
    (value, context) => {
      const broken = context.issues.length > 0;
      try {
        check(resolve(value), (path, message) => crossFaults.push({ path, message }), broken);
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
  if (result.success && faults.length === 0) return resolve(result.data);
  throw new InvalidFederation(file, faults);
}

function parseYaml(text: string, file: string): unknown {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
  } catch (error) {
    const message =
      error instanceof YAMLException
        ? `is no YAML: ${error.reason}${error.mark ? ` (line ${error.mark.line + 1}, column ${error.mark.column + 1})` : ''}`
        : 'is no YAML that can be read: it is nested too deeply';
    throw new InvalidFederation(file, [{ path: [], message }]);
  }
  if (documents.length !== 1) {
    const message = `must hold one YAML document, got ${documents.length}`;
    throw new InvalidFederation(file, [{ path: [], message }]);
  }
  return documents[0];
}
