import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Obj } from './harness/api.ts';
import { clusterGroups, installCrds } from './harness/crds.ts';
import { FederationUnderTest, manifests, WASM } from './harness/federation.ts';
import { Stages } from './harness/stages.ts';
import { validate } from './harness/validation.ts';
import { until } from './harness/wait.ts';

/*
 * One story, in the order of the README: each test is a step of it, and needs those before it.
 */

const PUSHED = ['hpc-kube', 'us-azure', 'de-wide', 'l26-ugd'];
const PULLED = 'far';
const MEMBERS = [...PUSHED, PULLED];

const federation = new FederationUnderTest();
const stages = new Stages();
let dist = '';

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain()));
    await stages.measure(name, work);
  });
}

const deployment = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;
const runtimeClass = (name: string) => `/apis/node.k8s.io/v1/runtimeclasses/${name}`;

/** Names of the members that have an object. */
async function havers(path: string): Promise<string[]> {
  const found = await Promise.all(MEMBERS.map(async (name) => (await federation.member(name).api.find(path)) && name));
  return found.filter((name): name is string => Boolean(name));
}

/** Waits until exactly these members have a Deployment, with so many ready replicas each. */
async function arrived(name: string, replicas: Readonly<Record<string, number>>): Promise<void> {
  const wanted = JSON.stringify(replicas);
  await until(`Deployment "${name}" on the members as ${wanted}`, async () => {
    const found: Record<string, number> = {};
    for (const member of await havers(deployment(name))) {
      const { status } = await federation.member(member).api.call('GET', deployment(name));
      found[member] = status.readyReplicas ?? 0;
    }
    const sorted = (of: Readonly<Record<string, number>>) => JSON.stringify(Object.entries(of).sort());
    if (sorted(found) !== sorted(replicas)) throw new Error(`found ${JSON.stringify(found)}`);
    return true;
  });
}

/** What tells whether an object was changed: its generation, or its version where it has none. */
async function state(kubectl: (args: string[]) => Promise<string>): Promise<Map<string, string>> {
  const all = await kubectl([
    'get',
    'all,configmaps,secrets,serviceaccounts,roles,rolebindings,pdb',
    '-A',
    '-o',
    'json',
  ]);
  return new Map(
    (JSON.parse(all).items as Obj[])
      .filter(({ kind }) => !['Pod', 'ReplicaSet'].includes(kind))
      .map(({ kind, metadata }) => [
        `${kind} ${metadata.namespace}/${metadata.name}`,
        `${metadata.uid} ${metadata.generation ?? metadata.resourceVersion}`,
      ]),
  );
}

beforeAll(async () => {
  await stages.measure('clusters start', () =>
    federation.start(
      MEMBERS.map((name) =>
        name === PULLED ? { name, node: true } : { name, nodes: [{ name: `${name}-1`, labels: { [WASM]: 'true' } }] },
      ),
    ),
  );
});

afterAll(async () => {
  await federation.stop();
  console.log(stages.table());
});

step('the file becomes manifests', async () => {
  dist = await federation.synth('federation');
  expect(readdirSync(dist).sort()).toEqual(expect.arrayContaining(['host', 'karmada', 'members']));
});

step('a real API server takes every object for the host cluster and for members, with strict validation', async () => {
  const { host } = federation;
  expect(await installCrds(host, clusterGroups)).toEqual([]);
  for (const target of ['host', 'members']) {
    const { accepted, refused } = await validate(host.api, manifests(join(dist, target)));
    expect(refused).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
  }
});

step('apply.sh brings the control plane up on the host cluster', async () => {
  await federation.script('apply', ['--dist', dist, 'host']);
  const pods = await federation.host.api.list('/api/v1/namespaces/karmada-system/pods');
  const ready = ({ status }: Obj) =>
    status.phase === 'Succeeded' || status.conditions.some((one: Obj) => one.type === 'Ready' && one.status === 'True');
  expect(pods.filter((pod) => !ready(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
  expect(pods.length).toBeGreaterThan(7);
});

step('the operator gets a kubeconfig for the Karmada API, which answers at its outside address', async () => {
  await federation.script('karmada-kubeconfig', ['--dist', dist]);
  expect(await federation.karmada.call('GET', '/readyz')).toBe('ok');
  expect(await federation.karmada.list('/apis/cluster.karmada.io/v1alpha1/clusters')).toEqual([]);
});

step('join.sh makes four clusters members by push', async () => {
  await federation.script('apply', ['--dist', dist, ...PUSHED.map((name) => `members/${name}`)]);
  await federation.script('join', ['--dist', dist, ...PUSHED]);
  const clusters = await federation.karmada.list('/apis/cluster.karmada.io/v1alpha1/clusters');
  expect(clusters.map(({ metadata, spec }) => [metadata.name, spec.syncMode]).sort()).toEqual(
    PUSHED.map((name) => [name, 'Push']).sort(),
  );
  const azure = clusters.find(({ metadata }) => metadata.name === 'us-azure');
  expect(azure.spec).toMatchObject({ provider: 'azure', region: 'us' });
  expect(azure.metadata.labels).toMatchObject({ tier: 'cloud' });
});

step('join.sh makes the fifth a member by pull, whose agent runs there', async () => {
  await federation.script('apply', ['--dist', dist, `members/${PULLED}`]);
  await federation.script('join', ['--dist', dist, PULLED]);
  const cluster = await federation.karmada.find(`/apis/cluster.karmada.io/v1alpha1/clusters/${PULLED}`);
  expect(cluster.spec).toMatchObject({ syncMode: 'Pull', region: 'mk' });
  expect(cluster.metadata.labels).toMatchObject({ tier: 'edge' });
});

step('joining again changes nothing', async () => {
  const clusters = async () =>
    (await federation.karmada.list('/apis/cluster.karmada.io/v1alpha1/clusters')).map(
      ({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.generation}`,
    );
  const before = await clusters();
  await federation.script('join', ['--dist', dist, ...MEMBERS]);
  expect(await clusters()).toEqual(before);
});

step("Karmada's API server and webhook take every object for it, with strict validation", async () => {
  const { accepted, refused } = await validate(federation.karmada, manifests(join(dist, 'karmada')));
  expect(refused).toEqual([]);
  expect(accepted).toBeGreaterThan(0);
});

step('apply.sh karmada: the runtime and n-body arrive in exactly the members of its placement', async () => {
  await federation.script('apply', ['--dist', dist, 'karmada']);
  await arrived('n-body', Object.fromEntries(PUSHED.map((name) => [name, 1])));
  expect((await havers(runtimeClass('spin'))).sort()).toEqual([...PUSHED].sort());
  const { spec } = await federation.member('de-wide').api.call('GET', deployment('n-body'));
  expect(spec.template.spec.runtimeClassName).toBe('spin');
});

step('replicas are divided by the weights of the policy', async () => {
  await arrived('divided', { 'us-azure': 4, 'de-wide': 2 });
});

step('applying everything a second time changes no object and no certificate', async () => {
  const both = async () => [
    await state((args) => federation.host.kubectl(args)),
    await state((args) => federation.kubectl('karmada', args)),
  ];
  const before = await both();
  await federation.script('apply', ['--dist', dist, 'host', 'karmada']);
  expect(await both()).toEqual(before);
});

step('status.sh tells of every member', async () => {
  const text = await federation.script('status', ['--dist', dist]);
  for (const name of MEMBERS) expect(text).toContain(name);
});

step('unjoin.sh takes a member out and leaves nothing of Karmada on it', async () => {
  await federation.script('unjoin', ['--dist', dist, 'hpc-kube']);
  const { api } = federation.member('hpc-kube');
  expect(await federation.karmada.find('/apis/cluster.karmada.io/v1alpha1/clusters/hpc-kube')).toBeUndefined();
  expect(await api.find(deployment('n-body'))).toBeUndefined();
  const left: Obj[] = [];
  for (const kind of ['clusterroles', 'clusterrolebindings']) {
    left.push(...(await api.list(`/apis/rbac.authorization.k8s.io/v1/${kind}`)));
  }
  left.push(...(await api.list('/api/v1/namespaces')));
  expect(left.map(({ metadata }) => metadata.name).filter((name) => name.includes('karmada'))).toEqual([]);
});
