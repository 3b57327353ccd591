import { spawnSync } from 'node:child_process';
import { copyFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith, kubeconfig, Place } from './run.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

/** Answers with success only the second time that a command with this text is run. */
const failsOnce = (text: string, message: string) =>
  `case $1 in *'${text}'*) [[ -e $STATE/again ]] || { touch "$STATE/again"; echo '${message}' >&2; return 1; } ;; esac`;

describeWith(['bash', 'kubectl'], 'requests of the scripts', () => {
  test('end within the time-out where a server takes connections and never answers', async () => {
    // While a script runs, nothing here reads or answers: the kernel alone takes its connections.
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const place = new Place({ tools: [] });
    const file = place.write('silent', kubeconfig('host', 'default', `http://127.0.0.1:${port}`));
    const { status, stderr } = place.run('apply.sh', 'host', '--kubeconfig', file, '--timeout', '1');
    expect(status).toBe(1);
    expect(stderr).toContain('had no end within 1s: the server takes connections, but does not answer');
    expect(stderr.split('\n').filter((line) => /^[EWI]\d{4} /.test(line))).toEqual([]);
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

  test('that are broken, or lack the context, are told before anything is done', () => {
    const place = new Place();
    for (const [options, said] of [
      [['--kubeconfig', place.write('broken', 'a: [')], 'yaml: line 1'],
      [['--context', 'nope'], 'cannot locate context nope'],
    ] as const) {
      const { status, stderr, calls } = place.run('apply.sh', 'host', ...options);
      expect(status).toBe(1);
      expect(stderr).toContain("the kubeconfig of cluster 'host'");
      expect(stderr).toContain(said);
      expect(calls).toEqual([]);
    }
  });
});

describeWith(['bash'], 'a script', () => {
  const run = (path: string) => spawnSync(path, ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  test('works when it is reached by a symbolic link', () => {
    const link = join(new Place().folder, 'apply');
    symlinkSync(join(SCRIPTS, 'apply.sh'), link);
    expect(run(link)).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: scripts/apply.sh') });
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
