import { Command } from 'commander';
import { given, outlookOptions } from './options.ts';

export function viewCommand(): Command {
  return outlookOptions(new Command('view'))
    .description(
      'Make a page that shows the federation: its clusters, where everything runs and why, and what a change would move.',
    )
    .option('-o, --output <file>', 'the HTML file to write; - for standard output', given, 'federation.html')
    .option('--serve [port]', 'serve the page on loopback in place of writing it; any free port if none is given')
    .addHelpText(
      'after',
      `
The page is one file, which needs nothing else and asks nobody for anything. It holds what the Karmada API gets, values
of Secrets excepted.

Exit status: 0 when the page was written, 1 when it could not be made, 2 for a wrong call.

Examples:
  serverless-federation view
  serverless-federation view -o page.html --room clusters.yaml
  serverless-federation view --serve 8080`,
    )
    .action(async (options) => {
      const { view } = await import('../view/view.ts');
      const told = await view(options);
      if (told !== undefined) console.error(told);
    });
}
