import { join, resolve } from 'node:path';
import { federationFile } from './federation.ts';
import { here } from './here.ts';
import { readOptions } from './misuse.ts';

const HELP = `Makes the manifests of a federation: reads its file, checks it, and writes a folder for each API server.

Usage: npm run synth -- [--output DIR]

  -o, --output DIR  folder that is made anew as a whole; what no synth made is never deleted from it. Default: dist
  -h, --help        show this

Environment:
  FEDERATION        the federation's file, or - for standard input. Default: federation.yaml

Exit status: 0 when the folder is new, 1 when something is wrong with the file or the folder, 2 for wrong options.
`;

/** What a synth is asked for. */
export interface SynthOptions {
  /** The federation's file. */
  readonly file: string;
  /** The folder to write. */
  readonly output: string;
}

/**
 * Reads the command line and the environment of a synth.
 *
 * @param root the project's folder, with its own federation.
 * @returns nothing where it was asked for help, which is then given.
 * @throws Misuse for wrong options.
 */
export function synthOptions(root: string): SynthOptions | undefined {
  const { help, output } = readOptions('npm run synth --', { output: { type: 'string', short: 'o' } });
  if (help) {
    process.stdout.write(HELP);
    return undefined;
  }
  return {
    file: federationFile(root),
    output: output ? resolve(here(), output) : (process.env.CDK8S_OUTDIR ?? join(root, 'dist')),
  };
}
