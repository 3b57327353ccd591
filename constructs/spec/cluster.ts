import { z } from 'zod';
import { SHARED_FLAGS } from '../k3s/flags.ts';
import { familyOf } from '../network/addresses.ts';
import { address, clusterCidr, hostIp } from './addresses.ts';
import { checkFlagValues, hostFlags } from './k3s-flags.ts';
import { dnsLabel, dnsName, nodeLabels, port, taints } from './primitives.ts';

/** A user as Linux and its directories name them: `ubuntu`, `jan.novak`. */
const USER = '[A-Za-z_][-A-Za-z0-9_.]{0,31}';

/** `[user@]host[:port]`, with a comma between several, as `ssh -J` takes them. */
const jump = z.string().superRefine((value, context) => {
  if (value === 'none') return;
  for (const hop of value.split(',')) {
    const [, host = '', port] =
      new RegExp(`^(?:${USER}@)?(\\[[0-9A-Fa-f:.]+\\]|[^@:]+)(?::(\\d{1,5}))?$`).exec(hop) ?? [];
    const isHost = address.safeParse(host.replace(/^\[(.*)\]$/, '$1')).success;
    if (isHost && (port === undefined || (Number(port) > 0 && Number(port) < 65536))) continue;
    context.addIssue({
      code: 'custom',
      message: "must be hosts as ssh -J takes them, such as 'ops@jump.example.com:2222', with a comma between several",
    });
    return;
  }
});

/** How a host is reached for the bootstrap. */
const sshLogin = {
  user: z
    .string()
    .regex(new RegExp(`^${USER}$`), "must be a user name, such as 'root'")
    .describe('User to log in as: root, or one that may use sudo without a password.'),
  port: port.describe('Port of the SSH server.'),
  jump: jump.describe(
    "Hosts to jump over on the way, as ssh -J takes them: '[user@]host[:port]', with a comma between several; none: straight to the host. Their host keys are checked as the host's is, so 'known_hosts' needs them, too; the same key logs in. Default: none.",
  ),
};

/** `spec.ssh`: how the bootstrap reaches hosts that say nothing else. */
export const ssh = z.strictObject({
  user: sshLogin.user.default('root'),
  port: sshLogin.port.default(22),
  jump: sshLogin.jump.optional(),
  secret: dnsLabel
    .default('federation-ssh')
    .describe('Secret with the keys ssh-privatekey and known_hosts, in the management cluster.'),
});

/** A machine that the bootstrap makes a k3s node of. */
export const host = z
  .strictObject({
    // A label of the node has it as its value, which is shorter than a DNS name may be.
    name: dnsName
      .max(63, 'must have at most 63 characters')
      .describe("Name of the node, unique in the federation. Also the host name that 'scripts/bootstrap.sh' takes."),
    role: z
      .enum(['server', 'agent'])
      .default('server')
      .describe('server: control plane of its cluster; agent: worker only.'),
    address: address
      .optional()
      .describe('Address that SSH connects to. Default: the public address, else the one in the VPN.'),
    publicIp: hostIp.optional().describe('Address of the host in the internet, or the network that all hosts share.'),
    vpnIp: hostIp.optional().describe('Address of the host in the VPN: the node then takes it as its own.'),
    k3s: hostFlags
      .prefault({})
      .describe(
        "Further flags of k3s for this host, of 'k3s server' or 'k3s agent' by its role; they win over its cluster's 'k3s.server' and 'k3s.agent'.",
      ),
    ssh: z.strictObject(sshLogin).partial().prefault({}).describe("What differs from 'spec.ssh' for this host."),
    labels: nodeLabels
      .prefault({})
      .describe('Node labels. The next bootstrap brings what was added or taken out here since.'),
    taints: taints
      .prefault([])
      .describe("Node taints, such as 'CriticalAddonsOnly=true:NoExecute'. The next bootstrap brings what changed."),
  })
  .superRefine((value, context) => {
    const fault = (name: string, message: string) => context.addIssue({ code: 'custom', path: ['k3s', name], message });
    checkFlagValues(value.role, value.k3s, fault);
    for (const name of Object.keys(value.k3s)) {
      if (!SHARED_FLAGS.includes(name)) continue;
      fault(name, "must be the same on all servers of a cluster: set it in 'k3s.server' of the cluster");
    }
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
      "Name or address at which the cluster is reached from outside; part of its API server's certificate. At the central cluster's, members and operators reach the Karmada API. Where hosts join and the kubeconfig leads is 'registrationAddress', for in a VPN k3s listens there alone.",
    ),
  registrationAddress: address
    .optional()
    .describe(
      "Name or address at which hosts join, of a load balancer or in DNS, that outlives each server: it leads to port 6443 of the servers, in a VPN to their addresses there. Default with several servers: 'address', if it is no host's own outside the VPN; else the first server's.",
    ),
  podCidr: clusterCidr
    .optional()
    .describe(
      "Network of the pods, or one of each IP family: '10.42.0.0/16,2001:db8:42::/56'. Default with hosts: 10.42.0.0/16, fd00:42::/56 where their addresses are IPv6; of an existing cluster it is not known.",
    ),
  serviceCidr: clusterCidr
    .optional()
    .describe(
      'Network of the services, or one of each IP family, as the pods have them. Default with hosts: 10.43.0.0/16, fd00:43::/112 where their addresses are IPv6; of an existing cluster it is not known.',
    ),
  vpn: z
    .boolean()
    .optional()
    .describe(
      "Whether the cluster's nodes are in the federation's VPN. Hosts then join it; a cluster that exists already is only taken to be in it, on the map and where networks must be apart: say false of one that is not, such as a cloud's. Default: true where 'spec.vpn' is given.",
    ),
  hosts: z.array(host).prefault([]).describe('Machines to make the cluster of. Empty: the cluster exists already.'),
});

/** Pod and service networks of a k3s cluster that says nothing else: k3s looks at its nodes' addresses, too. */
const DEFAULT_NETWORKS = {
  IPv4: { podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' },
  IPv6: { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' },
} as const;

/** Networks of a cluster of hosts: what is not given is of the other one's family, else of the first node's. */
export function networksOf(
  { podCidr, serviceCidr, hosts }: Pick<z.output<typeof cluster>, 'podCidr' | 'serviceCidr' | 'hosts'>,
  inVpn: boolean,
): { podCidr: string; serviceCidr: string } {
  const first = hosts.find(({ role }) => role === 'server') ?? hosts[0];
  const node = (inVpn ? first?.vpnIp : undefined) ?? first?.publicIp ?? first?.address ?? '';
  const families = (podCidr ?? serviceCidr ?? node).split(',').map(familyOf);
  const usual = (key: 'podCidr' | 'serviceCidr') => families.map((family) => DEFAULT_NETWORKS[family][key]).join(',');
  return { podCidr: podCidr ?? usual('podCidr'), serviceCidr: serviceCidr ?? usual('serviceCidr') };
}
