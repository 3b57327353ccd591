import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Testing, Yaml } from 'cdk8s';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { Kubeconfig, type KubeconfigProps } from '../../constructs/karmada/certificates/kubeconfig.ts';
import { testChart } from '../chart.ts';
import { describeWith, Place } from './run.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const SECRET = `apiVersion: v1
kind: Secret
metadata: { name: karmada-admin-client, namespace: fed }
data: { ca.crt: ${base64('the CA')}, tls.crt: ${base64('the certificate')}, tls.key: ${base64('the key')} }
`;

/** The central cluster has the Secret; what kubectl makes of a template, the real one does. */
const ANSWERS = `case $1 in
  *'get --raw /readyz') ;;
  *'get secret karmada-admin-client -n fed --ignore-not-found -o name') echo secret/karmada-admin-client ;;
  *'get secret karmada-admin-client -n fed -o '*)
    "$REAL_KUBECTL" annotate --local -f "$STATE/secret" -o "\${1##* -o }" read=locally ;;
  *) echo "unexpected: $1" >&2; return 1 ;;
esac`;

function place(
  props: Partial<KubeconfigProps> = { publicUrl: 'https://karmada.example.com:32443' },
  answers = ANSWERS,
) {
  const chart = testChart();
  new Kubeconfig(chart, 'kubeconfig', { namespace: 'fed', ...props });
  const result = new Place({
    answers,
    manifests: { 'host/21-karmada-kubeconfig.yaml': Yaml.stringify(...Testing.synth(chart)) },
  });
  result.write('secret', SECRET);
  return result;
}

interface KubeconfigFile {
  readonly clusters: { readonly cluster: Record<string, string> }[];
  readonly users: { readonly user: Record<string, string> }[];
}

describeWith(['bash', 'kubectl'], 'karmada-kubeconfig.sh', () => {
  test('prints a kubeconfig with the address that clients outside use, certificates in it', () => {
    const { status, stdout, stderr } = place().run('karmada-kubeconfig.sh');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { clusters, users } = load(stdout) as KubeconfigFile;
    expect(clusters[0]?.cluster).toEqual({
      server: 'https://karmada.example.com:32443',
      'certificate-authority-data': base64('the CA'),
    });
    expect(users[0]?.user).toEqual({
      'client-certificate-data': base64('the certificate'),
      'client-key-data': base64('the key'),
    });
  });

  test('can have the address inside the central cluster, whatever the federation says', () => {
    for (const props of [{}, undefined]) {
      const { status, stdout, stderr } = place(props).run('karmada-kubeconfig.sh', '--inside');
      expect(status, stderr).toBe(0);
      expect((load(stdout) as KubeconfigFile).clusters[0]?.cluster.server).toBe(
        'https://karmada-apiserver.fed.svc.cluster.local:5443',
      );
    }
    const both = place().run('karmada-kubeconfig.sh', '--inside', '--server', 'https://k.example.com');
    expect(both.status).toBe(2);
    expect(both.stderr).toContain('give either --server or --inside');
  });

  test('writes a file that nobody else can read, in place of one that was there', () => {
    const here = place();
    const file = here.write('karmada.kubeconfig', '{"apiVersion":"v1","kind":"Config"}');
    const { status, stdout } = here.run('karmada-kubeconfig.sh', '-o', file);
    expect(status).toBe(0);
    expect(stdout).toBe('');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((load(readFileSync(file, 'utf8')) as KubeconfigFile).clusters).toHaveLength(1);
  });

  test('says no secret on a command line or in a message', () => {
    const here = place();
    const { calls, stderr } = here.run('karmada-kubeconfig.sh', '-o', join(here.folder, 'out'));
    expect(`${calls.join('\n')}${stderr}`).not.toContain(base64('the key'));
    expect(`${calls.join('\n')}${stderr}`).not.toContain('the key');
  });

  test('asks the central cluster, never the current context', () => {
    const { calls } = place().run('karmada-kubeconfig.sh');
    // The template has lines of its own.
    const commands = calls.filter((call) => call.startsWith('kubectl '));
    expect(commands).toHaveLength(3);
    for (const call of commands) expect(call).toMatch(/^kubectl --kubeconfig \S*\/host\.kubeconfig /);
  });

  test('takes another address, and refuses what is none', () => {
    const { stdout } = place().run('karmada-kubeconfig.sh', '--server', 'https://[fd00::1]:5443');
    expect((load(stdout) as KubeconfigFile).clusters[0]?.cluster.server).toBe('https://[fd00::1]:5443');
    const { status, stderr } = place().run('karmada-kubeconfig.sh', '--server', 'https://x" {{.data}} "');
    expect(status).toBe(2);
    expect(stderr).toContain('is not the URL of an API server');
  });

  test('says so where the API server is not reached from outside', () => {
    const { status, stderr } = place({}).run('karmada-kubeconfig.sh');
    expect(status).toBe(1);
    expect(stderr).toContain("'controlPlane.karmada.apiserver.service'");
  });

  test('waits for the certificate, and says what it has waited for in vain', () => {
    const { status, stderr } = place(undefined, ':').run('karmada-kubeconfig.sh', '--timeout', '1');
    expect(status).toBe(1);
    expect(stderr).toContain('waited 1s for Secret fed/karmada-admin-client');
  });

  test('leaves the old file alone when the certificate cannot be read', () => {
    const here = place(undefined, `case $1 in *'-o name') echo there ;; *) return 1 ;; esac`);
    const old = 'apiVersion: v1\nkind: Config\n';
    const file = here.write('karmada.kubeconfig', old);
    const { status, stderr } = here.run('karmada-kubeconfig.sh', '-o', file);
    expect(status).not.toBe(0);
    expect(stderr).not.toContain('overwritten');
    expect(readFileSync(file, 'utf8')).toBe(old);
  });

  test('writes over nothing but a kubeconfig', () => {
    const here = place();
    const file = here.write('federation.yaml', 'kind: Federation\n');
    const { status, stderr, calls } = here.run('karmada-kubeconfig.sh', '-o', file);
    expect(status).toBe(1);
    expect(stderr).toContain("federation.yaml' is there, and no kubeconfig: it is not overwritten");
    expect(calls).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('kind: Federation\n');
  });

  test.each([[], ['--dry-run']])('asks nothing where it could not write: %j', (...dry) => {
    const { status, stdout, stderr, calls } = place().run('karmada-kubeconfig.sh', ...dry, '-o', '/nowhere/file');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain("there is no folder '/nowhere'");
    expect(calls).toEqual([]);
  });

  test('runs nothing in a dry run, and needs no cluster for it', () => {
    const here = place(undefined, 'return 1');
    const file = join(here.folder, 'out');
    const { status, stdout, calls } = here.run('karmada-kubeconfig.sh', '--dry-run', '-o', file);
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout).toContain('get secret karmada-admin-client -n fed');
    expect(existsSync(file)).toBe(false);
  });
});
