/** Bytes that wrapping a packet adds to it, IPv4 (docs.tigera.io/calico/latest/networking/configuring/mtu). */
const OVERHEAD = { VXLAN: 50, VXLANCrossSubnet: 50, IPIP: 20, IPIPCrossSubnet: 20, None: 0 } as const;

/** How Calico wraps packets between nodes. */
export type Encapsulation = keyof typeof OVERHEAD;

/** Largest packet of pods, in bytes, that fits, wrapped, into one of a network that carries `mtu` bytes. */
export function maxPodMtu(mtu: number, encapsulation: Encapsulation): number {
  return mtu - OVERHEAD[encapsulation];
}
