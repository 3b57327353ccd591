import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that can't be followed. */
export class Misuse extends Error {
  constructor(message: string, command: string) {
    super(`${message} (see ${command} --help)`);
    this.name = 'Misuse';
  }
}

/**
 * Reads the options of a command line; `--help` is one of every command.
 *
 * @param command what a user types, for messages.
 * @throws Misuse when it has others, or values that are missing or empty.
 */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(command: string, options: T) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
    for (const [name, value] of Object.entries(values)) {
      if (value === '') throw new Error(`option --${name} needs a value`);
    }
    return values;
  } catch (error) {
    throw new Misuse((error as Error).message.split('. ')[0] as string, command);
  }
}
