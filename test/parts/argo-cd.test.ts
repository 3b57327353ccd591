import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Obj } from '../e2e/harness/api.ts';
import { established } from '../e2e/harness/crds.ts';
import { FederationUnderTest } from '../e2e/harness/federation.ts';
import { ADDRESS } from '../e2e/harness/internet.ts';
import { Authority } from '../e2e/harness/pki.ts';
import { attempt, Process, runFolder } from '../e2e/harness/process.ts';
import { synth } from '../e2e/harness/project.ts';
import { until } from '../e2e/harness/wait.ts';
import { GitServer } from './git.ts';
import { partFolder, story } from './harness.ts';

/*
 * Argo CD brings a federation up from a Git repository, and keeps it so. Its controllers and its repository server run
 * beside the host cluster, as they do in it. Each test is a step, and needs those before it.
 */

const MEMBERS = ['us-azure', 'de-wide'];
const GIT = 'git.example.com';
const GIT_PORT = 8443;
const APPLICATIONS = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';
/** In the order of their waves: what syncs the others comes first. */
const ALL = ['synced', 'synced-host', 'synced-karmada', ...MEMBERS.map((name) => `synced-member-${name}`)];

const folder = partFolder('argo-cd');
const own = join(runFolder, 'argo-cd');
const federation = new FederationUnderTest();
const git = new GitServer(join(own, 'git'), 'federation.git');
let dist = '';

const { step, stages } = story(async () => {
  console.error(await federation.explain());
  for (const { metadata, status } of await applications()) {
    const { sync, health, conditions, operationState, resources = [] } = status ?? {};
    const bad = resources.filter(
      (one: Obj) => one.status !== 'Synced' || (one.health?.status ?? 'Healthy') !== 'Healthy',
    );
    console.error(
      metadata.name,
      JSON.stringify({ sync: sync?.status, health, conditions, message: operationState?.message, bad }),
    );
  }
});

const applications = () => federation.host.api.list(APPLICATIONS);
const autoscaler = '/apis/autoscaling.karmada.io/v1alpha1/namespaces/default/federatedhpas/scaled';
const deployment = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;

/** Makes the repository, and has everybody know it by its name. */
async function startGit(): Promise<Authority> {
  const authority = await Authority.create(join(own, 'git-authority'));
  await authority.sign('server', `/CN=${GIT}`, [`DNS:${GIT}`]);
  appendFileSync(join(runFolder, 'hosts'), `${ADDRESS} ${GIT}\n`);
  await git.start(ADDRESS, GIT_PORT, authority);
  return authority;
}

/** Installs Argo CD's kinds and settings, and starts it. */
async function startArgoCd(trusted: Authority): Promise<void> {
  const { host } = federation;
  await host.kubectl(['create', 'namespace', 'argocd']);
  for (const part of ['crds', 'config']) {
    for (const file of readdirSync(join(folder, part)).filter((name) => name !== 'kustomization.yaml')) {
      const path = join(folder, part, file);
      const object = load(readFileSync(path, 'utf8')) as Obj;
      // Argo CD's server, which makes this key, does not run here.
      if (object.kind === 'Secret') object.stringData = { 'server.secretkey': 'of no use here' };
      const input = JSON.stringify(object);
      await host.kubectl(['apply', '--server-side', '--namespace=argocd', '--filename=-'], { input });
    }
  }
  await established(host);
  copyFileSync(host.kubeconfig, join(federation.kubeconfigs, 'argocd.kubeconfig'));
  const certificates = join(own, 'tls');
  mkdirSync(certificates);
  copyFileSync(trusted.crt('ca'), join(certificates, GIT));

  const redis = ['redis-server', '--port', '6379', '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  await new Process('redis', { command: redis }).start().ready('to answer', async () => {
    const { stdout } = await attempt(['redis-cli', 'ping']);
    return stdout.trim() === 'PONG';
  });
  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    new Process(`argocd-${name}`, {
      command: [join(folder, 'cmd'), ...args],
      env: { ARGOCD_BINARY_NAME: `argocd-${name}`, KUBECONFIG: host.kubeconfig, ...env },
    }).start();
  const toRedis = ['--redis', '127.0.0.1:6379'];
  start('repo-server', ['--disable-tls', ...toRedis], {
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: certificates,
  });
  const toRepoServer = ['--namespace=argocd', '--repo-server-plaintext'];
  // The cluster that it runs on is the one of its kubeconfig.
  const inCluster = { ARGOCD_FAKE_IN_CLUSTER: 'true' };
  const controller = [...toRepoServer, '--repo-server', '127.0.0.1:8081', ...toRedis];
  start('application-controller', controller, inCluster);
  const sets = [...toRepoServer, '--argocd-repo-server', '127.0.0.1:8081', '--probe-addr', ':8083'];
  start('applicationset-controller', sets, inCluster);
}

beforeAll(async () => {
  await stages.measure('clusters and Argo CD start', async () => {
    await federation.start(MEMBERS.map((name) => ({ name, nodes: [{ name: `${name}-1` }] })));
    mkdirSync(own);
    await startArgoCd(await startGit());
  });
});

afterAll(async () => {
  await federation.stop();
  for (const server of Process.all) await server.stop();
  git.stop();
  console.log(stages.table());
});

/** What Argo CD says of an Application: `Synced Healthy` when all is well. */
async function verdict(name: string): Promise<string> {
  const found = await federation.host.api.find(`${APPLICATIONS}/${name}`);
  return `${found?.status?.sync?.status} ${found?.status?.health?.status}`;
}

/** Waits until Applications are in sync and healthy, at a commit where one is given. */
async function well(names: readonly string[], revision?: string): Promise<void> {
  await until(
    `${names.join(', ')} to be Synced and Healthy`,
    async () => {
      for (const name of names) {
        const found = await verdict(name);
        if (found !== 'Synced Healthy') throw new Error(`${name} is ${found}`);
        const { status } = await federation.host.api.call('GET', `${APPLICATIONS}/${name}`);
        if (revision && status.sync.revision !== revision) throw new Error(`${name} is at ${status.sync.revision}`);
      }
      return true;
    },
    { seconds: 400 },
  );
}

/** Has Argo CD look at everything anew, past its caches, and waits until it has. */
async function refresh(): Promise<void> {
  const key = 'argocd.argoproj.io/refresh';
  for (const name of ALL) {
    await federation.host.api.merge(`${APPLICATIONS}/${name}`, { metadata: { annotations: { [key]: 'hard' } } });
  }
  await until(
    'every Application to be refreshed',
    async () => {
      const waiting = (await applications()).filter(({ metadata }) => metadata.annotations?.[key]);
      return waiting.length === 0;
    },
    { seconds: 120 },
  );
}

/** How often each Application was synced, and the Jobs of the host cluster: who they are, and how often they ran. */
async function history(): Promise<string[]> {
  const syncs = (await applications()).map(
    ({ metadata, status }) => `${metadata.name} ${status.history?.length} ${status.operationState?.startedAt}`,
  );
  const jobs = await federation.host.api.list('/apis/batch/v1/namespaces/karmada-system/jobs');
  return [
    ...syncs,
    ...jobs.map(({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status.succeeded}`),
  ].sort();
}

step('the file becomes manifests, which are committed, and Argo CD learns of them and of the members', async () => {
  dist = await synth(join(import.meta.dirname, 'argo-cd.yaml'));
  await git.publish(dist);
  await federation.script('argocd-clusters', ['--dist', dist, ...MEMBERS]);
  await federation.script('apply', ['--dist', dist, 'argocd']);
});

step('it brings up the control plane, and then the members', async () => {
  await well(['synced-host', ...MEMBERS.map((name) => `synced-member-${name}`)]);
  const { metadata } = await federation.host.api.call('GET', `${APPLICATIONS}/synced-karmada`);
  const { status } = await federation.host.api.call('GET', `${APPLICATIONS}/synced-host`);
  expect(Date.parse(metadata.creationTimestamp)).toBeGreaterThanOrEqual(Date.parse(status.operationState.startedAt));
});

step('the members join, their estimators run, and the apps arrive', async () => {
  await federation.takeKubeconfig(dist);
  await federation.script('argocd-clusters', ['--dist', dist, 'karmada']);
  await federation.script('join', ['--dist', dist, ...MEMBERS]);
  for (const member of MEMBERS) {
    const estimator = `deployment/karmada-scheduler-estimator-${member}`;
    await federation.host.kubectl(['rollout', 'status', estimator, '--namespace=karmada-system', '--timeout=100s']);
  }
  await well(ALL);
  await until('four replicas on the members', async () => {
    const copies = await Promise.all(MEMBERS.map((name) => federation.member(name).api.find(deployment('app'))));
    return copies.reduce((sum, copy) => sum + (copy?.spec.replicas ?? 0), 0) === 4;
  });
});

step('refreshed twice, everything is as it was: no sync, and no Job run again', async () => {
  const before = await history();
  for (let i = 0; i < 2; i++) {
    await refresh();
    await well(ALL);
  }
  expect(await history()).toEqual(before);
});

step('what is changed by hand is undone, and what a scaler or a schedule changes is left alone', async () => {
  const label = 'app.kubernetes.io/name';
  await federation.kubectl('karmada', ['scale', 'deployment/app', '--replicas=1']);
  await federation.kubectl('karmada', ['scale', 'deployment/scaled', '--replicas=4']);
  await federation.kubectl('karmada', ['label', '--overwrite', 'deployment/scaled', `${label}=another`]);
  await federation.karmada.merge(autoscaler, { spec: { minReplicas: 3 } });
  await refresh();
  const live = (name: string) => federation.karmada.call('GET', deployment(name));
  const healed = async () =>
    (await live('app')).spec.replicas === 4 && (await live('scaled')).metadata.labels[label] === 'scaled';
  await until('the replicas and the label of the file', healed, { seconds: 120 });
  await well(ALL);
  expect((await live('scaled')).spec.replicas).toBe(4);
  expect((await federation.karmada.call('GET', autoscaler)).spec.minReplicas).toBe(3);
});

step('what leaves the file is pruned, and nothing else changes', async () => {
  const file = load(readFileSync(join(import.meta.dirname, 'argo-cd.yaml'), 'utf8')) as Obj;
  file.spec.apps = file.spec.apps.filter(({ name }: Obj) => name !== 'former');
  const path = join(runFolder, 'argo-cd-changed.yaml');
  writeFileSync(path, JSON.stringify(file));
  const jobs = async () => (await history()).filter((line) => line.startsWith('karmada-'));
  const before = await jobs();
  const revision = await git.publish(await synth(path));
  await refresh();
  await until('the app to be gone', async () => !(await federation.karmada.find(deployment('former'))), {
    seconds: 120,
  });
  await until('its copy to be gone', async () => !(await federation.member('de-wide').api.find(deployment('former'))));
  await well(ALL, revision);
  expect(await federation.karmada.find(deployment('app'))).toBeDefined();
  expect(await jobs()).toEqual(before);
});
