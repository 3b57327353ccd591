import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESS, trustedAuthority } from './harness/internet.ts';
import { Process, run, runFolder } from './harness/process.ts';
import { CONTROL, type ControlServer, SERVER, vpnStory } from './vpn/story.ts';
import { tailscale } from './vpn/tailscale.ts';

const KEY = 'hskey-auth-opens-the-vpn';

/** As the server itself tells it. */
async function nodes() {
  const options = ['--fail', '--silent', '--show-error', '--cacert', trustedAuthority];
  const joined: { Name: string; Key: string; Addresses: [string] }[] = JSON.parse(
    await run(['curl', ...options, `${CONTROL}/nodes`]),
  );
  return joined.map(({ Name, Key, Addresses: [vpnIp] }) => ({ name: Name, key: Key, vpnIp }));
}

/** With the control server of Tailscale's own tests; test/parts has Headscale in its place. */
const control: ControlServer = {
  provider: 'headscale',
  nodes,
  wrong: { key: 'hskey-auth-opens-nothing', refusal: 'invalid authkey' },
  start: async (tls) => {
    const file = join(runFolder, 'vpn-key');
    writeFileSync(file, KEY, { mode: 0o600 });
    const command = ['vpn-control', '-name', SERVER, '-address', ADDRESS, '-auth-key', file];
    const all = [...command, '-certificate', tls.certificate, '-certificate-key', tls.key];
    await new Process('vpn-control', { command: all }).start().ready('to answer', nodes, 30);
    return KEY;
  },
};

vpnStory(control, tailscale);
