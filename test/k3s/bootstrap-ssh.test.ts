import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import {
  bootstrap,
  bootstrappedMachines,
  launch,
  machine,
  mode,
  read,
  state,
  TOKEN,
  waitFor,
} from './bootstrapping.ts';
import { noSshd } from './ssh-host.ts';

const bootstrapped = bootstrappedMachines();

describe.skipIf(noSshd).concurrent('the bootstrap over SSH', () => {
  test('makes a first server of a bare host and brings its kubeconfig and token back', async (test) => {
    const host = await machine(test);
    host.set('real-kubectl');
    const { status, output, out } = await bootstrap(host, 'server-1');

    expect(output).toContain('server-1: k3s is up');
    expect(status).toBe(0);
    expect(host.calls()).toEqual([
      'installer version=v1.35.6+k3s1 exec=server skip-start=true skip-download= releases= arguments=',
      'systemctl restart k3s',
    ]);
    expect(load(read(host, 'etc/rancher/k3s/config.yaml'))).toMatchObject({
      'node-name': 'server-1',
      'bind-address': '127.0.0.5',
      'secrets-encryption': true,
    });
    expect(mode(host, 'etc/rancher/k3s/config.yaml')).toBe('600');
    // A kubeconfig of another mode than the default is to be found by those who may read it.
    expect(mode(host, 'etc/rancher/k3s')).toBe('755');
    const kubeconfig = load(readFileSync(join(out, 'kubeconfig'), 'utf8'));
    expect(kubeconfig).toMatchObject({
      clusters: [{ cluster: { server: 'https://127.0.0.5:6443', 'certificate-authority-data': 'Y2E=' } }],
      contexts: [{ name: 'edge-1' }],
      'current-context': 'edge-1',
    });
    expect(readFileSync(join(out, 'token'), 'utf8')).toBe('K10ca::server:made-by-k3s\n');
    expect(statSync(join(out, 'kubeconfig')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(host.root, 'tmp'))).toEqual([]);
  });

  test('changes nothing where k3s already runs with this configuration and version', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    const before = state(host);
    const { status, output, out } = await bootstrap(host, 'server-1');

    expect(status).toBe(0);
    expect(output).toContain('nothing to change');
    expect(state(host)).toEqual(before);
    expect(existsSync(join(out, 'kubeconfig'))).toBe(true);
  });

  test('restarts k3s without the installer when the configuration changed', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    await bootstrap(host, 'server-1', { k3s: { server: { 'etcd-snapshot-retention': 9 } } });

    expect(read(host, 'etc/rancher/k3s/config.yaml')).toContain('etcd-snapshot-retention: 9');
    expect(host.calls()).toEqual(['systemctl restart k3s']);
  });

  test('runs the installer again for another version, unless upgrades are left to plans', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    const left = await bootstrap(host, 'server-1', { k3s: { version: 'v1.36.2+k3s1', upgrade: { by: 'plans' } } });
    expect(left.status).toBe(0);
    expect(host.calls()).toEqual([]);

    await bootstrap(host, 'server-1', { k3s: { version: 'v1.36.2+k3s1' } });
    expect(host.calls()).toEqual([
      'installer version=v1.36.2+k3s1 exec=server skip-start=true skip-download= releases= arguments=',
      'systemctl restart k3s',
    ]);
  });

  test('refuses to go back to an older version', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    const { status, output } = await bootstrap(host, 'server-1', { k3s: { version: 'v1.34.9+k3s1' } });

    expect(status).toBe(1);
    expect(output).toContain('runs k3s v1.35.6+k3s1 already, and k3s cannot go back to v1.34.9+k3s1');
    expect(host.calls()).toEqual([]);
  });

  test('starts k3s with the configuration that an interrupted run had written', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    writeFileSync(join(host.root, 'etc/rancher/k3s/.serverless-federation/pending'), '');
    await bootstrap(host, 'server-1');

    expect(host.calls()).toEqual(['systemctl restart k3s']);
    expect(existsSync(join(host.root, 'etc/rancher/k3s/.serverless-federation/pending'))).toBe(false);
  });

  test('starts k3s where it is stopped', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    unlinkSync(join(host.root, 'var/stand-in/active'));
    await bootstrap(host, 'server-1');

    expect(host.calls()).toEqual(['systemctl restart k3s']);
  });

  test('gives an agent its token in a file, and shows it to no log and no process list', async (test) => {
    const host = await machine(test);
    host.set('processes');
    const { status, output, out } = await bootstrap(host, 'agent-1', { token: TOKEN });

    expect(output).toContain('agent-1: k3s is up');
    expect(status).toBe(0);
    expect(host.calls()[1]).toBe('systemctl restart k3s-agent');
    expect(read(host, 'etc/rancher/k3s/token')).toBe(TOKEN);
    expect(mode(host, 'etc/rancher/k3s/token')).toBe('600');
    expect(load(read(host, 'etc/rancher/k3s/config.yaml'))).toEqual({
      'node-external-ip': '127.0.0.30',
      'node-ip': '127.0.0.30',
      'node-name': 'agent-1',
      server: 'https://127.0.0.5:6443',
      'token-file': '/etc/rancher/k3s/token',
    });
    const processes = read(host, 'var/stand-in/processes');
    expect(processes).toContain('remote.sh');
    expect(processes).not.toContain('very-secret');
    expect(output).not.toContain('very-secret');
    expect(readdirSync(out)).toEqual([]);
  });

  test('refuses a host with another key than the known one', async (test) => {
    const host = await machine(test);
    const knownHosts = join(host.sshDir, 'known_hosts');
    const [name] = readFileSync(knownHosts, 'utf8').split(' ');
    const userKey = readFileSync(join(host.sshDir, 'ssh-privatekey.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(knownHosts, `${name} ${userKey}\n`);
    const before = state(host);
    const { status, output } = await bootstrap(host, 'server-1');

    expect(status).toBe(1);
    expect(output).toContain('Host key verification failed');
    expect(output).toContain('no connection to 127.0.0.1');
    expect(state(host)).toEqual(before);
  });

  test('reaches a host by way of a jump host, whose key must be known, too', async (test) => {
    const [jump, host] = [await machine(test), await machine(test)];
    const known = readFileSync(join(jump.sshDir, 'known_hosts'), 'utf8');
    const settings = { jump: `${jump.user}@127.0.0.1:${jump.port}` };

    const unknown = await bootstrap(host, 'server-1', { settings });
    expect(unknown.status).toBe(1);
    expect(unknown.output).toContain('Host key verification failed');
    expect(unknown.output).toContain(`no connection to 127.0.0.1 over ${settings.jump}: is it up`);
    expect(host.calls()).toEqual([]);

    appendFileSync(join(host.sshDir, 'known_hosts'), known);
    const { status, output } = await bootstrap(host, 'server-1', { settings });
    expect(status, output).toBe(0);
    expect(host.calls()).toHaveLength(2);
  });

  test('refuses an installer with another checksum, before anything is written', async (test) => {
    const host = await machine(test);
    const sha256 = '0'.repeat(64);
    const installer = readFileSync(join(import.meta.dirname, 'stand-in/installer.sh'));
    const right = createHash('sha256').update(installer).digest('hex');
    const before = state(host);
    const wrong = await bootstrap(host, 'server-1', { k3s: { installer: { url: host.installerUrl, sha256 } } });
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain(`${host.installerUrl} has the SHA-256 ${right}, not ${sha256}`);
    expect(host.calls()).toEqual([]);
    expect(state(host)).toEqual(before);

    const run = await bootstrap(host, 'server-1', { k3s: { installer: { url: host.installerUrl, sha256: right } } });
    expect(run.status).toBe(0);

    const running = state(host);
    const k3s = { version: 'v1.36.2+k3s1', installer: { url: host.installerUrl, sha256 } };
    expect((await bootstrap(host, 'server-1', { k3s })).output).toContain(`not ${sha256}`);
    expect(state(host)).toEqual(running);
  });

  test('takes the binary that is on the host already, but no other version of it', async (test) => {
    const host = await machine(test);
    copyFileSync(join(import.meta.dirname, 'stand-in/k3s'), join(host.root, '../local/bin/k3s'));
    writeFileSync(join(host.root, 'var/stand-in/version'), 'v1.35.6+k3s1');
    const installer = { url: host.installerUrl, skipDownload: true };
    const run = await bootstrap(host, 'server-1', { k3s: { installer } });
    expect(run.status).toBe(0);
    expect(host.calls()[0]).toContain('skip-download=true');

    const wrong = await bootstrap(host, 'server-1', { k3s: { installer, version: 'v1.36.2+k3s1' } });
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain('the host has k3s v1.35.6+k3s1, not v1.36.2+k3s1, after its installer ran');
  });

  test('runs steps before k3s is installed, with their secrets and settings as plain data', async (test) => {
    const host = await machine(test);
    const hostile = `'"; touch /pwned; $(touch /pwned) \`touch /pwned\` \\`;
    const { status } = await bootstrap(host, 'server-1', {
      steps: () => [
        {
          name: '10-vpn',
          script:
            'set -eu\nprintf "%s|%s|%s" "$SERVER" "$(cat "$SECRET_FILE")" "$(wc -l </var/stand-in/calls)" >/var/step\n',
          env: { SERVER: hostile },
          secret: { name: 'vpn', key: 'auth-key' },
        },
      ],
      secrets: { '10-vpn': 'tskey-secret' },
    });

    expect(status).toBe(0);
    expect(read(host, 'var/step')).toBe(`${hostile}|tskey-secret|0`);
    expect(existsSync(join(host.root, 'pwned'))).toBe(false);
  });

  test('stops before k3s is installed when a step fails', async (test) => {
    const host = await machine(test);
    const { status, output } = await bootstrap(host, 'server-1', {
      steps: () => [{ name: 'vpn', script: 'echo no such network >&2; exit 3' }],
    });

    expect(status).toBe(1);
    expect(output).toContain('no such network');
    expect(output).toContain('the step vpn failed');
    expect(host.calls()).toEqual([]);
  });

  test('lets a run wait for another one on the same host', async (test) => {
    const host = await machine(test);
    // Long enough for both to find no k3s, if they ran side by side.
    const steps = () => [{ name: 'slow', script: 'sleep 2' }];
    const runs = await Promise.all([bootstrap(host, 'server-1', { steps }), bootstrap(host, 'server-1', { steps })]);
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(host.calls().filter((call) => call.startsWith('installer'))).toHaveLength(1);
  });

  test('leaves no secret in the temporary folder when the connection is lost, and goes on in the next run', async (test) => {
    const host = await machine(test);
    const steps = () => [{ name: 'slow', script: 'touch /var/in-step; while [ ! -e /var/go ]; do sleep 0.1; done' }];
    const lost = launch(host, 'agent-1', { steps, token: TOKEN });
    await waitFor('the step to run', () => existsSync(join(host.root, 'var/in-step')));
    expect(readdirSync(join(host.root, 'tmp'))).not.toEqual([]);
    lost.signal('SIGKILL');
    await lost.ended;
    writeFileSync(join(host.root, 'var/go'), '');
    await waitFor('the temporary folder to go', () => readdirSync(join(host.root, 'tmp')).length === 0);

    const { status } = await bootstrap(host, 'agent-1', { steps, token: TOKEN });
    expect(status).toBe(0);
    expect(host.calls().filter((call) => call.startsWith('systemctl'))).toEqual(['systemctl restart k3s-agent']);
  });

  test('applies manifests on the first server as soon as it knows their kinds', async (test) => {
    const host = await machine(test);
    const manifests = { calico: 'kind: HelmChart\n' };
    const { status } = await bootstrap(host, 'server-1', { manifests });

    expect(status).toBe(0);
    expect(host.calls().at(-1)).toBe(
      'kubectl apply --server-side --field-manager=serverless-federation --request-timeout 60s -f manifest-calico.yaml',
    );
    await bootstrap(await machine(test), 'agent-1', { manifests, token: TOKEN }).then(({ status }) =>
      expect(status).toBe(0),
    );
  });

  test('says what it waited for when a node does not become Ready', async (test) => {
    const host = await machine(test);
    writeFileSync(join(host.root, 'var/stand-in/ready'), 'False');
    const failed = await bootstrap(host, 'server-1', { k3s: { readyTimeout: 8 } });
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('gave up after 8 s waiting for the node server-1 to be Ready');

    const registered = await bootstrap(host, 'server-1', { waitForReady: false });
    expect(registered.status).toBe(0);
  });

  test('refuses to make an agent of a server', async (test) => {
    const host = await machine(test);
    mkdirSync(join(host.root, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(host.root, 'etc/systemd/system/k3s.service'), '');
    const { status, output } = await bootstrap(host, 'agent-1', { token: TOKEN });

    expect(status).toBe(1);
    expect(output).toContain('this host already runs as k3s, remove that first with k3s-uninstall.sh');
  });

  test('says that a user without root needs sudo without a password', async (test) => {
    const host = await machine(test, { asUser: true });
    const { status, output } = await bootstrap(host, 'server-1');

    expect(status).toBe(1);
    expect(output).toContain('sudo: a password is required');
    expect(host.calls()).toEqual([]);
  });

  test('says which join token is missing', async (test) => {
    const host = await machine(test);
    const { status, output } = await bootstrap(host, 'agent-1', { env: { TOKEN_FILE: '/nonexistent/token' } });

    expect(status).toBe(1);
    expect(output).toContain("the join token '/nonexistent/token' is missing or empty");
  });

  test('makes the Secrets of a first server in a Job', async (test) => {
    const host = await machine(test);
    const bin = join(host.root, '../job');
    mkdirSync(bin);
    // The real kubectl makes the Secrets; what would go to an API server is recorded.
    writeFileSync(
      join(bin, 'kubectl'),
      `#!/bin/sh\nif [ "$1" = apply ]; then echo "$@" >>'${bin}/calls'; cat >>'${bin}/applied'; echo --- >>'${bin}/applied'; else PATH='${process.env.PATH}' exec kubectl "$@"; fi\n`,
      { mode: 0o755 },
    );
    const { status, output } = await bootstrap(host, 'server-1', {
      script: 'job.sh',
      env: { PATH: `${bin}:${process.env.PATH}` },
    });

    expect(status).toBe(0);
    expect(output).not.toContain('made-by-k3s');
    const applied = readFileSync(join(bin, 'applied'), 'utf8').split('---\n').slice(0, -1);
    const secrets = applied.map((text) => load(text) as { metadata: object; data: Record<string, string> });
    expect(secrets).toMatchObject([
      { kind: 'Secret', metadata: { name: 'edge-1-kubeconfig', namespace: 'serverless-federation' } },
      { kind: 'Secret', metadata: { name: 'edge-1-token', namespace: 'serverless-federation' } },
    ]);
    expect(Object.keys(secrets[0]?.data ?? {})).toEqual(['kubeconfig']);
    expect(atob(secrets[1]?.data.token ?? '')).toBe('K10ca::server:made-by-k3s\n');
    expect(readFileSync(join(bin, 'calls'), 'utf8').split('\n')[0]).toBe(
      'apply --server-side --force-conflicts --field-manager=serverless-federation -f -',
    );
  });
});
