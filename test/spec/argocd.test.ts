import { expect, test } from 'vitest';
import { argocd } from '../../constructs/spec/argocd.ts';
import { checkArgocd } from '../../constructs/spec/checks/argocd.ts';
import { type Fault, reportTo } from '../../constructs/spec/faults.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';

const repository = 'https://git.example.com/team/federation.git';

test('a repository is enough, and nothing is deleted by default', () => {
  expect(argocd.parse({ repository })).toEqual({
    repository,
    revision: 'HEAD',
    path: 'dist',
    namespace: 'argocd',
    clusters: {},
    autoSync: { enabled: true, prune: false, selfHeal: true },
    healthChecks: true,
    bootstrap: false,
  });
});

test.each([
  ['git@git.example.com:team/federation.git'],
  ['ssh://git@git.example.com:2222/team/federation.git'],
  [repository],
])('%s is a repository', (value) => {
  expect(argocd.safeParse({ repository: value }).success).toBe(true);
});

test.each([
  ['repository', 'https://user:password@git.example.com/team/federation.git'],
  ['repository', 'http://git.example.com/team/federation.git'],
  ['repository', 'team/federation'],
  ['revision', 'a..b'],
  ['revision', '--upload-pack=x'],
  ['path', '../dist'],
  ['path', '/dist'],
  ['path', 'dist/'],
  ['path', 'dist/./x'],
])('%s %s is refused', (key, value) => {
  const { error } = argocd.safeParse({ repository, [key]: value });

  expect(error?.issues.map(({ path }) => path)).toEqual([[key]]);
});

/** What the cross-check says of these names of clusters, in a federation of this name. */
function cross(clusters: Record<string, string>, members: string[], name = 'test'): string[] {
  const found: Fault[] = [];
  const spec = {
    name,
    argocd: argocd.parse({ repository, clusters }),
    members: members.map((name) => ({ name })),
  } as unknown as FederationSpec;
  checkArgocd(spec, reportTo(found));
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('names of clusters are those of the federation', () => {
  expect(cross({ host: 'in-cluster', edge: 'edge-eu' }, ['edge'])).toEqual([]);
  expect(cross({ edg: 'edge-eu' }, ['edge'])).toEqual([
    "spec.argocd.clusters.edg: is no cluster of the federation, did you mean 'edge'?",
  ]);
});

test('no two clusters are called the same in Argo CD', () => {
  expect(cross({}, ['edge', 'karmada'])).toEqual([
    expect.stringMatching(/^spec\.members\.1\.name: is called 'karmada'/),
  ]);
  expect(cross({ edge: 'host' }, ['edge'])).toEqual([
    expect.stringMatching(/^spec\.argocd\.clusters\.edge: is called 'host' in Argo CD, as 'host' is/),
  ]);
});

test("what Argo CD has a name for itself is not another's", () => {
  expect(cross({}, ['in-cluster'])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.name: is what Argo CD calls the cluster that it runs on/),
  ]);
  expect(cross({ 'in-cluster': 'edge' }, ['in-cluster'])).toEqual([]);
  expect(cross({ 'in-cluster': 'in-cluster' }, ['in-cluster'])).toEqual([]);
  expect(cross({}, [], 'default')).toEqual([
    "spec.argocd.project: must not be 'default', which is Argo CD's own project",
  ]);
});

test('a cluster may be called as what every JavaScript object has', () => {
  expect(cross({ edge: 'constructor' }, ['constructor', 'edge'])).toEqual([
    expect.stringMatching(/^spec\.argocd\.clusters\.edge: is called 'constructor'/),
  ]);
});
