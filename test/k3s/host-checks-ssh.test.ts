import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AGENT, bootstrap, bootstrappedMachines, machine, read, SERVER, state, TOKEN } from './bootstrapping.ts';
import { noSshd, type SshHost } from './ssh-host.ts';

const bootstrapped = bootstrappedMachines();

/** Runs a bootstrap that must change nothing, and returns what it said. */
async function refused(host: SshHost, ...[name, changes]: [string, Parameters<typeof bootstrap>[2]?]): Promise<string> {
  const before = state(host);
  const { status, output } = await bootstrap(host, name, changes);
  expect(status, output).toBe(1);
  expect(state(host)).toEqual(before);
  expect(host.calls().filter((call) => !call.startsWith('systemctl restart'))).toEqual([]);
  return output;
}

const write = (host: SshHost, path: string, text: string) => {
  mkdirSync(join(host.root, path, '..'), { recursive: true });
  writeFileSync(join(host.root, path), text);
};

/** A server that somebody else set up, with the state that k3s leaves. */
function foreignServer(host: SshHost, config: string, unit = 'ExecStart=/usr/local/bin/k3s \\\n    server \\\n'): void {
  write(host, 'etc/rancher/k3s/config.yaml', config);
  write(host, 'etc/systemd/system/k3s.service', unit);
  write(host, 'var/lib/rancher/k3s/server/db/state.db', '');
}

describe.skipIf(noSshd).concurrent('before anything is written', () => {
  test('all that a host lacks is told at once, with what to do', async (test) => {
    const host = await machine(test);
    rmSync(join(host.root, '../cgroup/cgroup.controllers'));
    host.set('no-wireguard');
    host.set('listening', 'tcp LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=7,fd=3))\n');
    const output = await refused(host, 'server-1', { network: { flannelBackend: 'wireguard-native' } });

    expect(output).toContain('this host has control groups v1');
    expect(output).toContain('the kernel has no WireGuard');
    expect(output).toContain('the port 10250/tcp, for the kubelet, is taken by users:(("kubelet",pid=7,fd=3))');
    expect(output).toContain('nothing was changed: mend what is said above');
  });

  test('a Raspberry Pi without the memory control group is told its boot option', async (test) => {
    const host = await machine(test);
    writeFileSync(join(host.root, '../cgroup/cgroup.controllers'), 'cpuset cpu io pids\n');
    expect(await refused(host, 'server-1')).toContain("add 'cgroup_memory=1 cgroup_enable=memory' to its command line");
  });

  test('a clock that is far off is told', async (test) => {
    const host = await machine(test);
    // The host's own clock, and so an hour off from the operator's.
    writeFileSync(
      join(host.root, '../local/bin/date'),
      '#!/bin/sh\nif [ "$*" = +%s ]; then echo $(($(/usr/bin/date +%s) - 3600)); else exec /usr/bin/date "$@"; fi\n',
      { mode: 0o755 },
    );
    expect(await refused(host, 'server-1')).toMatch(/the clock is off by 3[56]\d\d s/);
  });

  test('a k3s that somebody else set up is left alone', async (test) => {
    const host = await machine(test);
    foreignServer(host, 'datastore-endpoint: postgres://db.example.com/k3s\n');
    const output = await refused(host, 'server-1');
    expect(output).toContain('this host runs a k3s that the bootstrap did not set up');
    expect(output).toContain('give --adopt');
  });

  test('a host of another cluster is left alone', async (test) => {
    const host = await machine(test);
    foreignServer(host, 'node-name: server-1\n');
    write(host, 'etc/rancher/k3s/.serverless-federation/cluster', 'edge-2\n');
    expect(await refused(host, 'server-1')).toContain("this host is part of the cluster 'edge-2'");
  });

  test('networks and encryption that a cluster cannot change are told, from its configuration and its command', async (test) => {
    const host = await machine(test);
    foreignServer(
      host,
      'service-cidr: 10.99.0.0/16\n',
      "ExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--cluster-cidr' \\\n\t'10.77.0.0/16' \\\n",
    );
    write(host, 'etc/rancher/k3s/.serverless-federation/cluster', 'edge-1\n');
    write(
      host,
      'var/lib/rancher/k3s/server/cred/encryption-config.json',
      '{"providers":[{"aescbc":{}},{"identity":{}}]}',
    );
    const output = await refused(host, 'server-1', { k3s: { secretsEncryption: false } });

    expect(output).toContain("runs with 'cluster-cidr' 10.77.0.0/16, and a cluster cannot change that to 10.42.0.0/16");
    expect(output).toContain("runs with 'service-cidr' 10.99.0.0/16, and a cluster cannot change that to 10.43.0.0/16");
    expect(output).toContain("with 'secretsEncryption: false' k3s could not read them");
  });

  test('a version two minors ahead is told the way there; a candidate is older than its release', async (test) => {
    const host = await machine(test);
    host.set('version', 'v1.35.6-rc1+k3s1\n');
    execFileSync('cp', [join(import.meta.dirname, 'stand-in/k3s'), join(host.root, '../local/bin/k3s')]);
    foreignServer(host, 'node-name: server-1\n');
    write(host, 'etc/rancher/k3s/.serverless-federation/cluster', 'edge-1\n');

    expect(await refused(host, 'server-1', { k3s: { version: 'v1.37.1+k3s1' } })).toContain(
      "runs k3s v1.35.6-rc1+k3s1, and Kubernetes is upgraded one minor at a time: set 'version' to a release of v1.36 first",
    );
    expect(await refused(host, 'server-1', { k3s: { version: 'v1.35.5+k3s1' } })).toContain('cannot go back');
    const { output } = await bootstrap(host, 'server-1', { k3s: { version: 'v1.35.6+k3s1' } });
    expect(output).toContain('installing k3s v1.35.6+k3s1');
  });
});

describe.skipIf(noSshd).concurrent('a server that a host joins', () => {
  /** A server's API for nodes that join, with a CA that the token vouches for; it keeps the first password of a node. */
  async function joinServer(test: { onTestFinished: (end: () => void) => void }, folder: string, known?: string) {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', key, '-out', cert, '-subj', '/CN=k3s', '-addext', `subjectAltName=IP:${SERVER}`],
      ],
      { stdio: 'ignore' },
    );
    const ca = readFileSync(cert);
    const seen: { user: string; password: unknown }[] = [];
    const server = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
      if (request.url === '/ping') return response.end('pong');
      if (request.url === '/cacerts') return response.end(ca);
      const user = Buffer.from(String(request.headers.authorization).slice('Basic '.length), 'base64').toString();
      seen.push({ user, password: request.headers['k3s-node-password'] });
      const isRight = known === undefined || request.headers['k3s-node-password'] === known;
      response.writeHead(isRight ? 200 : 403).end();
    });
    await new Promise<void>((listening) => server.listen(0, SERVER, listening));
    test.onTestFinished(() => void server.close());
    const port = (server.address() as AddressInfo).port;
    const token = `K10${createHash('sha256').update(ca).digest('hex')}::server:very-secret`;
    return { token, seen, changes: { token, k3s: { server: { 'https-listen-port': port } } } };
  }

  test('and does not answer keeps k3s from being installed', async (test) => {
    const host = await machine(test);
    host.set('no-server');
    expect(await refused(host, 'agent-1', { token: TOKEN, k3s: { readyTimeout: 1 } })).toContain(
      `no server answers at https://${SERVER}:6443, where hosts of this cluster join, so k3s was left as it was`,
    );
  });

  test('and that knows a node of its name by another password turns it away before anything is written', async (test) => {
    const host = await machine(test);
    const { changes } = await joinServer(test, join(host.root, '..'), 'of the machine before');
    const output = await refused(host, 'agent-1', changes);
    expect(output).toContain("the cluster knows a node 'agent-1' with another password");
    expect(output).toContain("'scripts/host.sh replace agent-1'");
    expect(output).not.toContain('very-secret');
  });

  test('and does not know it gets the password that k3s then comes with', async (test) => {
    const host = await machine(test);
    host.set('processes');
    const { changes, seen } = await joinServer(test, join(host.root, '..'));
    const { status } = await bootstrap(host, 'agent-1', changes);
    expect(status).toBe(0);
    expect(seen).toEqual([{ user: 'node:very-secret', password: read(host, 'etc/rancher/node/password') }]);
    expect(read(host, 'var/stand-in/processes')).not.toContain('very-secret');
  });

  test('and has another CA than the token tells of gets neither', async (test) => {
    const host = await machine(test);
    const { changes, seen } = await joinServer(test, join(host.root, '..'));
    const output = await refused(host, 'agent-1', { ...changes, token: TOKEN });
    expect(output).toContain('has another CA than the join token tells of');
    expect(seen).toEqual([]);
  });
});

describe.skipIf(noSshd).concurrent('--adopt', () => {
  test('takes a k3s over, and keeps what it was told', async (test) => {
    const host = await machine(test);
    host.set('version', 'v1.35.6+k3s1\n');
    const unit = "ExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--disable=traefik' \\\n";
    foreignServer(host, 'node-name: mine\n', unit);
    const { status, output } = await bootstrap(host, 'server-1', { settings: { adopt: 'true' } });

    expect(status, output).toBe(0);
    const [, backup = ''] = /its configuration is kept in (\S+)/.exec(output) ?? [];
    expect(read(host, join(backup, 'config.yaml'))).toBe('node-name: mine\n');
    expect(read(host, join(backup, 'k3s.service'))).toBe(unit);
    expect(read(host, 'etc/rancher/k3s/config.yaml')).toContain('node-name: server-1');
    expect(host.calls()[0]).toMatch(/^installer /); // its command must not hold other flags any more
    expect(host.calls()).toHaveLength(2);
  });
});

describe.skipIf(noSshd).concurrent('a first server whose cluster exists', () => {
  const hosts = [
    { name: 'server-1', role: 'server' as const, address: '127.0.0.1', vpnIp: SERVER },
    { name: 'server-2', role: 'server' as const, address: '127.0.0.1', vpnIp: AGENT },
  ];

  test('is not made anew where no other server answers', async (test) => {
    const host = await machine(test);
    const output = await refused(host, 'server-1', { token: TOKEN });
    expect(output).toContain(
      "the cluster 'edge-1' exists, for its join token is known, but this host has no data of it",
    );
  });

  test('joins another server, and is left as it is by the next run', async (test) => {
    const host = await machine(test);
    const [key, cert] = [join(host.root, '../key.pem'), join(host.root, '../ca.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-keyout',
          key,
          '-out',
          cert,
        ],
        ...['-subj', '/CN=k3s', '-addext', `subjectAltName=IP:${AGENT}`],
      ],
      { stdio: 'ignore' },
    );
    const ca = readFileSync(cert);
    const peer = createServer({ key: readFileSync(key), cert: ca }, (request, response) => {
      response.end(request.url === '/cacerts' ? ca : 'pong');
    });
    await new Promise<void>((listening) => peer.listen(0, AGENT, listening));
    test.onTestFinished(() => void peer.close());
    const port = (peer.address() as AddressInfo).port;
    const token = `K10${createHash('sha256').update(ca).digest('hex')}::server:of-the-cluster`;
    const changes = {
      token,
      cluster: { name: 'edge-1', vpn: true, hosts },
      k3s: { server: { 'https-listen-port': port } },
    };

    const joined = await bootstrap(host, 'server-1', changes);
    expect(joined.status, joined.output).toBe(0);
    expect(joined.output).toContain(`the cluster 'edge-1' exists: joining it at https://${AGENT}:${port}`);
    const config = read(host, 'etc/rancher/k3s/config.yaml');
    expect(config).toContain(`server: https://${AGENT}:${port}\n`);
    expect(config).not.toContain('cluster-init');
    expect(readFileSync(join(joined.out, 'token'), 'utf8')).toBe(token);

    const again = await bootstrap(host, 'server-1', changes);
    expect(again.output).toContain('nothing to change');
  });

  test('does not hand over what is of another cluster', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    const { status, output } = await bootstrap(host, 'server-1', { token: TOKEN });
    expect(status).toBe(1);
    expect(output).toContain('this host has another join token than the one that was handed over');
  });
});
