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
});

afterAll(async () => {
  await cluster.stop();
  await etcd.stop();
});

test('a real API server takes every object of the default federation, with strict validation', async () => {
  const dist = await synth(join(project, 'federation.yaml'));
  expect(readdirSync(dist)).toEqual(expect.arrayContaining(['bootstrap', 'host', 'karmada', 'members']));
  const { accepted, refused } = await validate(cluster.api, manifests(dist));
  if (missing.length > 0) console.warn(`not validated, for their definitions are not here: ${missing.join(', ')}`);
  expect(refused.filter(({ why }) => !missing.some((group) => why.includes(`${group}/`)))).toEqual([]);
  expect(accepted).toBeGreaterThan(20);
});
