import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { find } from '../scripts/run.ts';
import { bootstrap, launch, machine, mode, read, TOKEN } from './bootstrapping.ts';
import { noSshd } from './ssh-host.ts';

const missing = noSshd ?? (find('busybox') ? undefined : "needs busybox, install it with 'apt-get install busybox'");
if (missing && process.env.CI) throw new Error(missing);
if (missing) console.warn(`skipped: ${missing}`);

const alpine = () => machine({ onTestFinished }, { alpine: true });

test.skipIf(missing)('a host with OpenRC and busybox becomes a server, and a second run changes nothing', async () => {
  const host = await alpine();
  const settings = { environment: "HTTPS_PROXY=http://p.example.com:3128\nNO_PROXY=10.42.0.0/16,it's\n" };
  const { status, output, out } = await bootstrap(host, 'server-1', { settings });

  expect(status, output).toBe(0);
  expect(output).toContain('k3s is up');
  expect(host.calls()).toEqual([expect.stringMatching(/^installer version=v1\.35\.6/), 'rc-service k3s restart']);
  expect(existsSync(join(out, 'kubeconfig'))).toBe(true);
  // OpenRC has a shell read it.
  expect(read(host, 'etc/rancher/k3s/k3s.env')).toBe(
    "HTTPS_PROXY='http://p.example.com:3128'\nNO_PROXY='10.42.0.0/16,it'\\''s'\n",
  );
  expect(mode(host, 'etc/rancher/k3s/k3s.env')).toBe('600');
  expect(existsSync(join(host.root, 'etc/systemd'))).toBe(false);

  const again = await bootstrap(host, 'server-1', { settings });
  expect(again.status, again.output).toBe(0);
  expect(again.output).toContain('nothing to change');
  expect(host.calls()).toHaveLength(2);
});

test.skipIf(missing)('one with OpenRC whose k3s ends is not up, and shows the log of its service', async () => {
  const host = await alpine();
  host.set('dies-after', '6');
  host.set('last-words', 'level=fatal msg="flannel exited"\n');
  const { status, output } = await bootstrap(host, 'agent-1', { token: TOKEN, k3s: { settleTime: 15 } });
  expect(status).toBe(1);
  expect(output).toMatch(/the last lines of k3s-agent's log:\n(.*\n)*.*flannel exited/);
  expect(output).toContain('error: k3s was Ready and its process ended then');
});

test.skipIf(missing)('one with OpenRC is given up as any other', async () => {
  const host = await alpine();
  expect((await bootstrap(host, 'agent-1', { token: TOKEN })).status).toBe(0);
  const { status, output } = await launch(host, 'agent-1', { env: { ACTION: 'uninstall' } }).ended;
  expect(status, output).toBe(0);
  expect(host.calls().at(-1)).toBe('uninstall');
  for (const path of ['etc/init.d/k3s-agent', 'etc/rancher/k3s', 'etc/rancher/node']) {
    expect(existsSync(join(host.root, path)), path).toBe(false);
  }
});
