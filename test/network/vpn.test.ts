import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { losesPodNetwork, needsSecret, type Vpn, vpnFlags, vpnStep } from '../../constructs/network/vpn.ts';
import { vpn as schema } from '../../constructs/spec/network.ts';

// A script starts some hundred processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000 });

const KEY = 'hskey-auth-abc123';
const HOST = { name: 'edge-1', vpnIp: '100.64.0.5' };
const headscale = schema.parse({ provider: 'headscale', server: 'https://headscale.example.com' });
const netbird = schema.parse({ provider: 'netbird', server: 'https://netbird.example.com:33073' });
const zerotier = schema.parse({ provider: 'zerotier', network: '8056c2e21c000001', cidr: '100.64.0.0/24' });

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Programs of the host that the scripts use as they are. */
const REAL = 'awk cat cmp cp env grep head mkdir mktemp mv rm sed sh sleep sort timeout tr'.split(' ');

function which(name: string): string {
  const found = (process.env.PATH ?? '').split(':').find((folder) => existsSync(join(folder, name)));
  if (!found) throw new Error(`this test needs '${name}', install it`);
  return join(found, name);
}

interface Machine {
  /** Stand-ins by name; what is not here and not in REAL is not installed. */
  programs?: string[];
  real?: string[];
  installed?: string;
  addresses?: string;
  assigned?: string;
  mtu?: number;
  osRelease?: string;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vpn-'));
  folders.push(folder);
  return folder;
}

/** A folder that stands for a host's root, with stand-ins for what would change the host. */
function machine(vpn: Vpn, given: Machine = {}) {
  const made = at(newFolder(), vpn);
  const { root, bin, state, write } = made;
  for (const path of [join(root, 'etc'), join(root, 'sys/class/net', vpn.interface), bin, state]) {
    mkdirSync(path, { recursive: true });
  }
  write('root/etc/os-release', given.osRelease ?? 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  write(`root/sys/class/net/${vpn.interface}/mtu`, `${given.mtu ?? vpn.mtu}\n`);
  write('state/calls', '');
  write('state/device', vpn.interface);
  write('state/installed', given.installed ?? '');
  write('state/addresses', given.addresses ? `${given.addresses}\n` : '');
  write('state/assigned', `${given.assigned ?? HOST.vpnIp}\n`);
  write('key', `${KEY}\n`);
  const client = { headscale: 'tailscale', tailscale: 'tailscale', netbird: 'netbird', zerotier: 'zerotier-cli' };
  for (const name of given.programs ?? ['ip', 'systemctl', 'apt-get', 'gpg', 'curl', client[vpn.provider]]) {
    symlinkSync(fileURLToPath(new URL('stand-in.sh', import.meta.url)), join(bin, name));
  }
  for (const name of [...REAL, ...(given.real ?? [])]) {
    symlinkSync(which(name), join(bin, name));
  }
  return made;
}

/** The machine in a folder, and how the step runs on it. */
function at(folder: string, vpn: Vpn) {
  const [root, bin, state] = ['root', 'bin', 'state'].map((name) => join(folder, name)) as [string, string, string];
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const run = (step = vpnStep(vpn, HOST), env: Record<string, string> = {}) => {
    write('state/calls', '');
    write('step.sh', step.script);
    const settings = { PATH: bin, STATE: state, SYSROOT: root, VPN_TIMEOUT: '60', ...step.env, ...env };
    return new Promise<{ code: number; log: string; calls: string[] }>((resolve) => {
      const secret = step.secret ? { SECRET_FILE: join(folder, 'key') } : {};
      execFile('/bin/sh', [join(folder, 'step.sh')], { env: { ...settings, ...secret } }, (error, stdout, stderr) => {
        const calls = readFileSync(join(state, 'calls'), 'utf8').split('\n').slice(0, -1);
        resolve({ code: error ? Number(error.code) : 0, log: stdout + stderr, calls });
      });
    });
  };
  const file = (path: string) => readFileSync(join(root, path), 'utf8');
  return { folder, root, bin, state, run, file, write };
}

const firstRuns = new Map<Vpn, ReturnType<typeof runOnBare>>();

/** A bare machine that the step has run on, and what it said: once for all tests, which leave it as it is. */
function firstRun(vpn: Vpn) {
  const made = firstRuns.get(vpn) ?? runOnBare(vpn);
  firstRuns.set(vpn, made);
  return made;
}

async function runOnBare(vpn: Vpn) {
  const bare = machine(vpn);
  return { ...bare, ...(await bare.run()) };
}

/** A copy of that machine. */
async function joined(vpn: Vpn) {
  const folder = newFolder();
  cpSync((await firstRun(vpn)).folder, folder, { recursive: true, verbatimSymlinks: true });
  return at(folder, vpn);
}

/** Every file below a folder with its content and the time of its last change. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, `${statSync(join(folder, path)).mtimeMs} ${readFileSync(join(folder, path), 'utf8')}`]),
  );
}

const changing = (calls: string[]) =>
  calls.filter((call) => !/^(ip |tailscale (version|ip)|netbird version|zerotier-cli -v|systemctl enable)/.test(call));

describe.concurrent('every client', () => {
  const clients: [string, Vpn][] = [
    ['Tailscale', headscale],
    ['NetBird', netbird],
    ['ZeroTier', zerotier],
  ];
  test.each(clients)('%s is installed at its version, from the vendor and by its key, and joins', async (_, vpn) => {
    const { code, log, calls, file } = await firstRun(vpn);
    expect(code, log).toBe(0);
    const name = vpn.provider === 'headscale' ? 'tailscale' : vpn.provider === 'netbird' ? 'netbird' : 'zerotier-one';
    expect(calls.some((call) => call.endsWith(`install ${name}=${vpn.version}`))).toBe(true);
    expect(file(`etc/apt/sources.list.d/${name}.list`)).toMatch(
      new RegExp(`^deb \\[signed-by=/usr/share/keyrings/${name}-archive-keyring.gpg\\] https://\\S+ \\S+ main\n$`),
    );
    expect(file(`usr/share/keyrings/${name}-archive-keyring.gpg`)).toMatch(/^key [0-9A-F]{40}\n$/);
    expect(log).toContain(`is in the VPN with these settings`);
  });

  test.each(clients)('%s is left as it is by a second run', async (_, vpn) => {
    const { run, root } = await joined(vpn);
    const before = contents(root);
    const { code, calls } = await run();
    expect(code).toBe(0);
    expect(changing(calls)).toEqual([]);
    expect(contents(root)).toEqual(before);
  });

  test.each(clients)('%s joins again with other settings', async (_, vpn) => {
    const { run } = await joined(vpn);
    const { code, calls } = await run(vpnStep(vpn, { ...HOST, name: 'edge-one' }));
    expect(code).toBe(0);
    expect(changing(calls)).not.toEqual([]);
  });

  test.each(clients)('%s gets no key on a command line, nor into the log', async (_, vpn) => {
    const { calls, log } = await firstRun(vpn);
    expect([...calls, log].join('\n')).not.toContain(KEY);
  });

  test.each(clients)('%s that is newer stays, an older one is updated', async (_, vpn) => {
    const newer = await machine(vpn, { installed: '99.0.0' }).run();
    expect(newer.calls.join('\n')).not.toContain('install');
    const older = await machine(vpn, { installed: '0.9.0' }).run();
    expect(older.calls.join('\n')).toContain(`=${vpn.version}`);
  });

  test.each(clients)('%s is installed by dnf where that is', async (_, vpn) => {
    const client = { headscale: 'tailscale', tailscale: 'tailscale', netbird: 'netbird', zerotier: 'zerotier-cli' };
    const { run, root } = machine(vpn, {
      programs: ['ip', 'systemctl', 'dnf', 'gpg', 'curl', client[vpn.provider]],
      osRelease: 'ID="rhel"\nVERSION_ID="9.4"\n',
    });
    const { code, log, calls } = await run();
    expect(code, log).toBe(0);
    expect(calls.some((call) => call.startsWith('dnf ') && call.endsWith(`-${vpn.version}`))).toBe(true);
    const repositories = contents(join(root, 'etc/yum.repos.d'));
    expect(Object.values(repositories)[0]).toMatch(
      /baseurl=https:\/\/\S+\n(.*\n)*gpgcheck=1\ngpgkey=file:\/\/\/etc\/pki/,
    );
  });

  test.each(clients)('%s that gets another address fails with both and what to do', async (_, vpn) => {
    const { code, log } = await machine(vpn, { assigned: '100.64.0.9' }).run(undefined, { VPN_TIMEOUT: '4' });
    expect(code).toBe(1);
    expect(log).toContain(`gave up after 4 s: ${vpn.interface} has 100.64.0.9 and not 100.64.0.5.`);
    expect(log).toContain("write the address that it has as this host's vpnIp");
  });

  test.each(clients)('%s with an interface too narrow for the pods fails', async (_, vpn) => {
    const { code, log } = await machine(vpn, { mtu: 1200 }).run();
    expect(code).toBe(1);
    expect(log).toContain("carries packets of 1200 bytes, less than the 1280 of 'mtu'");
  });

  test.each(clients)('k3s starts after %s, once the address is there', async (_, vpn) => {
    const { file } = await firstRun(vpn);
    const service = { headscale: 'tailscaled', tailscale: 'tailscaled', netbird: 'netbird', zerotier: 'zerotier-one' };
    for (const unit of ['k3s', 'k3s-agent']) {
      const setting = file(`etc/systemd/system/${unit}.service.d/10-vpn.conf`);
      expect(setting).toContain(`After=${service[vpn.provider]}.service`);
      expect(setting).toMatch(new RegExp(`ExecStartPre=/usr/bin/timeout 120 .* ${vpn.interface} .*" 100.64.0.5/"`));
    }
  });

  test.each(clients)('k3s restarts with %s only where its release loses its pod network otherwise', async (_, vpn) => {
    const { run, file } = await joined(vpn);
    const setting = () => file('etc/systemd/system/k3s.service.d/10-vpn.conf');
    await run(vpnStep(vpn, HOST, true));
    const service = /^After=(.*)$/m.exec(setting())?.[1];
    expect(setting()).toMatch(new RegExp(`^PartOf=${service}$`, 'm'));
    await run(vpnStep(vpn, HOST, false));
    expect(setting()).not.toContain('PartOf');
  });

  test.each(clients)('%s is not touched with install: false, but waited for', async (_, vpn) => {
    const present = machine({ ...vpn, install: false }, { addresses: HOST.vpnIp });
    const { code, log, calls } = await present.run();
    expect(code, log).toBe(0);
    expect(changing(calls)).toEqual(['systemctl daemon-reload']);
    expect(existsSync(join(present.root, 'etc/apt'))).toBe(false);
    const absent = await machine({ ...vpn, install: false }).run(undefined, { VPN_TIMEOUT: '4' });
    expect(absent.code).toBe(1);
    expect(absent.log).toContain('has no address and not 100.64.0.5');
  });
});

test('flannel loses the pod network in releases before its mend of 2026', () => {
  const losing = ['v1.32.9+k3s1', 'v1.33.12+k3s1', 'v1.34.8+k3s1', 'v1.35.5+k3s1', 'v1.35.6-rc1+k3s1', 'v1.36.1+k3s1'];
  const mended = ['v1.33.13+k3s1', 'v1.34.9+k3s1', 'v1.35.6+k3s1', 'v1.35.10+k3s1', 'v1.36.2+k3s1', 'v1.37.0+k3s1'];
  expect(losing.filter((version) => !losesPodNetwork(version))).toEqual([]);
  expect(mended.filter(losesPodNetwork)).toEqual([]);
});

describe.concurrent('package managers', () => {
  test('are waited for while another has the lock of the lists, within a bound', async () => {
    const { run, write, state } = machine(headscale, { programs: ['ip', 'systemctl', 'gpg', 'curl', 'tailscale'] });
    // As apt-get says it, until somebody else is done.
    write(
      'bin/apt-get',
      `#!/bin/sh
case "$*" in
  *update*) if [ -e "$STATE/busy" ]; then rm "$STATE/busy"; echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)' >&2; exit 100; fi ;;
esac
echo "apt-get $*" >>"$STATE/calls"
case "$*" in *install*) echo ${headscale.version} >"$STATE/installed" ;; esac
`,
    );
    chmodSync(join(state, '../bin/apt-get'), 0o755);
    write('state/busy', '');
    const waited = await run();
    expect(waited.code, waited.log).toBe(0);
    expect(waited.log).toContain('waiting for another apt-get to end');
    expect(waited.calls.find((call) => call.includes(' install '))).toContain('DPkg::Lock::Timeout=600');
  });

  test('say what is wrong where it is no lock', async () => {
    const { run, write, state } = machine(headscale, { programs: ['ip', 'systemctl', 'gpg', 'curl', 'tailscale'] });
    write('bin/apt-get', "#!/bin/sh\necho 'E: The repository is not signed' >&2\nexit 100\n");
    chmodSync(join(state, '../bin/apt-get'), 0o755);
    const { code, log } = await run();
    expect(code).toBe(1);
    expect(log).toContain('E: The repository is not signed');
    expect(log).toContain('apt-get could not update its lists');
  });

  test('and downloads have a limit', async () => {
    const { run } = machine(headscale);
    const { calls } = await run(undefined, { STEP_TIMEOUT: '45' });
    expect(calls.filter((call) => call.startsWith('curl ')).every((call) => call.includes('--max-time 45'))).toBe(true);
    expect(calls.some((call) => call.startsWith('curl '))).toBe(true);
  });
});

const hasGpg = existsSync('/usr/bin/gpg');
test.skipIf(!hasGpg)(
  'a package key with another fingerprint than the known one is refused, by gpg itself',
  async () => {
    const programs = ['ip', 'systemctl', 'apt-get', 'tailscale'];
    const { run, root, write, state } = machine(headscale, { programs, real: ['gpg'] });
    const home = join(state, 'gnupg');
    mkdirSync(home, { mode: 0o700 });
    const gpg = (...args: string[]) => execFileSync('gpg', ['--batch', '--quiet', '--homedir', home, ...args]);
    gpg('--passphrase', '', '--quick-generate-key', 'Somebody <else@example.com>', 'ed25519', 'sign', 'never');
    writeFileSync(join(state, 'key.asc'), gpg('--armor', '--export'));
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
    write('bin/curl', '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\ncp "$STATE/key.asc" "$2"\n');
    chmodSync(join(state, '../bin/curl'), 0o755);
    const { code, log, calls } = await run();
    expect(code).toBe(1);
    expect(log).toContain("holds another key than the vendor's known one, 2596A99EAAB33821893C0A79458CA832957F5868");
    expect(calls.join('\n')).not.toContain('install');
    expect(existsSync(join(root, 'etc/apt/sources.list.d/tailscale.list'))).toBe(false);
  },
);

describe.concurrent('Tailscale', () => {
  test('joins by a key in a file, without the DNS of the VPN', async () => {
    const { calls, state } = await firstRun(headscale);
    const up = calls.find((call) => call.startsWith('tailscale up'));
    expect(up).toMatch(/--auth-key=file:\S+\/key /);
    expect(up).toContain('--accept-dns=false --hostname=edge-1 --login-server=https://headscale.example.com');
    expect(readFileSync(join(state, 'key'), 'utf8').trim()).toBe(KEY);
  });

  test('that was brought up by hand keeps its other settings', async () => {
    const { calls } = await machine(headscale, { installed: headscale.version, addresses: HOST.vpnIp }).run();
    expect(changing(calls)).toContain('tailscale set --accept-dns=false --hostname=edge-1');
    expect(calls.join('\n')).not.toContain('tailscale up');
  });

  test('that was stopped by hand comes up with the settings that it has', async () => {
    const { run, write } = machine(headscale, { installed: headscale.version, addresses: HOST.vpnIp });
    write('state/down', '');
    const { code, log, calls } = await run();
    expect(code, log).toBe(0);
    expect(calls).toContain('tailscale up');
  });

  test('is not taken out of another tailnet', async () => {
    const { code, log, calls } = await machine(headscale, { addresses: '100.99.0.1' }).run();
    expect(code).toBe(1);
    expect(log).toContain('is in a tailnet as 100.99.0.1, not as 100.64.0.5');
    expect(calls.join('\n')).not.toMatch(/tailscale (up|set)/);
  });

  test('carries larger packets where the file says so, and as before where it no longer does', async () => {
    const wide = { ...headscale, mtu: 1400 };
    const { run, file, root } = machine(wide);
    const { calls } = await run(vpnStep(wide, HOST));
    expect(file('etc/systemd/system/tailscaled.service.d/10-mtu.conf')).toBe(
      '[Service]\nEnvironment=TS_DEBUG_MTU=1400\n',
    );
    expect(calls).toContain('systemctl restart tailscaled');
    expect((await run(vpnStep(wide, HOST))).calls).not.toContain('systemctl restart tailscaled');
    expect((await run(vpnStep(headscale, HOST))).calls).toContain('systemctl restart tailscaled');
    expect(existsSync(join(root, 'etc/systemd/system/tailscaled.service.d/10-mtu.conf'))).toBe(false);
  });

  test('is left to k3s where it joins itself, by a file that only root reads', async () => {
    const byK3s = { ...headscale, integration: 'k3s' as const };
    const { run, file, root } = machine(byK3s);
    const { code, log, calls } = await run();
    expect(code, log).toBe(0);
    expect(file('etc/rancher/k3s/vpn-auth')).toBe(
      `name=tailscale,joinKey=${KEY},controlServerURL=https://headscale.example.com,extraArgs=--accept-dns=false --hostname=edge-1`,
    );
    expect(statSync(join(root, 'etc/rancher/k3s/vpn-auth')).mode & 0o777).toBe(0o600);
    expect(calls.join('\n')).not.toMatch(/tailscale (up|set)/);
    expect(file('etc/systemd/system/k3s.service.d/10-vpn.conf')).not.toContain('ExecStartPre');
  });

  test("refuses a key that k3s's file could not hold", async () => {
    const { run, write } = machine({ ...headscale, integration: 'k3s' });
    write('key', 'a,name=other');
    const { code, log } = await run();
    expect(code).toBe(1);
    expect(log).toContain('other characters than letters, digits, _ and -');
    expect(log).not.toContain('name=other');
  });
});

describe.concurrent('NetBird', () => {
  test('joins by a key in a file, without DNS, and ignores the interfaces of the pod network', async () => {
    const { calls, state } = await firstRun(netbird);
    const up = calls.find((call) => call.startsWith('netbird up'));
    expect(up).toMatch(/--setup-key-file \S+\/key --hostname edge-1 --interface-name wt0 --mtu 1280 --disable-dns/);
    expect(up).toMatch(/--extra-iface-blacklist cali,vxlan,\S*flannel/);
    expect(up).toContain('--management-url https://netbird.example.com:33073');
    expect(readFileSync(join(state, 'key'), 'utf8').trim()).toBe(KEY);
  });

  test('goes down before it takes other settings, for it takes none while it is up', async () => {
    const { run } = await joined(netbird);
    const { calls } = await run(vpnStep({ ...netbird, mtu: 1280, server: 'https://other.example.com' }, HOST));
    expect(changing(calls).map((call) => call.split(' ', 2).join(' '))).toEqual(['netbird down', 'netbird up']);
  });
});

describe.concurrent('ZeroTier', () => {
  test('ignores the interfaces of the pod network, takes no DNS, and leaves letting in to a person', async () => {
    const { calls, log, file } = await firstRun(zerotier);
    expect(JSON.parse(file('var/lib/zerotier-one/local.conf'))).toEqual({
      settings: { interfacePrefixBlacklist: expect.arrayContaining(['cali', 'vxlan', 'flannel']) },
    });
    expect(calls).toContain('systemctl restart zerotier-one');
    expect(calls).toContain('zerotier-cli join 8056c2e21c000001');
    expect(calls).toContain('zerotier-cli set 8056c2e21c000001 allowDNS=0');
    expect(log).toContain('let the host in at the controller: 9935981b1e, with the address 100.64.0.5');
  });

  test('keeps settings of the user, and says what to add', async () => {
    const { run, root, file } = machine(zerotier);
    mkdirSync(join(root, 'var/lib/zerotier-one'), { recursive: true });
    writeFileSync(join(root, 'var/lib/zerotier-one/local.conf'), '{"settings":{"primaryPort":9994}}');
    const { code, log } = await run();
    expect(code).toBe(1);
    expect(log).toContain('add "interfacePrefixBlacklist"');
    expect(file('var/lib/zerotier-one/local.conf')).toBe('{"settings":{"primaryPort":9994}}');
  });

  test('is let in at a controller of your own, with the address of the file', async () => {
    const seen: { url?: string; token?: unknown; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen.push({ url: request.url, token: request.headers['x-zt1-auth'], body });
        response.end('{}');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const own = { ...zerotier, server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
      const programs = ['ip', 'systemctl', 'zerotier-cli'];
      const { run } = machine(own, { programs, real: ['curl'], installed: zerotier.version });
      const { code, log } = await run();
      expect(code, log).toBe(0);
    } finally {
      server.close();
    }
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ url: '/controller/network/8056c2e21c000001/member/9935981b1e', token: KEY });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      authorized: true,
      noAutoAssignIps: true,
      ipAssignments: ['100.64.0.5'],
    });
  });

  test("says the interface's name where the file has another", async () => {
    const { run, write } = machine(zerotier, { assigned: '100.64.0.9' });
    write('state/device', 'ztother123');
    expect((await run(undefined, { VPN_TIMEOUT: '4' })).log).toContain(
      "The interface is ztother123 here: write that as 'interface'",
    );
  });
});

describe('the step', () => {
  test('takes its settings as data, a value a line, and the key from the Secret', () => {
    expect(vpnStep(headscale, HOST)).toMatchObject({
      name: 'vpn',
      env: {
        VPN_ADDRESS: '100.64.0.5',
        VPN_HOSTNAME: 'edge-1',
        VPN_INSTALL: 'true',
        VPN_INTEGRATION: 'client',
        VPN_INTERFACE: 'tailscale0',
        VPN_MTU: '1280',
        VPN_SERVER: 'https://headscale.example.com',
        VPN_VERSION: headscale.version,
      },
      secret: { name: 'federation-vpn', key: 'key' },
    });
  });

  test('asks for no Secret where there is nothing to unlock', () => {
    expect(needsSecret(headscale)).toBe(true);
    expect(needsSecret({ ...headscale, install: false })).toBe(false);
    expect(needsSecret(zerotier)).toBe(false);
    expect(needsSecret({ ...zerotier, server: 'https://zerotier.example.com' })).toBe(true);
    expect(vpnStep(zerotier, HOST).secret).toBeUndefined();
  });

  test('fails for a host without an address in the VPN', () => {
    expect(() => vpnStep(headscale, { name: 'edge-1' })).toThrow(
      "host 'edge-1' has no address in the VPN, give it a 'vpnIp'",
    );
  });
});

describe('flags of k3s', () => {
  test("flannel takes the VPN's interface, other pod networks find it", () => {
    expect(vpnFlags(headscale, 'flannel')).toEqual({ 'flannel-iface': 'tailscale0' });
    expect(vpnFlags(netbird, 'flannel')).toEqual({ 'flannel-iface': 'wt0' });
    expect(vpnFlags(headscale, 'calico')).toEqual({});
  });

  test('k3s joins by itself where it is to', () => {
    const byK3s = { ...headscale, integration: 'k3s' as const };
    expect(vpnFlags(byK3s, 'flannel')).toEqual({ 'vpn-auth-file': '/etc/rancher/k3s/vpn-auth' });
  });
});
