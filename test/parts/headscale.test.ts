import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Obj } from '../e2e/harness/api.ts';
import { ADDRESS } from '../e2e/harness/internet.ts';
import { Process, run, runFolder } from '../e2e/harness/process.ts';
import { CONTROL, type ControlServer, PORT, vpnStory } from '../e2e/vpn/story.ts';
import { tailscale } from '../e2e/vpn/tailscale.ts';
import { partFolder } from './harness.ts';

const headscale = join(partFolder('headscale'), 'headscale');
const folder = join(runFolder, 'headscale');
const config = join(folder, 'config.yaml');

/** Runs a command of Headscale on its server, and returns what it prints. */
const command = async (...args: string[]) =>
  JSON.parse(await run([headscale, '--config', config, ...args, '--output', 'json']));

async function nodes() {
  const joined: Obj[] = (await command('nodes', 'list')) ?? [];
  return joined.map(({ given_name, node_key, ip_addresses }) => ({
    name: given_name as string,
    key: node_key as string,
    vpnIp: ip_addresses[0] as string,
  }));
}

/** Its configuration: all by itself, with a relay and a STUN server of its own, and addresses in the order of joining. */
function settings(tls: { readonly certificate: string; readonly key: string }): Obj {
  return {
    ...{ server_url: CONTROL, listen_addr: `${ADDRESS}:${PORT}` },
    ...{ metrics_listen_addr: '127.0.0.1:9090', grpc_listen_addr: '127.0.0.1:50443' },
    ...{ tls_cert_path: tls.certificate, tls_key_path: tls.key },
    noise: { private_key_path: join(folder, 'noise.key') },
    prefixes: { v4: '100.64.0.0/10', allocation: 'sequential' },
    derp: {
      server: {
        ...{ enabled: true, region_id: 900, region_code: 'e2e', region_name: 'e2e', ipv4: ADDRESS },
        ...{ verify_clients: true, automatically_add_embedded_derp_region: true },
        ...{ stun_listen_addr: `${ADDRESS}:3478`, private_key_path: join(folder, 'derp.key') },
      },
      ...{ urls: [], paths: [], auto_update_enabled: false },
    },
    disable_check_updates: true,
    database: { type: 'sqlite', sqlite: { path: join(folder, 'db.sqlite'), write_ahead_log: true } },
    // DNS for clients to refuse.
    dns: {
      ...{ magic_dns: true, base_domain: 'tailnet.example.com', override_local_dns: true },
      nameservers: { global: [ADDRESS] },
    },
    ...{ unix_socket: join(folder, 'socket'), unix_socket_permission: '0700' },
    log: { level: 'debug' },
  };
}

const control: ControlServer = {
  provider: 'headscale',
  nodes,
  wrong: { key: `hskey-auth-${'0'.repeat(12)}-${'0'.repeat(64)}`, refusal: 'auth-key not found' },
  start: async (tls) => {
    mkdirSync(folder);
    writeFileSync(config, JSON.stringify(settings(tls)), { mode: 0o600 });
    const server = new Process('headscale', { command: [headscale, '--config', config, 'serve'] }).start();
    await server.ready('to answer', nodes, 30);
    const { id } = await command('users', 'create', 'federation');
    const { key } = await command('preauthkeys', 'create', '--user', String(id), '--reusable', '--expiration', '1h');
    return key;
  },
};

vpnStory(control, tailscale);
