import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { program, run } from '../../cli/program.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

/** What a command ends with, and what it says on standard error. */
async function called(...args: string[]) {
  const told: unknown[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(text) > 0);
  vi.spyOn(console, 'error').mockImplementation((line) => void told.push(line, '\n'));
  // It runs once in a process, and so never takes back what it listens to.
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'once').mockReturnThis();
  await run(args);
  return { status: process.exitCode, stderr: told.join('') };
}

const withValues = program().commands.flatMap((command) =>
  command.options.filter((option) => option.required || option.optional).map((o) => [command.name(), o.long as string]),
);

test.each(withValues)(
  '%s %s does not take an empty word, as of a variable that is not set',
  async (command, option) => {
    for (const words of [[option, ''], [`${option}=`]]) {
      const { status, stderr } = await called(command, ...words);
      expect(status).toBe(2);
      expect(stderr).toContain(option);
    }
  },
);

test.each(['check', 'plan', 'supplies', 'synth', 'view'])('%s does not take an empty FEDERATION', async (command) => {
  vi.stubEnv('FEDERATION', '');
  const { status, stderr } = await called(command, ...(command === 'view' ? ['-o', '-'] : []));
  expect(status).toBe(2);
  expect(stderr).toBe(`FEDERATION is empty: give it a value, or unset it (see ${command} --help)\n`);
});

test.each([
  ['CDK8S_OUTDIR', 'synth'],
  ['KUBECONFIG_DIR', 'status'],
])('an empty %s is no folder for %s', async (name, command) => {
  vi.stubEnv('FEDERATION', undefined);
  vi.stubEnv(name, '');
  const { status, stderr } = await called(command);
  expect(status).toBe(2);
  expect(stderr).toContain(`${name} is empty`);
});

test.each([
  ['check', 1],
  ['diff', 2],
  ['status', 2],
])('%s ends with %i where it finds nothing to work on, and where that is gone', async (command, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'nothing-'));
  try {
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const { status, stderr } = await called(command);
    expect(status).toBe(expected);
    expect(stderr).toContain('there ');
    vi.mocked(process.cwd).mockImplementation(() => {
      throw Object.assign(new Error('ENOENT: uv_cwd'), { code: 'ENOENT', syscall: 'uv_cwd' });
    });
    expect(await called(command)).toEqual({
      status: expected,
      stderr: 'the current folder is not there any more: go to one that is\n',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a subcommand that there is not is told, also where help of it is asked for', async () => {
  for (const words of [['hepl'], ['hepl', '--help'], ['help', 'hepl']]) {
    const { status, stderr } = await called(...words);
    expect(status).toBe(2);
    expect(stderr).toContain("unknown command 'hepl'");
  }
});

test.each([
  ['check', 1],
  ['diff', 2],
  ['status', 2],
])('%s ends with %i for a fault of ours, too, which no answer may be taken for', async (command, expected) => {
  const fault = new Error('ours');
  vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw fault;
  });
  vi.stubEnv('FEDERATION', undefined);
  let end: () => void = () => {};
  vi.spyOn(process, 'once').mockImplementation((_, listener) => {
    end = listener;
    return process;
  });
  await expect(called(command)).rejects.toBe(fault);
  end();
  expect(process.exitCode).toBe(expected);
});
