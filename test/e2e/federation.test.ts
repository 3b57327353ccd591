import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { Obj } from './harness/api.ts';
import { FederationUnderTest, WASM } from './harness/federation.ts';
import { manifests } from './harness/project.ts';
import { healthySpinApp, spinApp } from './harness/spin-app.ts';
import { Stages } from './harness/stages.ts';
import { validate } from './harness/validation.ts';
import { until } from './harness/wait.ts';
import { refusals } from './story/refusals.ts';
import {
  breakOverride,
  countsOf,
  mendOverride,
  sameAsPlanned,
  statusOf,
  untilAppWell,
  untilWell,
} from './story/status.ts';

/*
 * One story, in the order of README.md: each test is a step of it, and needs those before it.
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

/** How the agent is scaled. */
const AGENT = ['--namespace=karmada-system', 'scale', 'deployment/karmada-agent'];

/** Members with an estimator. */
const ESTIMATED = ['de-wide', 'us-azure'];

/**
 * Members that run SpinKube, as far as it is needed: the kinds, for which the test plays the operator; and the replicas
 * of `spinning` that each is to have.
 */
const SPINNING = { 'us-azure': 3, 'de-wide': 2 };

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

/** What tells whether an object of a target was changed: who it is, and its generation, or its version without one. */
async function state(cluster: string, target: string): Promise<Map<string, string>> {
  const found = await federation.kubectl(cluster, ['get', '--filename', join(dist, target), '--output=json']);
  const secrets = await federation.kubectl(cluster, ['get', 'secrets', '--all-namespaces', '--output=json']);
  return new Map(
    [found, secrets]
      .flatMap((list) => JSON.parse(list).items as Obj[])
      .map(({ kind, metadata }) => [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        `${metadata.uid} ${metadata.generation ?? metadata.resourceVersion}`,
      ]),
  );
}

/** Members that the scheduler of Karmada has chosen for a Deployment. */
async function chosen(name: string): Promise<string[]> {
  const path = `/apis/work.karmada.io/v1alpha2/namespaces/default/resourcebindings/${name}-deployment`;
  const binding = await federation.karmada.call('GET', path);
  return binding.spec.clusters?.map((cluster: Obj) => cluster.name) ?? [];
}

const cluster = (name: string) => federation.karmada.call('GET', `/apis/cluster.karmada.io/v1alpha1/clusters/${name}`);

async function isReady(name: string): Promise<boolean> {
  const { status } = await cluster(name);
  return status.conditions.some((one: Obj) => one.type === 'Ready' && one.status === 'True');
}

beforeAll(async () => {
  await stages.measure('clusters start', () =>
    federation.start(
      MEMBERS.map((name) =>
        name === PULLED
          ? { name, node: true }
          : {
              name,
              nodes: [{ name: `${name}-1`, labels: { [WASM]: 'true', ...(name === 'de-wide' && { disk: 'fast' }) } }],
            },
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

step('a real API server takes every object for the host cluster and for members', async () => {
  for (const target of ['host', 'members']) {
    const { accepted, refused } = await validate(federation.host.api, manifests(join(dist, target)));
    expect(refused).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
  }
});

step('apply.sh brings the control plane up on the host cluster', async () => {
  await federation.script('apply', ['--dist', dist, 'host']);
  const ready = ({ status }: Obj) =>
    status.phase === 'Succeeded' ||
    status.conditions?.some((one: Obj) => one.type === 'Ready' && one.status === 'True');
  const others = await until('pods of the control plane to be ready', async () => {
    const pods = await federation.host.api.list('/api/v1/namespaces/karmada-system/pods');
    // Estimators wait for their members to join.
    const found = pods.filter(({ metadata }) => !ESTIMATED.includes(metadata.labels?.cluster));
    const sick = found.filter((pod) => !ready(pod)).map(({ metadata }) => metadata.name);
    if (sick.length > 0) throw new Error(`not ready: ${sick.join(', ')}`);
    return found;
  });
  expect(others.length).toBeGreaterThan(7);
});

step('the operator gets a kubeconfig for the Karmada API, which answers at its outside address', async () => {
  await federation.takeKubeconfig(dist);
  expect(await federation.karmada.call('GET', '/readyz')).toBe('ok');
});

step('optional components serve their parts of the Karmada API', async () => {
  for (const api of ['v1alpha1.search.karmada.io', 'v1beta1.metrics.k8s.io', 'v1beta2.custom.metrics.k8s.io']) {
    await until(`${api} to be available`, async () => {
      const { status } = await federation.karmada.call('GET', `/apis/apiregistration.k8s.io/v1/apiservices/${api}`);
      const available = status.conditions.find((one: Obj) => one.type === 'Available');
      if (available?.status !== 'True') throw new Error(available?.message);
      return true;
    });
  }
});

step('join.sh makes four clusters members by push', async () => {
  for (const member of Object.keys(SPINNING)) {
    await federation.kubectl(member, ['apply', '--server-side', '--filename', join(dist, 'karmada/05-spinkube.yaml')]);
  }
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

step('the estimators of members have their kubeconfigs now, and run', async () => {
  for (const member of ESTIMATED) {
    const name = `deployment/karmada-scheduler-estimator-${member}`;
    await federation.kubectl('host', ['rollout', 'status', name, '--namespace=karmada-system', '--timeout=180s'], {
      seconds: 200,
    });
  }
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

step(
  "Karmada's API server and webhook take every placement, propagation and override that a file can ask for",
  async () => {
    const features = await federation.synth('features');
    const { accepted, refused } = await validate(federation.karmada, manifests(join(features, 'karmada')));
    expect(refused).toEqual([]);
    expect(accepted).toBeGreaterThan(20);
  },
);

step("what Karmada's webhook refuses is refused at synth", async () => {
  for (const { name, placement, karmada } of refusals) {
    const policy = {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name: 'refused', namespace: 'default' },
      spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'refused' }], placement: karmada },
    };
    const path = '/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies?dryRun=All';
    const answer = await federation.karmada.create(path, policy).catch((error: Error) => error);
    expect(answer, `the webhook on ${name}`).toBeInstanceOf(Error);
    expect((answer as Error).message).toContain('denied the request');

    const app = { name: 'refused', image: 'example.com/app:v1', placement };
    const { code, stderr } = await federation.trySynth('refused', (file) => file.spec.apps.push(app));
    expect(code, `synth on ${name}`).not.toBe(0);
    expect(stderr, `synth on ${name}`).toContain('placement');
  }
});

step('apply.sh karmada: the runtime and n-body arrive in exactly the members of its placement', async () => {
  await federation.script('apply', ['--dist', dist, 'karmada']);
  await arrived('n-body', Object.fromEntries(PUSHED.map((name) => [name, 1])));
  expect((await havers(runtimeClass('spin'))).sort()).toEqual([...PUSHED].sort());
});

step('replicas are divided by the weights of the policy', async () => {
  await arrived('divided', { 'us-azure': 4, 'de-wide': 2 });
});

step('replicas go where estimators see room for them, and not where they see none', async () => {
  // Without estimators, the node of us-azure would count, though it lacks the label that the pods ask for.
  await arrived('roomy', { 'de-wide': 3 });
});

step('replicas of a SpinApp are divided by its interpreter, and what it names goes along', async () => {
  const token = ['create', 'secret', 'generic', 'spinning', '--from-literal=token=not-a-secret'];
  await federation.kubectl('karmada', token);
  for (const [member, replicas] of Object.entries(SPINNING)) {
    const { api } = federation.member(member);
    const copy = await until(`the SpinApp on ${member}`, () => api.find(spinApp('spinning')));
    expect(copy.spec.replicas).toBe(replicas);
    await until(`its Secret on ${member}`, () => api.find('/api/v1/namespaces/default/secrets/spinning'));
    const executors = '/apis/core.spinkube.dev/v1alpha1/namespaces/default/spinappexecutors';
    await until(`its executor on ${member}`, () => api.find(`${executors}/spin`));
  }
});

step('the status of a SpinApp comes back from the members as one, and makes it healthy', async () => {
  for (const [member, readyReplicas] of Object.entries(SPINNING)) {
    const conditions = [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }];
    await federation
      .member(member)
      .api.merge(`${spinApp('spinning')}/status`, { status: { readyReplicas, conditions } });
  }
  await healthySpinApp(federation, 'spinning', SPINNING);
});

step('an override reaches its member only', async () => {
  for (const name of PUSHED) {
    const { spec } = await federation.member(name).api.call('GET', deployment('n-body'));
    expect(spec.template.spec.containers[0].image).toMatch(name === 'us-azure' ? /:v2$/ : /:v1$/);
    expect(spec.template.spec.runtimeClassName).toBe('spin');
  }
});

step('a member without the runtime gets no Wasm app, but the container that stands in for it', async () => {
  await arrived('either', { 'de-wide': 1, far: 1 });
  const { spec } = await federation.member('far').api.call('GET', deployment('either'));
  expect(spec.template.spec.containers[0].image).toBe('quay.io/korvoj/n-body:v1');
  expect(spec.template.spec.runtimeClassName).toBeUndefined();
  const { code, stderr } = await federation.trySynth('lacking', (file) => {
    file.spec.apps[0].placement.clusters.push('far');
  });
  expect(code).not.toBe(0);
  expect(stderr).toContain("'far'");
});

step('applying everything a second time changes no object and no certificate', async () => {
  const both = async () => [await state('host', 'host'), await state('karmada', 'karmada')];
  const before = await both();
  await federation.script('apply', ['--dist', dist, 'host', 'karmada']);
  expect(await both()).toEqual(before);
});

step('diff is empty after an apply', async () => {
  const after = await federation.command(['diff', '--dist', dist, 'host', 'karmada', `members/${PULLED}`]);
  expect(after).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

step('status.sh finds everything well, and every app where it was computed to be', async () => {
  const report = await untilWell(federation, dist);
  const text = await federation.script('status', ['--dist', dist]);
  for (const name of MEMBERS) expect(text).toContain(name);
  expect(report.estimators.map(({ member }) => member).sort()).toEqual([...ESTIMATED].sort());
  expect(countsOf(report, 'divided')).toEqual({ 'us-azure': 4, 'de-wide': 2 });
  expect(await sameAsPlanned(federation, report)).toEqual([]);
});

step('diff shows what a change of the file would do', async () => {
  // Karmada takes a while to notice that the agent is silent: the step after the next looks for it.
  await federation.kubectl(PULLED, [...AGENT, '--replicas=0']);
  const changed = await federation.synthChanged('other', ({ spec }) => {
    spec.apps.find(({ name }: Obj) => name === 'divided').replicas = 9;
  });
  const { code, stdout } = await federation.command(['diff', '--dist', changed, 'karmada']);
  expect(code).toBe(1);
  expect(stdout.match(/^karmada: .*$/gm)).toEqual(['karmada: Deployment default/divided would change']);
  expect(stdout).toMatch(/^-\s+replicas: 6$/m);
  expect(stdout).toMatch(/^\+\s+replicas: 9$/m);
});

let lost = '';

step('an app stays on a member that no longer answers, while failover is off', async () => {
  [lost = ''] = await chosen('movable');
  expect(['de-wide', 'l26-ugd']).toContain(lost);
  await federation.member(lost).cutOff();
  await breakOverride(federation, 'n-body', 'us-azure');
  await until(`Karmada to taint "${lost}"`, async () => (await cluster(lost)).spec.taints?.length > 0, {
    seconds: 150,
  });
  expect(await isReady(lost)).toBe(false);
  expect(await chosen('movable')).toEqual([lost]);
});

step('status.sh names what is broken: a member, an agent, an override', async () => {
  const broken = [
    `member ${lost} is not ready: ClusterNotReachable`,
    `member ${PULLED} is not ready: its agent was heard of last at `,
    'Deployment default/n-body on us-azure: override policy(default/broken) fails: ',
  ];
  await until('status.sh to name a member, an agent and an override, and nothing else', async () => {
    const { verdict, faults } = await statusOf(federation, dist);
    expect(faults.map((fault) => broken.find((one) => fault.startsWith(one)) ?? fault).sort()).toEqual(broken.sort());
    return verdict === 'wrong';
  });
  expect(await federation.tryScript('status', ['--dist', dist])).toMatchObject({ code: 1 });
  await mendOverride(federation);
  await federation.kubectl(PULLED, [...AGENT, '--replicas=1']);
  await until(`"${PULLED}" to be ready again`, () => isReady(PULLED));
});

/** Switches failover on, and takes an app out. */
function withFailover({ spec }: Obj): void {
  spec.controlPlane.karmada.failover = true;
  spec.apps = spec.apps.filter(({ name }: Obj) => name !== 'divided');
  const movable = spec.apps.find(({ name }: Obj) => name === 'movable');
  movable.propagation = { failover: { cluster: { purgeMode: 'Gracefully' } } };
}

step('the app moves to another member when the changed file switches failover on', async () => {
  dist = await federation.synthChanged('changed', withFailover);
  await federation.script('apply', ['--dist', dist, 'host', 'karmada']);
  const refuge = lost === 'de-wide' ? 'l26-ugd' : 'de-wide';
  await until(`"movable" on "${refuge}"`, async () => (await chosen('movable')).join() === refuge, { seconds: 150 });
  const there = () => federation.member(refuge).api.call('GET', deployment('movable'));
  await until(`"movable" to run on "${refuge}"`, async () => (await there()).status.readyReplicas === 1);
  await federation.member(lost).reconnect();
  await until(`"${lost}" to be ready again`, () => isReady(lost), { seconds: 150 });
  await arrived('movable', { [refuge]: 1 });
  expect(countsOf(await untilAppWell(federation, dist, 'movable'), 'movable')).toEqual({ [refuge]: 1 });
});

step('apply.sh --prune removes what the changed file names no more, and only that', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const names = async () => (await federation.karmada.list(path)).map(({ metadata }) => metadata.name).sort();
  expect(await names()).toEqual(['divided', 'either', 'movable', 'n-body', 'roomy']);
  const before = await state('karmada', 'karmada');
  await federation.script('apply', ['--dist', dist, '--prune', 'host', 'karmada']);
  expect(await names()).toEqual(['either', 'movable', 'n-body', 'roomy']);
  expect(await state('karmada', 'karmada')).toEqual(before);
  await arrived('divided', {});
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

/** Serial numbers of the control plane's certificates, by their Secrets. */
async function serials(): Promise<Map<string, string>> {
  const found = await host('get', 'secrets', '-l', 'app.kubernetes.io/component=certificate', '--output=json');
  const certificates = (JSON.parse(found).items as Obj[]).filter(({ data }) => data['tls.crt']);
  return new Map(
    certificates.map(({ metadata, data }) => [
      metadata.name,
      new X509Certificate(Buffer.from(data['tls.crt'], 'base64')).serialNumber,
    ]),
  );
}

/** Which of the control plane's certificates are still the same after some work; none may be gone. */
async function kept(work: () => Promise<void>): Promise<string[]> {
  const before = await serials();
  await work();
  const after = await serials();
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  return [...after].filter(([name, serial]) => before.get(name) === serial).map(([name]) => name);
}

const host = (...args: string[]) =>
  federation.kubectl('host', ['--namespace=karmada-system', ...args], { seconds: 200 });

step('certificates are renewed as docs/operations.md says, and the members stay', async () => {
  const authorities = ['karmada-ca', 'karmada-etcd-ca', 'karmada-front-proxy-ca', 'karmada-service-account'];
  // They last so short a time that the next step sees them near their end.
  dist = await federation.synthChanged('short', (file) => {
    withFailover(file);
    file.spec.controlPlane.karmada.certificates.days = 20;
    file.spec.members = file.spec.members.filter(({ name }: Obj) => name !== 'hpc-kube');
    for (const { placement } of file.spec.apps) {
      placement.clusters = placement.clusters?.filter((name: string) => name !== 'hpc-kube');
    }
  });
  const same = await kept(async () => {
    const leaves = `app.kubernetes.io/component=certificate,app.kubernetes.io/name notin (${authorities.join()})`;
    await host('delete', 'secret', '-l', leaves);
    await host('delete', 'job', '-l', 'app.kubernetes.io/name=karmada-certificates');
    await host('rollout', 'restart', 'deployment,statefulset');
    await federation.script('apply', ['--dist', dist, 'host']);
    await federation.takeKubeconfig(dist);
  });
  expect(same.sort()).toEqual(authorities);
  expect(await federation.karmada.call('GET', '/readyz')).toBe('ok');
  for (const name of ['us-azure', PULLED]) await until(`"${name}" to be ready`, () => isReady(name));
});

step('status.sh names certificates near their end', async () => {
  const { faults, certificates } = await statusOf(federation, dist);
  const fault = /^certificates end within 30 days: .*Secret karmada-system\/karmada-apiserver-server \(/;
  expect(faults).toContainEqual(expect.stringMatching(fault));
  const soon = certificates.filter((one) => one.soon).map(({ name }) => name);
  expect(soon).toContain('karmada.kubeconfig, user karmada');
  expect(soon.filter((name) => name.includes('-ca'))).toEqual([]);
});

step('authorities are renewed as docs/operations.md says, and the members stay', async () => {
  const same = await kept(async () => {
    const all = 'app.kubernetes.io/component=certificate,app.kubernetes.io/name!=karmada-service-account';
    await host('delete', 'secret', '-l', all);
    await host('delete', 'job', '-l', 'app.kubernetes.io/name in (karmada-certificates,karmada-static-resources)');
    await host('delete', 'pods', '--all');
    await federation.script('apply', ['--dist', dist, 'host']);
    await federation.takeKubeconfig(dist);
    await federation.script('join', ['--dist', dist, PULLED]);
  });
  expect(same).toEqual(['karmada-service-account']);
  for (const name of ['us-azure', PULLED]) await until(`"${name}" to be ready`, () => isReady(name));
});
