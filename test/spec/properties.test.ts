import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { InvalidFederation, parseFederation, validFederation } from '../../constructs/spec/load.ts';
import { anyText, FOREIGN, mutate, mutation, root, seeds, type Tree } from './mutations.ts';

/*
 * Hundreds of broken federation files. Whatever the file holds, it is either refused with faults, or becomes
 * manifests; and a key that nobody knows never gets through. `npm run mutations` tries many more.
 */

/** The same files in every run, so that a run of somebody else's change can't fail by chance; SEED tries others. */
const runs = { numRuns: 350, seed: Number(process.env.SEED ?? 1) };

const documents = seeds.map((text) => load(text, { schema: CORE_SCHEMA }) as Tree);

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
        const document = structuredClone(documents[seed]) as Tree;
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
      insert: anyText(8),
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
      numRuns: 6,
      seed: 42,
    });
    for (const [i, [seed, mutations]] of samples.entries()) {
      const document = structuredClone(documents[seed]) as Tree;
      for (const one of mutations) mutate(document, one);
      const [file, output] = [join(work, `${i}.yaml`), join(work, `out-${i}`)];
      writeFileSync(file, dump(document));
      const { status, stderr } = spawnSync(process.execPath, ['cli/start.cjs', 'synth', '-o', output], {
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
