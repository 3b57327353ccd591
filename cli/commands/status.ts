import { Command } from 'commander';
import { given, jsonOutput, lookOptions } from './options.ts';

export function statusCommand(): Command {
  return lookOptions(new Command('status'))
    .description('Show how the federation is: what is computed beside what is there.')
    .addOption(jsonOutput())
    .option('--watch [seconds]', 'look again and again, every 5 seconds if no number is given', given)
    .option('--dry-run', 'print what would be asked, and ask nothing')
    .addHelpText(
      'after',
      `
Shows the control plane's components, estimators, the certificate that ends first, the members with their agents, and
every object that Karmada places: for each member what is computed for it and what Karmada has decided, how many copies
are ready, and why something is not as it should be. What is wrong comes last, on standard error, a line each.

Computed is what Karmada does with dist/ on the members as they are, from where everything is now. LIVE is what Karmada
has decided; READY what the member tells. "+" is what has no replicas to count.

Needs kubectl, and the kubeconfigs of host and karmada; of those of members only the certificates are read. Of Secrets
only names and labels are asked for. With -o json and --watch each look is a line.

Exit status: 0 when all is well, 1 when something is not, 2 when that can't be told, or for a wrong call.

Examples:
  serverless-federation status
  serverless-federation status --watch
  serverless-federation status -o json | jq -r '.faults[]'`,
    )
    .action(async (options) => {
      const { status } = await import('../status/status.ts');
      await status(options);
    });
}
