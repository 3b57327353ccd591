import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { targetsOf } from '../../cli/diff/targets.ts';
import { readManifests } from '../../cli/manifests.ts';
import { readBeside } from '../../constructs/spec/files.ts';

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'manifests-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}
const object = (name: string) => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }\n`;
const names = (path: string) => readManifests(path).map(({ metadata }) => metadata.name);

test('objects come from all manifests of a folder, in the order of their names', () => {
  const path = folder({
    'b.yaml': `${object('b1')}---\n${object('b2')}---\n`,
    'a/x.yml': object('a'),
    'c.json': '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c"}}',
    'README.md': 'no manifest',
  });
  expect(names(path)).toEqual(['a', 'b1', 'b2', 'c']);
});

test('a list is taken apart', () => {
  const items = `  - ${object('a')}  - ${object('b')}`;
  expect(names(folder({ 'l.yaml': `apiVersion: v1\nkind: List\nitems:\n${items}` }))).toEqual(['a', 'b']);
});

test.each([
  ['{ apiVersion: v1, kind: Pod }', /x\.yaml: an object: metadata: is required, it must be a mapping$/],
  ['just text', /x\.yaml: an object: must be a mapping, got 'just text'$/],
  ['a: [', /x\.yaml:1:4: is not valid YAML: \[ is opened here and never closed$/],
  ['{"kind": [', /x\.yaml:1:10: is not valid YAML: \[ is opened here and never closed$/],
  ['{ apiVersion: v1, kind: Pod, metadata: &m { name: x, more: *m } }', 'aliases that hold themselves'],
  ['{ apiVersion: v1, kind: [Pod], metadata: { name: x } }', /x\.yaml: an object: kind: must be a string, got a list$/],
])('%j is refused', (text, message) => {
  expect(() => readManifests(folder({ 'x.yaml': text }))).toThrow(message);
});

test('a path that is not there is refused', () => {
  expect(() => readManifests(join(folder({}), 'nope'))).toThrow(/cannot read '.*nope'/);
});

test('a pipe in a folder is refused, and not waited for', () => {
  const path = folder({ 'a.yaml': object('a') });
  execFileSync('mkfifo', [join(path, 'b.yaml')]);
  expect(() => readManifests(path)).toThrow(/^cannot read '.*b\.yaml': it is no plain file$/);
  expect(() => readBeside(path, 'b.yaml')).toThrow(/^is no plain file$/);
});

test('a file by a link is read, and a link that leads nowhere is refused', () => {
  const path = folder({ 'a.yaml': object('a') });
  symlinkSync('a.yaml', join(path, 'b.yaml'));
  expect(names(path)).toEqual(['a', 'a']);
  symlinkSync('nowhere', join(path, 'c.yaml'));
  expect(() => readManifests(path)).toThrow(/^cannot read '.*c\.yaml': no such file or directory$/);
});

test('a folder of manifests that cannot be read is not taken for none', () => {
  const path = folder({ 'dist/host': 'no folder' });
  expect(() => targetsOf(join(path, 'dist'), [])).toThrow(/^cannot read '.*host': not a directory$/);
  symlinkSync('loop', join(path, 'loop'));
  expect(() => targetsOf(join(path, 'loop'), [])).toThrow(/^cannot read '.*loop\/members': too many symbolic links/);
});
