import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completedCommands } from '../../cli/completion/commands.ts';
import { bash, fish, zsh } from '../../cli/completion/shells.ts';
import { program } from '../../cli/program.ts';
import { describeWith } from '../scripts/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'completion-'));
const file = (shell: string) => join(folder, shell);
beforeAll(() => {
  const commands = completedCommands(program());
  writeFileSync(file('bash'), bash(commands));
  writeFileSync(file('zsh'), zsh(commands));
  writeFileSync(file('fish'), fish(commands));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell offers for the last of these words, in the shell's own order. */
type Offered = (...words: string[]) => string[];

/** Runs a shell's program, which gets the words as its arguments. */
const shell =
  (command: string, ...args: string[]): Offered =>
  (...words) => {
    const { stdout, stderr } = spawnSync(command, [...args, ...words], { cwd: folder, encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split(/\s+/).filter(Boolean);
  };

const offersIn = (offered: Offered) => {
  test('offers subcommands, their options, those of scripts, and values', () => {
    expect(offered('sy')).toEqual(['synth']);
    expect(offered('plan', '--memb')).toEqual(expect.arrayContaining(['--member', '--members']));
    expect(offered('apply', '--force-c')).toEqual(['--force-conflicts']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
    expect(offered('plan', '-o', 'm')).toEqual(['markdown']);
    expect(offered('apply', 'k')).toEqual(['karmada']);
    expect(offered('help', 'sch')).toEqual(['schema']);
  });
};

describeWith(['bash'], 'bash', () => {
  const run = `source ./bash; COMP_WORDS=(serverless-federation "$@") COMP_CWORD=$#; _serverless_federation; echo "\${COMPREPLY[@]}"`;
  offersIn(shell('bash', '-c', run, 'bash'));
});

describeWith(['fish'], 'fish', () => {
  const run = 'source fish; complete -C "serverless-federation $argv" | cut -f1';
  offersIn(shell('fish', '--no-config', '-c', run));
});

describeWith(['zsh'], 'zsh', () => {
  // Its completion needs a terminal. What it would be given is seen where it gives it.
  const run = `compdef() { }; source ./zsh
_describe() { for each in "\${(@P)2}"; do [[ $each != $typed* ]] || print -r -- "\${each%%:*}"; done }
_arguments() { for each in "$@"; do print -r -- "$each"; done | grep -oE -- "(--[a-z-]+|\\([a-z -]+\\)$)" | tr -d '()' | tr ' ' '\\n' | sort -u | grep -- "^$typed"; }
typed=\${@[-1]} words=(serverless-federation "$@") CURRENT=$(($# + 1)); _serverless_federation`;
  offersIn(shell('zsh', '-fc', run, 'zsh'));
});
