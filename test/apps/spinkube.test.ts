import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing, Yaml } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SpinAppExecutor, SpinAppInterpreter, SpinKubeCrds } from '../../constructs/apps/spinkube.ts';
import { testChart } from '../chart.ts';

// biome-ignore lint/suspicious/noExplicitAny: manifests
type Manifest = any;

const apiVersion = 'core.spinkube.dev/v1alpha1';

function synth(add: (chart: ReturnType<typeof Testing.chart>) => void): Manifest[] {
  const chart = testChart();
  add(chart);
  return Testing.synth(chart);
}

test('an executor runs apps in a RuntimeClass, with the certificates that they need to call out', () => {
  const props = { name: 'spin', namespace: 'apps', runtimeClassName: 'spin' };
  expect(synth((chart) => new SpinAppExecutor(chart, 'executor', props))).toEqual([
    {
      apiVersion,
      kind: 'SpinAppExecutor',
      metadata: { name: 'spin', namespace: 'apps' },
      spec: { createDeployment: true, deploymentConfig: { runtimeClassName: 'spin', installDefaultCACerts: true } },
    },
  ]);
});

test('the Karmada API gets both kinds, with a status and open content', () => {
  const kinds = synth((chart) => new SpinKubeCrds(chart, 'kinds'));
  expect(kinds.map(({ metadata }) => metadata.name)).toEqual([
    'spinapps.core.spinkube.dev',
    'spinappexecutors.core.spinkube.dev',
  ]);
  for (const { spec } of kinds) {
    expect(spec).toMatchObject({ group: 'core.spinkube.dev', scope: 'Namespaced' });
    expect(spec.versions).toHaveLength(1);
    expect(spec.versions[0]).toMatchObject({ name: 'v1alpha1', served: true, storage: true });
    expect(spec.versions[0].subresources).toEqual({ status: {} });
    expect(spec.versions[0].schema.openAPIV3Schema.properties.spec).toEqual({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    });
  }
});

const [interpreter] = synth((chart) => new SpinAppInterpreter(chart, 'interpreter'));

test('Karmada is taught all that it can be asked of a workload with one kind of pod', () => {
  expect(interpreter.spec.target).toEqual({ apiVersion, kind: 'SpinApp' });
  expect(Object.keys(interpreter.spec.customizations).sort()).toEqual([
    'dependencyInterpretation',
    'healthInterpretation',
    'replicaResource',
    'replicaRevision',
    'retention',
    'statusAggregation',
    'statusReflection',
  ]);
});

/** Karmada's own command line tool, which runs the scripts as its controllers do; the end-to-end test builds it. */
function karmadactl(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'serverless-federation', 'e2e');
  const built = existsSync(cache) ? readdirSync(cache).filter((name) => !name.startsWith('building.')) : [];
  const tools = built.map((name) => join(cache, name, 'kubectl-karmada'));
  return [process.env.KARMADACTL, ...tools].find((tool) => tool !== undefined && existsSync(tool));
}

const tool = karmadactl();

describe.skipIf(!tool)('by the scripts, Karmada', () => {
  let folder: string;
  let customization: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'interpreter-'));
    customization = file('customization.yaml', interpreter);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), Yaml.stringify(content));
    return join(folder, name);
  };

  /** Runs a rule; what it returns are YAML documents, each under a comment that names it. */
  function interpret(operation: string, ...args: string[]): Manifest[] {
    const output = execFileSync(tool as string, ['interpret', '-f', customization, '--operation', operation, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return loadAll(output.replace(/^# .*$/gm, '')).filter((document) => document !== null);
  }

  const app = (spec: object, rest: object = {}) => ({
    apiVersion,
    kind: 'SpinApp',
    metadata: { name: 'hello', namespace: 'apps' },
    spec: { image: 'example.com/hello:v1', executor: 'spin', replicas: 3, ...spec },
    ...rest,
  });
  const observed = (spec: object, rest?: object) => ['--observed-file', file('observed.yaml', app(spec, rest))];
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Reason',
    message: `${type} is ${status}`,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });

  test('takes every script', () => {
    const output = execFileSync(tool as string, ['interpret', '-f', customization, '--check'], { encoding: 'utf8' });
    expect(output).toContain('PASS');
    expect(output).not.toMatch(/ERROR|FAIL/i);
  });

  test('counts replicas, and what each of them needs', () => {
    const resources = { requests: { cpu: '100m', memory: '64Mi' } };
    const [replicas, requirement] = interpret('interpretReplica', ...observed({ resources }));
    expect(replicas).toBe(3);
    expect(requirement.resourceRequest).toEqual({ cpu: '100m', memory: '64Mi' });
  });

  test('has no replicas to divide where the members scale, and needs no room: else it would go to no member', () => {
    const resources = { requests: { cpu: '100m' } };
    const scaled = observed({ resources, replicas: undefined, enableAutoscaling: true });
    const [replicas, requirement] = interpret('interpretReplica', ...scaled);
    expect(replicas).toBe(0);
    expect(requirement ?? undefined).toBeUndefined();
  });

  test('gives a member its share', () => {
    const [revised] = interpret('reviseReplica', ...observed({}), '--desired-replica', '2');
    expect(revised).toEqual(app({ replicas: 2 }));
  });

  test("leaves the members' own number of replicas where the label says so, and only there", () => {
    const labels = { 'resourcetemplate.karmada.io/retain-replicas': 'true' };
    const labelled = { metadata: { name: 'hello', namespace: 'apps', labels } };
    const retain = (desired: object) =>
      interpret('retain', '--desired-file', file('desired.yaml', desired), ...observed({ replicas: 7 }))[0].spec
        .replicas;
    expect(retain(app({}, labelled))).toBe(7);
    expect(retain(app({}))).toBe(3);
  });

  test('hands on the status of a member', () => {
    const status = {
      activeScheduler: 'spin',
      conditions: [condition('Available', 'True')],
      deploymentName: 'hello',
      readyReplicas: 3,
      serviceName: 'hello',
    };
    expect(interpret('interpretStatus', ...observed({}, { status }))[0]).toEqual(status);
  });

  test('adds the ready replicas of members up, and calls the app available when it is on all of them', () => {
    const member = (clusterName: string, readyReplicas: number, available: string) => ({
      clusterName,
      applied: true,
      status: {
        activeScheduler: 'spin',
        conditions: [condition('Available', available), condition('Progressing', 'True')],
        readyReplicas,
      },
    });
    const aggregate = (...items: object[]) => {
      const status = join(folder, 'status.yaml');
      writeFileSync(status, items.map((item) => Yaml.stringify(item)).join('---\n'));
      return interpret('aggregateStatus', ...observed({}), '--status-file', status)[0].status;
    };
    expect(aggregate(member('edge-1', 2, 'True'), member('edge-2', 1, 'True'))).toEqual({
      activeScheduler: 'spin',
      conditions: [condition('Available', 'True'), condition('Progressing', 'True')],
      readyReplicas: 3,
    });
    const partly = aggregate(member('edge-1', 2, 'True'), member('edge-2', 0, 'False'), {
      clusterName: 'edge-3',
      applied: false,
    });
    expect(partly.readyReplicas).toBe(2);
    expect(partly.conditions).toEqual([condition('Available', 'False'), condition('Progressing', 'True')]);
  });

  test.each<[string, object, object | undefined, boolean]>([
    ['all replicas are ready', {}, { readyReplicas: 3, conditions: [condition('Available', 'True')] }, true],
    ['a replica is missing', {}, { readyReplicas: 2, conditions: [condition('Available', 'True')] }, false],
    ['it is not available', {}, { readyReplicas: 3, conditions: [condition('Available', 'False')] }, false],
    ['nothing is known of it', {}, undefined, false],
    [
      'members scale it and it is available',
      { enableAutoscaling: true, replicas: undefined },
      { readyReplicas: 1, conditions: [condition('Available', 'True')] },
      true,
    ],
  ])('judges health: %s', (_, spec, status, healthy) => {
    expect(interpret('interpretHealth', ...observed(spec, status && { status }))).toEqual([healthy]);
  });

  test('knows the executor and everything else that goes along, once each', () => {
    const secret = (name: string) => ({ secretKeyRef: { name, key: 'k' } });
    const dependencies = interpret(
      'interpretDependency',
      ...observed({
        serviceAccountName: 'runner',
        imagePullSecrets: [{ name: 'registry' }],
        variables: [
          { name: 'a', value: 'plain' },
          { name: 'b', valueFrom: secret('shared') },
          { name: 'c', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } },
        ],
        volumes: [{ name: 'v', configMap: { name: 'volume' } }],
        runtimeConfig: {
          loadFromSecret: 'config',
          keyValueStores: [{ name: 'default', type: 'redis', options: [{ name: 'url', valueFrom: secret('shared') }] }],
          sqliteDatabases: [{ name: 'db', type: 'turso', options: [{ name: 't', valueFrom: secret('turso') }] }],
        },
      }),
    ).flat();
    const names = dependencies.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    expect(names.sort()).toEqual([
      'ConfigMap apps/settings',
      'ConfigMap apps/volume',
      'Secret apps/config',
      'Secret apps/registry',
      'Secret apps/shared',
      'Secret apps/turso',
      'ServiceAccount apps/runner',
      'SpinAppExecutor apps/spin',
    ]);
    expect(dependencies.find(({ kind }) => kind === 'SpinAppExecutor').apiVersion).toBe(apiVersion);
  });
});
