import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from './run.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What is no source; in some of it other tests make and remove files meanwhile. */
const ELSEWHERE = new Set(['node_modules', '.git', 'build', 'dist', 'lib', 'coverage', '.kube']);

/** Every shell script of the project: by its ending, or by its first line where it has none. */
function scripts(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ELSEWHERE.has(entry.name) ? [] : scripts(path);
    if (!entry.isFile() || (entry.name.includes('.') && !entry.name.endsWith('.sh'))) return [];
    const isShell = entry.name.endsWith('.sh') || /^#!\S+[ /](ba)?sh\b/.test(readFileSync(path, 'utf8'));
    return isShell ? [relative(ROOT, path)] : [];
  });
}

function lint(command: string, ...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, [...args, ...scripts()], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

describeWith(['shellcheck'], 'shell scripts (shellcheck)', () => {
  test('have no fault that shellcheck knows', () => {
    expect(scripts()).toContain('scripts/apply.sh');
    expect(lint('shellcheck')).toEqual({ status: 0, output: '' });
  });
});

describeWith(['shfmt'], 'shell scripts (shfmt)', () => {
  test('are laid out as shfmt does it', () => {
    expect(lint('shfmt', '-d', '-i', '2', '-ci', '-bn')).toEqual({ status: 0, output: '' });
  });
});
