import { Command, Option } from 'commander';
import { accessOptions, given, jsonOutput } from './options.ts';

export function diffCommand(): Command {
  const command = new Command('diff')
    .description('Show what an apply would change on the live servers, and what its --prune would delete.')
    .argument(
      '[target...]',
      'bootstrap, host, karmada, argocd, members or members/NAME (default: all that dist/ holds)',
    )
    .addOption(jsonOutput());
  return accessOptions(command)
    .option('--dist <dir>', 'the synthesized manifests (default: dist)', given)
    .option('--timeout <seconds>', 'how long one request may last', given, '60')
    .option('--force-conflicts', 'compare with an apply that takes fields over which somebody else has set')
    .addOption(new Option('--no-prune', 'leave out what apply --prune would delete'))
    .addHelpText(
      'after',
      `
The servers compute it: each object is applied as a dry run, server-side, and compared with the one that is there.
Nothing is changed. What only servers know (versions, times, status) is left out, and values of Secrets are never shown,
only whether they change. Needs kubectl, and the kubeconfigs that apply needs. Without a target, bootstrap is left out
where there is no kubeconfig for it.

Exit status, as that of kubectl diff: 0 when nothing would change, 1 when something would, 2 when that can't be told for
all of it, or for a wrong call.

Examples:
  serverless-federation diff
  serverless-federation diff karmada members/edge
  serverless-federation diff host -o json | jq -r '.targets[].changes[] | "\\(.action) \\(.kind) \\(.name)"'`,
    )
    .action(async (targets: string[], options) => {
      const { diff } = await import('../diff/diff.ts');
      await diff(targets, options);
    });
}
