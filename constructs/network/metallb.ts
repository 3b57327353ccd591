import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { IpAddressPool } from '../../imports/ipaddresspool-metallb.io.ts';
import { L2Advertisement } from '../../imports/l2advertisement-metallb.io.ts';
import { mirrored } from '../images.ts';
import { enforce } from '../security.ts';
import { METALLB_VERSION } from '../versions.ts';
import type { ChartSource } from './chart-source.ts';
import { HelmChart } from './helm-chart.ts';
import type { HelmValues } from './values.ts';

const NAMESPACE = 'metallb-system';

export const METALLB_CHART = 'metallb';

/** Properties of `MetalLb`. */
export interface MetalLbProps {
  /** @default METALLB_VERSION */
  readonly version?: string;
  /**
   * Mirror that its images are pulled through.
   *
   * @default - their own registries
   */
  readonly registry?: string;
  /** @default - charts come from their own repositories */
  readonly charts?: ChartSource;
  /**
   * Further values of the chart, which win.
   *
   * @default - none
   */
  readonly values?: HelmValues;
}

/** Images of MetalLB's pods, by where its chart has them among its values. */
const IMAGES = {
  controller: 'quay.io/metallb/controller',
  speaker: 'quay.io/metallb/speaker',
  frr: 'quay.io/frrouting/frr',
} as const;

/** Defines MetalLB, which gives Services of type LoadBalancer an address; `AddressPool` says which. */
export class MetalLb extends Construct {
  constructor(scope: Construct, id: string, props: MetalLbProps = {}) {
    super(scope, id);
    new k8s.KubeNamespace(this, 'Namespace', {
      // The speakers answer ARP in the nodes' network.
      metadata: { name: NAMESPACE, labels: enforce('privileged') },
    });
    new HelmChart(this, 'Resource', {
      name: 'metallb',
      namespace: NAMESPACE,
      repo: 'https://metallb.github.io/metallb',
      chart: METALLB_CHART,
      version: props.version ?? METALLB_VERSION,
      source: props.charts,
      values: {
        // FRR is for BGP, which announcing in the local network does not use.
        frrk8s: { enabled: false },
        ...(props.registry && mirroredImages(props.registry)),
      },
      userValues: props.values,
    });
  }
}

function mirroredImages(registry: string): HelmValues {
  const image = (name: keyof typeof IMAGES) => ({ image: { repository: mirrored(IMAGES[name], registry) } });
  return { controller: image('controller'), speaker: { ...image('speaker'), frr: image('frr') } };
}

/** Properties of `AddressPool`. */
export interface AddressPoolProps {
  /** Addresses of the nodes' local network, as ranges (`192.0.2.10-192.0.2.20`) or networks. */
  readonly addresses: readonly string[];
}

/**
 * Defines the addresses that MetalLB gives to Services and announces in the nodes' local network.
 *
 * Their kinds come with MetalLB's chart, and its webhook checks them: in a file after MetalLB's, applied again until
 * both are there. Argo CD is told not to mind the kinds' absence beforehand.
 */
export class AddressPool extends Construct {
  constructor(scope: Construct, id: string, props: AddressPoolProps) {
    super(scope, id);
    const metadata = {
      name: 'default',
      namespace: NAMESPACE,
      annotations: { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' },
    };
    const pool = new IpAddressPool(this, 'Resource', { metadata, spec: { addresses: [...props.addresses] } });
    new L2Advertisement(this, 'Advertisement', { metadata, spec: { ipAddressPools: [pool.name] } });
  }
}
