import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Api, Obj } from '../harness/api.ts';
import { run } from '../harness/process.ts';

/**
 * The services of a cluster, as kube-proxy and a DNS server would give them: each cluster IP is an address of this
 * machine's sandbox, where a listener hands every connection to a ready endpoint; names are lines for /etc/hosts.
 * NodePort and LoadBalancer services are on the node's own address besides, as k3s does it.
 */
export class Services {
  private readonly listeners = new Map<string, { server: Server; targets: string[] }>();
  private services: Obj[] = [];
  private slices: Obj[] = [];

  constructor(
    private readonly api: Api,
    private readonly nodeAddress: string,
    private readonly apiServerAddress: string,
  ) {}

  async refresh(): Promise<void> {
    [this.services, this.slices] = await Promise.all([
      this.api.list('/api/v1/services'),
      this.api.list('/apis/discovery.k8s.io/v1/endpointslices'),
    ]);
    const wanted = new Map<string, string[]>();
    for (const service of this.services) {
      const { clusterIP, type, ports = [] } = service.spec;
      if (!clusterIP || clusterIP === 'None') continue;
      for (const port of ports) {
        if ((port.protocol ?? 'TCP') !== 'TCP') continue;
        const targets = this.targets(service, port);
        wanted.set(`${clusterIP} ${port.port}`, targets);
        if (port.nodePort) wanted.set(`${this.nodeAddress} ${port.nodePort}`, targets);
        if (type === 'LoadBalancer') wanted.set(`${this.nodeAddress} ${port.port}`, targets);
      }
      if (type === 'LoadBalancer' && !service.status.loadBalancer?.ingress) {
        const { namespace, name } = service.metadata;
        await this.api.merge(`/api/v1/namespaces/${namespace}/services/${name}/status`, {
          status: { loadBalancer: { ingress: [{ ip: this.nodeAddress }] } },
        });
      }
    }
    for (const [key, { server }] of this.listeners) {
      if (wanted.has(key)) continue;
      server.close();
      this.listeners.delete(key);
    }
    for (const [key, targets] of wanted) {
      const listener = this.listeners.get(key);
      if (listener) listener.targets = targets;
      else await this.listen(key, targets);
    }
  }

  private targets(service: Obj, port: Obj): string[] {
    return this.slicesOf(service).flatMap((slice) => {
      const found = slice.ports?.find((known: Obj) => (known.name ?? '') === (port.name ?? ''));
      const ready = (slice.endpoints ?? []).filter((endpoint: Obj) => endpoint.conditions?.ready !== false);
      return found ? ready.map((endpoint: Obj) => `${endpoint.addresses[0]} ${found.port}`) : [];
    });
  }

  private slicesOf(service: Obj): Obj[] {
    const { namespace, name } = service.metadata;
    return this.slices.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    );
  }

  private async listen(key: string, targets: string[]): Promise<void> {
    const [address, port] = key.split(' ') as [string, string];
    if (address !== this.nodeAddress) await run(['ip', 'address', 'replace', `${address}/32`, 'dev', 'e2e']);
    let turn = 0;
    const server = createServer((incoming) => {
      const current = this.listeners.get(key)?.targets ?? [];
      const target = current[turn++ % current.length];
      if (!target) return void incoming.destroy(); // nothing ready: refused, as kube-proxy does
      const [host, targetPort] = target.split(' ') as [string, string];
      const outgoing = connect(Number(targetPort), host);
      incoming.setNoDelay().on('error', () => outgoing.destroy());
      outgoing.setNoDelay().on('error', () => incoming.destroy());
      incoming.pipe(outgoing).pipe(incoming);
      incoming.on('close', () => outgoing.destroy());
      outgoing.on('close', () => incoming.destroy());
    });
    this.listeners.set(key, { server, targets });
    await new Promise<void>((done) => {
      server.on('error', (error) => {
        console.error(`cannot listen for a service on ${key}: ${error.message}`);
        done();
      });
      server.listen(Number(port), address, () => {
        console.error(`service on ${address}:${(server.address() as AddressInfo).port}`);
        done();
      });
    });
  }

  /** Lines for /etc/hosts. */
  names(): string {
    const lines: string[] = [];
    for (const service of this.services) {
      const { namespace, name } = service.metadata;
      const all = (first: string) => `${first}.svc.cluster.local ${first}.svc ${first}`;
      if (service.spec.clusterIP && service.spec.clusterIP !== 'None') {
        lines.push(`${service.spec.clusterIP} ${all(`${name}.${namespace}`)}`);
        continue;
      }
      for (const endpoint of this.slicesOf(service).flatMap((slice) => slice.endpoints ?? [])) {
        if (endpoint.conditions?.ready === false) continue;
        const own = endpoint.hostname ? `${all(`${endpoint.hostname}.${name}.${namespace}`)} ` : '';
        lines.push(`${endpoint.addresses[0]} ${own}${all(`${name}.${namespace}`)}`);
      }
    }
    return `${lines.sort().join('\n')}\n`;
  }

  /** What kubelet tells a container about the services of its namespace. */
  environment(namespace: string): Record<string, string> {
    const env: Record<string, string> = {};
    for (const { metadata, spec } of this.services) {
      if (metadata.namespace !== namespace || !spec.clusterIP || spec.clusterIP === 'None') continue;
      const name = metadata.name.toUpperCase().replaceAll('-', '_');
      env[`${name}_SERVICE_HOST`] = spec.clusterIP;
      env[`${name}_SERVICE_PORT`] = String(spec.ports[0].port);
    }
    env.KUBERNETES_SERVICE_HOST = this.apiServerAddress;
    env.KUBERNETES_SERVICE_PORT = '6443';
    return env;
  }
}
