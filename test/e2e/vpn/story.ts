import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { type SshHost, startSshHost } from '../../k3s/ssh-host.ts';
import { ADDRESS, Internet, installerUrl, trustedAuthority } from '../harness/internet.ts';
import { attempt, logFolder, Process, type RunResult, run, runFolder } from '../harness/process.ts';
import { here, project, synth } from '../harness/project.ts';
import { Stages } from '../harness/stages.ts';
import { until } from '../harness/wait.ts';
import { makeNetwork } from '../node/container.ts';

/** The server that hosts join their VPN through. */
export interface ControlServer {
  /** As the file calls what it is for. */
  readonly provider: 'headscale' | 'netbird';
  /**
   * Starts it at `CONTROL`.
   * @param tls Certificate for it, which the hosts trust.
   * @returns The key that lets a host in.
   */
  start(tls: { readonly certificate: string; readonly key: string }): Promise<string>;
  /** Who has joined. */
  nodes(): Promise<JoinedHost[]>;
  /**
   * Gives hosts that are joining their addresses in the VPN, as a person would.
   * @default - it gives these addresses by itself, in the order of joining
   */
  assign?(hosts: readonly HostOfVpn[]): Promise<void>;
  /** A key as it makes them, that it has not made; and a part of what a host with it is told. */
  readonly wrong: { readonly key: string; readonly refusal: string };
}

export interface JoinedHost {
  readonly name: string;
  /** What it is known by. */
  readonly key: string;
  /** Its IPv4 address in the VPN. */
  readonly vpnIp: string;
}

/** The client of a VPN, as it is on hosts. */
export interface Client {
  /** Name of its command and its package. */
  readonly name: string;
  /** Version of its package, of which there is no other. */
  readonly version: string;
  /** The real programs, by the names that they have in `/opt/vpn` of hosts. */
  readonly programs: Readonly<Record<string, string>>;
  /** Its service: what that runs, and where it listens. */
  readonly service: { readonly name: string; readonly command: string; readonly socket: string };
  /** A command line that it is to join with. */
  readonly joins: RegExp;
  /** What a host's client says of itself. */
  state(host: Machine): Promise<ClientState>;
  /** The address outside of the VPN to which `from` sends what is for `to`, once the client knows. */
  wayTo(from: Machine, to: Machine): Promise<string | undefined>;
  /** What somebody does by hand who takes a host out of the VPN. */
  readonly leave: string;
  /** What somebody does by hand who wants the DNS of the VPN. */
  readonly takeDns: string;
  /** A step about what this client alone has to be told. @default - none */
  readonly alone?: { readonly step: string; check(host: Machine): void };
}

export interface ClientState {
  readonly running: boolean;
  readonly address: string;
  /** URL of the control server. */
  readonly server: string;
  /** Whether it takes the DNS of the VPN. */
  readonly dns: boolean;
}

export const SERVER = 'vpn.example.com';
export const PORT = 8443;
export const CONTROL = `https://${SERVER}:${PORT}`;

export interface HostOfVpn {
  readonly name: string;
  readonly role: 'server' | 'agent';
  /** On the network that all are in. */
  readonly address: string;
  readonly vpnIp: string;
}

const HOSTS: readonly HostOfVpn[] = [
  { name: 'central-1', role: 'server', address: '172.30.0.4', vpnIp: '100.64.0.1' },
  { name: 'central-2', role: 'agent', address: '172.30.0.5', vpnIp: '100.64.0.2' },
];

/** The resolv.conf of hosts, whose names are in a file. */
const DNS = `nameserver ${ADDRESS}\n`;

export type Machine = SshHost & HostOfVpn;

const internet = new Internet();
const stages = new Stages();
const folder = join(runFolder, 'vpn');
const sshDir = join(folder, 'ssh');
const networks: ChildProcess[] = [];
const machines: Machine[] = [];
let dist = '';

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(() => {
      for (const server of Process.all) console.error(server.tail());
      for (const machine of machines) console.error(`${machine.name}:\n${serviceLog(machine).slice(-4000)}`);
    });
    await stages.measure(name, work);
  });
}

async function startMachine(host: HostOfVpn, client: Client): Promise<Machine> {
  const { address } = host;
  const network = await makeNetwork(address, `${client.name}-${networks.length}`);
  networks.push(network);
  const programs = ['apt-get', 'gpg'].map((name) => join(here, 'vpn', name));
  const machine = await startSshHost({ address, network: network.pid, sshDir, programs });
  const put = (source: string, path: string) => {
    mkdirSync(join(machine.root, path, '..'), { recursive: true });
    copyFileSync(source, join(machine.root, path));
  };
  writeFileSync(join(machine.root, 'etc/os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
  writeFileSync(join(machine.root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  writeFileSync(join(machine.root, 'etc/resolv.conf'), DNS);
  put(join(runFolder, 'hosts'), 'etc/hosts');
  put(trustedAuthority, 'etc/ssl/certs/ca-certificates.crt');
  for (const [name, program] of Object.entries(client.programs)) put(program, join('opt/vpn', name));
  put(join(here, 'vpn/client'), join('var/stand-in/packaged', client.name));
  put(join(here, 'vpn/service'), join('var/stand-in', client.service.name));
  machine.set('daemon', `${client.service.socket}\n${client.service.command}\n`);
  machine.set('package', `${client.name}=${client.version}`);
  return { ...machine, ...host };
}

/** What is in a file of a host, or nothing. */
export function file(machine: Machine, path: string): string {
  const whole = join(machine.root, path);
  return existsSync(whole) ? readFileSync(whole, 'utf8') : '';
}
const serviceLog = (machine: Machine) => file(machine, 'var/log/vpn.log');

/** Runs a command on a host. */
export function on({ address, port, user }: Machine, command: string): Promise<string> {
  const login = ['-F', '/dev/null', '-i', join(sshDir, 'ssh-privatekey'), '-o', 'BatchMode=yes'];
  const known = ['-o', `UserKnownHostsFile=${join(sshDir, 'known_hosts')}`];
  return run(['ssh', ...login, ...known, '-p', String(port), '-l', user, address, command], { seconds: 30 });
}

/** Runs bootstrap.sh for all hosts, with a key for the VPN. */
function bootstrap(key: string): Promise<RunResult> {
  const secrets = join(folder, 'secrets');
  mkdirSync(join(secrets, 'federation-vpn'), { recursive: true });
  writeFileSync(join(secrets, 'federation-vpn/key'), `${key}\n`, { mode: 0o600 });
  const folders = ['--dist', dist, '--ssh-dir', sshDir, '--secrets-dir', secrets];
  const out = ['--kubeconfig-dir', join(folder, 'kubeconfigs')];
  return attempt([join(project, 'scripts/bootstrap.sh'), ...folders, ...out, '--all'], { seconds: 300 });
}

/** What bootstrap.sh has printed. */
const printed: string[] = [];

/**
 * How hosts join their VPN before k3s starts. The client and its daemon are real, each host in a network of its own.
 * Each test is a step, and needs those before it.
 */
export function vpnStory(control: ControlServer, client: Client): void {
  let key = '';
  const nodes = async () => (await control.nodes()).toSorted((a, b) => a.name.localeCompare(b.name));

  beforeAll(async () => {
    await stages.measure('a control server and two hosts start', async () => {
      await internet.start({ [SERVER]: ADDRESS });
      const { authority } = internet;
      await authority.sign('vpn', `/CN=${SERVER}`, [`DNS:${SERVER}`]);
      rmSync(folder, { recursive: true, force: true }); // another file of tests may have been here
      mkdirSync(folder);
      key = await control.start({ certificate: authority.crt('vpn'), key: authority.key('vpn') });
      for (const host of HOSTS) machines.push(await startMachine(host, client));
    });
  });

  afterAll(async () => {
    for (const machine of machines) {
      writeFileSync(join(logFolder, `${machine.name}.vpn.log`), serviceLog(machine));
      const daemon = Number(file(machine, 'run/vpn.pid'));
      if (daemon) {
        process.kill(daemon);
        await until(`the VPN's daemon of ${machine.name} to end`, () => !existsSync(`/proc/${daemon}`));
      }
      await machine.stop();
    }
    for (const network of networks) network.kill();
    for (const server of Process.all) await server.stop();
    internet.stop();
    console.log(stages.table());
  });

  step('a file with a VPN of its own is synthesized', async () => {
    const hosts = machines.map(({ name, role, address, vpnIp, user, port }) => ({
      ...{ name, role, publicIp: address, vpnIp, ssh: { user, port } },
    }));
    const spec = {
      vpn: { provider: control.provider, server: CONTROL },
      k3s: { installer: { url: installerUrl } },
      controlPlane: { hosts },
    };
    const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'vpn' } };
    const path = join(runFolder, 'vpn.yaml');
    writeFileSync(path, JSON.stringify({ ...head, spec }));
    dist = await synth(path);
  });

  step('a host with a wrong key does not join, says why, and gets no k3s', async () => {
    const { code, stdout, stderr } = await bootstrap(control.wrong.key);
    expect(code).not.toBe(0);
    expect(stderr).toContain(control.wrong.refusal);
    expect(stderr).toContain(`vpn: error: ${client.name} could not join`);
    expect(stderr).toMatch(/central-1 +server +failed: the step vpn failed/);
    expect(stdout + stderr).not.toContain(control.wrong.key);
    expect(await nodes()).toEqual([]);
    expect(machines[0]?.calls().join('\n')).not.toContain('installer');
  });

  step('with the right key the hosts install the client, join, and become nodes of k3s', async () => {
    const [{ code, stdout, stderr }] = await Promise.all([bootstrap(key), control.assign?.(HOSTS)]);
    expect(code, stderr).toBe(0);
    printed.push(stdout, stderr);
    const installs = `install ${client.name}=${client.version}`;
    for (const machine of machines) {
      expect(machine.calls()).toContainEqual(expect.stringMatching(new RegExp(`^apt-get .* ${installs}$`)));
      expect(machine.calls()).toContainEqual(expect.stringMatching(/^installer /));
    }
  });

  step('the control server knows both, by the addresses that the file says', async () => {
    const joined = (await nodes()).map(({ name, vpnIp }) => ({ name, vpnIp }));
    expect(joined).toEqual(HOSTS.map(({ name, vpnIp }) => ({ name, vpnIp })));
    for (const machine of machines) {
      expect(await client.state(machine)).toMatchObject({ running: true, address: machine.vpnIp, server: CONTROL });
    }
  });

  step('a host takes no DNS of the VPN', async () => {
    for (const machine of machines) {
      expect((await client.state(machine)).dns).toBe(false);
      expect(file(machine, 'etc/resolv.conf')).toBe(DNS);
    }
  });

  if (client.alone) {
    const { step: name, check } = client.alone;
    step(name, async () => machines.forEach(check));
  }

  step('k3s is told the addresses in the VPN, and waits for them when a host starts', async () => {
    const [server, agent] = machines as [Machine, Machine];
    for (const machine of machines) {
      const config = file(machine, 'etc/rancher/k3s/config.yaml').split('\n');
      expect(config).toContain(`node-ip: ${machine.vpnIp}`);
      const unit = machine.role === 'server' ? 'k3s' : 'k3s-agent';
      const [, wait] =
        /^ExecStartPre=(.*)$/m.exec(file(machine, `etc/systemd/system/${unit}.service.d/10-vpn.conf`)) ?? [];
      await on(machine, (wait as string).replaceAll('\\"', '"'));
    }
    expect(file(agent, 'etc/rancher/k3s/config.yaml')).toContain(`server: https://${server.vpnIp}:6443`);
  });

  step('hosts reach each other at these addresses, straight through the tunnel', async () => {
    const [server, agent] = machines as [Machine, Machine];
    for (const [from, to] of [
      [server, agent],
      [agent, server],
    ] as const) {
      const way = await until(`${from.name} to know a way to ${to.name}`, () => client.wayTo(from, to));
      expect(way).toBe(to.address);
      // Who answers there is the host itself: it shows its own host key.
      const known = readFileSync(join(sshDir, 'known_hosts'), 'utf8').split('\n');
      const hostKey = known.find((line) => line.startsWith(`[${to.address}]:`))?.split(' ')[2];
      expect(await on(from, `ssh-keyscan -T 10 -t ed25519 -p ${to.port} ${to.vpnIp}`)).toContain(hostKey);
    }
  });

  step('a second run joins nothing anew and changes no host', async () => {
    const before = { nodes: await nodes(), calls: machines.map((machine) => machine.calls()) };
    const { code, stdout, stderr } = await bootstrap(key);
    expect(code, stderr).toBe(0);
    printed.push(stdout, stderr);
    expect(stderr.match(/is in the VPN with these settings/g)).toHaveLength(HOSTS.length);
    expect(stderr).not.toContain('joining as');
    expect({ nodes: await nodes(), calls: machines.map((machine) => machine.calls()) }).toEqual(before);
  });

  step('a further run puts right what was changed by hand, and hosts are still the same nodes', async () => {
    const [server, agent] = machines as [Machine, Machine];
    const before = await nodes();
    await on(server, client.leave);
    await on(agent, `${client.takeDns} && rm /var/lib/serverless-federation/vpn`);
    const { code, stdout, stderr } = await bootstrap(key);
    expect(code, stderr).toBe(0);
    printed.push(stdout, stderr);
    expect(await nodes()).toEqual(before);
    for (const machine of machines) {
      expect(await client.state(machine)).toMatchObject({ running: true, address: machine.vpnIp, dns: false });
      expect(file(machine, 'etc/resolv.conf')).toBe(DNS);
    }
  });

  step('the key was on no command line, is in no log, and stays on no host', async () => {
    for (const machine of machines) {
      expect(file(machine, 'var/stand-in/processes')).toMatch(client.joins);
    }
    expect(printed.join('')).not.toContain(key);
    const places = [logFolder, ...machines.map(({ root }) => root)];
    const { code, stdout } = await attempt(['grep', '--recursive', '--files-with-matches', '-F', '-e', key, ...places]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
}
