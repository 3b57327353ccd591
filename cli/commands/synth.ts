import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { fromEnvironment } from '../environment.ts';
import { here } from '../here.ts';
import { given } from './options.ts';

export function synthCommand(): Command {
  return new Command('synth')
    .description('Make the manifests of a federation: read its file, check it, and write a folder for each API server.')
    .option(
      '-o, --output <dir>',
      'the folder to write; it is made anew as a whole, and what no synth made is never deleted from it (default: dist)',
      given,
    )
    .addHelpText(
      'after',
      `
Environment:
  FEDERATION  the federation's file, or - for standard input (default: federation.yaml)

Exit status: 0 when the folder is new, 1 when something is wrong with the file or the folder, 2 for a wrong call.

Examples:
  serverless-federation synth
  FEDERATION=staging.yaml serverless-federation synth -o dist-staging`,
    )
    .action(async ({ output }: { output?: string }) => {
      const [{ synth }, { federationFile }] = await Promise.all([import('../../main.ts'), import('../federation.ts')]);
      const root = process.cwd();
      const file = federationFile(root, 'synth');
      const folder = output
        ? resolve(here(), output)
        : (fromEnvironment('CDK8S_OUTDIR', 'synth') ?? join(root, 'dist'));
      console.log(synth(file, folder));
    });
}
