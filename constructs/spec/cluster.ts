import { z } from 'zod';
import { address, cidr, dnsLabel, ip, nodeLabels, port, taint } from './primitives.ts';

/** How a host is reached for the bootstrap. */
const sshLogin = {
  user: z
    .string()
    .regex(/^[a-z_][-a-z0-9_]{0,31}$/, "must be a user name, such as 'root'")
    .describe('User to log in as: root, or one that may use sudo without a password.'),
  port: port.describe('Port of the SSH server.'),
};

/** `spec.ssh`: how the bootstrap reaches hosts that say nothing else. */
export const ssh = z.strictObject({
  user: sshLogin.user.default('root'),
  port: sshLogin.port.default(22),
  secret: dnsLabel
    .default('federation-ssh')
    .describe('Secret with the keys ssh-privatekey and known_hosts, in the management cluster.'),
});

/** A machine that the bootstrap makes a k3s node of. */
export const host = z
  .strictObject({
    name: dnsLabel.describe(
      "Name of the node, unique in the federation. Also the host name that 'scripts/bootstrap.sh' takes.",
    ),
    role: z
      .enum(['server', 'agent'])
      .default('server')
      .describe('server: control plane of its cluster; agent: worker only.'),
    address: address
      .optional()
      .describe('Address that SSH connects to. Default: the public address, else the one in the VPN.'),
    publicIp: ip.optional().describe('Address of the host in the internet, or the network that all hosts share.'),
    vpnIp: ip.optional().describe('Address of the host in the VPN: the node then takes it as its own.'),
    ssh: z.strictObject(sshLogin).partial().prefault({}).describe("What differs from 'spec.ssh' for this host."),
    labels: nodeLabels.prefault({}).describe('Node labels. One that is taken out here stays on its node.'),
    taints: z.array(taint).prefault([]).describe("Node taints, such as 'CriticalAddonsOnly=true:NoExecute'."),
  })
  .superRefine((value, context) => {
    if (!value.address && !value.publicIp && !value.vpnIp) {
      context.addIssue({
        code: 'custom',
        message: "has no address to connect to, give it one of 'address', 'publicIp' or 'vpnIp'",
      });
    }
  });
export type Host = z.output<typeof host>;

/** What the central cluster and the members have in common. */
export const cluster = z.strictObject({
  address: address
    .optional()
    .describe(
      "Name or address at which the cluster's API server is reached from outside; becomes part of its certificate.",
    ),
  podCidr: cidr
    .optional()
    .describe('Network of the pods. Default with hosts: 10.42.0.0/16; of an existing cluster it is not known.'),
  serviceCidr: cidr
    .optional()
    .describe('Network of the services. Default with hosts: 10.43.0.0/16; of an existing cluster it is not known.'),
  vpn: z
    .boolean()
    .optional()
    .describe("Whether the cluster's nodes are in the federation's VPN. Default: true where 'spec.vpn' is given."),
  hosts: z.array(host).prefault([]).describe('Machines to make the cluster of. Empty: the cluster exists already.'),
});

/** Pod and service networks of a k3s cluster that says nothing else (docs.k3s.io/cli/server). */
export const DEFAULT_POD_CIDR = '10.42.0.0/16';
export const DEFAULT_SERVICE_CIDR = '10.43.0.0/16';
