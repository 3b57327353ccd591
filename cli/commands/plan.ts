import { Command, Option } from 'commander';
import { given, outlookOptions, several } from './options.ts';

export function planCommand(): Command {
  return outlookOptions(new Command('plan'))
    .description(
      'Show where everything will run before it is applied, and why not elsewhere: what Karmada will do, computed.',
    )
    .addOption(
      new Option('-o, --output <format>', 'print JSON or Markdown in place of a table').choices(['json', 'markdown']),
    )
    .option('--member <name>', 'print as YAML what this member will get', given)
    .option('--lost <name>', 'show what changes when this member is lost (may be given several times)', several)
    .option(
      '--with <name,key=value…>',
      'show what changes when a member is added or relabelled; the keys provider, region and zone are its fields, all others labels (may be given several times)',
      several,
    )
    .option(
      '--before <file>',
      "take what is placed already from an earlier plan's JSON; without --lost and --with, show what changes of it",
      given,
    )
    .addHelpText(
      'after',
      `
A number with "?" may be another one: which of two equal members gets an odd replica hangs on an object's UID. "!" marks
what fails on the way to a member, "+" what has no replicas to count.

Exit status: 0 when the plan was printed, 1 when it could not be made, 2 for a wrong call.

Examples:
  serverless-federation plan
  serverless-federation plan --lost de-wide
  serverless-federation plan --member us-azure
  serverless-federation plan -o json > before.json
  serverless-federation plan --before before.json
  serverless-federation plan --before before.json --with "edge-9,region=de,tier=edge"
  serverless-federation plan --manifests dist/karmada --members clusters.yaml`,
    )
    .action(async (options) => {
      const { plan } = await import('../plan/plan.ts');
      process.stdout.write(await plan(options));
    });
}
