import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Obj } from './harness/api.ts';
import { FederationUnderTest } from './harness/federation.ts';
import { measure, serveMetrics } from './harness/metrics.ts';
import { Stages } from './harness/stages.ts';
import { until } from './harness/wait.ts';

/*
 * What search, descheduler and metrics adapter do, with two members whose nodes are simulated. Each test is a step, and
 * needs those before it.
 */

const PAIR = ['us-azure', 'de-wide'];
const SEARCH = '/apis/search.karmada.io/v1alpha1';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const METRICS = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods';
/** What each pod of `scaled` requests. */
const REQUESTED = '100m';

const byApp = (app: string) => `labelSelector=${encodeURIComponent(`app=${app}`)}`;

const federation = new FederationUnderTest();
const stages = new Stages();

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain()));
    await stages.measure(name, work);
  });
}

beforeAll(async () => {
  await stages.measure('clusters start', () =>
    federation.start(PAIR.map((name) => ({ name, nodes: [{ name: `${name}-1` }] }))),
  );
});

afterAll(async () => {
  await federation.stop();
  console.log(stages.table());
});

step('a control plane with all of them comes up, two members join, and apps arrive', async () => {
  const dist = await federation.synth('optional-components');
  await federation.script('apply', ['--dist', dist, 'host']);
  await federation.takeKubeconfig(dist);
  await federation.script('apply', ['--dist', dist, ...PAIR.map((name) => `members/${name}`)]);
  await federation.script('join', ['--dist', dist, ...PAIR]);
  for (const member of PAIR) {
    const estimator = `deployment/karmada-scheduler-estimator-${member}`;
    await federation.host.kubectl(['rollout', 'status', estimator, '--namespace=karmada-system', '--timeout=100s']);
  }
  await federation.script('apply', ['--dist', dist, 'karmada']);
});

const podsOf = (member: string, app: string) =>
  federation.member(member).api.list(`/api/v1/namespaces/default/pods?${byApp(app)}`);

/** Replicas of an app that are ready, by member. */
async function ready(app: string): Promise<Record<string, number>> {
  const found = PAIR.map(async (member) => {
    const copy = await federation.member(member).api.find(`${DEPLOYMENTS}/${app}`);
    return [member, copy?.status?.readyReplicas ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

async function readyAs(app: string, wanted: Readonly<Record<string, number>>): Promise<void> {
  await until(`"${app}" to be ready as ${JSON.stringify(wanted)}`, async () => {
    const found = await ready(app);
    if (PAIR.some((member) => found[member] !== wanted[member])) throw new Error(`found ${JSON.stringify(found)}`);
    return true;
  });
}

step('search finds an object of two members in its cache, and leads to the pods of both', async () => {
  const cached = await until('everywhere of both members in the cache', async () => {
    const { items } = await federation.karmada.call('GET', `${SEARCH}/search/cache${DEPLOYMENTS}/everywhere`);
    return items.length === 2 && (items as Obj[]);
  });
  const origin = 'resource.karmada.io/cached-from-cluster';
  expect(cached.map(({ metadata }) => metadata.annotations[origin]).sort()).toEqual([...PAIR].sort());
  const copies = await Promise.all(PAIR.map((member) => podsOf(member, 'everywhere')));
  const pods = copies.flat().map(({ metadata }) => metadata.name);
  const proxied = `${SEARCH}/proxying/karmada/proxy/api/v1/namespaces/default/pods`;
  await until('their pods by the proxy', async () => {
    const { items } = await federation.karmada.call('GET', `${proxied}?${byApp('everywhere')}`);
    const names = items.map(({ metadata }: Obj) => metadata.name);
    return names.sort().join() === [...pods].sort().join();
  });
  for (const name of pods)
    expect((await federation.karmada.call('GET', `${proxied}/${name}`)).status.phase).toBe('Running');
});

step('the descheduler takes replicas off a member that has no room for them, and another one gets them', async () => {
  await until('4 ready replicas of "moved", on both members', async () => {
    const { 'us-azure': azure = 0, 'de-wide': wide = 0 } = await ready('moved');
    return azure + wide === 4 && azure > 0;
  });
  const { api } = federation.member('us-azure');
  const node = '/api/v1/nodes/us-azure-1';
  await api.merge(node, { spec: { unschedulable: true } });
  for (const { metadata } of await podsOf('us-azure', 'moved')) {
    await api.delete(`/api/v1/namespaces/default/pods/${metadata.name}`);
  }
  await readyAs('moved', { 'us-azure': 0, 'de-wide': 4 });
  const told = await until('the descheduler to tell of it', async () => {
    const events = await federation.karmada.list('/api/v1/namespaces/default/events');
    return events.find(({ reason }) => reason === 'DescheduleBindingSucceed')?.message as string | undefined;
  });
  expect(told).toMatch(/[1-4] replica\(s\) in cluster\(us-azure\)/);
  expect(told).not.toContain('de-wide');
  await api.merge(node, { spec: { unschedulable: null } });
});

step('by what the metrics adapter gathers of two members, a FederatedHPA scales an app', async () => {
  await readyAs('scaled', { 'us-azure': 1, 'de-wide': 1 });
  for (const member of PAIR) {
    await serveMetrics(federation.member(member));
    for (const pod of await podsOf(member, 'scaled')) await measure(federation.member(member), pod, REQUESTED);
  }
  await until('the metrics of both pods in the Karmada API', async () => {
    const { items } = await federation.karmada.call('GET', `${METRICS}?${byApp('scaled')}`);
    return items.length === 2 && items.every(({ containers }: Obj) => containers[0].usage.cpu === REQUESTED);
  });
  // Twice the load that it aims at.
  await readyAs('scaled', { 'us-azure': 2, 'de-wide': 2 });
});
