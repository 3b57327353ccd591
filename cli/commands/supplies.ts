import { Command, Option } from 'commander';
import { given } from './options.ts';

export function suppliesCommand(): Command {
  return new Command('supplies')
    .description(
      'List what the platform takes from elsewhere, image by image and file by file: what a mirror must hold.',
    )
    .addOption(new Option('-o, --output <format>', 'print JSON, or the sources alone').choices(['json', 'sources']))
    .option('--kind <kind>', 'only these: image, chart, file, list or packages', given)
    .addHelpText(
      'after',
      `
FROM is where this federation takes each from: the source itself, or the mirror that the file names. A "list" names
further images, or is what prints them. Images of apps are not listed: the file names them.

Environment:
  FEDERATION  the federation's file, or - for standard input (default: federation.yaml)

Exit status: 0 when the list was printed, 1 when the file is not right, 2 for a wrong call.

Examples:
  serverless-federation supplies
  serverless-federation supplies --kind image -o sources`,
    )
    .action(async (options: { output?: 'json' | 'sources'; kind?: string }) => {
      const { suppliesText } = await import('../supplies.ts');
      process.stdout.write(suppliesText(options));
    });
}
