import { z } from 'zod';
import { compareVersions } from '../compare-versions.ts';
import {
  CALICO_VERSION,
  INGRESS_NGINX_VERSION,
  METALLB_VERSION,
  NETBIRD_VERSION,
  TAILSCALE_VERSION,
  ZEROTIER_VERSION,
} from '../versions.ts';
import { addressPool, cidr } from './addresses.ts';
import { mapping } from './free-keys.ts';
import { dnsLabel, dnsName, httpsUrl, isKept, NOT_KEPT } from './primitives.ts';

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
    // k3s reads `name=tailscale,joinKey=KEY,controlServerURL=URL,extraArgs=…` and parts it at both (pkg/vpn/vpn.go).
    if (value.provider === 'headscale' && value.integration === 'k3s' && /[,=]/.test(value.server)) {
      context.addIssue({
        code: 'custom',
        path: ['server'],
        message: "must hold no ',' and no '=' with 'integration: k3s': k3s would take what follows for another option",
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

const chartRepository = z
  .string()
  .refine(
    (value) =>
      httpsUrl.safeParse(value).success || /^oci:\/\/[a-zA-Z0-9][-a-zA-Z0-9.]*(:\d+)?(\/[a-z0-9._-]+)*$/.test(value),
    "must be an https URL or a registry, such as 'https://charts.example.com' or 'oci://registry.example.com/charts'",
  )
  .transform((value) => value.replace(/\/+$/, ''));

/** What JSON has; as z.json, with all keys. */
const json: z.ZodType<z.core.util.JSONType> = z.lazy(() =>
  z.union([
    z.string(),
    z.number().refine(isKept, NOT_KEPT),
    z.boolean(),
    z.null(),
    z.array(json),
    mapping(z.string(), json),
  ]),
);

const values = mapping(z.string(), json)
  .prefault({})
  .describe("Further values of the Helm chart; they win over the federation's own.");

/**
 * A version of a chart.
 *
 * @param least the first that can be installed as it is here, and why none before can
 */
const chartVersion = (example: string, least: { version: string; because: string }) =>
  z
    .string()
    .regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, `must be a chart version, such as '${example}'`)
    .refine(
      (value) => compareVersions(value, least.version) >= 0,
      `must be ${least.version} or later: ${least.because}`,
    );

/** Calico 3.32 was the first whose CRDs come as a chart of their own, `crd.projectcalico.org.v1`. */
const CALICO_LEAST = { version: 'v3.32.0', because: "the chart of calico's CRDs came with it" };
/** The kinds IPAddressPool and L2Advertisement: metallb.universe.tf/release-notes. */
const METALLB_LEAST = { version: '0.13.2', because: 'before, metallb was not configured by objects' };
/** Ingresses of networking.k8s.io/v1, the only ones since Kubernetes 1.22: chart 4.0.0 brought controller 1.0. */
const INGRESS_NGINX_LEAST = { version: '4.0.1', because: 'before, ingress-nginx knew no Ingress of today' };

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
      version: chartVersion('v3.32.1', CALICO_LEAST).default(CALICO_VERSION).describe('Version of the Calico charts.'),
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
      version: chartVersion('0.16.1', METALLB_LEAST).default(METALLB_VERSION).describe('Version of the MetalLB chart.'),
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
  charts: z
    .strictObject({
      repository: chartRepository
        .optional()
        .describe(
          "Where all charts come from: the URL of a repository, or 'oci://registry/path'. Default: each chart's own repository.",
        ),
      secret: dnsName
        .optional()
        .describe(
          "Secret in the management cluster with the repository's login: the keys username and password, for oci:// .dockerconfigjson; the bootstrap takes it to the servers. Default: no login.",
        ),
      caSecret: dnsName
        .optional()
        .describe("Secret in the management cluster whose key ca.crt has the CA of the repository's certificate."),
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Folder with the archives of the charts (NAME-VERSION.tgz, as helm pull gives them), read by the synth, which makes them part of the manifests; relative to this file.',
        ),
    })
    .prefault({})
    .describe('Where the charts of calico, metallb and ingress-nginx come from.'),
  traefik: z.strictObject({ values }).prefault({}).describe("Settings of Traefik, where 'ingress' is traefik."),
  ingressNginx: z
    .strictObject({
      version: chartVersion('4.15.1', INGRESS_NGINX_LEAST)
        .default(INGRESS_NGINX_VERSION)
        .describe('Version of the ingress-nginx chart.'),
      values,
    })
    .prefault({})
    .describe("Settings of ingress-nginx, where 'ingress' is ingress-nginx."),
});
export type Network = z.output<typeof network>;
