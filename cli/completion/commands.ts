import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { SCRIPTS, scriptCommand, scriptEnvironment } from '../scripts.ts';

/** An option as shells complete it. */
export interface CompletedOption {
  /** Such as `o`. */
  readonly short?: string;
  /** Such as `output`. */
  readonly long: string;
  readonly description: string;
  /** What stands for the value; nothing where it takes none. */
  readonly value?: string;
  /** All values that there are. */
  readonly choices: readonly string[];
}

/** A subcommand as shells complete it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly choices: readonly string[];
}

/** What arguments begin with that are names of the federation else, and those of scripts. */
const TARGETS = ['bootstrap', 'host', 'members', 'karmada', 'argocd'];
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  apply: TARGETS,
  diff: TARGETS,
  host: ['remove', 'replace'],
};

/** All subcommands; options of scripts are those that their help names. */
export function completedCommands(program: Command): CompletedCommand[] {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...(Object.hasOwn(SCRIPTS, command.name()) ? scriptOptions(command.name()) : ownOptions(command)),
      { short: 'h', long: 'help', description: 'display help for command', choices: [] },
    ],
    choices: ARGUMENTS[command.name()] ?? command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  }));
  const help = { name: 'help', description: 'display help for command', options: [] };
  return [...commands, { ...help, choices: commands.map(({ name }) => name) }];
}

function ownOptions(command: Command): CompletedOption[] {
  return command.options.flatMap(({ short, long, description, flags, argChoices = [] }) => {
    if (!long) return [];
    const value = /<(.+)>$/.exec(flags)?.[1];
    return [
      {
        ...(short && { short: short.slice(1) }),
        long: long.slice(2),
        description,
        ...(value && { value }),
        choices: argChoices,
      },
    ];
  });
}

function scriptOptions(name: string): CompletedOption[] {
  const help = execFileSync(...scriptCommand(name, ['--help']), { encoding: 'utf8', env: scriptEnvironment() });
  return [...help.matchAll(/^ {2}(?:-(\w), )?--([a-z][a-z-]*)(?: (\S+))? {2,}(\S.*)$/gm)].flatMap(
    ([, short, long = '', value, description = '']) =>
      long === 'help' ? [] : [{ ...(short && { short }), long, description, ...(value && { value }), choices: [] }],
  );
}
