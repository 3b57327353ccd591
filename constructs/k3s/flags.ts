import { lookup } from '../../simulation/lookup.ts';
import { compareVersions, minorOf } from '../compare-versions.ts';
import { isCron } from '../cron.ts';
import { FLAGS, type Flag } from './flag-table.ts';

/**
 * What of k3s's flags this project sets itself, and what a release knows. k3s only warns of a key that it does not know
 * (pkg/configfilearg of k3s-io/k3s) and then runs without the setting, so a misspelt one has to be found here.
 */

export type Role = 'server' | 'agent';

/** Names of the flags that hosts of the role take in some release. */
export function flagsOf(role: Role): string[] {
  return Object.keys(FLAGS).filter((name) => (FLAGS[name]?.of ?? role) === role);
}

/** Whether `k3s server` or `k3s agent` of some release has the flag. */
export function isFlag(role: Role, name: string): boolean {
  const flag = flagOf(name);
  return flag !== undefined && (flag.of ?? role) === role;
}

function flagOf(name: string): Flag | undefined {
  return lookup(FLAGS, name);
}

/** Why the release does not know the flag on hosts of the role, in words that go on after its name; nothing where it does. */
export function missingIn(release: string, name: string, role: Role = 'server'): string | undefined {
  const { since: first, sinceOnAgents = first, until }: Partial<Flag> = flagOf(name) ?? {};
  if (until !== undefined && compareVersions(release, until) >= 0) return `is gone since ${until}`;
  const since = role === 'agent' ? sinceOnAgents : first;
  const later = since && notYet(release, since);
  return later && `came with ${later}`;
}

/**
 * The release that brings what the given one has not, or nothing where it has it.
 *
 * @param since first releases that have it, of each minor that got it later than with its first release.
 */
export function notYet(release: string, since: readonly string[]): string | undefined {
  const minor = minorOf(release);
  const own = since.find((first) => minorOf(first) === minor);
  // A candidate has what its release has.
  const has = compareVersions(release.replace(/-rc\d+/, ''), own ?? since.at(-1)!) >= 0;
  return has ? undefined : (own ?? since[0]);
}

/** What is wrong with the value of a flag, in words that go on after its name; nothing where it is right. */
export function wrongValue(name: string, value: unknown): string | undefined {
  const flag = flagOf(name);
  if (!flag) return undefined;
  const wanted = TYPES[flag.type];
  if (!wanted.is(value)) return `must be ${wanted.what}`;
  if (flag.values && !flag.values.includes(String(value))) return `must be one of ${flag.values.join(', ')}`;
  const odd = name.endsWith('-arg') ? [value].flat().find((one) => argumentOf(one) === undefined) : undefined;
  if (odd !== undefined) return `holds '${odd}', which is no argument: write each as 'NAME=VALUE', such as 'v=4'`;
  return undefined;
}

/** The name in an argument for a component of k3s, which hands on what it has no name in, and the component ends. */
function argumentOf(text: unknown): string | undefined {
  return /^(?:--)?([A-Za-z][-A-Za-z0-9_.]*\+?)(?:=|$)/.exec(String(text))?.[1];
}

/**
 * What to use in place of arguments that would undo what this project sets, by the flag that holds them. Those that end
 * with + or - only add to it (GetArgs in pkg/util of k3s).
 */
export function undoing(name: string, value: unknown): { argument: string; instead: string } | undefined {
  for (const one of [value].flat()) {
    const argument = argumentOf(one) ?? '';
    const instead = lookup(lookup(UNDOING, name) ?? {}, argument);
    if (instead !== undefined) return { argument, instead };
  }
  return undefined;
}

const UNDOING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubelet-arg': {
    'hostname-override': "set 'name' of the host",
    'node-ip': "set 'vpnIp' of the host",
    'node-labels': "set 'labels' of the host",
    'register-with-taints': "set 'taints' of the host",
  },
  'kube-apiserver-arg': {
    'advertise-address': "set 'vpnIp' of the host",
    'bind-address': "set 'vpnIp' of the host",
    'service-cluster-ip-range': "set 'serviceCidr' of the cluster",
    'service-node-port-range': "set the flag 'service-node-port-range'",
  },
  'kube-controller-manager-arg': {
    'cluster-cidr': "set 'podCidr' of the cluster",
    'service-cluster-ip-range': "set 'serviceCidr' of the cluster",
  },
  'kube-proxy-arg': {
    'cluster-cidr': "set 'podCidr' of the cluster",
    'hostname-override': "set 'name' of the host",
  },
};

/** Whether a switch is on. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}

/** The first and the last port of a range; none of what is no range. */
export function portsOf(text: string): [first: number, last: number] | [] {
  const [, first = '', sign, second = first] = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/.exec(text) ?? [];
  const last = sign === '+' ? Number(first) + Number(second) : Number(second);
  return first !== '' && Number(first) <= last && last <= 65535 ? [Number(first), last] : [];
}

const DURATION = String.raw`(0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)`;

/** Beside five fields, the parser knows intervals, and a time zone in front. */
function isSchedule(value: unknown): boolean {
  const text = String(value).replace(/^(CRON_)?TZ=\S+ +/, '');
  return isCron(text) || new RegExp(`^@every ${DURATION}$`).test(text);
}

const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';
const isWhole = (value: unknown) => isText(value) && /^-?\d+$/.test(String(value));

/** k3s reads the file's values as it reads a command line, so that numbers and switches may be texts, too. */
const TYPES: Readonly<Record<Flag['type'], { readonly what: string; readonly is: (value: unknown) => boolean }>> = {
  text: { what: 'a text', is: isText },
  number: { what: 'a whole number', is: isWhole },
  port: {
    what: 'a port, 1 to 65535',
    is: (value) => isWhole(value) && Number(value) >= 1 && Number(value) <= 65535,
  },
  // ParsePortRange of k8s.io/apimachinery/pkg/util/net: `FIRST-LAST`, `FIRST+MORE`, or one port.
  ports: { what: "a range of ports, such as '30000-32767'", is: (value) => portsOf(String(value)).length > 0 },
  switch: { what: 'true or false', is: (value) => typeof value === 'boolean' || value === 'true' || value === 'false' },
  // time.ParseDuration of Go, which wants a unit.
  duration: {
    what: "a duration, such as '5m' or '1h30m'",
    is: (value) => value === 0 || new RegExp(`^${DURATION}$`).test(String(value)),
  },
  // k3s parses it as github.com/robfig/cron does; a wrong one ends the server.
  cron: { what: "a cron expression of five fields, such as '0 */12 * * *'", is: isSchedule },
  list: {
    what: 'a text or a list of texts',
    is: (value) => (Array.isArray(value) ? value.every((one) => isText(one)) : isText(value)),
  },
};

/** Flags that all servers of a cluster must have alike: docs.k3s.io/cli/server. What the model sets itself is left out. */
export const SHARED_FLAGS: readonly string[] = [
  'agent-token-file',
  'cluster-dns',
  'cluster-domain',
  'disable-cloud-controller',
  'disable-helm-controller',
  'egress-selector-mode',
  'embedded-registry',
  'flannel-ipv6-masq',
  'secrets-encryption-provider',
];

/** Flags that the model sets, each with what to use instead. */
export const OWNED_FLAGS: Readonly<Record<string, string>> = {
  'advertise-address': "set 'vpnIp' of the host",
  'agent-token': "it would stand in the open, use 'agent-token-file' and bring the file to the servers",
  'bind-address': "set 'vpnIp' of the host",
  'cluster-cidr': "set 'podCidr' of the cluster",
  'cluster-init': 'it follows from the number of servers',
  'cluster-reset': "it is for one run, use 'k3s server --cluster-reset' on the host",
  'cluster-reset-restore-path': "it is for one run, use 'k3s server --cluster-reset' on the host",
  config: 'the file is /etc/rancher/k3s/config.yaml',
  'data-dir': 'the bootstrap expects /var/lib/rancher/k3s, mount the disk there',
  'datastore-endpoint': 'it may hold a password, and more than one server gets embedded etcd',
  disable: "set 'k3s.disable'",
  'disable-agent': 'the bootstrap waits for the node of every host',
  'disable-network-policy': "it follows from 'network.cni'",
  'etcd-s3-access-key': "it would stand in the open, use 'etcd-s3-config-secret'",
  'etcd-s3-secret-key': "it would stand in the open, use 'etcd-s3-config-secret'",
  'etcd-s3-session-token': "it would stand in the open, use 'etcd-s3-config-secret'",
  'flannel-backend': "it follows from 'network.cni'",
  'flannel-external-ip': "it follows from 'network'",
  'node-external-ip': "set 'vpnIp' of the host",
  'node-ip': "set 'vpnIp' of the host",
  'node-label': "set 'labels' of the host",
  'node-name': "set 'name' of the host",
  'node-taint': "set 'taints' of the host",
  'secrets-encryption': "set 'k3s.secretsEncryption'",
  server: 'it follows from the first server among the hosts',
  'service-cidr': "set 'serviceCidr' of the cluster",
  'tls-san': "set 'address' of the cluster, 'publicIp' and 'vpnIp' of its hosts",
  token: 'it comes from a Secret',
  'token-file': 'it comes from a Secret',
  'vpn-auth': "it would stand in the open, use 'vpn.integration: k3s'",
  'vpn-auth-file': "set 'vpn.integration' to 'k3s'",
  'with-node-id': 'the bootstrap waits for a node with the name of the host',
  'write-kubeconfig': 'the bootstrap reads /etc/rancher/k3s/k3s.yaml',
  'write-kubeconfig-mode': "set 'k3s.kubeconfigMode'",
};

/** What `disable` takes: DisableItems in pkg/cli/cmds/stage.go; `runtimes` since v1.29.0 and its backports. */
export const PACKAGED_COMPONENTS = [
  'coredns',
  'local-storage',
  'metrics-server',
  'runtimes',
  'servicelb',
  'traefik',
] as const;
export type PackagedComponent = (typeof PACKAGED_COMPONENTS)[number];
