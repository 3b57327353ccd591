import type { Family } from './addresses.ts';

/** Bytes that wrapping a packet adds to it, IPv4 (docs.tigera.io/calico/latest/networking/configuring/mtu). */
const OVERHEAD = { VXLAN: 50, VXLANCrossSubnet: 50, IPIP: 20, IPIPCrossSubnet: 20, None: 0 } as const;

/** How Calico wraps packets between nodes. */
export type Encapsulation = keyof typeof OVERHEAD;

/** What the longer header of IPv6 adds to a packet that is wrapped. */
const IPV6_OVERHEAD = 20;

/**
 * Largest packet of pods, in bytes, that fits, wrapped, into one of a network that carries `mtu` bytes.
 *
 * @param family of the nodes' addresses, which the wrapped packets travel between
 */
export function maxPodMtu(mtu: number, encapsulation: Encapsulation, family: Family = 'IPv4'): number {
  const overhead = OVERHEAD[encapsulation];
  return mtu - overhead - (overhead > 0 && family === 'IPv6' ? IPV6_OVERHEAD : 0);
}
