import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KARMADA_VERSION } from '../../constructs/versions.ts';

const SHARED = resolve(import.meta.dirname, '../../../shared');

/** Folder with a file `<case>.yaml` for each rendering of Karmada's chart; CONTRIBUTING.md says how to make them. */
export const RENDERINGS = join(SHARED, 'karmada/reference', KARMADA_VERSION);

/** Compares manifests by their meaning. */
export const COMPARE_MANIFESTS = join(SHARED, 'bin/compare-manifests');

/** What lacks here for a comparison with the chart, or nothing. Says so in one line, as the reason for what is left out. */
export function missing(...needed: readonly string[]): string | undefined {
  const lacking = needed.find((path) => !existsSync(path));
  if (lacking)
    console.warn(`left out: the equality with Karmada's chart, for there is no ${lacking} (CONTRIBUTING.md)`);
  return lacking;
}
