import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AGENT,
  bootstrap,
  bootstrappedMachines,
  type Changes,
  launch,
  machine,
  read,
  SERVER,
  TOKEN,
  waitFor,
} from './bootstrapping.ts';
import { noSshd } from './ssh-host.ts';

const bootstrapped = bootstrappedMachines();

/** A node as the API server shows it to the first server's update of nodes. */
const node = (name: string, labels: string, taints: string, present = '') => `${name}|${labels}|${taints}|${present}`;

/** A cluster of three servers, the first of which is the machine. */
const SERVERS: Changes = {
  cluster: {
    name: 'edge-1',
    vpn: true,
    hosts: [SERVER, AGENT, '127.0.0.31'].map((vpnIp, i) => ({
      name: `server-${i + 1}`,
      address: '127.0.0.1',
      vpnIp,
      role: 'server',
    })),
  },
};
const changed: Changes = { ...SERVERS, k3s: { server: { 'etcd-snapshot-retention': 9 } } };

describe.skipIf(noSshd).concurrent('labels and taints', () => {
  const cluster = (labels: Record<string, string>, taints: string[]): Changes => ({
    cluster: {
      name: 'edge-1',
      vpn: true,
      hosts: [
        { name: 'server-1', role: 'server', address: '127.0.0.1', vpnIp: SERVER },
        { name: 'agent-1', role: 'agent', address: '127.0.0.1', vpnIp: AGENT, labels, taints },
      ],
    },
  });

  test('that were added and taken away since reach all nodes of a cluster, from its first server', async (test) => {
    const host = await machine(test);
    const had = node(
      'agent-1',
      'tier=cloud,old=1',
      'a=1:NoSchedule,b:NoExecute,gone:NoSchedule',
      'a:NoSchedule,b:NoExecute,',
    );
    host.set('nodes/agent-1', had);
    const { status, output } = await bootstrap(
      host,
      'server-1',
      cluster({ tier: 'edge' }, ['a=2:NoSchedule', 'c:NoSchedule']),
    );

    expect(status, output).toBe(0);
    expect(host.api().filter((change) => change.includes('agent-1'))).toEqual([
      'label node agent-1 --overwrite -- tier=edge old- (k3s.yaml)',
      'taint node agent-1 --overwrite -- a=2:NoSchedule c:NoSchedule b:NoExecute- (k3s.yaml)',
      'annotate node agent-1 --overwrite serverless-federation.io/labels=tier=edge serverless-federation.io/taints=a=2:NoSchedule,c:NoSchedule (k3s.yaml)',
    ]);
  });

  test('of a node that has not registered yet are left to its own configuration', async (test) => {
    const host = await machine(test);
    await bootstrap(host, 'server-1', cluster({ tier: 'edge' }, ['a=2:NoSchedule']));
    expect(host.api().filter((change) => change.includes('agent-1'))).toEqual([]);
  });

  test('that a node has registered with are noted on it, by its own credentials', async (test) => {
    const host = await machine(test);
    await bootstrap(host, 'agent-1', { ...cluster({ tier: 'edge' }, ['a=2:NoSchedule']), token: TOKEN });
    expect(host.api()).toEqual([
      'annotate node agent-1 serverless-federation.io/labels=tier=edge serverless-federation.io/taints=a=2:NoSchedule (kubelet.kubeconfig)',
    ]);
  });
});

describe.skipIf(noSshd).concurrent('of several servers', () => {
  test('each restarts in its turn, and gives it back when it is up', async (test) => {
    const host = await machine(test);
    await bootstrap(host, 'server-1', SERVERS);
    expect(host.api().filter((change) => change.includes('lease'))).toEqual([]); // a new one has no others to spare
    const { status } = await bootstrap(host, 'server-1', changed);
    expect(status).toBe(0);
    expect(host.api().filter((change) => change.includes('lease'))).toEqual(['create lease server-1', 'delete lease']);
  });

  test('none is restarted while another is not up again; a turn lapses', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    const since = (minutes: number) => new Date(Date.now() - 60_000 * minutes).toISOString().replace(/\.\d+/, '');
    host.set('lease', `server-2 ${since(-5)}`);
    const early = await bootstrap(host, 'server-1', { ...changed, k3s: { ...changed.k3s, readyTimeout: 3 } });
    expect(early.status).toBe(1);
    expect(early.output).toContain("gave up waiting for the server 'server-2', which is to be up again first");
    expect(read(host, 'etc/rancher/k3s/config.yaml')).not.toContain('etcd-snapshot-retention');

    host.set('lease', `server-2 ${since(60)}`);
    const late = await bootstrap(host, 'server-1', changed);
    expect(late.status).toBe(0);
    expect(late.output).toContain("the turn of 'server-2' has lapsed");
  });

  test('one that does not come up keeps its turn', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    host.set('ready', 'False');
    const { status } = await bootstrap(host, 'server-1', { ...changed, k3s: { ...changed.k3s, readyTimeout: 3 } });
    expect(status).toBe(1);
    expect(existsSync(join(host.root, 'var/stand-in/lease'))).toBe(true);
  });
});

describe.skipIf(noSshd).concurrent('an agent', () => {
  test('is upgraded once its servers are', async (test) => {
    const host = await bootstrapped(test, 'agent-1');
    host.set('server-version', 'v1.35.6+k3s1');
    const k3s = { version: 'v1.36.2+k3s1' };
    const early = await bootstrap(host, 'agent-1', { token: TOKEN, k3s: { ...k3s, readyTimeout: 3 } });
    expect(early.output).toContain('gave up after 3 s waiting for the servers of the cluster to run v1.36.2+k3s1');
    expect(host.calls()).toEqual([]);

    host.set('server-version', 'v1.36.2+k3s1');
    expect((await bootstrap(host, 'agent-1', { token: TOKEN, k3s })).status).toBe(0);
    expect(host.calls()[0]).toMatch(/^installer version=v1\.36\.2/);
  });
});

describe.skipIf(noSshd).concurrent('what k3s reads besides its configuration', () => {
  const settings = {
    files: 'host/registries.yaml /etc/rancher/k3s/registries.yaml\nsecrets/ca /etc/rancher/k3s/ca.crt\n',
    'registries.yaml': 'configs:\n  m.example.com:\n    auth: { username: me, password: "@secret:password@" }\n',
    environment: "HTTPS_PROXY=http://p.example.com:3128\nNO_PROXY=10.42.0.0/16,it's\n",
  };
  const secrets = { password: 'a"b\\c&d\n', ca: 'the CA\n' };

  test('has its secrets filled in, restarts k3s when it changes, and goes when it is not wanted any more', async (test) => {
    const host = await machine(test);
    host.set('processes');
    const first = await bootstrap(host, 'server-1', { settings, secrets });
    expect(first.status, first.output).toBe(0);
    expect(read(host, 'etc/rancher/k3s/registries.yaml')).toContain('password: "a\\"b\\\\c&d" }');
    expect(read(host, 'etc/rancher/k3s/ca.crt')).toBe('the CA\n');
    expect(read(host, 'etc/systemd/system/k3s.service.env')).toBe(
      "HTTPS_PROXY='http://p.example.com:3128'\nNO_PROXY='10.42.0.0/16,it'\\''s'\n",
    );
    expect(first.output).not.toContain('a"b');
    expect(read(host, 'var/stand-in/processes')).not.toContain('a"b');

    expect((await bootstrap(host, 'server-1', { settings, secrets })).output).toContain('nothing to change');
    await bootstrap(host, 'server-1', { settings, secrets: { ...secrets, ca: 'another CA\n' } });
    expect(host.calls().slice(2)).toEqual(['systemctl restart k3s']);
    await bootstrap(host, 'server-1');
    expect(existsSync(join(host.root, 'etc/rancher/k3s/registries.yaml'))).toBe(false);
    expect(existsSync(join(host.root, 'etc/systemd/system/k3s.service.env'))).toBe(false);
    expect(host.calls().slice(2)).toEqual(['systemctl restart k3s', 'systemctl restart k3s']);
  });
});

describe.skipIf(noSshd).concurrent('when the connection is lost', () => {
  test('without a word, what runs on the host ends, and no secret stays', async (test) => {
    const host = await machine(test);
    const script = 'echo $$ >/var/step; touch "$SECRET_FILE.seen"; sleep 300; touch /var/after';
    const steps = () => [{ name: 'slow', script, secret: { name: 'vpn', key: 'key' } }];
    const run = launch(host, 'agent-1', {
      steps,
      token: TOKEN,
      secrets: { slow: 'hidden' },
      // Longer than the ten seconds between two dots, for the step must run before.
      settings: { silence: '15' },
    });
    await waitFor('the step to run', () => existsSync(join(host.root, 'var/step')));
    // As when a cable is pulled: nothing is closed, and nothing comes any more.
    run.signal('SIGSTOP');
    await waitFor('the temporary folder to go', () => readdirSync(join(host.root, 'tmp')).length === 0);
    const step = Number(read(host, 'var/step'));
    await waitFor('the step to end', () => !existsSync(`/proc/${step}`));
    run.signal('SIGKILL');
    await run.ended;
    expect(existsSync(join(host.root, 'var/after'))).toBe(false);
  });
});

describe.skipIf(noSshd).concurrent('a mirror of releases', () => {
  test('is told to installers of before and after February 2026', async (test) => {
    const host = await machine(test);
    const installer = { url: host.installerUrl, releases: 'https://mirror.example.com/k3s' };
    await bootstrap(host, 'server-1', { k3s: { installer } });
    expect(host.calls()[0]).toContain(
      'releases=https://mirror.example.com/k3s https://mirror.example.com/k3s/download ',
    );
  });
});
