import { Command } from 'commander';

/**
 * A script as a subcommand, for help and completion: it reads its own command line, and is run before this one is read.
 *
 * @param description what it does.
 */
export function scriptCommand(name: string, description: string): Command {
  return new Command(name).description(description).argument('[args...]', `see serverless-federation ${name} --help`);
}
