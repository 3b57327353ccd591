import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { load, loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toYaml } from '../../constructs/output/yaml.ts';

describe('toYaml', () => {
  test('writes maps, lists and scalars in the shape of most manifests', () => {
    const text = toYaml({
      kind: 'Pod',
      spec: {
        containers: [{ name: 'a', args: ['-o', 'x'] }, { name: 'b' }],
        none: {},
        nothing: [],
        deep: [[1, 2], []],
      },
      on: true,
      count: 3,
    });
    expect(text).toBe(`kind: Pod
spec:
  containers:
    - name: a
      args:
        - -o
        - x
    - name: b
  none: {}
  nothing: []
  deep:
    - - 1
      - 2
    - []
"on": true
count: 3
`);
  });

  test('parts documents by a line of their own', () => {
    expect(toYaml({ a: 1 }, { b: 2 })).toBe('a: 1\n---\nb: 2\n');
  });

  test('leaves out what is undefined', () => {
    expect(toYaml({ a: undefined, b: { c: undefined }, d: 1 })).toBe('b: {}\nd: 1\n');
  });

  test('writes texts of several lines as literal blocks', () => {
    expect(toYaml({ script: 'set -e\n\nexit\n', list: ['one\ntwo'] })).toBe(
      'script: |\n  set -e\n\n  exit\nlist:\n  - |-\n    one\n    two\n',
    );
  });

  test.each([
    '8080',
    '1.35',
    '1e3',
    '0o755',
    '0X1F',
    '0B1',
    '5E8_',
    '1_e_5',
    '0b-1',
    '1:30',
    '2024-01-01',
    'No',
    'y',
    '~',
    '<<',
    '=',
    '.Inf',
    '+.5',
    '',
  ])('quotes %j as a value and as a key', (text) => {
    expect(toYaml({ key: text })).toBe(`key: "${text}"\n`);
    expect(toYaml({ [text]: 'value' })).toBe(`"${text}": value\n`);
  });

  test.each([
    'v1.35',
    '10.0.0.1',
    '10.42.0.0/16',
    '--port=80',
    'ghcr.io/a/b:v1',
    'a: b'.replace(' ', ''),
    '/',
    '_1',
    'nobody',
    '::1',
  ])('leaves %j without quotes', (text) => {
    expect(toYaml({ key: text })).toBe(`key: ${text}\n`);
  });

  test('escapes what parsers take for line ends or refuse', () => {
    expect(toYaml({ a: 'x\u2028\u2029\u0085\u007f\ufffe\uffff\ufeff' })).toBe(
      'a: "x\\u2028\\u2029\\u0085\\u007f\\ufffe\\uffff\\ufeff"\n',
    );
  });

  test('refuses halves of a surrogate pair and numbers that are not finite', () => {
    expect(() => toYaml({ a: 'x\ud800' })).toThrow('half of a surrogate pair');
    expect(() => toYaml({ 'x\udc00': 1 })).toThrow('half of a surrogate pair');
    expect(() => toYaml({ a: 'x\ud800\ny' })).toThrow('half of a surrogate pair');
    expect(() => toYaml({ a: Number.NaN })).toThrow('NaN');
  });

  test('gives back any plain data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(load(toYaml({ value }))).toEqual({ value: JSON.parse(JSON.stringify(value)) });
      }),
    );
  });
});

/** Pieces of texts that one parser or another has read as something else. */
const pieces = fc.oneof(
  fc.constantFrom(...'0123456789xXoObBeE_+-.:aAfFtTzZ~<=', ' ', '\t', '\n', '\n\n', '\r', '#', ': ', ' #', '- ', '? '),
  fc.constantFrom(
    ...`'"{}[],&*!|>%@\`\\`,
    '---',
    '...',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u007f',
    '\ufeff',
    '\ufffe',
    '\uffff',
  ),
  fc.constantFrom(
    'null',
    'Yes',
    'no',
    'ON',
    'off',
    'TRUE',
    'False',
    'y',
    'inf',
    'NaN',
    '0x',
    '0o',
    '0b',
    '2001-12-14',
    'é',
    '😀',
    'e5',
  ),
);
const awkward = fc.oneof(
  fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom(...'0123456789xXoObBeE_+-.:aAfF'), { minLength: 1, maxLength: 6 })
    .map((digits) => digits.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(...['a', ' ', '\ta', '0'].map((text) => text.repeat(1200))),
);

describe("kubectl's own parser", () => {
  const seed = Date.now();
  const texts = [...new Set(fc.sample(awkward, { numRuns: 6000, seed }))];
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'texts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.skipIf(spawnSync('kubectl', ['version', '--client']).status !== 0)(
    `reads thousands of awkward texts as they were: as values, keys and items of lists (seed ${seed})`,
    () => {
      const metadata = { name: 'texts', finalizers: texts };
      const data = Object.fromEntries(texts.map((text, i) => [`k${i}`, text]));
      const binaryData = Object.fromEntries(texts.map((text) => [text, 'text']));
      const file = join(folder, 'texts.yaml');
      writeFileSync(
        file,
        toYaml(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'keys' }, data: binaryData },
        ),
      );
      // Changes nothing, and asks no server.
      const args = ['patch', '--local', '-f', file, '-p', '{}', '-o', 'json'];
      const { stdout, stderr, status } = spawnSync('kubectl', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const [values, keys] = JSON.parse(`[${stdout.replaceAll('\n}\n{', '\n},{')}]`);
      expect(values.data).toEqual(data);
      expect(values.metadata.finalizers).toEqual(texts);
      expect(keys.data).toEqual(binaryData);
    },
  );

  test('is no stricter than the one that reads federation files', () => {
    expect(loadAll(toYaml(...texts))).toEqual(texts);
  });
});
