import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');

let root: string;
/** A project of two modules, for a large one takes long to bundle. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'project-'));
  const starter = ['cli/start.cjs', 'cli/bundle.cjs', 'cli/save.cjs', 'package.json', 'tsconfig.json'];
  for (const name of starter) cpSync(join(project, name), join(root, name));
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'cli/commands'));
  writeFileSync(join(root, 'main.ts'), '');
  writeFileSync(source(), "export const help = 'Make the manifests';\n");
  writeFileSync(join(root, 'cli/index.ts'), "import { help } from './commands/synth.ts';\nconsole.log(help);\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts the program, which prints what stands in its source. */
function start() {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'cli/start.cjs'), 'synth'], {
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: undefined },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const source = () => join(root, 'cli/commands/synth.ts');
const bundle = () => join(root, 'build/command.cjs');

/** Changes a source, and neither its size nor the time at which it was written. */
function edit(from: string, to: string) {
  const { atime, mtime } = statSync(source());
  writeFileSync(source(), readFileSync(source(), 'utf8').replace(from, to));
  utimesSync(source(), atime, mtime);
}

test('runs each source as it is, however small and hidden the change', () => {
  expect(start()).toBe('Make the manifests\n');
  edit('Make the manifests', 'Move the manifests');
  expect(start()).toBe('Move the manifests\n');
  expect(start()).toBe('Move the manifests\n');
  edit('Move the manifests', 'Make the manifests');
  expect(start()).toBe('Make the manifests\n');
});

test('keeps the bundle and what is compiled of it for the next start', () => {
  start();
  const files = ['command.cjs', 'synth.cache'];
  expect(readdirSync(join(root, 'build')).sort()).toEqual(files);
  const before = files.map((name) => statSync(join(root, 'build', name)).ino);
  start();
  expect(files.map((name) => statSync(join(root, 'build', name)).ino)).toEqual(before);
});

test('knows the bundle of the same sources after they were written anew', () => {
  start();
  const body = () => readFileSync(bundle(), 'latin1').replace(/^.*/, '');
  const id = () => /"id":"([^"]+)"/.exec(readFileSync(bundle(), 'latin1'))?.[1];
  const [oldBody, oldId] = [body(), id()];
  writeFileSync(source(), readFileSync(source()));
  start();
  expect([body(), id()]).toEqual([oldBody, oldId]);
});

test('makes another bundle where what it was left with is broken', () => {
  start();
  writeFileSync(bundle(), readFileSync(bundle(), 'latin1').slice(0, 100));
  expect(start()).toBe('Make the manifests\n');
  writeFileSync(join(root, 'build/synth.cache'), 'nothing that V8 has compiled');
  expect(start()).toBe('Make the manifests\n');
});

test('copies the fields of a kind once', () => {
  // Of the project itself, for the small one has no kinds.
  spawnSync(process.execPath, [join(project, 'cli/start.cjs'), '--version']);
  const made = readFileSync(join(project, 'build/command.cjs'), 'latin1');
  expect(made).toMatch(/function toJson_\w+/);
  expect(made).not.toMatch(/\.reduce\(.*\{ \.\.\.\w+, \[\w+\[0\]\]: \w+\[1\] \}/);
});

test('starts where no bundle can be kept', () => {
  writeFileSync(join(root, 'build'), '');
  expect(start()).toBe('Make the manifests\n');
});

test('a reader that has enough ends it without a word', () => {
  const line = `'${process.execPath}' '${join(project, 'cli/start.cjs')}' schema | head -c 1`;
  const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', line], { encoding: 'utf8' });
  expect({ stdout, stderr, status }).toEqual({ stdout: '{', stderr: '', status: 0 });
});

test.each([
  ['schema', 1],
  ['diff --help', 2],
])('what cannot be written is told in a sentence: %s', (command, expected) => {
  const line = `'${process.execPath}' '${join(project, 'cli/start.cjs')}' ${command} >/dev/full`;
  const { stderr, status } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({
    stderr: expect.stringMatching(/^cannot write what there is to say: .*no space left on device.*\n$/),
    status: expected,
  });
});
