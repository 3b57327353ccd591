import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { InvalidFederation, parseFederation, validFederation } from '../../constructs/spec/load.ts';

/*
 * Thousands of broken federation files. Whatever the file holds, it is either refused with faults, or becomes
 * manifests; and a key that nobody knows never gets through.
 */

const root = join(import.meta.dirname, '../..');
const seeds = [
  join(root, 'federation.yaml'),
  ...readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, 'examples', name)),
].map((file) => readFileSync(file, 'utf8'));
const FOREIGN = 'zzForeign';

/** The same files in every run, so that a run of somebody else's change can't fail by chance; SEED tries others. */
const runs = { numRuns: 3000, seed: Number(process.env.SEED ?? 1) };

type Tree = Record<string, unknown> | unknown[];

/** Every place in a document: its holder and key. */
function places(node: unknown): [Tree, string | number][] {
  if (typeof node !== 'object' || node === null) return [];
  const keys = Array.isArray(node) ? node.map((_, i) => i) : Object.keys(node);
  return keys.flatMap((key) => [[node as Tree, key] as [Tree, string | number], ...places((node as never)[key])]);
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    1e21,
    '',
    ' ',
    'latest',
    '0.0.0.0/0',
    '10.0.0.1/8',
    '::/0',
    '../../etc/passwd',
    '$(reboot)',
    "'; reboot; '",
    'a\nb',
    '{{ x }}',
    [],
    {},
    [[]],
    [null],
    { '': '' },
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
);

const mutation = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'foreign', 'rename', 'repeat', 'swap'),
  at: fc.nat(),
  other: fc.nat(),
  value: oddValue,
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(document: Tree, { kind, at, other, value }: Mutation): void {
  const all = places(document);
  const pick = (n: number) => all[n % all.length] as [Record<string | number, unknown>, string | number];
  if (all.length === 0) return;
  const [holder, key] = pick(at);
  switch (kind) {
    case 'replace':
      holder[key] = value;
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(key as number, 1);
      else delete holder[key];
      break;
    case 'foreign':
      if (!Array.isArray(holder)) holder[FOREIGN] = value;
      break;
    case 'rename':
      if (!Array.isArray(holder)) {
        holder[`${key}s`] = holder[key];
        delete holder[key];
      }
      break;
    case 'repeat':
      if (Array.isArray(holder)) holder.push(structuredClone(holder[key as number]));
      break;
    case 'swap': {
      const [otherHolder, otherKey] = pick(other);
      // A clone, so that no node comes to hold itself.
      [holder[key], otherHolder[otherKey]] = [structuredClone(otherHolder[otherKey]), structuredClone(holder[key])];
    }
  }
}

/** The federation, or nothing where it is refused in the one way allowed. */
function attempt(parse: () => FederationSpec): FederationSpec | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidFederation)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    for (const line of error.message.split('\n')) expect(line).toMatch(/^f(:\d+:\d+)?(: [^\p{Cc}]+)?: [^\p{Cc}]+$/u);
    return undefined;
  }
}

/** Where a foreign key is allowed: in mappings whose keys are the user's. */
const FREE =
  /\b(labels|podLabels|nodeSelector|env|variables|annotations|podAnnotations|values|requests|limits|options|matchLabels|featureGates|extraArgs|server|agent|objects)\b/;

function foreignPlaces(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(key === FOREIGN && !FREE.test(path) ? [path] : []),
    ...foreignPlaces(value, `${path}.${key}`),
  ]);
}

describe('a mutated federation', () => {
  test('is refused with faults or makes manifests, and lets no unknown key through', () => {
    fc.assert(
      fc.property(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 }), (seed, mutations) => {
        const document = load(seeds[seed] as string, { schema: CORE_SCHEMA }) as Tree;
        for (const one of mutations) mutate(document, one);
        const spec = attempt(() => validFederation(document, { name: 'f' }));
        if (!spec) return;
        expect(foreignPlaces(document)).toEqual([]);
        expect(new Federation(spec).manifests.render().size).toBeGreaterThan(0);
      }),
      runs,
    );
  }, 300_000);

  test('is refused or read when its text is cut, doubled or littered', () => {
    const text = fc.record({
      seed: fc.nat(seeds.length - 1),
      from: fc.nat(),
      length: fc.nat(80),
      insert: fc.string({ unit: 'binary', maxLength: 8 }),
    });
    fc.assert(
      fc.property(text, ({ seed, from, length, insert }) => {
        const whole = seeds[seed] as string;
        const at = from % whole.length;
        attempt(() => parseFederation(whole.slice(0, at) + insert + whole.slice(at + length), 'f'));
      }),
      runs,
    );
  }, 300_000);
});

describe('the command', () => {
  const work = mkdtempSync(join(tmpdir(), 'properties-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test('shows faults and no stack trace of a broken file, and writes nothing', () => {
    const samples = fc.sample(fc.tuple(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 3, maxLength: 8 })), {
      numRuns: 12,
      seed: 42,
    });
    for (const [i, [seed, mutations]] of samples.entries()) {
      const document = load(seeds[seed] as string, { schema: CORE_SCHEMA }) as Tree;
      for (const one of mutations) mutate(document, one);
      const [file, output] = [join(work, `${i}.yaml`), join(work, `out-${i}`)];
      writeFileSync(file, dump(document));
      const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts', '-o', output], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, FEDERATION: file },
      });
      if (status === 0) continue;
      expect(status).toBe(1);
      for (const line of stderr.trimEnd().split('\n')) expect(line).toMatch(new RegExp(`^${file}:(\\d+:\\d+:)? `));
      expect(readdirSync(work)).not.toContain(`out-${i}`);
    }
  }, 300_000);
});
