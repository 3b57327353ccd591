import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster, Etcd } from './harness/cluster.ts';
import { attempt, run } from './harness/process.ts';
import { project } from './harness/project.ts';

const etcd = new Etcd();
const folder = mkdtempSync(join(tmpdir(), 'diff-'));
const dist = join(folder, 'dist');
let cluster: Cluster;

const LABELS = `labels: { serverless-federation.io/federation: shops, serverless-federation.io/target: karmada }`;
const object = (kind: string, name: string, rest: string, apiVersion = 'v1') => `apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name}, ${kind === 'Namespace' ? '' : 'namespace: shops, '}${LABELS} }
${rest}
`;

function write(file: string, ...objects: string[]): void {
  mkdirSync(join(dist, 'karmada'), { recursive: true });
  writeFileSync(join(dist, 'karmada', file), objects.join('---\n'));
}

const access = () => ['--dist', dist, '--kubeconfig', `karmada=${cluster.kubeconfig}`];
const diff = (...args: string[]) =>
  attempt([process.execPath, join(project, 'cli/start.cjs'), 'diff', ...access(), ...args, 'karmada']);
const apply = (...args: string[]) => run([join(project, 'scripts/apply.sh'), ...access(), ...args, 'karmada']);

beforeAll(async () => {
  await etcd.start();
  cluster = await Cluster.start('diff', { index: 97 });
  write('00-namespace.yaml', object('Namespace', 'shops', ''));
  write('10-settings.yaml', object('ConfigMap', 'settings', 'data: { size: "1", colour: red }'));
  write('20-old.yaml', object('ConfigMap', 'old', 'data: { a: b }'));
  write('30-secret.yaml', object('Secret', 'login', 'stringData: { password: hunter2, user: me }'));
});

afterAll(async () => {
  await cluster.stop();
  await etcd.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('shows as new what a server does not have, in a namespace that it does not have either', async () => {
  const { code, stdout, stderr } = await diff();
  expect(stderr).toBe('');
  expect(stdout).toContain('karmada: Namespace shops would be created\n');
  expect(stdout).toContain('karmada: ConfigMap shops/settings would be created (its namespace is not there yet)\n');
  expect(stdout).not.toContain('hunter2');
  expect(code).toBe(1);
});

test('is empty after an apply', async () => {
  await apply();
  expect(await diff()).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('shows the lines that change, as the server has them, and what a prune deletes', async () => {
  write('10-settings.yaml', object('ConfigMap', 'settings', 'data: { size: "2", colour: red }'));
  rmSync(join(dist, 'karmada/20-old.yaml'));
  const { code, stdout } = await diff();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^karmada: ConfigMap shops\/settings would change\n@@ /);
  expect(stdout).toContain('\n-  size: "1"\n+  size: "2"\n');
  expect(stdout).toContain('karmada: ConfigMap shops/old would be deleted by apply --prune\n');
  const json = JSON.parse((await diff('-o', 'json')).stdout);
  expect(
    json.targets[0].changes.map(({ action, name }: { action: string; name: string }) => `${action} ${name}`),
  ).toEqual(['change settings', 'delete old']);
  const kubectl = ['kubectl', 'diff', '--server-side', '--kubeconfig', cluster.kubeconfig, '-f', join(dist, 'karmada')];
  const theirs = await attempt([...kubectl, '--field-manager=serverless-federation']);
  expect(theirs.code).toBe(1);
  const changed = (text: string) =>
    text.split('\n').filter((line) => /^[-+] /.test(line) && !line.includes('esourceVersion'));
  expect(changed(stdout)).toEqual(changed(theirs.stdout));
  await apply('--prune');
  expect(await diff()).toMatchObject({ code: 0, stdout: '' });
});

test('never shows values of Secrets, only which of them change', async () => {
  write('30-secret.yaml', object('Secret', 'login', 'stringData: { password: correct-horse, user: me }'));
  const { code, stdout } = await diff();
  expect(code).toBe(1);
  expect(stdout).toContain("-  password: '*** (before)'\n+  password: '*** (after)'\n".replaceAll("'", '"'));
  expect(stdout).toContain('   user: "***"');
  for (const value of ['hunter2', 'correct-horse']) {
    expect(stdout).not.toContain(value);
    expect(stdout).not.toContain(Buffer.from(value).toString('base64'));
  }
  await apply();
});

test('tells what an apply would fail at, and what it can tell all the same', async () => {
  write('10-settings.yaml', object('ConfigMap', 'settings', 'data: { size: "3" }'));
  write('40-wrong.yaml', object('Service', 'wrong', 'spec: { ports: [{ port: 80, nonsense: 1 }] }'));
  const { code, stdout, stderr } = await diff();
  expect(code).toBe(2);
  expect(stdout).toContain('+  size: "3"');
  expect(stderr).toMatch(/^karmada: Service shops\/wrong: apply would fail: .*nonsense/);
});

test('fails for a server that does not answer', async () => {
  const file = join(folder, 'nowhere.kubeconfig');
  writeFileSync(
    file,
    `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]
contexts: [{ name: c, context: { cluster: c, user: c } }]
users: [{ name: c, user: { token: t } }]
current-context: c
`,
  );
  const { code, stderr } = await diff('--kubeconfig', `karmada=${file}`);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^karmada: /);
});
