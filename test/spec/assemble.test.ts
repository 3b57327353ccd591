import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { InvalidFederation, loadFederation, parseFederation } from '../../constructs/spec/load.ts';
import { faultsOf, federationOf } from './checks/faults.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assemble-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files into the folder, and says what the federation file among them is. */
function write(spec: string, files: Record<string, string> = {}): string {
  for (const [path, text] of Object.entries({ 'f.yaml': federationOf(spec), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, 'f.yaml');
}

function faults(spec: string, files: Record<string, string> = {}): string[] {
  try {
    loadFederation(write(spec, files), { name: 'dir/f.yaml' });
  } catch (error) {
    if (error instanceof InvalidFederation) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('lists of other files', () => {
  const spec = '  controlPlane: {}\n  include: [shops.yaml, more]\n  members: [{ name: centre }]\n';

  test('go on with those of the federation file, in the order of the files', () => {
    const { members, apps } = loadFederation(
      write(spec, {
        'shops.yaml':
          'x-shop: &shop { region: de }\nmembers: [{ <<: *shop, name: shop-1 }, { <<: *shop, name: shop-2 }]\n',
        'more/b.yaml': 'apps: [{ name: b, image: "b:v1" }]\nmembers:\n',
        'more/a.yml': 'members: [{ name: shop-3 }]\n',
        'more/notes.txt': 'not YAML: [',
      }),
    );
    expect(members.map(({ name }) => name)).toEqual(['centre', 'shop-1', 'shop-2', 'shop-3']);
    expect(members[1]?.region).toBe('de');
    expect(apps.map(({ name }) => name)).toEqual(['b']);
  });

  test('have their faults told with their own names and lines', () => {
    expect(
      faults(spec, {
        'shops.yaml': 'members:\n  - { name: centre }\n  - { name: shop, regoin: de }\n',
        'more/a.yaml': 'apps:\n  - name: a\n    image: a:v1\n    placement: { clusters: [shpo] }\n',
      }),
    ).toEqual([
      "dir/shops.yaml:3:19: members[1].regoin: unknown field, did you mean 'region'?",
      expect.stringMatching(/^dir\/shops\.yaml:2:13: members\[0\]\.name: .*'centre'/),
      expect.stringMatching(/^dir\/more\/a\.yaml:4:29: apps\[0\]\.placement\.clusters\[0\]: .*'shpo'/),
    ]);
  });

  test.each([
    [
      'shops.yaml: is there, more is not',
      { 'shops.yaml': 'members: []\n' },
      /^dir\/f\.yaml:6:\d+: spec\.include\[1\]: can't be read: no such file$/,
    ],
    ['no YAML', { 'shops.yaml': 'members: [\n', 'more/a.yaml': '' }, /^dir\/shops\.yaml:1:10: is not valid YAML/],
    ['a list', { 'shops.yaml': '- a\n', 'more/a.yaml': '' }, /^dir\/shops\.yaml:1:1: must be one mapping of lists/],
    [
      'two documents',
      { 'shops.yaml': 'members: []\n---\nmembers: []\n', 'more/a.yaml': '' },
      /^dir\/shops\.yaml:1:1: must be one mapping/,
    ],
    [
      'what is no list of ours',
      { 'shops.yaml': 'membres: []\n', 'more/a.yaml': '' },
      /^dir\/shops\.yaml:1:1: membres: unknown field, did you mean 'members'\?/,
    ],
    [
      'what is no list',
      { 'shops.yaml': 'members: { name: a }\n', 'more/a.yaml': '' },
      /^dir\/shops\.yaml:1:1: members: must be a list/,
    ],
    [
      'an empty folder',
      { 'shops.yaml': 'members: []\n', 'more/a.txt': '' },
      /^dir\/f\.yaml:6:\d+: spec\.include\[1\]: is a folder without \.yaml files/,
    ],
  ])('are refused: %s', (_, files, message) => {
    expect(faults(spec, files)).toEqual([expect.stringMatching(message)]);
  });

  test.each(['../shops.yaml', '/etc/passwd', 'a/../../b.yaml', '..'])(
    'are in the folder of the file or below: not %s',
    (path) => {
      expect(faults(`  controlPlane: {}\n  include: [${path}]\n`)).toEqual([
        expect.stringContaining('spec.include[0]: must be a path in the folder of this file or below'),
      ]);
    },
  );

  test('are not reached by a link that leads out of the folder', () => {
    symlinkSync('/etc', join(folder, 'out'));
    expect(faults('  controlPlane: {}\n  include: [out/hostname]\n')).toEqual([
      expect.stringMatching(/spec\.include\[0\]: (leads out of the folder|can't be read)/),
    ]);
  });

  test('cannot steer a terminal by their names', () => {
    const name = 'a\x1b[2J\n.yaml';
    expect(faults(`  controlPlane: {}\n  include: [${JSON.stringify(name)}]\n`, { [name]: 'nothing: []\n' })).toEqual([
      expect.stringMatching(/^dir\/a\\u001b\[2J\\n\.yaml:1:1: /),
    ]);
  });

  test('are not for a text that is in no file', () => {
    expect(faultsOf('  controlPlane: {}\n  include: [a.yaml]\n')).toEqual([
      expect.stringContaining('spec.include[0]: has no folder to be in'),
    ]);
  });
});

describe('objects of other files', () => {
  const spec = '  controlPlane: {}\n  manifests: [{ target: host, files: [objects] }]\n';
  const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

  test('are applied in the order of the files and of what is in them', () => {
    const file = write(spec, { 'objects/b.yaml': map('c'), 'objects/a.yaml': `${map('b')}---\n---\n${map('a')}` });
    const text = new Federation(loadFederation(file)).manifests.render().get('host/19-manifests.yaml');
    expect([...(text ?? '').matchAll(/^ {2}name: (.*)$/gm)].map(([, name]) => name)).toEqual(['b', 'a', 'c']);
  });

  test.each([
    ['nowhere.yaml', "can't be read"],
    ['/etc/passwd', 'must be a path in the folder of this file or below'],
    ['../a.yaml', 'must be a path in the folder of this file or below'],
  ])('have one fault where their file is %s', (file, message) => {
    expect(faults(`  controlPlane: {}\n  manifests: [{ target: host, files: [${file}] }]\n`)).toEqual([
      expect.stringContaining(`spec.manifests[0].files[0]: ${message}`),
    ]);
  });

  test('are some', () => {
    expect(faults(spec, { 'objects/a.yaml': '---\n' })).toEqual([
      expect.stringContaining('spec.manifests[0].files: must hold at least one object'),
    ]);
  });

  test('have their faults told with their own names and lines', () => {
    expect(faults(spec, { 'objects/a.yaml': `${map('a')}---\n${map('A_b')}---\n${map('a')}` })).toEqual([
      expect.stringMatching(/^dir\/objects\/a\.yaml:9:9: metadata\.name: .*'A_b'/),
      expect.stringMatching(/^dir\/objects\/a\.yaml:14:9: metadata\.name: is that of another object/),
    ]);
  });
});

describe('keys that begin with x-', () => {
  test("are the file's own wherever it has fields", () => {
    const spec = `  x-shop: &shop { region: de }
  x-note: anything
  controlPlane: { x-owner: me, karmada: { x-why: { because: yes } } }
  members: [{ <<: *shop, name: a, x-street: Main, k3s: { x-y: z } }]
`;
    const { members } = parseFederation(`${federationOf(spec)}x-top: 1\n`, 'f');
    expect(members[0]).toMatchObject({ name: 'a', region: 'de' });
    expect(members[0]).not.toHaveProperty('x-street');
  });

  test('stay where keys are free', () => {
    const spec = `  controlPlane: {}
  members: [{ name: a, labels: { x-tier: edge } }]
  manifests: [{ target: host, objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { x-a: b } }] }]
  x-more: 1
`;
    const { members, manifests } = parseFederation(federationOf(spec), 'f');
    expect(members[0]?.labels).toEqual({ 'x-tier': 'edge' });
    expect(manifests[0]?.objects[0]).toMatchObject({ data: { 'x-a': 'b' } });
  });

  test('do not hide a misspelt field', () => {
    expect(faultsOf('  controlPlane: {}\n  x-a: 1\n  xmembers: []\n')).toEqual([
      expect.stringContaining('spec.xmembers: unknown field'),
    ]);
  });
});
