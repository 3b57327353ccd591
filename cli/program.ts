import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { diffCommand } from './commands/diff.ts';
import { initCommand } from './commands/init.ts';
import { planCommand } from './commands/plan.ts';
import { schemaCommand } from './commands/schema.ts';
import { scriptCommand } from './commands/script.ts';
import { statusCommand } from './commands/status.ts';
import { suppliesCommand } from './commands/supplies.ts';
import { synthCommand } from './commands/synth.ts';
import { viewCommand } from './commands/view.ts';
import { fail } from './failure.ts';
import { runScript, SCRIPTS } from './scripts.ts';
import { version } from './version.ts';

/**
 * The command and its subcommands. What a subcommand does is loaded when it is called: help must not wait for cdk8s.
 */
export function program(): Command {
  const command = new Command('serverless-federation')
    .description('One typed file describes a serverless platform from edge to cloud.')
    .version(version(), '-V, --version')
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText(
      'after',
      `
All work on the folder that they are called in: on its federation.yaml (or what FEDERATION names), dist/ and .kube/.

Exit status: 0 when all went well, 1 when something is wrong, 2 for a wrong call; each subcommand's help says more.`,
    )
    .exitOverride();
  command.commandsGroup('The file:');
  for (const one of [
    initCommand(),
    checkCommand(),
    synthCommand(),
    planCommand(),
    viewCommand(),
    suppliesCommand(),
    schemaCommand(),
  ]) {
    command.addCommand(one);
  }
  command.commandsGroup('The clusters:');
  command.addCommand(diffCommand());
  command.addCommand(statusCommand());
  for (const [name, description] of Object.entries(SCRIPTS)) command.addCommand(scriptCommand(name, description));
  command.commandsGroup('The command:');
  command.addCommand(completionCommand(command));
  for (const subcommand of command.commands)
    subcommand.exitOverride().showHelpAfterError('(add --help for what there is)');
  return command;
}

/** Runs the command, and sets the exit status. */
export async function run(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.once('error', readerGone);
  try {
    const [name = '', ...rest] = args[0] === 'help' && args[1] ? [args[1], '--help'] : args;
    if (Object.hasOwn(SCRIPTS, name)) {
      process.exitCode = await runScript(name, rest);
      return;
    }
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has said by then what is wrong with the call, or shown its help.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else fail(error);
  }
}

/**
 * A reader that has enough, as `head` has, ends the command without a word.
 *
 * @throws every other fault of a stream.
 */
function readerGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
