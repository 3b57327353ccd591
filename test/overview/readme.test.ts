import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { readme } from '../../constructs/overview/readme.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { loadFederation, parseFederation } from '../../constructs/spec/load.ts';
import { requiredSecrets } from '../../constructs/spec/secrets.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
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
      'secrets federation-ssh registry-login registry-ca chart-login registry-pull',
      'apply bootstrap',
    ]);
    expect(host?.[0]).toBe('secrets registry-pull');
    expect(karmada).toBeUndefined();
    expect(rows(example('spinkube.yaml')).karmada).toEqual(['secrets greeter registry thumbnails', 'apply karmada']);
  });

  test.each(examples)('name every Secret that is needed: %s', (name) => {
    const spec = example(name);
    const made = Object.values(rows(spec))
      .flat()
      .flatMap((command) => (command.startsWith('secrets ') ? command.split(' ').slice(1) : []));
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
    const spec = federation({ controlPlane: {}, members });
    expect(rows(spec)['members/m0']).toEqual(['apply members', 'join $(ls dist/members)']);
  });

  test('give Argo CD its clusters before the Applications', () => {
    expect(rows(example('argocd.yaml')).argocd).toEqual(['argocd-clusters', 'apply argocd']);
  });
});

test('commands are named as the user calls them', () => {
  const commands = text(example('spinkube.yaml'), (subcommand) => `serverless-federation ${subcommand}`);
  expect(commands).toContain('`serverless-federation apply host`');
  expect(commands).toContain('`serverless-federation secrets NAME…` makes them');
  expect(commands).not.toMatch(/scripts\/|npm run/);
});
