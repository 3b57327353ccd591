import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { expect, onTestFinished, test } from 'vitest';
import { readCrds } from '../../../constructs/karmada/crds.ts';
import {
  StaticResourceJob,
  type StaticResourceJobProps,
} from '../../../constructs/karmada/static-resources/static-resource-job.ts';
import { type Manifest, synth } from '../objects.ts';

const SHA = 'a'.repeat(64);

const objects = (props: Partial<StaticResourceJobProps> = {}) =>
  synth((scope) => new StaticResourceJob(scope, 'job', { components: ['etcd'], ...props }));

function jobOf(props: Partial<StaticResourceJobProps> = {}) {
  const job = objects(props).find(({ kind }) => kind === 'Job') as Manifest;
  const { spec } = job.spec.template;
  const [container] = spec.containers;
  const env = Object.fromEntries(container.env.map(({ name, value }: Record<string, string>) => [name, value]));
  return { name: job.metadata.name, spec, container, env, job };
}

test('CRDs come from the release of the version', () => {
  expect(jobOf({ version: 'v1.18.1' }).env.CRDS_URL).toBe(
    'https://github.com/karmada-io/karmada/releases/download/v1.18.1/crds.tar.gz',
  );
});

test('CRDs come from a mirror, and their checksum is given along', () => {
  const { env } = jobOf({ crds: { url: 'https://mirror.example.com/crds.tar.gz', sha256: SHA } });
  expect(env).toMatchObject({ CRDS_URL: 'https://mirror.example.com/crds.tar.gz', CRDS_SHA256: SHA });
  expect(jobOf().env).not.toHaveProperty('CRDS_SHA256');
});

test("the files of a known release are checked by our list, but not what is the file's own matter", () => {
  expect(jobOf().env.CRDS_CONTENT_SHA256).toMatch(/^[0-9a-f]{64}$/);
  const url = 'https://mirror.example.com/crds.tar.gz';
  for (const props of [{ version: 'v1.18.99' }, { crds: { url } }, { crds: { sha256: SHA } }]) {
    expect(jobOf(props).env).not.toHaveProperty('CRDS_CONTENT_SHA256');
  }
});

test('CRDs from a folder are a ConfigMap each, mounted as the folder that they were', () => {
  const files = { 'kustomization.yaml': 'resources: []\n', 'bases/work/work.karmada.io_works.yaml': 'kind: X\n' };
  const all = objects({ crds: { files } });
  const { spec, container, env } = jobOf({ crds: { files } });
  expect(env).not.toHaveProperty('CRDS_URL');
  const { sources } = spec.volumes.find(({ name }: Record<string, string>) => name === 'crds').projected;
  const content = sources.map(({ configMap: { name, items } }: Manifest) => {
    const [{ key, path }] = items;
    return [path, all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)?.data[key]];
  });
  expect(Object.fromEntries(content)).toEqual(files);
  const mount = container.volumeMounts.find(({ name }: Record<string, string>) => name === 'crds');
  expect(env.CRDS_DIR).toBe(mount.mountPath);
});

test('CRDs have one source', () => {
  const crds = { files: { 'kustomization.yaml': '' }, sha256: SHA };
  expect(() => objects({ crds })).toThrow("'crds' must have 'files', or a 'url'");
});

test('another version, component, address or CRD is another Job, the same is the same', () => {
  const names = [
    jobOf().name,
    jobOf({ version: 'v1.18.1' }).name,
    jobOf({ components: ['etcd', 'search'] }).name,
    jobOf({ publicUrl: 'https://karmada.example.com:5443' }).name,
    jobOf({ crds: { files: { 'kustomization.yaml': 'a' } } }).name,
    jobOf({ crds: { files: { 'kustomization.yaml': 'b' } } }).name,
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(jobOf().name).toBe(names[0]);
});

test("chart's fault 3: no Job can delete anything on the host cluster, for it has no account there", () => {
  const { spec } = jobOf();
  expect(spec.serviceAccountName).toBeUndefined();
  expect(spec.automountServiceAccountToken).toBe(false);
  expect(objects().map(({ kind }) => kind)).toEqual(['ConfigMap', 'Job']);
});

test("chart's fault 8: it is no hook, so that one that failed blocks no later one", () => {
  const { job } = jobOf();
  expect(job.metadata.annotations).toBeUndefined();
  expect(job.spec.ttlSecondsAfterFinished).toBeUndefined();
});

test('only the certificate of the administrator is mounted, under the name that it has', () => {
  const secrets = (props?: Partial<StaticResourceJobProps>) =>
    jobOf(props).spec.volumes.flatMap(({ secret }: Manifest) => secret?.secretName ?? []);
  expect(secrets()).toEqual(['karmada-admin-client']);
  expect(secrets({ secretNames: { adminClient: 'mine' } })).toEqual(['mine']);
});

test('optional components that the control plane lacks are removed, others not', () => {
  expect(jobOf({ components: ['etcd', 'search'] }).env.ABSENT).toBe('karmada-descheduler karmada-metrics-adapter');
  expect(jobOf({ registration: false }).env.ABSENT).toContain('karmada-registration');
});

test('the version that components wait for is the last thing that is written', () => {
  const { data } = objects({ version: 'v1.18.1', namespace: 'fed' }).find(
    ({ kind }) => kind === 'ConfigMap',
  ) as Manifest;
  expect(loadAll(data['version.yaml'])).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'karmada-version', namespace: 'fed' },
      data: { karmadaVersion: 'v1.18.1' },
    },
  ]);
  const lines = (data['static-resources.sh'] as string).trim().split('\n');
  expect(lines.filter((line) => line.startsWith('apply')).at(-1)).toBe('apply "$work/version.yaml"');
});

function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'crds-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const KUSTOMIZATION = 'resources: [bases/a.yaml]\npatches: [{ path: patches/b.yaml }]\n';

test('reads the folder of a release, itself or the one around it, and no other file', () => {
  const files = { 'kustomization.yaml': KUSTOMIZATION, 'bases/a.yaml': 'a', 'patches/b.yaml': 'b' };
  expect(readCrds(folder({ ...files, 'README.md': '', 'other.yaml': '' }))).toEqual(files);
  const around = Object.fromEntries(Object.entries(files).map(([path, text]) => [`crds/${path}`, text]));
  expect(readCrds(folder(around))).toEqual(files);
});

test('says what a folder of CRDs lacks', () => {
  expect(() => readCrds(folder({}))).toThrow("holds no 'kustomization.yaml'");
  expect(() => readCrds('/nowhere')).toThrow("must be the folder 'crds' out of crds.tar.gz");
  expect(() => readCrds(folder({ 'kustomization.yaml': KUSTOMIZATION, 'bases/a.yaml': '' }))).toThrow(
    "lacks 'patches/b.yaml'",
  );
  const large = { 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': 'x'.repeat(1_000_001) };
  expect(() => readCrds(folder(large))).toThrow("a.yaml' has more than 1000000 bytes");
});
