import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { parseFederation } from '../../constructs/spec/load.ts';
import { mutate, mutation, seeds, type Tree } from '../spec/mutations.ts';
import { Cluster, Etcd } from './harness/cluster.ts';
import { clusterGroups, installCrds, karmadaGroups } from './harness/crds.ts';
import { manifests, project, synth } from './harness/project.ts';
import { validate } from './harness/validation.ts';

const etcd = new Etcd();
let cluster: Cluster;
let missing: string[] = [];

beforeAll(async () => {
  await etcd.start();
  cluster = await Cluster.start('validation', { index: 99 });
  missing = await installCrds(cluster, [...clusterGroups, ...karmadaGroups]);
  if (missing.length > 0) console.warn(`not validated, for their definitions are not here: ${missing.join(', ')}`);
});

afterAll(async () => {
  await cluster.stop();
  await etcd.stop();
});

const examples = readdirSync(join(project, 'examples')).filter((file) => file.endsWith('.yaml'));
const federations = ['federation.yaml', ...examples.map((file) => `examples/${file}`)];

test.each(federations)('a real API server takes every object of %s, with strict validation', async (file) => {
  const dist = await synth(join(project, file));
  const { accepted, refused } = await validate(cluster.api, manifests(dist));
  expect(refused.filter(({ why }) => !missing.some((group) => why.includes(`${group}/`)))).toEqual([]);
  expect(accepted).toBeGreaterThan(10);
});

/** So many random federations that are accepted; E2E_FEDERATIONS asks for more, E2E_SEED for others. */
const RANDOM = Number(process.env.E2E_FEDERATIONS ?? 20);
const SEED = Number(process.env.E2E_SEED ?? 1);

/** Federations of this project with one or two things changed in them, those of them that are accepted. */
function* randomFederations(count: number): Generator<Map<string, string>> {
  const samples = fc.tuple(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 1, maxLength: 2 }));
  let found = 0;
  for (let round = 0; found < count; round++) {
    for (const [which, mutations] of fc.sample(samples, { numRuns: 200, seed: SEED + round })) {
      const document = load(seeds[which] as string, { schema: CORE_SCHEMA }) as Tree;
      for (const one of mutations) mutate(document, one);
      let files: Map<string, string>;
      try {
        files = new Federation(parseFederation(dump(document), 'f')).manifests.render();
      } catch {
        // Refused: test/spec/properties.test.ts sees to it that this is the one way to be.
        continue;
      }
      yield files;
      if (++found === count) return;
    }
  }
}

/** Files of objects that stand in a federation file as they are. */
const OWN_OBJECTS = /\/(?:04-definitions|19-manifests)\.yaml$/;

test(`a real API server takes every object of ${RANDOM} random federations (seed ${SEED})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'random-'));
  try {
    const written = new Set<string>();
    let i = 0;
    for (const files of randomFederations(RANDOM)) {
      for (const [path, text] of files) {
        // What several have alike is sent once; what the file's own objects hold is its author's, mutated as all else.
        if (written.has(text) || OWN_OBJECTS.test(path)) continue;
        written.add(text);
        const file = join(folder, String(i), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      i++;
    }
    const { accepted, refused } = await validate(cluster.api, manifests(folder));
    expect(refused.filter(({ why }) => !missing.some((group) => why.includes(`${group}/`)))).toEqual([]);
    expect(accepted).toBeGreaterThan(RANDOM);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 3_600_000);
