import { Command } from 'commander';
import { given, lookOptions, outlookOptions } from './options.ts';

export function viewCommand(): Command {
  const command = outlookOptions(new Command('view'))
    .description(
      'Make a page that shows the federation: its clusters, where everything runs and why, and what a change would move.',
    )
    .option('-o, --output <file>', 'the HTML file to write; - for standard output', given, 'federation.html')
    .option(
      '--serve [port]',
      'serve the page on loopback in place of writing it; any free port if none is given',
      given,
    )
    .option(
      '--live [seconds]',
      'show as well how it is, anew every 5 seconds if no number is given; serves the page',
      given,
    );
  return lookOptions(command)
    .addHelpText(
      'after',
      `
The page is one file, which needs nothing else and asks nobody for anything. It holds what the Karmada API gets, values
of Secrets excepted. With --live it asks its own server for what "status" tells, and the options of clusters are those of
"status", which also says what it needs.

Exit status: 0 when the page was written, 1 when it could not be made, 2 for a wrong call.

Examples:
  serverless-federation view
  serverless-federation view -o page.html --room clusters.yaml
  serverless-federation view --serve 8080
  serverless-federation view --live`,
    )
    .action(async (options) => {
      const { view } = await import('../view/view.ts');
      const told = await view(options);
      if (told !== undefined) console.error(told);
    });
}
