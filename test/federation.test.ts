import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Federation } from '../constructs/federation.ts';
import { loadFederation, parseFederation } from '../constructs/spec/load.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

const root = join(import.meta.dirname, '..');
const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'));
const files = [join(root, 'federation.yaml'), ...examples.map((name) => join(root, 'examples', name))];

/** Kinds without a namespace, of all that we make. */
const CLUSTER_SCOPED = new Set([
  'APIService',
  'ClusterIssuer',
  'ClusterOverridePolicy',
  'ClusterPropagationPolicy',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTaintPolicy',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'Namespace',
  'PriorityClass',
  'Remedy',
  'ResourceInterpreterCustomization',
  'ResourceRegistry',
  'RuntimeClass',
  'Shim',
  'ValidatingWebhookConfiguration',
]);

const objectsOf = (text: string) => (loadAll(text) as Manifest[]).filter((object) => object !== null);

describe.each(files.map((file) => ({ name: file.slice(root.length + 1), file })))('$name', ({ file }) => {
  let rendered: Map<string, string>;
  /** All objects, each with the file that it is in. */
  let objects: { path: string; object: Manifest }[];
  beforeAll(() => {
    rendered = new Federation(loadFederation(file)).manifests.render();
    objects = [...rendered].flatMap(([path, text]) => objectsOf(text).map((object) => ({ path, object })));
  });

  test('makes files of Kubernetes objects, each with apiVersion, kind and name', () => {
    expect(objects.length).toBeGreaterThan(0);
    for (const { path, object } of objects) {
      expect(object.apiVersion, path).toMatch(/^([a-z0-9.-]+\/)?v\d+((alpha|beta)\d+)?$/);
      expect(object.kind, path).toMatch(/^[A-Z]/);
      expect(object.metadata.name, path).toMatch(/^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/);
    }
  });

  test('gives a namespace to what lives in one, and none to what does not', () => {
    for (const { path, object } of objects) {
      const { kind, metadata } = object;
      const place = `${path}: ${kind} ${metadata.name}`;
      if (CLUSTER_SCOPED.has(kind)) expect(metadata.namespace, place).toBeUndefined();
      else expect(metadata.namespace, place).toMatch(/^[a-z]/);
    }
  });

  test('labels every object as made for this federation', () => {
    for (const { path, object } of objects) {
      // Argo CD's own, of which only some keys are ours.
      if (path.startsWith('argocd/settings/')) continue;
      const { kind, metadata } = object;
      expect(metadata.labels?.['app.kubernetes.io/managed-by'], `${path}: ${kind}`).toBe('serverless-federation');
    }
  });

  test('pins every image, and holds no Secret', () => {
    expect(objects.filter(({ object }) => object.kind === 'Secret')).toEqual([]);
    for (const [path, text] of rendered) {
      for (const [, image] of text.matchAll(/^\s*(?:- )?image: "?([^\s"]+)"?$/gm)) {
        expect(image, path).toMatch(/(:(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})$/);
      }
    }
  });

  test('begins each file name with its place in the order of application', () => {
    for (const path of rendered.keys())
      expect(path).toMatch(
        /^(bootstrap|host|members\/[a-z0-9-]+|karmada|argocd(\/(applications|settings))?)\/\d\d-[a-z0-9-.]+\.yaml$/,
      );
  });
});

describe('the composition', () => {
  /** The files of a federation whose `spec` holds these lines, one list entry each. */
  const compose = (...lines: string[]) => {
    const head = 'apiVersion: serverless-federation.io/v1alpha1\nkind: Federation\nmetadata: { name: test }\n';
    const text = `${head}spec:\n  ${['controlPlane: {}', ...lines].join('\n  ')}\n`;
    return new Federation(parseFederation(text, 'federation.yaml')).manifests.render();
  };
  const app = 'apps: [{ name: a, image: "registry.example.com/a:v1", port: 80, ingress: { host: a.example.com } }]';

  test.each([
    ['network: { ingress: ingress-nginx }', 'nginx'],
    ['network: { ingress: traefik }', 'traefik'],
    ['members: [{ name: edge }, { name: cloud }]', 'traefik'],
  ])('with %s an Ingress is of the class %s', (line, className) => {
    const lines = line.startsWith('members') ? [line] : [line, 'members: [{ name: edge }]'];
    expect(compose(...lines, app).get('karmada/20-a.yaml')).toContain(`ingressClassName: ${className}\n`);
  });

  test('plans upgrade the clusters that it makes, and an existing one that says so itself', () => {
    const files = compose(
      'k3s: { version: v1.35.6+k3s1, upgrade: { by: plans } }',
      'members:',
      '  - { name: made, hosts: [{ name: made-1, publicIp: 192.0.2.1 }] }',
      '  - { name: existing, k3s: { version: v1.34.9+k3s1, upgrade: { by: plans, drain: false } } }',
      '  - { name: other }',
    );

    expect([...files.keys()].filter((path) => path.endsWith('k3s-upgrade.yaml'))).toEqual([
      'members/existing/18-k3s-upgrade.yaml',
      'members/made/18-k3s-upgrade.yaml',
    ]);
    expect(files.get('members/existing/18-k3s-upgrade.yaml')).toContain('version: v1.34.9+k3s1');
    expect(files.get('members/existing/18-k3s-upgrade.yaml')).not.toContain('drain:');
    expect(files.has('members/existing/17-upgrade-controller.yaml')).toBe(true);
  });
});

describe('a synth', () => {
  let work: string;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'synth-'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  interface Options {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string;
  }

  const node = (args: string[], { env, ...options }: Options = {}) =>
    spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      ...options,
    });
  const synth = (args: string[], options?: Options) => node([join(root, 'cli/start.cjs'), 'synth', ...args], options);
  // What the default federation fetches unverified it warns of.
  const faults = ({ stderr }: { stderr: string }) =>
    stderr.split('\n').filter((line) => line !== '' && !line.includes(': is fetched without being verified: '));
  const same = (a: string, b: string) => execFileSync('diff', ['-r', a, b], { encoding: 'utf8' });

  test('makes dist/ as it is committed', () => {
    expect(faults(synth(['-o', join(work, 'dist')]))).toEqual([]);
    expect(same(join(root, 'dist'), join(work, 'dist'))).toBe('');
  });

  test('does the same from its sources as they stand', () => {
    expect(faults(node(['--import', 'tsx', 'main.ts', '-o', join(work, 'of-sources')]))).toEqual([]);
    expect(same(join(root, 'dist'), join(work, 'of-sources'))).toBe('');
  });

  test('makes the same bytes in another folder, locale and time zone', () => {
    const env = {
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'tr_TR.UTF-8',
      TZ: 'Pacific/Apia',
      FEDERATION: join(root, 'federation.yaml'),
    };
    expect(faults(synth(['-o', 'elsewhere'], { cwd: work, env }))).toEqual([]);
    expect(same(join(root, 'dist'), join(work, 'elsewhere'))).toBe('');
  });

  test('takes another federation file from FEDERATION', () => {
    const { status } = synth(['-o', join(work, 'minimal')], {
      env: { FEDERATION: join(root, 'examples/minimal.yaml') },
    });
    expect(status).toBe(0);
    expect(readdirSync(join(work, 'minimal'))).toContain('karmada');
  });

  test('takes the federation from standard input, with the files that it names', () => {
    const input = readFileSync(join(root, 'examples/shops.yaml'), 'utf8');
    const run = synth(['-o', join(work, 'shops')], { cwd: join(root, 'examples'), env: { FEDERATION: '-' }, input });
    expect(faults(run)).toEqual([]);
    expect(run.status).toBe(0);
    expect(readdirSync(join(work, 'shops/members'))).toHaveLength(13);
  });

  test('of a bad file touches nothing and tells each fault on a line of its own', () => {
    const file = join(work, 'bad.yaml');
    writeFileSync(
      file,
      readFileSync(join(root, 'federation.yaml'), 'utf8')
        .replace('runtime: spin', 'runtime: spni')
        .replace('etcd:', 'etdc:'),
    );
    const before = readdirSync(work);
    const { status, stderr, stdout } = synth(['-o', join(work, 'never')], { env: { FEDERATION: file } });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^\/.*bad\.yaml:\d+:\d+: spec\.\S+: .*did you mean '/);
    expect(existsSync(join(work, 'never'))).toBe(false);
    expect(readdirSync(work)).toEqual(before);
  });
});
