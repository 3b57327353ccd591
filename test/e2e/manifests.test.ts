import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
