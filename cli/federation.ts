import { join, relative, resolve } from 'node:path';
import type { FederationSpec } from '../constructs/spec/federation.ts';
import { loadFederation, STDIN } from '../constructs/spec/load.ts';
import { fromEnvironment } from './environment.ts';
import { Failure } from './failure.ts';
import { isThere } from './files.ts';
import { here } from './here.ts';

/**
 * The federation's file: what FEDERATION names, `-` for standard input, or `federation.yaml`.
 *
 * @param root folder of the latter.
 * @param command what a user types, for messages.
 * @throws Misuse where FEDERATION is empty.
 */
export function federationFile(root: string, command: string): string {
  const named = fromEnvironment('FEDERATION', command);
  if (named === STDIN) return STDIN;
  return named === undefined ? join(root, 'federation.yaml') : resolve(here(), named);
}

/** Prints a warning. */
export const toStandardError = (line: string): void => console.error(line);

/**
 * Loads a federation's file, called as the user would call it.
 *
 * @param onWarning takes each warning, as the line to print. Default: nobody, for who looks at a federation has it checked
 * and synthesized, too.
 * @throws Failure where it is not there.
 * @throws InvalidFederation with all faults at once.
 */
export function readFederation(file: string, onWarning: (line: string) => void = () => {}): FederationSpec {
  if (file !== STDIN && !isThere(file)) {
    throw new Failure(
      `there is no '${shownAs(file)}': go to its folder, name it in FEDERATION, or begin one with "serverless-federation init"`,
    );
  }
  return loadFederation(file, {
    name: shownAs(file),
    ...(file === STDIN && { folder: here() }),
    onWarning,
  });
}

/** What messages and manifests call a federation's file. */
export function shownAs(file: string): string {
  if (file === STDIN) return 'standard input';
  const shown = relative(here(), file);
  return shown.startsWith('..') ? file : shown || '.';
}
