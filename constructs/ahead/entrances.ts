import { INGRESS_CLASSES } from '../network/ingress.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Cluster } from '../spec/federation.ts';
import { type App, listed, type View } from './view.ts';

/**
 * Whether the clusters that the file makes have what its Services and Ingresses ask for: a load balancer, a port of it
 * that is free, an ingress controller of the class. Without it they stay without an address, and nobody says so.
 */
export function checkEntrances(view: View, report: Report): void {
  ofKarmada(view, report);
  const { members } = view.spec;
  const made = new Map(members.filter(({ hosts }) => hosts.length > 0).map((member) => [member.name, member]));
  if (made.size === 0) return;
  const ports = new Map([...made].map(([name, member]) => [name, portsInUse(member)]));
  for (const { app, path, workload } of view.apps()) {
    const clusters = workload.members.flatMap(({ name }) => made.get(name) ?? []);
    balancers(app, clusters, ports, path, report);
    classes(view, app, clusters, path, report);
  }
}

function ofKarmada({ spec: { controlPlane } }: View, report: Report): void {
  const { hosts, karmada } = controlPlane;
  if (karmada.apiserver.service.type !== 'LoadBalancer' || hosts.length === 0 || balancerOf(controlPlane)) return;
  const path: Path = ['spec', 'controlPlane', 'karmada', 'apiserver', 'service', 'type'];
  report.warn(path, `is LoadBalancer, and the central cluster has ${NO_BALANCER}`);
}

/** @param ports who has which of the nodes' ports, by cluster; those of the app are added. */
function balancers(
  { form, name, service }: App,
  clusters: readonly Cluster[],
  ports: ReadonlyMap<string, Map<number, string>>,
  path: Path,
  report: Report,
): void {
  if (form !== 'deployment' || service?.type !== 'LoadBalancer') return;
  const { port } = service;
  const none = clusters.filter((cluster) => balancerOf(cluster) === undefined);
  if (none.length > 0) {
    report.warn([...path, 'service', 'type'], `is LoadBalancer, and ${have(none)} ${NO_BALANCER}`);
  }
  for (const [owner, names] of taken(clusters, port, ports)) {
    report.warn(
      [...path, 'service', 'port'],
      `is ${port}, which ${owner} has on ${listed(names)}, and k3s's load balancer has each port of a node once: give another, or take metallb`,
    );
  }
  for (const cluster of clusters) {
    const there = ports.get(cluster.name);
    if (!there?.has(port)) there?.set(port, `the app ${quote(name)}`);
  }
}

function classes({ spec }: View, { ingress }: App, clusters: readonly Cluster[], path: Path, report: Report): void {
  if (!ingress) return;
  const wanted = ingress.className ?? INGRESS_CLASSES[spec.network.ingress];
  const others = clusters.filter((cluster) => isServedByNone(cluster, wanted));
  if (wanted === undefined || others.length === 0) return;
  const source = ingress.className === undefined ? " by 'spec.network.ingress'" : '';
  report.warn(
    [...path, 'ingress', 'className'],
    `is ${quote(wanted)}${source}, of which ${have(others)} no controller by 'network.ingress' and 'k3s.disable': take one class for all, or keep the app away`,
  );
}

function have(clusters: readonly Cluster[]): string {
  return `${listed(clusters.map(({ name }) => name))} ${clusters.length > 1 ? 'have' : 'has'}`;
}

const NO_BALANCER =
  "no load balancer by 'network.loadBalancer' and 'k3s.disable', so that it gets no address: take servicelb or metallb, unless you bring one";

/** What gives addresses to Services on a cluster that the file makes. */
function balancerOf({ network, k3s }: Cluster): 'servicelb' | 'metallb' | undefined {
  if (network.loadBalancer === 'none') return undefined;
  return network.loadBalancer === 'servicelb' && k3s.disable.includes('servicelb') ? undefined : network.loadBalancer;
}

/** Whether a class is one of ours, and another controller or none is there. What is brought by hand may have any class. */
function isServedByNone({ network: { ingress }, k3s }: Cluster, className: string | undefined): boolean {
  if (className === undefined || !Object.values<string | undefined>(INGRESS_CLASSES).includes(className)) return false;
  if (ingress === 'none') return false;
  return INGRESS_CLASSES[ingress] !== className || (ingress === 'traefik' && k3s.disable.includes('traefik'));
}

/** Ports of nodes that are not free for Services, by who has them: servicelb listens on the nodes themselves. */
function portsInUse(cluster: Cluster): Map<number, string> {
  const hasTraefik = cluster.network.ingress === 'traefik' && !cluster.k3s.disable.includes('traefik');
  const ingress = hasTraefik ? 'Traefik' : cluster.network.ingress === 'ingress-nginx' ? 'ingress-nginx' : undefined;
  return new Map(ingress === undefined ? [] : [80, 443].map((port) => [port, ingress]));
}

function taken(
  clusters: readonly Cluster[],
  port: number,
  ports: ReadonlyMap<string, ReadonlyMap<number, string>>,
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const cluster of clusters) {
    const owner = balancerOf(cluster) === 'servicelb' ? ports.get(cluster.name)?.get(port) : undefined;
    if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), cluster.name]);
  }
  return found;
}
