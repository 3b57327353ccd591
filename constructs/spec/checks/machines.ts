import { isIP } from 'node:net';
import { isGlobal } from '../../network/addresses.ts';
import type { Path, Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';

/**
 * A machine is a host once. Two hosts are one machine where they have the same address in the VPN, where SSH comes to
 * the same place, and where they have the same public address; but many may stand behind one address that forwards a
 * port to each, and behind different jump hosts the same address is another machine's.
 */
export function checkMachines(spec: FederationSpec, report: Report): void {
  const seen = new Map<string, string>();
  for (const { cluster, path } of clustersOf(spec)) {
    for (const [i, { name, address, publicIp, vpnIp, ssh }] of cluster.hosts.entries()) {
      const way = `${ssh.jump ?? spec.ssh.jump ?? ''} ${ssh.port ?? spec.ssh.port}`;
      // The address of a local network means another machine in each place; SSH needs a place of its own there.
      const scope = publicIp && address && !isGlobal(publicIp) ? cluster.name : '';
      const places: [string, string][] = [
        ...(vpnIp ? [['vpnIp', `vpn ${vpnIp}`] as [string, string]] : []),
        ...(publicIp ? [['publicIp', `${scope}:${publicIp} ${way}`] as [string, string]] : []),
        ...(address ? [['address', `:${address} ${way}`] as [string, string]] : []),
        ...(vpnIp ? [['vpnIp', `:${vpnIp} ${way}`] as [string, string]] : []),
      ];
      const place = (key: string): Path => [...path, 'hosts', i, key];
      const met = places.find(([, key]) => seen.has(key));
      if (met) {
        const [key, where] = met;
        const value = { address, publicIp, vpnIp }[key as 'address'];
        report(
          place(key),
          `'${value}' is the address of the host '${seen.get(where)}' already: a machine is a host once, so give each its own${isIP(value ?? '') ? '' : ', or another SSH port'}`,
        );
      }
      for (const [, key] of places) if (!seen.has(key)) seen.set(key, name);
    }
  }
}
