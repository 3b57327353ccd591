import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { OutputFolder } from '../../constructs/output/folder.ts';
import { readme } from '../../constructs/overview/readme.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { loadFederation, parseFederation } from '../../constructs/spec/load.ts';
import { requiredSecrets } from '../../constructs/spec/secrets.ts';
import { filesOf } from '../../main.ts';
import { describeWith } from '../scripts/run.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const SCRIPTS = join(import.meta.dirname, '../../scripts');
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));

const example = (name: string) => loadFederation(join(EXAMPLES, name), { onWarning: () => {} });

function federation(spec: object): FederationSpec {
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 't' } };
  return parseFederation(JSON.stringify({ ...head, spec }), 't.yaml', () => {});
}

function text(spec: FederationSpec, called: (subcommand: string) => string): string {
  const folders = new Set([...new Federation(spec).manifests.files()].map(([path]) => path.replace(/\/[^/]*$/, '')));
  return readme(spec, { placements: [] }, folders, called);
}

/** The commands of each row of the table of targets, by the row's first folder. */
function rows(spec: FederationSpec): Record<string, string[]> {
  const table =
    text(spec, (subcommand) => subcommand)
      .split('## Targets')[1]
      ?.split('## Secrets')[0] ?? '';
  return Object.fromEntries(
    [...table.matchAll(/^\| \[(.*?)\].* \| (.*?) \|$/gm)].map(([, folder = '', commands = '']) => [
      folder,
      [...commands.matchAll(/`(.*?)`/g)].map(([, command = '']) => command),
    ]),
  );
}

describe('the rows of targets', () => {
  test('make each Secret once its cluster is there, by its name', () => {
    const { bootstrap, host, karmada } = rows(example('behind-walls.yaml'));
    expect(bootstrap).toEqual([
      'bootstrap --all',
      'secrets --cluster management federation-ssh registry-login registry-ca chart-login registry-pull',
      'apply bootstrap',
    ]);
    expect(host?.[0]).toBe('secrets --cluster host registry-pull');
    expect(karmada).toBeUndefined();
    expect(rows(example('spinkube.yaml')).karmada).toEqual(['secrets greeter registry thumbnails', 'apply karmada']);
  });

  test.each(examples)('name every Secret that is needed: %s', (name) => {
    const spec = example(name);
    const made = Object.values(rows(spec))
      .flat()
      .flatMap((command) =>
        command.startsWith('secrets ')
          ? command
              .replace(/ --cluster \S+/g, '')
              .split(' ')
              .slice(1)
          : [],
      );
    expect(new Set(made)).toEqual(new Set(requiredSecrets(spec).map((secret) => secret.name)));
  });

  test('begin with the host where there are no hosts to make clusters of', () => {
    for (const name of ['spinkube.yaml', 'functions.yaml', 'minimal.yaml']) {
      expect(Object.keys(rows(example(name)))[0]).toBe('host');
    }
  });

  test('give access to the Karmada API before the members join, by a port-forward where it has no address', () => {
    const controlPlane = { address: 'karmada.example.com' };
    const members = [{ name: 'oslo' }, { name: 'bern' }];
    const inside = rows(federation({ controlPlane, members }));
    expect(inside.host).toEqual([
      'apply host',
      'kubectl --kubeconfig .kube/host.kubeconfig -n karmada-system port-forward service/karmada-apiserver 5443 &',
      'karmada-kubeconfig --server https://127.0.0.1:5443 -o .kube/karmada.kubeconfig',
    ]);
    expect(Object.keys(inside)).toEqual(['host', 'members/bern']);
    expect(inside['members/bern']).toEqual(['apply members', 'join oslo bern']);

    const karmada = { apiserver: { service: { type: 'LoadBalancer' } } };
    expect(rows(federation({ controlPlane: { ...controlPlane, karmada }, members })).host).toEqual([
      'apply host',
      'karmada-kubeconfig -o .kube/karmada.kubeconfig',
    ]);
  });

  test('join a fleet by the names of its folders', () => {
    const members = Array.from({ length: 30 }, (_, i) => ({ name: `m${i}` }));
    const join = ['apply members', 'join $(ls dist/members)'];
    expect(rows(federation({ controlPlane: {}, members }))['members/m0']).toEqual(join);
    // Its Secrets by their names alone, though other clusters need them, too.
    const upgraded = members.map((member) => ({ ...member, k3s: { upgrade: { by: 'plans' } } }));
    const controlPlane = { k3s: { upgrade: { by: 'plans' } } };
    const pulling = federation({ controlPlane, members: upgraded, imagePullSecrets: ['mirror'] });
    expect(rows(pulling)['members/m0']).toEqual(['secrets mirror', ...join]);
  });

  test('give Argo CD its clusters before the Applications', () => {
    expect(rows(example('argocd.yaml')).argocd).toEqual([
      'karmada-kubeconfig --inside -o .kube/karmada-inside.kubeconfig',
      'argocd-clusters --kubeconfig karmada=.kube/karmada-inside.kubeconfig',
      'apply argocd',
    ]);
    const argocd = { repository: 'https://example.com/r.git' };
    const karmada = { apiserver: { service: { type: 'LoadBalancer' } } };
    const controlPlane = { address: 'karmada.example.com', karmada };
    expect(rows(federation({ controlPlane, argocd })).argocd).toEqual(['argocd-clusters', 'apply argocd']);
  });

  test('leave to Argo CD what it syncs, in the order in which that can be', () => {
    const found = rows(example('argocd.yaml'));
    expect(Object.keys(found)).toEqual(['bootstrap', 'host', 'argocd', 'members/cloud', 'karmada']);
    expect(found['members/cloud']).toEqual(['join edge cloud']);
    expect(found.karmada).toEqual([]);
    const spec = (enabled: boolean) =>
      federation({
        controlPlane: {},
        members: [{ name: 'edge' }],
        argocd: { repository: 'https://example.com/r.git', autoSync: { enabled } },
      });
    const told = (enabled: boolean) => text(spec(enabled), (subcommand) => subcommand);
    expect(told(true)).toContain('| Argo CD syncs it<br>`join edge` |');
    expect(told(false)).toContain('| sync it in Argo CD<br>`join edge` |');
  });
});

describeWith(['bash', 'kubectl', 'ssh'], 'the commands of the rows', () => {
  test.each(['behind-walls.yaml', 'argocd.yaml'])('are taken by their scripts in turn: %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'rows-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, '.kube'));
    const spec = example(name);
    new OutputFolder(join(folder, 'dist')).replace(filesOf(spec), name);
    const clusters: Record<string, RegExp> = {
      bootstrap: /on management,/,
      host: /on host,/,
      karmada: /on karmada,/,
      argocd: /on argocd /,
    };
    for (const [row, commands] of Object.entries(rows(spec))) {
      for (const [script = '', ...args] of commands.map((command) => command.split(' '))) {
        if (script === 'kubectl') continue;
        const { status, stdout, stderr } = spawnSync(join(SCRIPTS, `${script}.sh`), [...args, '--dry-run'], {
          ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, SERVERLESS_FEDERATION_PROJECT: folder } },
        });
        expect(status, `${script} ${args.join(' ')}: ${stderr}`).toBe(0);
        const made = stdout.split('\n').filter((line) => line.startsWith('# makes Secret'));
        for (const line of made) expect(line).toMatch(clusters[row] ?? / on (?!management|host|karmada)/);
      }
    }
  });
});

test('what scales over all members is shown with its fewest replicas', () => {
  const [, shown = ''] = [...filesOf(example('scaling.yaml'))].find(([path]) => path === 'README.md') ?? [];
  expect(shown).toMatch(/^\| Deployment vision\/detect \| detect \| 2\? \|/m);
});

test('where to put secrets for a bootstrap without Jobs is told where there are hosts', () => {
  const told = (name: string) => text(example(name), (subcommand) => subcommand).includes('`.secrets/NAME/KEY`');
  expect(told('behind-walls.yaml')).toBe(true);
  expect(told('spinkube.yaml')).toBe(false);
});

test('commands are named as the user calls them', () => {
  const commands = text(example('spinkube.yaml'), (subcommand) => `serverless-federation ${subcommand}`);
  expect(commands).toContain('`serverless-federation apply host`');
  expect(commands).toContain('`serverless-federation secrets NAME…` makes them');
  expect(commands).not.toMatch(/scripts\/|npm run/);
});
