import { stringifyScalar } from './scalar.ts';

/** What a new federation is to be. */
export interface Start {
  readonly name: string;
  /** Where the Karmada API is reached. */
  readonly address: string;
  readonly members: readonly { readonly name: string; readonly region?: string }[];
  readonly vpn: 'none' | 'headscale' | 'tailscale' | 'netbird';
  /** URL of the VPN's own server. */
  readonly vpnServer?: string;
}

/** The text of a new federation's file, which says in comments what to change. */
export function federationYaml({ name, address, members, vpn, vpnServer }: Start): string {
  const text = stringifyScalar;
  return `# yaml-language-server: $schema=./federation.schema.json
# A serverless federation: clusters, and what runs on which. "serverless-federation synth" makes dist/ of it, and "check"
# says all that is wrong with it. What every field means is in federation.schema.json, which editors show as you type.
apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata:
  name: ${text(name)}
spec:
${
  vpn === 'none'
    ? '  # No VPN: the clusters reach each other as they are. To have one, for instance:\n  # vpn: { provider: headscale, server: https://headscale.example.com }\n'
    : `  # Hosts join it when they are bootstrapped; clusters that exist are in it already, or say 'vpn: false'.\n  vpn: { provider: ${vpn}${vpnServer === undefined ? '' : `, server: ${text(vpnServer)}`} }\n`
}  # The central cluster, which runs Karmada. It exists already; to make it of bare machines, name its hosts.
  controlPlane:
    address: ${text(address)} # where members and operators reach the Karmada API
    # hosts: [{ name: central-1, publicIp: 192.0.2.1 }]
  # The clusters that apps run on. Placements pick them by name, label, provider, region or zone.
  members:
${members.map(({ name, region }) => `    - { name: ${text(name)}${region === undefined ? '' : `, region: ${text(region)}`} }\n`).join('')}  # What runs WebAssembly on them: a RuntimeClass goes to every member that an app of this runtime can land on.
  runtimes:
    - { name: spin }
  apps:
    - name: hello
      image: ghcr.io/example/hello:v1 # an image of your own; a digest (@sha256:…) says exactly which
      runtime: spin
      port: 80
      placement: { clusters: [${members.map(({ name }) => text(name)).join(', ')}] }
`;
}
