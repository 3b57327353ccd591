import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Obj } from '../e2e/harness/api.ts';
import { established } from '../e2e/harness/crds.ts';
import { FederationUnderTest } from '../e2e/harness/federation.ts';
import { ADDRESS } from '../e2e/harness/internet.ts';
import { Authority } from '../e2e/harness/pki.ts';
import { Process, runFolder } from '../e2e/harness/process.ts';
import { synth } from '../e2e/harness/project.ts';
import { until } from '../e2e/harness/wait.ts';
import { partFolder, story } from './harness.ts';

/*
 * A control plane with the certificates that cert-manager makes of ours: its controller and its webhook run beside the
 * host cluster. Each test is a step, and needs those before it.
 */

const MEMBER = 'us-azure';
const NAMESPACE = 'karmada-system';
const WEBHOOK_PORT = 10250;

const folder = partFolder('cert-manager');
const federation = new FederationUnderTest();
let dist = '';

const { step, stages } = story(async () => console.error(await federation.explain()));

const certificatesPath = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates`;
const certificates = () => federation.host.api.list(certificatesPath);
const secret = (name: string) => federation.host.api.call('GET', `/api/v1/namespaces/${NAMESPACE}/secrets/${name}`);
const decode = (text: string) => Buffer.from(text, 'base64').toString();

/** The certificate in a Secret, and the one that has signed it. */
async function issued(
  name: string,
): Promise<{ certificate: X509Certificate; authority: X509Certificate; key: string }> {
  const { data } = await secret(name);
  const [certificate, authority] = [data['tls.crt'], data['ca.crt']].map((pem) => new X509Certificate(decode(pem)));
  return {
    certificate: certificate as X509Certificate,
    authority: authority as X509Certificate,
    key: decode(data['tls.key']),
  };
}

const isReady = ({ metadata, status }: Obj) =>
  status?.conditions?.some(
    (one: Obj) => one.type === 'Ready' && one.status === 'True' && one.observedGeneration === metadata.generation,
  );

/** Definitions of cert-manager's kinds, as its module has them: with labels that its chart would fill in. */
async function installKinds(): Promise<void> {
  const crds = join(folder, 'crds');
  for (const file of readdirSync(crds).filter((name) => name.endsWith('.yaml'))) {
    const { metadata, ...rest } = load(readFileSync(join(crds, file), 'utf8')) as Obj;
    const input = JSON.stringify({ ...rest, metadata: { name: metadata.name } });
    await federation.host.kubectl(['apply', '--server-side', '--filename=-'], { input });
  }
  await established(federation.host);
}

/** Starts the webhook, and has the API server ask it as the chart does. */
async function startWebhook(): Promise<void> {
  const authority = await Authority.create(join(runFolder, 'cert-manager'));
  await authority.sign('webhook', '/CN=cert-manager-webhook', [`IP:${ADDRESS}`]);
  const tls = [`--tls-cert-file=${authority.crt('webhook')}`, `--tls-private-key-file=${authority.key('webhook')}`];
  const ports = [`--secure-port=${WEBHOOK_PORT}`, '--healthz-port=6080'];
  const command = [join(folder, 'webhook'), `--kubeconfig=${federation.host.kubeconfig}`, ...ports, ...tls];
  const server = new Process('cert-manager-webhook', { command }).start();
  await server.ready('to be ready', async () => (await fetch('http://127.0.0.1:6080/livez')).ok);
  for (const [kind, path] of [
    ['ValidatingWebhookConfiguration', 'validate'],
    ['MutatingWebhookConfiguration', 'mutate'],
  ]) {
    const webhook = {
      name: 'webhook.cert-manager.io',
      rules: [
        {
          ...{ apiGroups: ['cert-manager.io'], apiVersions: ['v1'], resources: ['*/*'] },
          operations: ['CREATE', 'UPDATE'],
        },
      ],
      ...{ admissionReviewVersions: ['v1'], matchPolicy: 'Equivalent', failurePolicy: 'Fail', sideEffects: 'None' },
      clientConfig: {
        url: `https://${ADDRESS}:${WEBHOOK_PORT}/${path}`,
        caBundle: readFileSync(authority.crt('ca')).toString('base64'),
      },
    };
    const head = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'cert-manager-webhook' } };
    const input = JSON.stringify({ ...head, webhooks: [webhook] });
    await federation.host.kubectl(['apply', '--server-side', '--filename=-'], { input });
  }
}

beforeAll(async () => {
  await stages.measure('clusters and cert-manager start', async () => {
    await federation.start([{ name: MEMBER, nodes: [{ name: `${MEMBER}-1` }] }]);
    await installKinds();
    await startWebhook();
    const command = [join(folder, 'controller'), `--kubeconfig=${federation.host.kubeconfig}`, '--leader-elect=false'];
    new Process('cert-manager', { command }).start();
  });
});

afterAll(async () => {
  await federation.stop();
  for (const server of Process.all) await server.stop();
  console.log(stages.table());
});

step('apply.sh brings up a control plane that mounts what cert-manager makes', async () => {
  dist = await synth(join(import.meta.dirname, 'cert-manager.yaml'));
  await federation.script('apply', ['--dist', dist, 'host']);
  await federation.takeKubeconfig(dist);
  expect(await federation.karmada.call('GET', '/readyz')).toBe('ok');
});

step('every Certificate is ready, with a chain that holds', async () => {
  const all = await certificates();
  expect(all.length).toBeGreaterThan(15);
  expect(all.filter((one) => !isReady(one)).map(({ metadata }) => metadata.name)).toEqual([]);
  for (const { spec } of all) {
    const { certificate, authority } = await issued(spec.secretName);
    expect(certificate.verify(authority.publicKey), spec.secretName).toBe(true);
    expect(certificate.ca, spec.secretName).toBe(spec.isCA ?? false);
  }
});

step('a member joins, its estimator runs, and an app arrives there', async () => {
  await federation.script('apply', ['--dist', dist, `members/${MEMBER}`]);
  await federation.script('join', ['--dist', dist, MEMBER]);
  const estimator = `deployment/karmada-scheduler-estimator-${MEMBER}`;
  await federation.host.kubectl(['rollout', 'status', estimator, `--namespace=${NAMESPACE}`, '--timeout=100s']);
  await federation.script('apply', ['--dist', dist, 'karmada']);
  const app = '/apis/apps/v1/namespaces/default/deployments/app';
  await until('the app', async () => (await federation.member(MEMBER).api.find(app))?.status?.readyReplicas === 1);
});

/** Serial numbers of the certificates that the servers of the control plane show, by their Services. */
async function shown(): Promise<Map<string, string>> {
  const services = await federation.host.api.list(`/api/v1/namespaces/${NAMESPACE}/services`);
  const servers = services.filter(({ spec }) => spec.clusterIP !== 'None');
  const serials = servers.map(
    ({ metadata, spec }) =>
      new Promise<[string, string]>((done, failed) => {
        const { name } = metadata;
        const socket = connect({ host: spec.clusterIP, port: spec.ports[0].port, rejectUnauthorized: false }, () => {
          done([name, socket.getPeerX509Certificate()?.serialNumber ?? '']);
          socket.destroy();
        });
        socket.on('error', (error) => failed(new Error(`${name}: ${error.message}`)));
      }),
  );
  return new Map(await Promise.all(serials));
}

/** Has cert-manager make certificates anew, as "cmctl renew" asks for it. */
async function renew(chosen: readonly Obj[]): Promise<void> {
  const before = new Map<string, string>();
  for (const { metadata, spec, status } of chosen) {
    before.set(spec.secretName, (await issued(spec.secretName)).certificate.serialNumber);
    const issuing = {
      ...{ type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'Renewal asked for by a test' },
      ...{ lastTransitionTime: new Date().toISOString(), observedGeneration: metadata.generation },
    };
    const conditions = [...status.conditions.filter(({ type }: Obj) => type !== 'Issuing'), issuing];
    await federation.host.api.merge(`${certificatesPath}/${metadata.name}/status`, { status: { conditions } });
  }
  await until(
    'all of them to be new',
    async () => {
      const old: string[] = [];
      for (const [name, serial] of before) {
        if ((await issued(name)).certificate.serialNumber === serial) old.push(name);
      }
      if (old.length > 0) throw new Error(`still as before: ${old.join(', ')}`);
      return true;
    },
    { seconds: 180 },
  );
}

/** Pods of the control plane, and how often their containers were started again. */
async function pods(): Promise<string[]> {
  const all = await federation.host.api.list(`/api/v1/namespaces/${NAMESPACE}/pods`);
  return all
    .filter(({ metadata }) => metadata.ownerReferences?.[0].kind !== 'Job')
    .map(({ metadata, status }) => `${metadata.name} ${status.containerStatuses.map((one: Obj) => one.restartCount)}`)
    .sort();
}

/** The federation works: its parts are available, and a change reaches the member. */
async function works(image: string): Promise<void> {
  await federation.takeKubeconfig(dist);
  await until('every part of the Karmada API to be available', async () => {
    const services = await federation.karmada.list('/apis/apiregistration.k8s.io/v1/apiservices');
    const bad = services.filter(
      ({ status }) => !status.conditions.some((one: Obj) => one.type === 'Available' && one.status === 'True'),
    );
    if (bad.length > 0) throw new Error(`not so: ${bad.map(({ metadata }) => metadata.name).join(', ')}`);
    return true;
  });
  await federation.kubectl('karmada', ['set', 'image', 'deployment/app', `app=${image}`]);
  const app = '/apis/apps/v1/namespaces/default/deployments/app';
  await until(`the image ${image} on the member`, async () => {
    const { spec } = await federation.member(MEMBER).api.call('GET', app);
    return spec.template.spec.containers[0].image === image;
  });
}

/** Waits until the servers that show a certificate which is not `current` are just these. */
async function outdated(current: readonly string[], wanted: readonly string[]): Promise<void> {
  await until(
    `outdated certificates at ${wanted.join(', ') || 'no server'}`,
    async () => {
      const old = [...(await shown())].filter(([, serial]) => !current.includes(serial)).map(([name]) => name);
      if (old.join() !== wanted.join()) throw new Error(`they are at ${old.join(', ') || 'none'}`);
      return true;
    },
    { seconds: 120 },
  );
}

/** Serial numbers of what was made anew. */
let current: string[] = [];

step('servers show renewed certificates without a restart, but for estimators', async () => {
  const before = await pods();
  const leaves = (await certificates()).filter(
    ({ spec }) => !spec.isCA && !spec.secretName.includes('service-account'),
  );
  await renew(leaves);
  const all = leaves.map(async ({ spec }) => (await issued(spec.secretName)).certificate.serialNumber);
  current = await Promise.all(all);
  await outdated(current, [`karmada-scheduler-estimator-${MEMBER}`]);
  await works('quay.io/korvoj/n-body:v2');
  expect(await pods()).toEqual(before);
});

step('estimators and who asks them take theirs when they are restarted as docs/operations.md says', async () => {
  const clients = 'app in (karmada-scheduler-estimator,karmada-scheduler,karmada-descheduler)';
  const here = `--namespace=${NAMESPACE}`;
  await federation.host.kubectl(['rollout', 'restart', 'deployment', '--selector', clients, here]);
  const { stdout } = await federation.host.tryKubectl([
    'get',
    'deployment',
    '--selector',
    clients,
    here,
    '--output=name',
  ]);
  const restarted = stdout.trim().split('\n');
  expect(restarted).toHaveLength(3);
  for (const name of restarted) await federation.host.kubectl(['rollout', 'status', name, here, '--timeout=110s']);
  await outdated(current, []);
});

step('authorities keep their keys when they are renewed, and nothing that they have signed is lost', async () => {
  const before = await pods();
  const authorities = (await certificates()).filter(({ spec }) => spec.isCA);
  const names = authorities.map(({ spec }) => spec.secretName as string);
  const keys = async () => Promise.all(names.map(async (name) => (await issued(name)).key));
  const kept = await keys();
  await renew(authorities);
  expect(await keys()).toEqual(kept);
  for (const { spec } of await certificates()) {
    const { certificate } = await issued(spec.secretName);
    const { certificate: authority } = await issued(
      spec.issuerRef.name === 'karmada-self-signed' ? spec.secretName : spec.issuerRef.name,
    );
    expect(certificate.verify(authority.publicKey), spec.secretName).toBe(true);
  }
  await works('quay.io/korvoj/n-body:v3');
  expect(await pods()).toEqual(before);
});
