import { writeSync } from 'node:fs';
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

/** Subcommands whose exit status 1 is an answer: they end with 2 where there is none. */
const ANSWERING: ReadonlySet<string> = new Set(['diff', 'status']);

/** Runs the command, and sets the exit status. */
export async function run(args: readonly string[]): Promise<void> {
  const [name = '', ...rest] = args[0] === 'help' && args[1] ? [args[1], '--help'] : args;
  const failed = ANSWERING.has(name) ? 2 : 1;
  for (const stream of [process.stdout, process.stderr]) {
    stream.once('error', (error: NodeJS.ErrnoException) => {
      // A reader that has enough, as `head` has, ends the command without a word.
      if (error.code !== 'EPIPE') lastWord(`cannot write what there is to say: ${error.message}`, failed);
      process.exit();
    });
  }
  try {
    if (Object.hasOwn(SCRIPTS, name)) {
      process.exitCode = await runScript(name, rest);
      return;
    }
    const command = program();
    // With --help behind a name that is none, it would show its own help, and say nothing of the name.
    const isKnown = /^(-|help$|$)/.test(name) || command.commands.some((one) => one.name() === name);
    await command.parseAsync(isKnown ? args : [name], { from: 'user' });
  } catch (error) {
    // Commander has said by then what is wrong with the call, or shown its help.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else fail(error, failed);
  }
}

/** Ends the process with a message, for which there may be no room either. */
function lastWord(message: string, status: number): void {
  process.exitCode = status;
  try {
    writeSync(2, `${message}\n`);
  } catch {
    // The exit status says it.
  }
}
