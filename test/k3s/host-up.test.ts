import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootstrap, bootstrappedMachines, machine } from './bootstrapping.ts';
import { noSshd } from './ssh-host.ts';

const bootstrapped = bootstrappedMachines();

describe.skipIf(noSshd).concurrent('a host is up when k3s stays up', () => {
  test('and not when it was Ready before its process ended', async (test) => {
    const host = await machine(test);
    host.set('dies-after', '8');
    host.set('last-words', 'level=fatal msg="flannel exited: failed to set up wireguard: operation not supported"\n');
    const { status, output, out } = await bootstrap(host, 'server-1', { k3s: { settleTime: 20 } });

    expect(status).toBe(1);
    expect(output).toContain('    level=fatal msg="flannel exited: failed to set up wireguard');
    expect(output).toContain('the kernel has no WireGuard, which the pod network needs');
    expect(output).toContain('error: k3s was Ready and its process ended then');
    expect(existsSync(join(out, 'kubeconfig'))).toBe(false);
  });

  test('and not by the Ready that the API server has kept from before a restart', async (test) => {
    const host = await bootstrapped(test, 'server-1');
    host.set('stale');
    host.set('heartbeat', `${new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '')}\n`);
    host.set('log', 'still starting\n');
    const changed = { k3s: { server: { 'etcd-snapshot-retention': 9 }, readyTimeout: 8 } };
    const { status, output } = await bootstrap(host, 'server-1', changed);

    expect(status).toBe(1);
    expect(output).toMatch(/the last lines of k3s's log:\n(.*\n)*.*still starting/);
    expect(output).toContain('gave up after 8 s waiting for the node server-1 to be Ready');
  });

  test('and by what its kubelet reported in the second in which it started, however slow the API is', async (test) => {
    const host = await machine(test);
    host.set('slow', '2');
    const { status, output } = await bootstrap(host, 'server-1', { k3s: { readyTimeout: 10 } });

    expect(output).toContain('server-1: k3s is up');
    expect(status).toBe(0);
  });

  test.for([
    [
      'a node password that the server turns away',
      'level=info msg="Waiting to retrieve agent configuration; server is not ready: Node password rejected, duplicate hostname"',
      "'scripts/host.sh replace server-1' lets this one take its place",
    ],
    [
      'control groups that the kubelet does not take',
      'msg="kubelet exited: kubelet is configured to not run on a host using cgroup v1"',
      "boot with 'systemd.unified_cgroup_hierarchy=1'",
    ],
    [
      'encryption of Secrets that was switched off',
      'identity transformer tried to read encrypted data',
      'k3s secrets-encrypt disable',
    ],
  ] as const)('and says the way out of %s', async ([, logged, wayOut], test) => {
    const host = await machine(test);
    host.set('never', `${logged}\n`);
    const { status, output } = await bootstrap(host, 'server-1', { k3s: { readyTimeout: 8 } });

    expect(status).toBe(1);
    expect(output).toContain(`    ${logged}`);
    expect(output).toContain(wayOut);
    expect(output).toContain('gave up after 8 s waiting for the node server-1 to register');
  });
});
