import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { InvalidFederation, loadFederation } from '../../constructs/spec/load.ts';
import { CALICO_VERSION } from '../../constructs/versions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'charts-'));
  mkdirSync(join(folder, 'charts'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NAMES = [`crd.projectcalico.org.v1-${CALICO_VERSION}.tgz`, `tigera-operator-${CALICO_VERSION}.tgz`];

function load(charts: string) {
  const file = join(folder, 'federation.yaml');
  writeFileSync(
    file,
    `
apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: t }
spec:
  network: { cni: calico, charts: ${charts} }
  controlPlane: { hosts: [{ name: a, publicIp: 192.0.2.1 }] }
`,
  );
  return loadFederation(file, { name: 'f' });
}

function faults(charts: string): string {
  try {
    load(charts);
  } catch (error) {
    if (error instanceof InvalidFederation) return error.message;
    throw error;
  }
  return '';
}

test('archives of charts beside the file become part of the manifests', () => {
  for (const name of NAMES) writeFileSync(join(folder, 'charts', name), `content of ${name}`);
  const rendered = new Federation(load('{ folder: charts }')).manifests.render();
  const charts = (loadAll(rendered.get('host/10-pod-network.yaml') ?? '') as { kind: string; spec: object }[])
    .filter(({ kind }) => kind === 'HelmChart')
    .map(({ spec }) => spec);
  expect(charts).toHaveLength(2);
  for (const [i, name] of NAMES.entries()) {
    expect(charts[i]).toMatchObject({ chartContent: Buffer.from(`content of ${name}`).toString('base64') });
    for (const key of ['repo', 'chart', 'version']) expect(charts[i]).not.toHaveProperty(key);
  }
});

test('an archive that is missing is named, with the cluster that needs it', () => {
  writeFileSync(join(folder, 'charts', NAMES[0]!), 'x');
  expect(faults('{ folder: charts }')).toMatch(
    /spec\.network\.charts\.folder: lacks 'tigera-operator-\S+\.tgz' for 'host': get it with helm pull/,
  );
});

test('a folder that is not there, and an archive too large for k3s, are faults', () => {
  expect(faults('{ folder: nowhere }')).toMatch(/spec\.network\.charts\.folder: can't be used: ENOENT/);
  writeFileSync(join(folder, 'charts', NAMES[0]!), Buffer.alloc(760_000));
  expect(faults('{ folder: charts }')).toContain('is larger than the 750 kB that k3s takes');
});

test.each([
  ['{ folder: charts, repository: https://c.example.com }', "charts.folder: and 'repository' exclude each other"],
  ['{ secret: login }', "charts.secret: is for a 'repository' of your own, which is not given"],
  ['{ repository: http://c.example.com }', 'charts.repository: must be an https URL or a registry'],
  ['{ repository: "oci://u:p@r.example.com" }', 'charts.repository: must be an https URL or a registry'],
])('%s is a fault', (charts, message) => {
  expect(faults(charts)).toContain(message);
});

test('a pipe among the archives is told, and not waited for', () => {
  for (const name of NAMES.slice(1)) writeFileSync(join(folder, 'charts', name), '');
  const pipe = join(folder, 'charts', NAMES[0] as string);
  rmSync(pipe, { force: true });
  execFileSync('mkfifo', [pipe]);
  expect(faults('{ folder: charts }')).toContain(`'${NAMES[0]}' is no plain file`);
  rmSync(pipe);
});
