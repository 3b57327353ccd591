import { App, Chart, type ChartProps } from 'cdk8s';
import { Construct } from 'constructs';
import type { K3sNetwork } from '../k3s/config.ts';
import { toYaml } from '../output/yaml.ts';
import { CALICO_CHARTS, Calico } from './calico.ts';
import type { ChartSource } from './chart-source.ts';
import { INGRESS_NGINX_CHART, IngressNginx, TraefikValues } from './ingress.ts';
import { METALLB_CHART, MetalLb } from './metallb.ts';
import type { Encapsulation } from './mtu.ts';
import type { HelmValues } from './values.ts';

/** What carries the traffic of a cluster's pods and lets it in. */
export interface ClusterNetwork {
  /** Pod network: flannel is part of k3s; with `none`, somebody else brings one. */
  readonly cni: 'flannel' | 'calico' | 'none';
  readonly flannel: {
    readonly backend: 'vxlan' | 'host-gw' | 'wireguard-native';
    /** Whether nodes send to each other's public address. */
    readonly externalIp: boolean;
  };
  readonly calico: {
    readonly version: string;
    readonly encapsulation: Encapsulation;
    /** @default - computed */
    readonly mtu?: number;
    readonly values: HelmValues;
  };
  /** Services of type LoadBalancer: servicelb is part of k3s. */
  readonly loadBalancer: 'servicelb' | 'metallb' | 'none';
  readonly metallb: { readonly version: string; readonly addresses: readonly string[]; readonly values: HelmValues };
  /** Ingress controller: traefik is part of k3s. */
  readonly ingress: 'traefik' | 'ingress-nginx' | 'none';
  readonly traefik: { readonly values: HelmValues };
  readonly ingressNginx: { readonly version: string; readonly values: HelmValues };
}

/** What k3s itself has to know of the network. */
export function k3sNetwork({ cni, flannel }: ClusterNetwork): K3sNetwork {
  if (cni !== 'flannel') return { flannelBackend: 'none', disableNetworkPolicy: true };
  // k3s takes vxlan where nothing is said, and with its own VPN integration it takes none of them.
  return {
    ...(flannel.backend !== 'vxlan' && { flannelBackend: flannel.backend }),
    ...(flannel.externalIp && { flannelExternalIp: true }),
  };
}

/** Components of k3s that the network does without. */
export function replacedComponents({ loadBalancer, ingress }: ClusterNetwork): ('servicelb' | 'traefik')[] {
  return [
    ...(loadBalancer !== 'servicelb' ? (['servicelb'] as const) : []),
    ...(ingress !== 'traefik' ? (['traefik'] as const) : []),
  ];
}

/** Helm charts that make the network, of those that are not part of k3s. */
export function chartsOf({ cni, calico, loadBalancer, metallb, ingress, ingressNginx }: ClusterNetwork) {
  return [
    ...(cni === 'calico' ? CALICO_CHARTS.map((chart) => ({ chart, version: calico.version })) : []),
    ...(loadBalancer === 'metallb' ? [{ chart: METALLB_CHART, version: metallb.version }] : []),
    ...(ingress === 'ingress-nginx' ? [{ chart: INGRESS_NGINX_CHART, version: ingressNginx.version }] : []),
  ];
}

/** Properties of `PodNetwork`. */
export interface PodNetworkProps {
  readonly network: Pick<ClusterNetwork, 'cni' | 'calico'>;
  /** Network of the pods, the same as k3s's `cluster-cidr`. */
  readonly podCidr: string;
  /**
   * The VPN that the nodes reach each other through.
   *
   * @default - none
   */
  readonly vpn?: { readonly cidr: string; readonly mtu: number };
  /**
   * Mirror that images are pulled through.
   *
   * @default - their own registries
   */
  readonly registry?: string;
  /** @default - charts come from their own repositories */
  readonly charts?: ChartSource;
}

/** Defines what makes the pod network, where that is not k3s itself: its nodes get Ready only through it. */
export class PodNetwork extends Construct {
  constructor(scope: Construct, id: string, { network, ...props }: PodNetworkProps) {
    super(scope, id);
    if (network.cni === 'calico') new Calico(this, 'calico', { ...network.calico, ...props });
  }
}

/**
 * What `PodNetwork` defines as YAML by name, for the bootstrap, which applies it on the first server. Empty where k3s
 * makes the pod network itself.
 *
 * @param chart what the charts of `dist/` have, such as the labels, so that both are the same to the byte.
 */
export function podNetworkManifests(props: PodNetworkProps, chart?: ChartProps): Record<string, string> {
  const made = new Chart(new App(), 'pod-network', chart);
  new PodNetwork(made, 'pod-network', props);
  const objects = made.toJson();
  return objects.length > 0 ? { 'pod-network': toYaml(...objects) } : {};
}

/** Properties of `NetworkAddOns`. */
export interface NetworkAddOnsProps {
  readonly network: Pick<ClusterNetwork, 'loadBalancer' | 'metallb' | 'ingress' | 'traefik' | 'ingressNginx'>;
  /**
   * Mirror that images are pulled through.
   *
   * @default - their own registries
   */
  readonly registry?: string;
  /** @default - charts come from their own repositories */
  readonly charts?: ChartSource;
}

/** Defines the load balancer and the ingress controller, where they are not k3s's own as they come. */
export class NetworkAddOns extends Construct {
  constructor(scope: Construct, id: string, { network, registry, charts }: NetworkAddOnsProps) {
    super(scope, id);
    if (network.loadBalancer === 'metallb') new MetalLb(this, 'metallb', { ...network.metallb, registry, charts });
    if (network.ingress === 'ingress-nginx')
      new IngressNginx(this, 'ingress-nginx', { ...network.ingressNginx, registry, charts });
    if (network.ingress === 'traefik' && Object.keys(network.traefik.values).length > 0) {
      new TraefikValues(this, 'traefik', network.traefik);
    }
  }
}
