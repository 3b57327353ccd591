import { join, relative, resolve } from 'node:path';
import type { FederationSpec } from '../constructs/spec/federation.ts';
import { loadFederation } from '../constructs/spec/load.ts';
import { here } from './here.ts';

/**
 * The federation's file: what FEDERATION names, or `federation.yaml`.
 *
 * @param root folder of the latter.
 */
export function federationFile(root: string): string {
  const { FEDERATION } = process.env;
  return FEDERATION ? resolve(here(), FEDERATION) : join(root, 'federation.yaml');
}

/**
 * Loads a federation's file, called as the user would call it, and prints its warnings on standard error.
 *
 * @throws InvalidFederation with all faults at once.
 */
export function readFederation(file: string): FederationSpec {
  const shown = relative(here(), file);
  return loadFederation(file, {
    name: shown.startsWith('..') ? file : shown,
    onWarning: (line) => console.error(line),
  });
}
