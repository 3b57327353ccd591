import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Client, on } from './story.ts';

const SOCKET = '/run/tailscale/tailscaled.sock';
const PORT = 41641;
const program = (name: string) => join(process.env.E2E_BIN as string, name);

/** Tailscale's client, which joins Headscale, too. */
export const tailscale: Client = {
  name: 'tailscale',
  version: execFileSync(program('tailscale'), ['version'], { encoding: 'utf8' }).split('\n')[0] as string,
  programs: { tailscale: program('tailscale'), tailscaled: program('tailscaled') },
  service: {
    name: 'tailscaled',
    // The options of the vendor's unit; it tells the vendor nothing.
    command: `/opt/vpn/tailscaled --no-logs-no-support --state=/var/lib/tailscale/tailscaled.state --socket=${SOCKET} --port=${PORT}`,
    socket: SOCKET,
  },
  joins: /tailscale up .*--auth-key=file:\S+ /,
  async state(host) {
    const { BackendState } = JSON.parse(await on(host, 'tailscale status --json'));
    const { ControlURL, CorpDNS, WantRunning } = JSON.parse(await on(host, 'tailscale debug prefs'));
    const running = BackendState === 'Running' && WantRunning;
    return { running, address: (await on(host, 'tailscale ip -4')).trim(), server: ControlURL, dns: CorpDNS };
  },
  async wayTo(from, to) {
    const pong = await on(from, `tailscale ping --c 5 ${to.vpnIp}`);
    return new RegExp(` via (\\S+):${PORT} `).exec(pong)?.[1];
  },
  leave: 'tailscale down',
  takeDns: 'tailscale set --accept-dns=true',
};
