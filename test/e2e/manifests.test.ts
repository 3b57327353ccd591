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
import { clusterGroups, hasDefinitions, installCrds, karmadaGroups } from './harness/crds.ts';
import { runFolder } from './harness/process.ts';
import { manifests, project, synth } from './harness/project.ts';
import { type Refusal, validate } from './harness/validation.ts';
import { until } from './harness/wait.ts';
import { Webhook } from './harness/webhook.ts';

const etcd = new Etcd();
let cluster: Cluster;
let webhook: Webhook | undefined;
let missing: string[] = [];

/** Where the definitions of Karmada's policies are not on this machine, the webhook has nothing to be asked. */
const knowsPolicies = hasDefinitions('policy.karmada.io');

beforeAll(async () => {
  await etcd.start();
  cluster = await Cluster.start('validation', { index: 99 });
  missing = await installCrds(cluster, [...clusterGroups, ...karmadaGroups]);
  if (missing.length > 0) console.warn(`not validated, for their definitions are not here: ${missing.join(', ')}`);
  webhook = await Webhook.start(cluster);
  if (knowsPolicies) {
    await until('the API server to ask the webhook', async () =>
      (await refusalsOf(CONTRADICTION)).some(({ why }) => why.includes('denied the request')),
    );
  }
});

afterAll(async () => {
  await webhook?.stop();
  await cluster.stop();
  await etcd.stop();
});

/** What only the webhook refuses: the kind's definition allows both. */
const CONTRADICTION = {
  apiVersion: 'policy.karmada.io/v1alpha1',
  kind: 'PropagationPolicy',
  metadata: { name: 'contradiction', namespace: 'default' },
  spec: {
    resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }],
    placement: { clusterAffinity: {}, clusterAffinities: [{ affinityName: 'a' }] },
  },
};

async function refusalsOf(object: object): Promise<readonly Refusal[]> {
  const file = join(runFolder, 'object.yaml');
  writeFileSync(file, dump(object));
  return (await validate(cluster.api, [file])).refused;
}

test.runIf(knowsPolicies)("Karmada's webhook is asked, and refuses", async () => {
  const refused = await refusalsOf(CONTRADICTION);
  expect(refused).toEqual([expect.objectContaining({ why: expect.stringContaining('denied the request') })]);
});

const examples = readdirSync(join(project, 'examples')).filter((file) => file.endsWith('.yaml'));
const federations = ['federation.yaml', ...examples.map((file) => `examples/${file}`)];

test.each(federations)(
  'a real API server and webhook take every object of %s, with strict validation',
  async (file) => {
    const dist = await synth(join(project, file));
    const { accepted, refused } = await validate(cluster.api, manifests(dist));
    expect(refused.filter(({ why }) => !missing.some((group) => why.includes(`${group}/`)))).toEqual([]);
    expect(accepted).toBeGreaterThan(10);
  },
);

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

test(`a real API server and webhook take every object of ${RANDOM} random federations (seed ${SEED})`, async () => {
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
