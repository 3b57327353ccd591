import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Cluster } from '../spec/federation.ts';
import { listed, type View } from './view.ts';

/**
 * Whether the clusters that the file makes have what its Services and Ingresses ask for: a load balancer, a port of it
 * that is free, an ingress controller of the class. Without it they stay without an address, and nobody says so.
 */
export function checkEntrances(view: View, report: Report): void {
  const { controlPlane, members } = view.spec;
  const made = new Map(members.filter(({ hosts }) => hosts.length > 0).map((member) => [member.name, member]));
  const { service } = controlPlane.karmada.apiserver;
  if (service.type === 'LoadBalancer' && controlPlane.hosts.length > 0 && balancerOf(controlPlane) === undefined) {
    const path: Path = ['spec', 'controlPlane', 'karmada', 'apiserver', 'service', 'type'];
    report.warn(path, `is LoadBalancer, and the central cluster has ${NO_BALANCER}`);
  }
  if (made.size === 0) return;
  const ports = new Map([...made].map(([name, member]) => [name, portsInUse(member)]));
  for (const { app, path, workload } of view.apps()) {
    const clusters = workload.members.flatMap(({ name }) => made.get(name) ?? []);
    if (app.form === 'deployment' && app.service?.type === 'LoadBalancer') {
      const { port } = app.service;
      const place = [...path, 'service'];
      const none = clusters.filter((cluster) => balancerOf(cluster) === undefined);
      if (none.length > 0) {
        const where = listed(none.map(({ name }) => name));
        report.warn(
          [...place, 'type'],
          `is LoadBalancer, and ${where} ${none.length > 1 ? 'have' : 'has'} ${NO_BALANCER}`,
        );
      }
      for (const [owner, names] of taken(clusters, port, ports)) {
        report.warn(
          [...place, 'port'],
          `is ${port}, which ${owner} has on ${listed(names)}, and k3s's load balancer has each port of a node once: give another, or take metallb`,
        );
      }
      for (const cluster of clusters)
        if (!ports.get(cluster.name)?.has(port)) ports.get(cluster.name)?.set(port, `the app ${quote(app.name)}`);
    }
    if (!app.ingress) continue;
    const shared = view.spec.network.ingress;
    const wanted = app.ingress.className ?? CLASSES[shared];
    const others = clusters.filter((cluster) => isServedByNone(cluster, wanted));
    if (wanted === undefined || others.length === 0) continue;
    report.warn(
      [...path, 'ingress', 'className'],
      `is ${quote(wanted)}${app.ingress.className === undefined ? " by 'spec.network.ingress'" : ''}, of which ${listed(others.map(({ name }) => name))} ${others.length > 1 ? 'have' : 'has'} no controller by 'network.ingress' and 'k3s.disable': take one class for all, or keep the app away`,
    );
  }
}

const NO_BALANCER =
  "no load balancer by 'network.loadBalancer' and 'k3s.disable', so that it gets no address: take servicelb or metallb, unless you bring one";

/** What gives addresses to Services on a cluster that the file makes. */
function balancerOf({ network, k3s }: Cluster): 'servicelb' | 'metallb' | undefined {
  if (network.loadBalancer === 'none') return undefined;
  return network.loadBalancer === 'servicelb' && k3s.disable.includes('servicelb') ? undefined : network.loadBalancer;
}

/** Classes of the ingress controllers that a cluster can be given, which nobody else has. */
const CLASSES: Readonly<Record<string, string | undefined>> = { traefik: 'traefik', 'ingress-nginx': 'nginx' };

/** Whether a class is one of ours, and another controller or none is there. What is brought by hand may have any class. */
function isServedByNone({ network: { ingress }, k3s }: Cluster, className: string | undefined): boolean {
  if (className === undefined || !Object.values(CLASSES).includes(className)) return false;
  if (ingress === 'none') return false;
  return CLASSES[ingress] !== className || (ingress === 'traefik' && k3s.disable.includes('traefik'));
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
