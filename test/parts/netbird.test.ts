import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { expect } from 'vitest';
import type { Obj } from '../e2e/harness/api.ts';
import { ADDRESS, trustedAuthority } from '../e2e/harness/internet.ts';
import { Process, run, runFolder } from '../e2e/harness/process.ts';
import { until } from '../e2e/harness/wait.ts';
import { type Client, CONTROL, type ControlServer, file, type Machine, on, PORT, vpnStory } from '../e2e/vpn/story.ts';
import { partFolder } from './harness.ts';

const programs = partFolder('netbird');
const folder = join(runFolder, 'netbird');
const modules = readFileSync(join(import.meta.dirname, 'servers/netbird/go.mod'), 'utf8');
const version = /netbirdio\/netbird v(\S+)$/m.exec(modules)?.[1] as string;
/** A network of which the hosts' addresses are; otherwise a random one. */
const NETWORK = '100.64.0.0/24';

/** Port of the server itself, which is behind a proxy. */
const BEHIND_TLS = 8080;

/** Lets in whoever manages NetBird. */
let token = '';

/** Calls the API of NetBird's management. */
async function call(method: string, path: string, body?: Obj) {
  const options = ['--fail-with-body', '--silent', '--show-error', '--cacert', trustedAuthority];
  const headers = [...(token ? [`Authorization: Token ${token}`] : []), 'Content-Type: application/json'];
  const data = body ? ['--data', JSON.stringify(body)] : [];
  const all = [...options, ...headers.flatMap((header) => ['--header', header]), '--request', method, ...data];
  return JSON.parse(await run(['curl', ...all, `${CONTROL}/api/${path}`]));
}

/** Management, signal, relay and STUN in one, with an identity provider of its own. */
const settings = {
  server: {
    ...{ listenAddress: `:${BEHIND_TLS}`, exposedAddress: CONTROL, healthcheckAddress: '127.0.0.1:9000' },
    ...{ logLevel: 'info', logFile: 'console', dataDir: join(folder, 'data') },
    ...{ disableAnonymousMetrics: true, disableGeoliteUpdate: true },
    authSecret: 'between-relay-and-management',
    auth: { issuer: `${CONTROL}/oauth2` },
  },
};

/** Ends TLS where hosts look for the server, which leaves that to a proxy: it reads `tls` of its settings, and no more. */
function endTls({ certificate, key }: { readonly certificate: string; readonly key: string }): void {
  const options = { cert: readFileSync(certificate), key: readFileSync(key), ALPNProtocols: ['h2', 'http/1.1'] };
  const proxy = createServer(options, (outside) => {
    pipeline(outside, connect(BEHIND_TLS, '127.0.0.1'), outside, () => outside.destroy());
  });
  proxy.listen(PORT, ADDRESS).unref();
}

const control: ControlServer = {
  provider: 'netbird',
  wrong: { key: '00000000-0000-0000-0000-000000000000', refusal: 'setup key is invalid' },
  async start(tls) {
    mkdirSync(join(folder, 'data'), { recursive: true });
    const config = join(folder, 'config.yaml');
    writeFileSync(config, JSON.stringify(settings), { mode: 0o600 });
    endTls(tls);
    const server = new Process('netbird-server', {
      command: [join(programs, 'combined'), '--config', config],
      env: { NB_SETUP_PAT_ENABLED: 'true', NB_DISABLE_GEOLOCATION: 'true', SSL_CERT_FILE: trustedAuthority },
    });
    await server.start().ready('to answer', () => call('GET', 'instance'));
    const owner = { email: 'admin@example.com', name: 'Admin', password: 'not-a-Secret-1' };
    token = (await call('POST', 'setup', { ...owner, create_pat: true })).personal_access_token;
    const [account] = await call('GET', 'accounts');
    await call('PUT', `accounts/${account.id}`, { settings: { ...account.settings, network_range: NETWORK } });
    const key = { name: 'federation', type: 'reusable', expires_in: 86400, auto_groups: [], usage_limit: 0 };
    return (await call('POST', 'setup-keys', key)).key;
  },
  async nodes() {
    const peers: Obj[] = await call('GET', 'peers');
    return peers.map(({ name, id, ip }) => ({ name, key: id, vpnIp: ip }));
  },
  // NetBird gives random ones.
  async assign(hosts) {
    for (const { name, vpnIp } of hosts) {
      const peer = await until(`${name} to join`, async () =>
        (await call('GET', 'peers')).find((one: Obj) => one.name === name),
      );
      const { ssh_enabled, login_expiration_enabled, inactivity_expiration_enabled } = peer;
      const kept = { name, ssh_enabled, login_expiration_enabled, inactivity_expiration_enabled };
      await call('PUT', `peers/${peer.id}`, { ...kept, ip: vpnIp });
    }
  },
};

/** What its client keeps on a host. */
const settingsOf = (host: Machine) => JSON.parse(file(host, 'var/lib/netbird/default.json'));

const SOCKET = '/var/run/netbird.sock';
const status = async (host: Machine) => JSON.parse(await on(host, 'netbird status --json'));

const client: Client = {
  name: 'netbird',
  version,
  programs: { netbird: join(programs, 'client') },
  service: {
    name: 'netbird',
    command: `/opt/vpn/netbird service run --log-level info --daemon-addr unix://${SOCKET} --log-file console`,
    socket: SOCKET,
  },
  joins: /netbird up --setup-key-file \S+ /,
  async state(host) {
    const { daemonStatus, netbirdIp, management } = await status(host);
    const { DisableDNS } = settingsOf(host);
    const [address] = netbirdIp.split('/');
    const running = daemonStatus === 'Connected' && management.connected;
    return { running, address, server: management.url, dns: !DisableDNS };
  },
  async wayTo(from, to) {
    const { peers } = await status(from);
    const peer = peers.details.find(({ netbirdIp }: Obj) => netbirdIp === to.vpnIp);
    return peer?.connectionType === 'P2P' ? peer.iceCandidateEndpoint.remote.split(':')[0] : undefined;
  },
  leave: 'netbird down',
  takeDns: 'netbird down && netbird up --disable-dns=false',
  alone: {
    step: 'a host takes no interface of the pod network for a way to others',
    check(host) {
      const { IFaceBlackList, WgIface, MTU } = settingsOf(host);
      expect(IFaceBlackList).toEqual(expect.arrayContaining(['cali', 'vxlan', 'flannel', 'cni']));
      expect({ WgIface, MTU }).toEqual({ WgIface: 'wt0', MTU: 1280 });
    },
  },
};

vpnStory(control, client);
