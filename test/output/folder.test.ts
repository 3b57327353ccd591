import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutputFault } from '../../constructs/output/fault.ts';
import { OutputFolder } from '../../constructs/output/folder.ts';
import { headerOf } from '../../constructs/output/inventory.ts';
import { Staging } from '../../constructs/output/staging.ts';

const HEADER = '# Made by serverless-federation from f.yaml: edit that, not this file.\n';

let root: string;
let dist: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'dist-')));
  dist = join(root, 'dist');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function replace(files: Iterable<readonly [string, string]>, folder = dist): number {
  return new OutputFolder(folder).replace(files, 'f.yaml');
}

/** Writes a file of somebody else. */
function put(path: string, text = 'years of work') {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the new files', () => {
  test('are all that is in the folder', () => {
    replace([
      ['host/a.yaml', 'one'],
      ['karmada/b.yaml', 'two'],
    ]);
    expect(replace([['host/a.yaml', 'three']])).toBe(1);
    expect(readdirSync(root, { recursive: true })).toEqual(['dist', 'dist/host', 'dist/host/a.yaml']);
  });

  test('begin with a line that says what made them, from what, and that they are not to be edited', () => {
    replace([['host/a.yaml', 'one']]);
    expect(read('dist/host/a.yaml')).toBe(`${HEADER}one`);
  });

  test('have one such line whatever the name of the source', () => {
    expect(headerOf('a.yaml', 'a\nkind: Secret').split('\n')).toHaveLength(2);
    expect(headerOf('a.md', 'a -->\nb')).toBe(
      '<!-- Made by serverless-federation from a --\\u003e\\nb: edit that, not this file. -->\n',
    );
  });

  test('are written as they come', () => {
    function* files(): Generator<[string, string]> {
      yield ['host/a.yaml', 'one'];
      const [staging] = readdirSync(root);
      expect(read(`${staging}/new/host/a.yaml`)).toBe(`${HEADER}one`);
      yield ['host/b.yaml', 'two'];
    }
    expect(replace(files())).toBe(2);
  });

  test('go where a link leads, and the link stays', () => {
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync('elsewhere', dist);
    replace([['host/a.yaml', 'one']]);
    expect(read('elsewhere/host/a.yaml')).toContain('one');
    expect(realpathSync(dist)).toBe(join(root, 'elsewhere'));
  });

  test('may be the first in folders that are not there', () => {
    replace([['host/a.yaml', 'one']], join(root, 'x/y/dist'));
    expect(readdirSync(join(root, 'x/y'))).toEqual(['dist']);
  });
});

describe('the old files', () => {
  beforeEach(() => {
    replace([['host/a.yaml', 'one']]);
  });

  test('stay whole when the new ones cannot be made', () => {
    function* files(): Generator<[string, string]> {
      yield ['host/b.yaml', 'two'];
      throw new Error('no more');
    }
    expect(() => replace(files())).toThrow('no more');
    expect(readdirSync(root, { recursive: true })).toEqual(['dist', 'dist/host', 'dist/host/a.yaml']);
  });

  test('stay whole when the new ones cannot be written', () => {
    const bad: [string, string][] = [
      ['host/b.yaml', 'two'],
      ['host/b.yaml/c.yaml', 'below a file'],
    ];
    expect(() => replace(bad)).toThrow(new OutputFault(`${dist}: can't be written: file already exists`));
    expect(readdirSync(root, { recursive: true })).toEqual(['dist', 'dist/host', 'dist/host/a.yaml']);
  });

  test('may be of a time when synths wrote no first line', () => {
    put(
      'dist/host/b.yaml',
      'apiVersion: v1\nmetadata:\n  labels:\n    app.kubernetes.io/managed-by: serverless-federation\n',
    );
    expect(replace([['host/a.yaml', 'two']])).toBe(1);
  });
});

describe('files that are there already', () => {
  const files: [string, string][] = [
    ['host/a.yaml', 'one'],
    ['host/b.yaml', 'two'],
  ];
  const stateOf = (path: string) => statSync(join(root, path), { bigint: true });
  beforeEach(() => {
    replace(files);
  });

  test('are not touched, nor is the folder', () => {
    const paths = ['.', 'dist', 'dist/host', 'dist/host/a.yaml', 'dist/host/b.yaml'];
    const before = paths.map(stateOf).map(({ ino, ctimeNs }) => ({ ino, ctimeNs }));
    expect(replace(files)).toBe(2);
    expect(paths.map(stateOf)).toMatchObject(before);
  });

  test.each([
    ['another changes', [files[0], ['host/b.yaml', 'three']]],
    ['another is new', [...files, ['karmada/c.yaml', 'three']]],
    ['another is gone', [files[0]]],
    ['they come in another order, and one changes', [files[1], ['host/a.yaml', 'three']]],
  ] as [string, [string, string][]][])('are among the new ones where %s', (_, next) => {
    expect(replace(next)).toBe(next.length);
    const there = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
    expect(there.sort()).toEqual(next.map(([path]) => path).sort());
    for (const [path, text] of next) expect(read(`dist/${path}`)).toBe(`${HEADER}${text}`);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('are written anew where somebody has edited them', () => {
    put('dist/host/b.yaml', `${HEADER}three`);
    replace(files);
    expect(read('dist/host/b.yaml')).toBe(`${HEADER}two`);
  });
});

describe('what no synth made', () => {
  const places = ['dist/thesis.tex', 'dist/host/mine.yaml', 'dist/members/edge/deep/notes.txt', 'dist/.git/config'];
  test.each(places)('is refused and stays: %s', (path) => {
    replace([['host/a.yaml', 'one']]);
    put(path);
    expect(() => replace([['host/a.yaml', 'two']])).toThrow(
      `'${path.slice(5)}', which no synth made`.replace('/.git', ''),
    );
    expect(read(path)).toBe('years of work');
    expect(read('dist/host/a.yaml')).toContain('one');
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('is refused and stays where it is an empty folder or a link', () => {
    replace([['host/a.yaml', 'one']]);
    mkdirSync(join(dist, 'host/empty'));
    expect(() => replace([])).toThrow("'host/empty', which no synth made");
    rmSync(join(dist, 'host/empty'), { recursive: true });
    symlinkSync('a.yaml', join(dist, 'host/link.yaml'));
    expect(() => replace([])).toThrow("'host/link.yaml', which no synth made");
  });

  test('stays when it comes while the synth runs, and is told of', () => {
    replace([['host/a.yaml', 'one']]);
    function* files(): Generator<[string, string]> {
      put('dist/host/late.txt');
      yield ['host/a.yaml', 'two'];
    }
    expect(() => replace(files())).toThrow('something wrote to the old one meanwhile');
    const [staging] = readdirSync(root).filter((name) => name !== 'dist');
    expect(read(`${staging}/old/host/late.txt`)).toBe('years of work');
    expect(read('dist/host/a.yaml')).toContain('two');
  });

  test('stays beside the folder, whatever its name', () => {
    put('.dist-1/old/host/a.yaml');
    put('.dist-999999/thesis.tex');
    replace([['host/a.yaml', 'one']]);
    expect(readdirSync(root).sort()).toEqual(['.dist-1', '.dist-999999', 'dist']);
    expect(read('.dist-1/old/host/a.yaml')).toBe('years of work');
  });
});

describe('a folder that cannot be written', () => {
  test('is a link to nothing', () => {
    symlinkSync('nowhere', dist);
    expect(() => new OutputFolder(dist)).toThrow(
      new OutputFault(`${dist}: is a link to 'nowhere', which is not there`),
    );
  });

  test('is a file', () => {
    put('dist');
    expect(() => replace([])).toThrow(new OutputFault(`${dist}: is no folder`));
    expect(read('dist')).toBe('years of work');
  });

  test('is below a file', () => {
    put('file');
    expect(() => replace([], join(root, 'file/dist'))).toThrow(OutputFault);
  });

  test('is a mount point', () => {
    expect(() => replace([], '/proc')).toThrow(
      new OutputFault("/proc: is a mount point, which can't be replaced as a whole: name a folder inside of it"),
    );
  });

  test.skipIf(process.getuid?.() === 0)('is in a folder that is read-only', () => {
    chmodSync(root, 0o500);
    try {
      expect(() => replace([])).toThrow(new OutputFault(`${dist}: can't be written: permission denied`));
    } finally {
      chmodSync(root, 0o700);
    }
  });

  test('is one on a file system that takes nothing', () => {
    expect(() => replace([['host/a.yaml', 'one']], '/proc/dist')).toThrow(/^\/proc\/dist: can't be written: [a-z ]+$/);
  });

  test('is one that another synth writes at the same time', () => {
    replace([['host/a.yaml', 'one']]);
    function* files(): Generator<[string, string]> {
      yield ['host/a.yaml', 'two'];
      replace([['host/a.yaml', 'three']]);
      renameSync(dist, join(root, 'taken'));
    }
    expect(() => replace(files())).toThrow('another synth wrote it at the same time');
    expect(readdirSync(root)).toEqual(['taken']);
  });
});

describe('what a killed synth leaves', () => {
  /** Runs code in another process, which ends or is killed in the middle of a synth. */
  async function dieIn(code: string) {
    const module = JSON.stringify(join(import.meta.dirname, '../../constructs/output/staging.ts'));
    const script = `import * as fs from 'node:fs'; import { Staging } from ${module}; const staging = Staging.beside(${JSON.stringify(dist)}); ${code}; process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  }

  test('between its two renames, is put right by the next, even if that one then fails', async () => {
    replace([['host/a.yaml', 'one']]);
    await dieIn(`fs.renameSync(${JSON.stringify(dist)}, staging.old)`);
    expect(existsSync(dist)).toBe(false);
    new OutputFolder(dist);
    expect(read('dist/host/a.yaml')).toContain('one');
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('while it writes, is cleared by the next', async () => {
    await dieIn(`fs.writeFileSync(staging.fresh + '/a.yaml', 'half')`);
    expect(readdirSync(root)).toHaveLength(1);
    new OutputFolder(dist);
    expect(readdirSync(root)).toEqual([]);
  });

  test('is left alone as long as that one runs', () => {
    const running = Staging.beside(dist);
    replace([['host/a.yaml', 'one']]);
    expect(existsSync(running.fresh)).toBe(true);
  });

  test('is cleared where its process number is that of another now', () => {
    Staging.beside(dist);
    const [name] = readdirSync(root);
    const mark = JSON.parse(read(`${name}/.synth.json`));
    const other = spawnSync('true').pid;
    writeFileSync(join(root, `${name}/.synth.json`), JSON.stringify({ ...mark, process: `${process.pid}-${other}` }));
    new OutputFolder(dist);
    expect(readdirSync(root)).toEqual([]);
  });

  test('is left alone where it is of another folder', async () => {
    await dieIn('');
    new OutputFolder(join(root, 'other'));
    expect(readdirSync(root)).toHaveLength(1);
  });
});
