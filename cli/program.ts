import { Command, CommanderError, Option } from 'commander';
import { outlookOptions, several } from './commands/options.ts';
import { synthCommand } from './commands/synth.ts';
import { viewCommand } from './commands/view.ts';
import { fail } from './failure.ts';

/**
 * The command and its subcommands. What a subcommand does is loaded when it is called: help must not wait for cdk8s.
 */
export function program(): Command {
  const command = new Command('serverless-federation')
    .description('One typed file describes a serverless platform from edge to cloud.')
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  command.addCommand(synthCommand());
  command.addCommand(planCommand());
  command.addCommand(viewCommand());
  for (const subcommand of command.commands)
    subcommand.exitOverride().showHelpAfterError('(add --help for what there is)');
  return command;
}

function planCommand(): Command {
  return outlookOptions(new Command('plan'))
    .description(
      'Show where everything will run before it is applied, and why not elsewhere: what Karmada will do, computed.',
    )
    .addOption(
      new Option('-o, --output <format>', 'print JSON or Markdown in place of a table').choices(['json', 'markdown']),
    )
    .option('--member <name>', 'print as YAML what this member will get')
    .option('--lost <name>', 'show what changes when this member is lost (may be given several times)', several)
    .option(
      '--with <name,key=value…>',
      'show what changes when a member is added or relabelled; the keys provider, region and zone are its fields, all others labels (may be given several times)',
      several,
    )
    .option('--before <file>', "take what is placed already from an earlier plan's JSON")
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
  serverless-federation plan --before before.json --with "edge-9,region=de,tier=edge"
  serverless-federation plan --manifests dist/karmada --members clusters.yaml`,
    )
    .action(async (options) => {
      const { plan } = await import('./plan/plan.ts');
      process.stdout.write(await plan(options));
    });
}

/** Runs the command, and sets the exit status. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has said by then what is wrong with the call, or shown its help.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else fail(error);
  }
}
