import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWith, find, onlyTools, Place } from './run.ts';

const SCRIPTS = readdirSync(join(import.meta.dirname, '../../scripts')).filter(
  (name) => name.endsWith('.sh') && !name.startsWith('lib'),
);

describe.each(SCRIPTS)('%s', (script) => {
  test('explains itself on standard output, with every option', { timeout: 60_000 }, () => {
    const { status, stdout, stderr, calls } = new Place().run(script, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: (scripts/${script}|serverless-federation ${script.slice(0, -3)}) `));
    for (const option of ['--dry-run', '--help']) expect(stdout).toContain(option);
    expect(stderr).toBe('');
    expect(calls).toEqual([]);
  });

  test('ends with 2 at an option that it does not know', { timeout: 60_000 }, () => {
    const { status, stderr, calls } = new Place().run(script, '--frobnicate');
    expect(status).toBe(2);
    expect(stderr).toContain("unknown option '--frobnicate'");
    expect(calls).toEqual([]);
  });

  test("takes the value of each option that its help shows, after it and behind '='", { timeout: 60_000 }, () => {
    const place = new Place();
    const valued = optionsIn(place.run(script, '--help').stdout);
    expect(valued.map(([option]) => option)).toContain('--kubeconfig-dir');
    // What comes last is found wrong only where all that comes before is taken.
    for (const words of [valued.flat(), valued.map((one) => one.join('='))]) {
      const { status, stderr, calls } = place.run(script, ...words, '--frobnicate');
      expect(stderr).toContain("unknown option '--frobnicate'");
      expect(status).toBe(2);
      expect(calls).toEqual([]);
    }
  });
});

/** The options with a value that a help shows, each with one that it takes. */
function optionsIn(help: string): [option: string, value: string][] {
  const values: Readonly<Record<string, string>> = {
    format: 'json',
    'name/key=file': 'a/b=c',
    number: '3',
    seconds: '3',
  };
  const shown = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+) <?([A-Za-z[][^ ]*[A-Za-z])>? /gm)];
  return shown.map(([, option = '', placeholder = '']) => [option, values[placeholder.toLowerCase()] ?? 'some']);
}

/** Manifests that have one host. */
const HOSTS = {
  'bootstrap/10-host.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: bootstrap-host-one, namespace: serverless-federation }
data: { node: one, cluster: host, kind: server }
`,
};

describeWith(['bash', 'kubectl'], 'every script', () => {
  test.each([
    ['apply.sh', 'host'],
    ['join.sh', 'cloud'],
    ['secrets.sh', '--list'],
    ['unjoin.sh', 'cloud'],
  ])('says which tools are missing: %s', (...args) => {
    const place = new Place();
    const path = onlyTools(place, ['bash', 'env', 'readlink', 'cat']);
    const { status, stderr } = new Place({ env: { PATH: path } }).run(...(args as [string, string]));
    expect(status).toBe(1);
    expect(stderr).toContain('not found on the PATH: kubectl');
  });

  test.each([
    ['apply.sh', 'members/nowhere'],
    ['apply.sh', 'nowhere'],
    ['argocd-clusters.sh', 'nowhere'],
    ['argocd-clusters.sh', ''],
    ['bootstrap.sh', 'nowhere'],
    ['host.sh', 'remove', 'nowhere'],
    ['join.sh', 'nowhere'],
    ['join.sh', 'cloud', '--kubeconfig', 'nowhere=file'],
    ['join.sh', 'cloud', '--kubeconfig', 'cloud='],
    ['secrets.sh', 'nowhere'],
    ['secrets.sh', '--cluster', 'nowhere'],
    ['secrets.sh', ''],
    ['unjoin.sh', 'Nowhere'],
    ['unjoin.sh', 'host'],
    ['apply.sh', '--', ''],
  ])('ends with 2 at a name that the federation does not have: %s %s %s %s', (...args) => {
    const { status, calls } = new Place({ manifests: HOSTS }).run(...(args as [string, string]));
    expect(status).toBe(2);
    expect(calls).toEqual([]);
  });

  test.each([
    ['join.sh', '--dist', ''],
    ['join.sh', '--dist='],
    ['join.sh', '--kubeconfig='],
    ['join.sh', '--timeout', ''],
    ['bootstrap.sh', '--parallel'],
    ['host.sh', '--secrets-dir='],
    ['karmada-kubeconfig.sh', '--output='],
    ['secrets.sh', '--cluster='],
    ['secrets.sh', '--file', ''],
  ])('ends with 2 at an option without a value: %s %s', (script, ...words) => {
    const { status, stderr } = new Place().run(script, ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(`${words[0]?.replace('=', '')} needs a value`);
  });

  test.each([
    ['apply.sh', 'nowhere'],
    ['bootstrap.sh', '--all', 'one'],
    ['host.sh', 'remove'],
    ['karmada-kubeconfig.sh', 'one'],
    ['secrets.sh', ''],
    ['unjoin.sh', 'host'],
    ['argocd-clusters.sh', '', '--dist', '/nowhere'],
  ])('tells a wrong call in a sentence and a hint, whatever tools there are: %s %s', (...args) => {
    const place = new Place();
    const PATH = onlyTools(place, ['bash', 'env', 'readlink', 'cat']);
    const { status, stderr } = new Place({ env: { PATH } }).run(...(args as [string, string]));
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(`^${args[0]}: `), `See ${args[0]} --help.`]);
  });

  test("asks whose a kubeconfig is where a script knows several clusters' and it names none", () => {
    const { status, stderr } = new Place().run('argocd-clusters.sh', 'cloud', '--kubeconfig', 'some');
    expect(status).toBe(2);
    expect(stderr).toContain('say whose --kubeconfig or --context it is, as in --kubeconfig argocd=FILE');
  });

  test('ends with 2 where the kubeconfig folder is an empty word, as of a variable that is not set', () => {
    const { status, stderr } = new Place({ env: { KUBECONFIG_DIR: '' } }).run('join.sh', 'cloud');
    expect(status).toBe(2);
    expect(stderr).toContain('KUBECONFIG_DIR is empty');
  });

  test.each([
    ['apply.sh', 'karmada', 'karmada/'],
    ['argocd-clusters.sh', 'cloud', 'cloud'],
    ['join.sh', 'cloud', 'cloud'],
    ['unjoin.sh', 'cloud', 'cloud'],
  ])('does once what it is told twice: %s %s %s', (script, ...names) => {
    const once = new Place().run(script, '--dry-run', names[0] as string);
    const twice = new Place().run(script, '--dry-run', ...names);
    expect(twice.status).toBe(0);
    const lines = ({ stdout }: typeof once) => stdout.split('\n').length;
    expect(lines(twice)).toBe(lines(once));
  });

  test.each([
    ['apply.sh', '--dry-run', 'host'],
    ['apply.sh', 'karmada'],
    ['argocd-clusters.sh', '--dry-run'],
    ['join.sh', '--dry-run', 'edge'],
    ['secrets.sh', '--list'],
    ['unjoin.sh', '--dry-run', 'edge'],
  ])('finds manifests whatever their folder is called: %s %s %s', (script, ...args) => {
    const place = new Place();
    const odd = join(place.folder, 'a, [b] "c"\n*$(d)');
    cpSync(place.dist, odd, { recursive: true });
    const plain = place.run(script, ...args);
    const found = place.run(script, ...args, '--dist', odd);
    expect(found.stderr.replaceAll(odd, place.dist)).toBe(plain.stderr);
    expect(found.status).toBe(0);
  });

  test.each([
    ['apply.sh', 'karmada', 'karmada'],
    ['apply.sh', 'members', 'members/cloud'],
    ['argocd-clusters.sh', 'cloud', 'argocd/applications'],
    ['join.sh', 'cloud', 'members/cloud'],
    ['karmada-kubeconfig.sh', '--dry-run', 'host'],
    ['secrets.sh', '--list', 'bootstrap'],
    ['bootstrap.sh', '--all', 'bootstrap'],
  ])('does not wait for a pipe among the manifests: %s %s', (script, argument, target) => {
    const place = new Place();
    const pipe = join(place.dist, target, '00-pipe.yaml');
    mkdirSync(dirname(pipe), { recursive: true });
    execFileSync('mkfifo', [pipe]);
    const { status, stderr, calls } = place.run(script, argument);
    expect(stderr).toContain(`cannot read '${pipe}'`);
    expect(status).toBe(1);
    expect(calls).toEqual([]);
  });

  test('applies although a pipe has the place of what a synth tells of the manifests', () => {
    const place = new Place();
    rmSync(join(place.dist, 'README.md'), { force: true });
    execFileSync('mkfifo', [join(place.dist, 'README.md')]);
    expect(place.run('apply.sh', 'karmada', '--dry-run').status).toBe(0);
  });

  test.skipIf(!find('setpriv'))('says so where it may not read the manifests', () => {
    const script = 'SCRIPTS=$1; . $1/lib.sh; DIST=$2; has_manifests $2/host || no_manifests $2/host';
    const { folder, dist } = new Place();
    const scripts = join(folder, 'scripts');
    cpSync(join(import.meta.dirname, '../../scripts'), scripts, { recursive: true });
    for (const path of [folder, scripts]) chmodSync(path, 0o755);
    chmodSync(dist, 0);
    const nobody = process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--clear-groups'] : ['env'];
    const [program = '', ...words] = [...nobody, 'bash', '-c', script, 'script', scripts, dist];
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', env: { PATH: process.env.PATH } });
    chmodSync(dist, 0o755);
    expect(stderr).toContain(`cannot read '${dist}': you may not`);
    expect(status).toBe(1);
  });

  test('passes what stands in a manifest on as it is, and never to a shell', () => {
    const evil = `$(touch pwned) \`touch pwned\` "quoted" 'single' ; touch pwned`;
    const place = new Place({
      manifests: {
        'members/cloud/00-member.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: member, namespace: serverless-federation }
data:
  registration: push
  cluster.yaml: |
    kind: Cluster
    note: ${evil}
`,
      },
    });
    const { calls } = place.run('join.sh', 'cloud');
    expect(calls.find((call) => call.includes(' apply '))).toContain(`note: ${evil}`);
    expect(readdirSync(place.folder)).not.toContain('pwned');
  });
});
