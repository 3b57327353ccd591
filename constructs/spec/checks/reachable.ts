import { isIP } from 'node:net';
import { apiServerAddress, firstServer } from '../../k3s/config.ts';
import { contains, isItself, isLinkLocal, listed } from '../../network/addresses.ts';
import { publicAddress, publicUrl } from '../certificates.ts';
import { list, type Path, quote, type Report } from '../faults.ts';
import { type Cluster, clustersOf, type FederationSpec, type Member } from '../federation.ts';

/** Addresses that lead others elsewhere: to themselves, into a cluster's own networks, or out of the VPN. */
export function checkReachable(spec: FederationSpec, report: Report): void {
  checkUrls(spec, report);
  for (const { cluster, path } of clustersOf(spec)) {
    checkOwn(spec, cluster, path, report);
    if (cluster.hosts.length > 0) checkJoining(cluster, path, report);
  }
  const found = new Map<string, Found[]>();
  const find = (one: Found) => {
    const alike = found.get(one.why);
    if (alike) alike.push(one);
    else found.set(one.why, [one]);
  };
  checkPull(spec, report, find);
  for (const [i, member] of spec.members.entries()) {
    if (member.registration === 'push' && member.hosts.length > 0)
      checkPush(spec, member, ['spec', 'members', i], find);
  }
  for (const [first, ...others] of found.values()) {
    if (!first) continue;
    const names = list(others.map(({ member }) => member));
    const tell = first.isCertain ? report : report.warn;
    tell(first.path, `${first.message}${others.length > 0 ? `; the same is true of ${names}` : ''}`);
  }
}

/** What keeps the control plane and a member apart. Of many members for which it is the same, it is told of the first. */
interface Found {
  readonly member: string;
  readonly path: Path;
  /** What is the same for all. */
  readonly why: string;
  readonly message: string;
  readonly isCertain: boolean;
}

const WAY_OUT = 'give the address that others reach it by';

/** URLs that are the caller itself. To a pod, a loopback address is its own, wherever it runs. */
function checkUrls(spec: FederationSpec, report: Report): void {
  const { controlPlane, vpn, argocd } = spec;
  const { etcd, agent } = controlPlane.karmada;
  const karmada = ['spec', 'controlPlane', 'karmada'];
  const endpoints = 'external' in etcd ? etcd.external.endpoints : [];
  const called: [Path, string | undefined][] = [
    ...endpoints.map((url, i): [Path, string] => [[...karmada, 'etcd', 'external', 'endpoints', i], url]),
    ...agent.members.flatMap(({ apiEndpoint, proxy }, i) =>
      Object.entries({ apiEndpoint, proxy }).map(([key, url]): [Path, string | undefined] => [
        [...karmada, 'agent', 'members', i, key],
        url,
      ]),
    ),
  ];
  for (const [path, url] of called) {
    if (url && leadsToItself(url))
      report(path, `${quote(url)} means the pod of Karmada itself that calls it: ${WAY_OUT}`);
  }
  const inVpn = clustersOf(spec).flatMap(({ cluster }) => (cluster.vpn ? cluster.hosts : []));
  if (vpn && 'server' in vpn && vpn.server && inVpn.length > 1 && leadsToItself(vpn.server)) {
    report.warn(['spec', 'vpn', 'server'], `${quote(vpn.server)} means each host itself that joins: ${WAY_OUT}`);
  }
  if (argocd && leadsToItself(argocd.repository)) {
    const message = `${quote(argocd.repository)} means the pod of Argo CD itself that reads it: ${WAY_OUT}`;
    report.warn(['spec', 'argocd', 'repository'], message);
  }
}

/** Whether the host of a URL, or of a repository by SSH, is the caller itself. */
function leadsToItself(url: string): boolean {
  const [, host = ''] = /^(?:[a-z0-9+]+:\/\/)?(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)/.exec(url) ?? [];
  return isItself(host.replace(/^\[(.*)\]$/, '$1'));
}

/** Where a cluster is reached from outside is none of its own pods or services. */
function checkOwn(spec: FederationSpec, cluster: Cluster, path: Path, report: Report): void {
  const { hosts, address, registrationAddress, network } = cluster;
  // An address of a host in these networks is told as such.
  const isHosts = (one: string) => hosts.some((host) => [host.address, host.publicIp, host.vpnIp].includes(one));
  for (const [key, given] of Object.entries({ address, registrationAddress })) {
    if (given === undefined || isHosts(given)) continue;
    const place = [...path, key];
    const inside = networkOf(cluster, given);
    if (inside) {
      // A network of services may be routed to a node, and that of pods, too, where it is not flannel's.
      const isCertain = hosts.length > 0 && inside.key === 'podCidr' && network.cni === 'flannel';
      const [tell, where] = isCertain
        ? [report, 'which nothing outside of it reaches']
        : [report.warn, 'which others reach only where it is routed to them'];
      tell(place, `'${given}' is in ${inside.cidr}, ${inside.what}, ${where}: ${WAY_OUT}`);
    } else if (isOfCluster(spec, given)) {
      report.warn(place, `'${given}' is a name inside of a cluster, which nothing outside of it knows: ${WAY_OUT}`);
    } else if (isLinkLocal(given)) {
      report.warn(place, `'${given}' is link-local, so that only machines on one network segment reach it: ${WAY_OUT}`);
    }
  }
}

/** Whether it is the name of a Service, as pods of a cluster resolve it. */
function isOfCluster({ controlPlane }: FederationSpec, name: string): boolean {
  const domains = new Set([controlPlane.karmada.clusterDomain, 'cluster.local']);
  return name.endsWith('.svc') || [...domains].some((domain) => name.endsWith(`.${domain}`));
}

/** Where hosts join, a server is that is none of themselves. */
function checkJoining(cluster: Cluster, path: Path, report: Report): void {
  const address = apiServerAddress(cluster);
  const first = firstServer(cluster);
  const others = cluster.hosts.filter((host) => host !== first);
  const misled = cluster.hosts.find(
    ({ role, ...own }) => role === 'agent' && [own.address, own.publicIp, own.vpnIp].includes(address),
  );
  if (misled && cluster.registrationAddress !== undefined) {
    report.warn(
      [...path, 'registrationAddress'],
      `'${address}' is the address of the agent '${misled.name}', where no server listens: give one that leads to the servers, unless something forwards port 6443 from there`,
    );
  }
  if (!isItself(address) || others.length === 0) return;
  // What is no server may have a load balancer of its own there.
  const tell = others.some(({ role }) => role === 'server') ? report : report.warn;
  const names = list(others.map(({ name }) => name));
  tell(
    [...path, ...fieldOf(cluster)],
    `'${address}' means each machine itself, and ${names} would join there: give a 'registrationAddress' that leads to the servers`,
  );
}

/** Where the file says at which address hosts join and the kubeconfig leads. */
function fieldOf(cluster: Cluster): Path {
  const { registrationAddress, address, hosts } = cluster;
  if (registrationAddress !== undefined) return ['registrationAddress'];
  const used = apiServerAddress(cluster);
  if (used === address) return ['address'];
  const first = firstServer(cluster);
  const key = (['vpnIp', 'publicIp', 'address'] as const).find((one) => first[one] === used) ?? 'address';
  return ['hosts', hosts.indexOf(first as (typeof hosts)[number]), key];
}

/** Agents reach the Karmada API from pods of their member. */
function checkPull(spec: FederationSpec, report: Report, find: (found: Found) => void): void {
  const { controlPlane, vpn } = spec;
  const address = publicAddress(controlPlane);
  const pull = spec.members.flatMap((member, i) => (member.registration === 'pull' ? [{ member, i }] : []));
  const [first] = pull;
  if (!first || publicUrl(controlPlane) === undefined || address === undefined) return;
  if (isItself(address)) {
    report(
      ['spec', 'controlPlane', 'address'],
      `'${address}' means the pod itself to the agent of ${quote(first.member.name)} ('registration: pull'): ${WAY_OUT}`,
    );
    return;
  }
  for (const { member, i } of pull) {
    const path = ['spec', 'members', i];
    const { name } = member;
    const inside = networkOf(member, address);
    if (inside) {
      find({
        member: name,
        path: [...path, inside.key],
        why: `pull ${inside.key} ${member.hosts.length > 0}`,
        message: `${inside.cidr} holds ${address}, so that the agent ('registration: pull') looks for the Karmada API in its own cluster${unlessShared(member)}: give it a network without that, or 'controlPlane.address' outside of it`,
        // A service's address may be Karmada's own, where the member is the central cluster.
        isCertain: inside.key === 'podCidr' && member.hosts.length > 0,
      });
    } else if (vpn && !member.vpn && isIP(address) && contains(vpn.cidr, address)) {
      find({
        member: name,
        path: [...path, 'registration'],
        why: 'pull vpn',
        message: `is pull, and the Karmada API is reached at ${address}, in the VPN, which this member is not in: give 'controlPlane.address' outside of it, or have the member in the VPN`,
        isCertain: false,
      });
    }
  }
}

/** The control plane reaches members from its pods, where their kubeconfigs lead; these may be made to lead elsewhere. */
function checkPush(
  { controlPlane, vpn }: FederationSpec,
  member: Member,
  path: Path,
  find: (found: Found) => void,
): void {
  const address = apiServerAddress(member);
  const place = [...path, ...fieldOf(member)];
  const calls = "where the control plane calls the member ('registration: push')";
  const inside = networkOf(controlPlane, address);
  const warn = (at: Path, why: string, message: string) =>
    find({ member: member.name, path: at, why, message, isCertain: false });
  if (isItself(address)) {
    // Of several hosts it is told where they join.
    if (member.hosts.length > 1) return;
    warn(place, 'push itself', `'${address}' means the pod itself there, and is ${calls}: ${WAY_OUT}`);
  } else if (inside) {
    const message = `'${address}' is in ${inside.cidr}, ${inside.what}, and is ${calls}: no pod there would leave its cluster${unlessShared(controlPlane)}`;
    warn(place, `push ${inside.key}`, message);
  } else if (vpn && member.vpn && !controlPlane.vpn && isIP(address) && contains(vpn.cidr, address)) {
    warn(
      [...path, 'registration'],
      'push vpn',
      `is push, and the member's API server listens at ${address}, in the VPN, which the control plane is not in: take pull, or have both in the VPN`,
    );
  }
}

/** Clouds give pods addresses of the network that their machines are in, too. */
function unlessShared({ hosts }: Pick<Cluster, 'hosts'>): string {
  return hosts.length > 0 ? '' : ', unless others are in the same network as its pods';
}

/** The network of a cluster's own that an address is in. */
function networkOf({ name, podCidr, serviceCidr }: Cluster, address: string) {
  if (isIP(address) === 0) return undefined;
  for (const [key, networks, what] of [
    ['podCidr', podCidr, `the pod network of '${name}'`],
    ['serviceCidr', serviceCidr, `the service network of '${name}'`],
  ] as const) {
    const cidr = networks && listed(networks).find((one) => contains(one, address));
    if (cidr) return { key, cidr, what };
  }
  return undefined;
}
