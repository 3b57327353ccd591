import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patchOf } from '../../cli/diff/compare.ts';
import { objectsOf, targetsOf } from '../../cli/diff/targets.ts';
import { accessTo } from '../../cli/servers/access.ts';

/* What is here needs no server; test/e2e/diff.test.ts asks a real one. */

const dist = mkdtempSync(join(tmpdir(), 'targets-'));
beforeAll(() => {
  for (const path of [
    'host/10-b',
    'host/00-a',
    'members/edge/00-a',
    'argocd/10-project',
    'argocd/settings/cm',
    'argocd/applications/a',
  ]) {
    const file = join(dist, `${path}.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${path.replaceAll('/', '-')} }\n`);
  }
});
afterAll(() => rmSync(dist, { recursive: true, force: true }));

test('targets are those that there are manifests of, or those named', () => {
  const names = (...of: string[]) => targetsOf(dist, of).map(({ name, cluster }) => `${name}: ${cluster}`);
  expect(names()).toEqual(['host: host', 'members/edge: edge', 'argocd: argocd']);
  expect(names('members/', 'host', 'host')).toEqual(['members/edge: edge', 'host: host']);
  expect(() => names('karmada')).toThrow(/^there are no manifests in '.*\/karmada': "npm run synth" makes them$/);
  expect(() => names('../host')).toThrow("'../host' is not a target");
  expect(() => names('edge')).toThrow("'edge' is not a target: did you mean 'members/edge'?");
  expect(() => names('members/egde')).toThrow("no member 'egde'");
  expect(() => targetsOf(join(dist, 'members/edge/..'), ['members'])).toThrow('there are no manifests');
});

test('a target that a synth had nothing for is not to be had by another synth', () => {
  const file = join(dist, 'README.md');
  writeFileSync(file, '');
  try {
    expect(() => targetsOf(dist, ['karmada'])).toThrow(
      /^there are no manifests in '.*\/karmada', for this federation needs none there$/,
    );
  } finally {
    rmSync(file);
  }
});

test('objects are those that an apply takes, in its order', () => {
  const names = (target: string) =>
    targetsOf(dist, [target]).flatMap((one) => objectsOf(dist, one).map(({ metadata }) => metadata.name));
  expect(names('host')).toEqual(['host-00-a', 'host-10-b']);
  expect(names('argocd')).toEqual(['argocd-settings-cm', 'argocd-10-project']);
});

test('kubeconfigs are found as the scripts find them', () => {
  const options = { kubeconfigDir: '/kube', kubeconfig: ['edge=/e'], context: ['karmada=k'] };
  expect(accessTo('edge', options, false, 'diff')).toEqual({ file: '/e' });
  expect(accessTo('karmada', options, false, 'diff')).toEqual({ file: '/kube/karmada.kubeconfig', context: 'k' });
  expect(accessTo('host', { kubeconfig: ['/h'] }, true, 'diff')).toEqual({ file: '/h' });
  expect(() => accessTo('host', { kubeconfig: ['/h'] }, false, 'diff')).toThrow('several clusters are meant');
});

const secret = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data });

test('values of Secrets are on no side, and which of them change is', () => {
  const patch = patchOf(
    secret({ same: 'aaa', other: 'bbb', gone: 'ccc' }),
    secret({ same: 'aaa', other: 'ddd', fresh: 'eee' }),
  );
  expect(patch.join('\n')).not.toMatch(/aaa|bbb|ccc|ddd|eee/);
  expect(patch.filter((line) => /^[-+]/.test(line)).sort()).toEqual([
    '+  fresh: "***"',
    '+  other: "*** (after)"',
    '-  gone: "***"',
    '-  other: "*** (before)"',
  ]);
  expect(patchOf(secret({ a: 'x' }), secret({ a: 'x' }))).toEqual([]);
});

test('what a server sets by itself is no difference', () => {
  const object = (metadata: object, status: unknown) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...metadata },
    status,
  });
  expect(
    patchOf(object({ resourceVersion: '1', generation: 1 }, { phase: 'Running' }), object({ uid: 'u' }, {})),
  ).toEqual([]);
});
