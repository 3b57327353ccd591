import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Obj } from '../e2e/harness/api.ts';
import { established } from '../e2e/harness/crds.ts';
import { FederationUnderTest, WASM } from '../e2e/harness/federation.ts';
import { measure, serveMetrics } from '../e2e/harness/metrics.ts';
import { Authority } from '../e2e/harness/pki.ts';
import { Process, runFolder } from '../e2e/harness/process.ts';
import { synth } from '../e2e/harness/project.ts';
import { healthySpinApp, spinApp } from '../e2e/harness/spin-app.ts';
import { until } from '../e2e/harness/wait.ts';
import { makeNetwork } from '../e2e/node/container.ts';
import { partFolder, printLogs, story } from './harness.ts';

/*
 * SpinApps on two members that run SpinKube's operator with its webhooks, each in a network of its own. Nodes are
 * simulated: pods are scheduled and run at once, but do nothing. Each test is a step, and needs those before it.
 */

/** Members, and the replicas of `divided` that each is to have. */
const MEMBERS = { 'us-azure': 3, 'de-wide': 2 };
const NAMES = Object.keys(MEMBERS);

const folder = partFolder('spin-operator');
const federation = new FederationUnderTest();
const networks: ChildProcess[] = [];
let dist = '';

const { step, stages } = story(async () => {
  console.error(await federation.explain());
  printLogs('spin-operator');
});

const api = (member: string) => federation.member(member).api;
const deployment = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;

/** Installs SpinKube on a member as its chart does: kinds, operator, webhooks. */
async function installSpinKube(member: string, address: string): Promise<void> {
  const cluster = federation.member(member);
  await cluster.kubectl(['apply', '--server-side', '--filename', join(folder, 'bases')]);
  await established(cluster);
  const authority = await Authority.create(join(runFolder, 'spin-operator', member));
  await authority.sign('webhook', '/CN=spin-operator-webhook', [`IP:${address}`]);
  // Where controller-runtime looks for them.
  const certificates = join(authority.folder, 'k8s-webhook-server/serving-certs');
  mkdirSync(certificates, { recursive: true });
  cpSync(authority.crt('webhook'), join(certificates, 'tls.crt'));
  cpSync(authority.key('webhook'), join(certificates, 'tls.key'));

  const network = await makeNetwork(address, `spin-${networks.length}`);
  networks.push(network);
  const operator = [join(folder, 'cmd'), `--kubeconfig=${cluster.kubeconfig}`, '--enable-webhooks'];
  const server = new Process(`spin-operator.${member}`, {
    command: ['nsenter', `--net=/proc/${network.pid}/ns/net`, ...operator],
    env: { TMPDIR: authority.folder },
  });
  await server.start().ready('to be ready', async () => (await fetch(`http://${address}:8082/readyz`)).ok);

  const caBundle = readFileSync(authority.crt('ca')).toString('base64');
  for (const configuration of loadAll(readFileSync(join(folder, 'manifests.yaml'), 'utf8')) as Obj[]) {
    for (const webhook of configuration.webhooks) {
      webhook.clientConfig = { url: `https://${address}:9443${webhook.clientConfig.service.path}`, caBundle };
    }
    await cluster.kubectl(['apply', '--server-side', '--filename=-'], { input: JSON.stringify(configuration) });
  }
}

beforeAll(async () => {
  await stages.measure('clusters and the operators start', async () => {
    const labels = { [WASM]: 'true' };
    await federation.start(NAMES.map((name) => ({ name, nodes: [{ name: `${name}-1`, labels }] })));
    for (const [index, name] of NAMES.entries()) {
      await installSpinKube(name, `172.30.0.${20 + index}`);
      await serveMetrics(federation.member(name));
    }
  });
});

afterAll(async () => {
  await federation.stop();
  for (const server of Process.all) await server.stop();
  for (const network of networks) network.kill();
  console.log(stages.table());
});

step('the control plane comes up, and both members join', async () => {
  dist = await synth(join(import.meta.dirname, 'spin-operator.yaml'));
  await federation.script('apply', ['--dist', dist, 'host']);
  await federation.takeKubeconfig(dist);
  await federation.script('apply', ['--dist', dist, ...NAMES.map((name) => `members/${name}`)]);
  await federation.script('join', ['--dist', dist, ...NAMES]);
});

step('SpinApps are divided, and the webhooks of the members let them in, with their probes', async () => {
  const token = ['create', 'secret', 'generic', 'divided', '--from-literal=token=not-a-secret'];
  await federation.kubectl('karmada', token);
  await federation.script('apply', ['--dist', dist, 'karmada']);
  for (const [member, replicas] of Object.entries(MEMBERS)) {
    const copy = await until(`the SpinApp on ${member}`, () => api(member).find(spinApp('divided')), { seconds: 120 });
    expect(copy.spec).toMatchObject({ executor: 'spin', replicas });
  }
});

step('the operator makes a Deployment of each, which runs', async () => {
  for (const [member, replicas] of Object.entries(MEMBERS)) {
    const made = await until(`${replicas} replicas on ${member}`, async () => {
      const found = await api(member).find(deployment('divided'));
      return found?.status?.readyReplicas === replicas && found;
    });
    const { spec } = made.spec.template;
    expect(spec.runtimeClassName).toBe('spin');
    const [container] = spec.containers;
    expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/ready' }, periodSeconds: 2 });
    expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/healthz' } });
    expect(container.env).toContainEqual({
      name: 'SPIN_VARIABLE_TOKEN',
      valueFrom: { secretKeyRef: { name: 'divided', key: 'token' } },
    });
  }
});

step('what the operators report comes back as one, and makes the app healthy', async () => {
  await healthySpinApp(federation, 'divided', MEMBERS);
});

step('a SpinApp that autoscalers of the members scale follows its load on each', async () => {
  for (const member of NAMES) {
    await until(
      `"scaled" on ${member}`,
      async () => (await api(member).find(deployment('scaled')))?.status?.readyReplicas === 1,
    );
  }
  const selector = encodeURIComponent('core.spinkube.dev/app-name=scaled');
  const [pod] = await api('us-azure').list(`/api/v1/namespaces/default/pods?labelSelector=${selector}`);
  await measure(federation.member('us-azure'), pod, '100m');
  await until(
    'twice as many where it is busy',
    async () => {
      const { status } = await api('us-azure').call('GET', deployment('scaled'));
      return status.readyReplicas === 2;
    },
    { seconds: 90 },
  );
  expect((await api('de-wide').call('GET', deployment('scaled'))).spec.replicas).toBe(1);
  const copy = await api('us-azure').call('GET', spinApp('scaled'));
  expect(copy.spec.replicas ?? 0).toBe(0);
});

step('an object that its kind allows and the operator does not is refused by its webhook', async () => {
  const { spec, ...rest } = await api('us-azure').call('GET', spinApp('divided'));
  const wrong = { ...rest, metadata: { name: 'wrong', namespace: 'default' }, spec: { ...spec, executor: 'nobody' } };
  const path = '/apis/core.spinkube.dev/v1alpha1/namespaces/default/spinapps';
  await expect(api('us-azure').create(path, wrong)).rejects.toThrow('executor does not exist in namespace');
});
