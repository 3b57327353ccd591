import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, symlinkSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { describeWith, type Outcome, Place } from './run.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

/** Answers with success only the second time that a command with this text is run. */
const failsOnce = (text: string, message: string) =>
  `case $1 in *'${text}'*) [[ -e $STATE/again ]] || { touch "$STATE/again"; echo '${message}' >&2; return 1; } ;; esac`;

/** Calls of each script that asks a server, with the cluster that it asks first. */
const CALLS: [call: string, first: string][] = [
  ['apply.sh host', 'host'],
  ['join.sh cloud', 'karmada'],
  ['join.sh edge', 'karmada'],
  ['unjoin.sh cloud', 'karmada'],
  ['unjoin.sh --force cloud', 'karmada'],
  ['karmada-kubeconfig.sh', 'host'],
  ['secrets.sh', 'cloud'],
  ['argocd-clusters.sh', 'argocd'],
];

const KARMADA_KUBECONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: karmada-kubeconfig
  namespace: fed
data: { admin-secret: karmada-admin-client, public-url: https://karmada.example.com:5443 }
`;

/** What each of the calls comes to where every cluster is this server. */
async function outcomes(
  server: Server,
  options: readonly string[],
  { onTestFinished }: TestContext,
): Promise<[call: string, first: string, Outcome][]> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const manifests = { 'host/21-kubeconfig.yaml': KARMADA_KUBECONFIG };
  const answers = `shift && exec "$REAL_KUBECTL" --server http://127.0.0.1:${port} "$@"`;
  const place = new Place({ manifests, answers }, onTestFinished);
  return Promise.all(
    CALLS.map(async ([call, first]) => {
      const [script = '', ...words] = call.split(' ');
      return [call, first, await place.runBeside(script, ...words, ...options)];
    }),
  );
}

describeWith(['bash', 'kubectl'], 'requests of the scripts', () => {
  test.concurrent.for<[string, () => Server, string[], RegExp]>([
    [
      'takes connections and never answers',
      () => createServer(),
      ['--timeout', '1'],
      /had no end within 1s: the server takes connections, but does not answer$/,
    ],
    [
      'cuts each connection',
      () => createServer((socket) => socket.destroy()),
      ['--timeout', '1'],
      /(does not answer|EOF|reset by peer|closed idle connection)$/,
    ],
    [
      'does not know the credentials any more',
      () =>
        createHttpServer((_, response) =>
          response.writeHead(401, { 'content-type': 'application/json' }).end('{"kind":"Status","code":401}'),
        ),
      [],
      /: error: You must be logged in to the server/,
    ],
  ])('end, and say why, where a server %s', async ([, server, options, reason], test) => {
    for (const [call, first, { status, stdout, stderr }] of await outcomes(server(), options, test)) {
      expect(status, call).toBe(1);
      expect(stdout, call).toBe('');
      const [line, ...more] = stderr.trim().split('\n');
      expect(line, call).toContain(`cannot reach cluster '${first}' by '`);
      expect(line, call).toMatch(reason);
      expect(more, call).toEqual([]);
    }
  });

  test('to a member that does not answer leave it in the federation, unless it is to be forgotten', async () => {
    const answers = `case $1 in
      *cloud.kubeconfig*) [[ $1 == kubectl-karmada* ]] || exec sleep 60 ;;
      *' get clusters.cluster.karmada.io '*) printf Push ;;
    esac`;
    const run = (script: string, ...args: readonly string[]) =>
      new Place({ answers }).runBeside(script, 'cloud', ...args, '--timeout', '1');
    const tool = (calls: readonly string[]) => calls.filter((call) => call.startsWith('kubectl-karmada'));
    const [left, joined, forgotten] = await Promise.all([
      run('unjoin.sh'),
      run('join.sh'),
      run('unjoin.sh', '--force'),
    ]);
    for (const { status, stderr, calls } of [left, joined]) {
      expect(status).toBe(1);
      expect(stderr).toContain("cannot reach cluster 'cloud'");
      expect(tool(calls)).toEqual([]);
    }
    expect(forgotten.status).toBe(0);
    expect(forgotten.stderr).toContain("'cloud' was not cleaned: it does not answer");
    expect(tool(forgotten.calls)).toEqual([expect.not.stringContaining('cloud.kubeconfig')]);
  });

  test('for a Secret that may not be read are not made again', () => {
    const { status, stderr, calls } = new Place({
      manifests: { 'host/21-kubeconfig.yaml': KARMADA_KUBECONFIG },
      answers: `case $1 in *' get secret '*) echo 'Error from server (Forbidden): secrets is forbidden' >&2; return 1 ;; esac`,
    }).run('karmada-kubeconfig.sh');
    expect(status).toBe(1);
    expect(stderr.trim()).toBe('Error from server (Forbidden): secrets is forbidden');
    expect(calls.filter((call) => call.includes(' get secret '))).toHaveLength(1);
  });

  test.each([
    'error: Get "https://host:6443/api": EOF',
    'read: connection reset by peer',
    'Error from server (TooManyRequests): Too many requests, please try again later.',
    'net/http: TLS handshake timeout',
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  ])('are made again after what passes by itself: %s', (message) => {
    const { status, calls, stderr } = new Place({ answers: failsOnce(' apply ', message) }).run('apply.sh', 'karmada');
    expect(stderr).toContain('trying again');
    expect(status).toBe(0);
    const [first, second] = calls.filter((call) => call.includes(' apply '));
    expect(second).toBe(first);
  });

  test('are made again with the same standard input', () => {
    const { calls } = new Place({ answers: failsOnce(' apply ', 'EOF') }).run('join.sh', 'cloud');
    const [first, second] = calls.filter((call) => call.includes(' apply ') && call.includes('kind: Cluster'));
    expect(first).toContain('kind: Cluster');
    expect(second).toBe(first);
  });

  test.each([
    'error: You must be logged in to the server (Unauthorized)',
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ])('are not made again where that does not help: %s', (message) => {
    const { status, calls, stderr } = new Place({ answers: `echo '${message}' >&2; return 1` }).run('apply.sh', 'host');
    expect(status).toBe(1);
    expect(calls).toHaveLength(1);
    expect(stderr).toMatch(/cannot reach cluster 'host' by '\S+host\.kubeconfig': /);
    expect(stderr).toContain(message);
  });
});

describeWith(['bash', 'kubectl'], 'kubeconfigs', () => {
  test('of clusters that there are not are refused', () => {
    const { status, stderr } = new Place().run('apply.sh', 'host', '--kubeconfig', 'hots=/x');
    expect(status).toBe(2);
    expect(stderr).toContain("names cluster 'hots': there are management, host, karmada, argocd and the members in");
  });

  test.each(CALLS)('that are broken, or lack the context, are told before anything is done: %s', (call, cluster) => {
    const [script = '', ...options] = call.split(' ');
    const place = new Place({ manifests: { 'host/21-kubeconfig.yaml': KARMADA_KUBECONFIG } });
    for (const [wrong, said] of [
      [['--kubeconfig', `${cluster}=${place.write('broken', 'a: [')}`], 'yaml: line 1'],
      [['--context', `${cluster}=nope`], 'cannot locate context nope'],
    ] as const) {
      const { status, stderr, calls } = place.run(script, ...options, ...wrong);
      expect(status).toBe(1);
      expect(stderr).toContain(`the kubeconfig of cluster '${cluster}'`);
      expect(stderr).toContain(said);
      expect(calls).toEqual([]);
    }
  });

  test('of a member that is in the file no more, or is to be forgotten, are looked at, too', () => {
    const place = new Place({ kubeconfigs: ['karmada'] });
    const broken = ['--kubeconfig', `former=${place.write('broken', 'a: [')}`];
    for (const force of [[], ['--force']]) {
      const { status, stderr } = place.run('unjoin.sh', ...force, 'former', ...broken);
      expect(status).toBe(1);
      expect(stderr).toContain("the kubeconfig of cluster 'former': ");
    }
  });
});

describeWith(['bash'], 'a script', () => {
  const run = (path: string) => spawnSync(path, ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  test.each(['apply.sh', 'bootstrap.sh', 'host.sh'])('works when it is reached by a symbolic link: %s', (script) => {
    const link = join(new Place().folder, 'link');
    symlinkSync(join(SCRIPTS, script), link);
    expect(run(link)).toMatchObject({ status: 0, stdout: expect.stringContaining(`Usage: scripts/${script}`) });
  });

  test('ends where its library is missing', () => {
    const copy = join(new Place().folder, 'apply.sh');
    copyFileSync(join(SCRIPTS, 'apply.sh'), copy);
    const { status, stdout, stderr } = run(copy);
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
