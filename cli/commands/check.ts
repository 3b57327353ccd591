import { Command } from 'commander';
import { given, jsonOutput } from './options.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('Check the federation file, with all faults at once, and write nothing.')
    .addOption(jsonOutput())
    .option('--dist [dir]', 'check as well that this folder is what synth would make (default: dist)', given)
    .addHelpText(
      'after',
      `
Each fault and warning is a line, FILE:LINE:COLUMN: PATH: MESSAGE, on standard error. With -o json they are lists, "faults"
and "warnings", on standard output; "stale" lists the files that --dist found to be others.

Environment:
  FEDERATION  the federation's file, or - for standard input (default: federation.yaml)

Exit status: 0 when all is right (there may be warnings), 1 when there is a fault, or no file, 2 for a wrong call.

Examples:
  serverless-federation check
  serverless-federation check --dist
  serverless-federation check -o json | jq -r '.faults[]'`,
    )
    .action(async (options: { output?: 'json'; dist?: string | true }) => {
      const { check } = await import('../check/check.ts');
      check(options);
    });
}
