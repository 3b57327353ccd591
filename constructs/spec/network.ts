import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import {
  CALICO_VERSION,
  INGRESS_NGINX_VERSION,
  METALLB_VERSION,
  NETBIRD_VERSION,
  TAILSCALE_VERSION,
  ZEROTIER_VERSION,
} from '../versions.ts';
import { cidr, dnsLabel, httpsUrl, ip } from './primitives.ts';

/*
 * `spec.vpn` and `spec.network`: how hosts of different places reach each other, and what carries the traffic of pods.
 */

/** Range that Tailscale, Headscale and NetBird give addresses from, unless told otherwise (RFC 6598). */
const CGNAT = '100.64.0.0/10';

/** Interface of Tailscale's client, which no setting of ours changes. */
const TAILNET_INTERFACE = 'tailscale0';

/** Smallest packet that every IPv6 link carries. Tailscale and NetBird take it, and the study set it for ZeroTier too. */
const VPN_MTU = 1280;

const mtu = z.int().min(1280, 'must be at least 1280, which IPv6 needs').max(9000, 'must be at most 9000');

/** Name of a Linux network interface: at most 15 bytes (IFNAMSIZ). */
const networkInterface = z
  .string()
  .regex(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,14}$/, "must be a network interface, such as 'tailscale0'");

const version = (example: string) =>
  z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/, `must be a version, such as '${example}'`);

const secret = z
  .strictObject({
    name: dnsLabel.default('federation-vpn').describe('Name of the Secret.'),
    key: z
      .string()
      .regex(/^[-._a-zA-Z0-9]{1,253}$/, "must be a key of a Secret, such as 'key'")
      .default('key')
      .describe('Key in the Secret.'),
  })
  .prefault({});

const client = (defaults: { cidr?: string; interface?: string; version: string }) => ({
  cidr: (defaults.cidr ? cidr.default(defaults.cidr) : cidr).describe(
    `Network that the VPN gives its addresses from.${defaults.cidr ? '' : ' Required: the provider has no usual one.'}`,
  ),
  mtu: mtu
    .default(VPN_MTU)
    .describe("Largest packet in bytes that the VPN's interface carries; the pods' is computed from it."),
  version: version(defaults.version)
    .default(defaults.version)
    .describe('Version of the client that is installed, of those that the vendor packages.'),
  install: z
    .boolean()
    .default(true)
    .describe('Whether the bootstrap installs the client and joins. false: the host is in the VPN already.'),
});

const integration = z
  .enum(['client', 'k3s'])
  .default('client')
  .describe(
    "client: the bootstrap joins the host, k3s uses the address; k3s: k3s joins itself ('vpn-auth-file', experimental in k3s; needs flannel).",
  );

const tailnetInterface = networkInterface
  .default(TAILNET_INTERFACE)
  .describe("Name of the VPN's network interface on the hosts.");

const headscale = z.strictObject({
  provider: z.literal('headscale').describe('Headscale: Tailscale clients, a control server of your own.'),
  server: httpsUrl.describe('URL of the Headscale server.'),
  ...client({ cidr: CGNAT, version: TAILSCALE_VERSION }),
  interface: tailnetInterface,
  integration,
  secret: secret.describe('Where the pre-authentication key is, a reusable one, in the management cluster.'),
});

const tailscale = z.strictObject({
  provider: z.literal('tailscale').describe("Tailscale with the vendor's control server."),
  ...client({ cidr: CGNAT, version: TAILSCALE_VERSION }),
  interface: tailnetInterface,
  integration,
  secret: secret.describe('Where the auth key is, a reusable one, in the management cluster.'),
});

const netbird = z.strictObject({
  provider: z.literal('netbird').describe("NetBird, the vendor's service or one of your own."),
  server: httpsUrl.optional().describe("URL of the management service. Default: the vendor's."),
  ...client({ cidr: CGNAT, version: NETBIRD_VERSION }),
  interface: networkInterface.default('wt0').describe("Name of the VPN's network interface on the hosts."),
  secret: secret.describe('Where the setup key is, a reusable one, in the management cluster.'),
});

const zerotier = z.strictObject({
  provider: z.literal('zerotier').describe("ZeroTier, the vendor's controller or one of your own."),
  network: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "must be a network ID of 16 hexadecimal digits, such as '8056c2e21c000001'")
    .describe('ID of the ZeroTier network.'),
  server: httpsUrl
    .optional()
    .describe(
      "URL of the API of a controller of your own, which then lets the hosts in. Default: the vendor's, where you do.",
    ),
  ...client({ version: ZEROTIER_VERSION }),
  interface: networkInterface
    .optional()
    .describe("Name of the VPN's network interface on the hosts. Default: the one ZeroTier makes of the network ID."),
  secret: secret.describe("Where the token of your controller's API is, in the management cluster."),
});

/** `spec.vpn`: the VPN that joins the hosts of all clusters. */
export const vpn = z
  .discriminatedUnion('provider', [headscale, tailscale, netbird, zerotier])
  .superRefine((value, context) => {
    const isTailnet = value.provider === 'headscale' || value.provider === 'tailscale';
    if (isTailnet && value.install && value.interface !== TAILNET_INTERFACE) {
      context.addIssue({
        code: 'custom',
        path: ['interface'],
        message: `must be '${TAILNET_INTERFACE}', as the client that is installed names it; leave it out, or say 'install: false'`,
      });
    }
  })
  .transform((value) => ({
    ...value,
    interface: value.interface ?? zerotierInterface(value.provider === 'zerotier' ? value.network : ''),
  }));
export type Vpn = z.output<typeof vpn>;

/**
 * Name of the interface that ZeroTier makes for a network on Linux: `zt` and the base 32 of the ID's 64 bits folded to
 * 40 (osdep/LinuxEthernetTap.cpp of ZeroTierOne).
 */
function zerotierInterface(network: string): string {
  const id = BigInt(`0x${network || '0'}`);
  const folded = (id ^ (id >> 24n)) & 0xffffffffffn;
  const digits = Array.from({ length: 8 }, (_, i) => Number((folded >> BigInt(35 - 5 * i)) & 31n));
  return `zt${digits.map((digit) => 'abcdefghijklmnopqrstuvwxyz234567'[digit]).join('')}`;
}

const values = z
  .record(z.string(), z.json())
  .prefault({})
  .describe("Further values of the Helm chart; they win over the federation's own.");

const chartVersion = (example: string) =>
  z.string().regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, `must be a chart version, such as '${example}'`);

/** What MetalLB may give to Services: a network, or a range of addresses. */
const addressPool = z
  .string()
  .refine(
    (value) => cidr.safeParse(value).success || isRange(value),
    "must be a range or a network, such as '192.0.2.10-192.0.2.20' or '192.0.2.0/28'",
  );

function isRange(value: string): boolean {
  const ends = value.split('-');
  if (ends.length !== 2 || !ends.every((end) => ip.safeParse(end).success)) return false;
  const [first, last] = ends.map((end) => Buffer.from(ipaddr.parse(end).toByteArray()));
  return first!.length === last!.length && Buffer.compare(first!, last!) <= 0;
}

/** `spec.network`, and what differs from it under `network` of a cluster. */
export const network = z.strictObject({
  cni: z
    .enum(['flannel', 'calico', 'none'])
    .default('flannel')
    .describe('Pod network: flannel (part of k3s), calico, or none (yours; nodes get ready once it is there).'),
  flannel: z
    .strictObject({
      backend: z
        .enum(['vxlan', 'host-gw', 'wireguard-native'])
        .default('vxlan')
        .describe('vxlan; host-gw: routes, where all nodes share a network; wireguard-native: encrypted.'),
      externalIp: z
        .boolean()
        .default(false)
        .describe("Whether nodes send to each other's public address: for nodes in different networks without a VPN."),
    })
    .prefault({})
    .describe("Settings of flannel, where 'cni' is flannel."),
  calico: z
    .strictObject({
      version: chartVersion('v3.32.1').default(CALICO_VERSION).describe('Version of the Calico charts.'),
      encapsulation: z
        .enum(['VXLAN', 'VXLANCrossSubnet', 'IPIP', 'IPIPCrossSubnet', 'None'])
        .default('VXLAN')
        .describe('How packets between nodes are wrapped; in a VPN only VXLAN works.'),
      mtu: z
        .int()
        .min(576, 'must be at least 576')
        .max(9000, 'must be at most 9000')
        .optional()
        .describe(
          "Largest packet of pods in bytes. Default: the VPN's less what encapsulation adds; no VPN: found by Calico.",
        ),
      values,
    })
    .prefault({})
    .describe("Settings of Calico, where 'cni' is calico."),
  loadBalancer: z
    .enum(['servicelb', 'metallb', 'none'])
    .default('servicelb')
    .describe("Services of type LoadBalancer: servicelb (part of k3s: the nodes' own addresses), metallb, or none."),
  metallb: z
    .strictObject({
      version: chartVersion('0.16.1').default(METALLB_VERSION).describe('Version of the MetalLB chart.'),
      addresses: z
        .array(addressPool)
        .prefault([])
        .describe("Addresses to give to Services, as ranges or networks, such as '192.0.2.10-192.0.2.20'."),
      values,
    })
    .prefault({})
    .describe("Settings of MetalLB, where 'loadBalancer' is metallb."),
  ingress: z
    .enum(['traefik', 'ingress-nginx', 'none'])
    .default('traefik')
    .describe('Ingress controller: traefik (part of k3s), ingress-nginx (no updates since March 2026), or none.'),
  traefik: z.strictObject({ values }).prefault({}).describe("Settings of Traefik, where 'ingress' is traefik."),
  ingressNginx: z
    .strictObject({
      version: chartVersion('4.15.1').default(INGRESS_NGINX_VERSION).describe('Version of the ingress-nginx chart.'),
      values,
    })
    .prefault({})
    .describe("Settings of ingress-nginx, where 'ingress' is ingress-nginx."),
});
export type Network = z.output<typeof network>;
