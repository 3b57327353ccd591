import { readFileSync } from 'node:fs';
import type { BootstrapStep } from '../k3s/bootstrap-job.ts';
import type { K3sConfig } from '../k3s/config.ts';

/** A VPN that joins the hosts of all clusters. */
export interface Vpn {
  readonly provider: 'headscale' | 'tailscale' | 'netbird' | 'zerotier';
  /**
   * URL of the control server.
   *
   * @default - the vendor's; ZeroTier: hosts are let in by hand
   */
  readonly server?: string;
  /**
   * ZeroTier's network ID.
   *
   * @default - none, for the other providers have none
   */
  readonly network?: string;
  /** Network that the VPN gives its addresses from. */
  readonly cidr: string;
  /** Largest packet that it carries, in bytes. */
  readonly mtu: number;
  /** Name of its network interface on the hosts. */
  readonly interface: string;
  /** Version of the client that is installed. */
  readonly version: string;
  /** Whether the bootstrap installs the client and joins. */
  readonly install: boolean;
  /**
   * Who joins: the client by the bootstrap, or k3s when it starts, which is experimental there and knows Tailscale
   * clients only.
   *
   * @default 'client'
   */
  readonly integration?: 'client' | 'k3s';
  /** Where the key is that lets a host in, in the management cluster. */
  readonly secret: { readonly name: string; readonly key: string };
}

/** Path on a host of what k3s joins with, mode 0600. */
const AUTH_FILE = '/etc/rancher/k3s/vpn-auth';

/** The script that joins a host, by provider: how its client does it, then what all have in common. */
const SCRIPTS = {
  headscale: script('tailscale'),
  tailscale: script('tailscale'),
  netbird: script('netbird'),
  zerotier: script('zerotier'),
};

function script(client: string): string {
  return [client, 'join'].map(read).join('\n');
}

function read(part: string): string {
  return readFileSync(new URL(`vpn/${part}.sh`, import.meta.url), 'utf8');
}

/** First patch of each minor whose flannel comes back when the interface below it was made anew (k3s-io/k3s issue 12436). */
const RECOVERS_SINCE: Readonly<Record<number, number>> = { 33: 13, 34: 9, 35: 6, 36: 2 };

/** Whether k3s of a release, such as `v1.35.6+k3s1`, has to restart when a client of the VPN makes its interface anew. */
export function losesPodNetwork(version: string): boolean {
  const [, minor, patch, candidate] = /^v1\.(\d+)\.(\d+)(-rc\d+)?/.exec(version) ?? [];
  const since = RECOVERS_SINCE[Number(minor)];
  if (since === undefined) return Number(minor) < 33;
  return Number(patch) < since || (Number(patch) === since && candidate !== undefined);
}

/**
 * What the bootstrap does on a host before k3s: join the VPN, or see that the host is in it.
 *
 * @param restartsK3s Whether k3s is to restart with the VPN's client.
 */
export function vpnStep(
  vpn: Vpn,
  host: { readonly name: string; readonly vpnIp?: string },
  restartsK3s = false,
): BootstrapStep {
  if (!host.vpnIp) throw new Error(`host '${host.name}' has no address in the VPN, give it a 'vpnIp'`);
  return {
    name: 'vpn',
    script: SCRIPTS[vpn.provider],
    env: {
      VPN_ADDRESS: host.vpnIp,
      // The VPN's own DNS has names of one label.
      VPN_HOSTNAME: host.name.replaceAll('.', '-'),
      VPN_INSTALL: String(vpn.install),
      VPN_INTEGRATION: vpn.integration ?? 'client',
      VPN_INTERFACE: vpn.interface,
      VPN_MTU: String(vpn.mtu),
      VPN_VERSION: vpn.version,
      ...(restartsK3s && { VPN_RESTARTS_K3S: 'true' }),
      ...(vpn.network && { VPN_NETWORK: vpn.network }),
      ...(vpn.server && { VPN_SERVER: vpn.server }),
    },
    ...(needsSecret(vpn) && { secret: vpn.secret }),
  };
}

/** URLs below which the provider's packages are, as its script has them. */
export function packageSources({ provider }: Vpn): string[] {
  return [...SCRIPTS[provider].matchAll(/^packages=(https:\S+)$/gm)].map(([, url]) => url!);
}

/** Whether hosts need a key from a Secret. ZeroTier's only lets them in at a controller of one's own. */
export function needsSecret({ provider, install, server }: Vpn): boolean {
  return install && (provider !== 'zerotier' || server !== undefined);
}

/** Flags of k3s on each host of a cluster in the VPN, servers and agents alike. */
export function vpnFlags(vpn: Vpn, cni: 'flannel' | 'calico' | 'none'): K3sConfig {
  if (vpn.integration === 'k3s') return { 'vpn-auth-file': AUTH_FILE };
  // Calico finds the interface by the node's address.
  return cni === 'flannel' ? { 'flannel-iface': vpn.interface } : {};
}
