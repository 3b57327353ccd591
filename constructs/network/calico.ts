import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { enforce } from '../security.ts';
import { CALICO_VERSION } from '../versions.ts';
import { familyOf, listed } from './addresses.ts';
import type { ChartSource } from './chart-source.ts';
import { HelmChart } from './helm-chart.ts';
import { type Encapsulation, maxPodMtu } from './mtu.ts';
import type { HelmValues } from './values.ts';

const REPO = 'https://docs.tigera.io/calico/charts';
const NAMESPACE = 'tigera-operator';

/** Calico's charts: that of its CRDs, and that of its operator. */
export const CALICO_CHARTS = ['crd.projectcalico.org.v1', 'tigera-operator'] as const;

/** Properties of `Calico`. */
export interface CalicoProps {
  /** Network of the pods, or one of each IP family with a comma between: the same as k3s's `cluster-cidr`. */
  readonly podCidr: string;
  /**
   * The VPN that the nodes reach each other through.
   *
   * @default - none
   */
  readonly vpn?: {
    /** Network of its addresses; each node talks to the others by the one it has there. */
    readonly cidr: string;
    /** Largest packet that it carries, in bytes. */
    readonly mtu: number;
  };
  /** @default CALICO_VERSION */
  readonly version?: string;
  /**
   * How packets between nodes are wrapped. A VPN delivers by the addresses that it gave itself, so packets of pods have
   * to travel inside packets of nodes, always.
   *
   * @default 'VXLAN'
   */
  readonly encapsulation?: Encapsulation;
  /**
   * Largest packet of pods, in bytes.
   *
   * @default - the VPN's less what the encapsulation adds; without a VPN, Calico looks at the nodes' interfaces
   */
  readonly mtu?: number;
  /**
   * Mirror that its images are pulled through.
   *
   * @default - their own registries
   */
  readonly registry?: string;
  /** @default - charts come from their own repositories */
  readonly charts?: ChartSource;
  /**
   * Further values of the tigera-operator chart, which win.
   *
   * @default - none
   */
  readonly values?: HelmValues;
}

/**
 * Defines Calico as a k3s cluster's pod network: the charts of its CRDs and of its operator, which since Calico 3.32
 * are two. Nodes get Ready only through it.
 *
 * Helm keeps a release in a Secret, which holds 1,048,576 bytes; that of the CRDs takes 948,940 with Calico 3.32.1.
 * Before another version, see that its release fits (`helm install` on any cluster tells).
 */
export class Calico extends Construct {
  constructor(scope: Construct, id: string, props: CalicoProps) {
    super(scope, id);
    const version = props.version ?? CALICO_VERSION;
    const encapsulation = props.encapsulation ?? 'VXLAN';
    new k8s.KubeNamespace(this, 'Namespace', {
      // The operator runs in the nodes' network and reads a folder of theirs.
      metadata: { name: NAMESPACE, labels: enforce('privileged') },
    });
    // An upgrade that fails, be it by a misspelt value, must not take a running cluster's network down with it.
    const source = { repo: REPO, version, source: props.charts };
    const chart = { ...source, namespace: NAMESPACE, bootstrap: true, reinstall: false };
    new HelmChart(this, 'Crds', { ...chart, name: 'calico-crds', chart: CALICO_CHARTS[0] });
    new HelmChart(this, 'Resource', {
      ...chart,
      name: 'calico',
      chart: CALICO_CHARTS[1],
      values: {
        ...(props.registry && { tigeraOperator: { registry: props.registry } }),
        installation: {
          // The operator puts it before the path of each image that it deploys, as it stands.
          ...(props.registry && { registry: `${props.registry}/` }),
          calicoNetwork: {
            // Only what needs routes between nodes needs BGP.
            bgp: encapsulation === 'VXLAN' ? 'Disabled' : 'Enabled',
            // k3s's load balancer forwards in its pods (docs.k3s.io/networking/basic-network-options).
            containerIPForwarding: 'Enabled',
            ipPools: listed(props.podCidr).map((cidr) => ({
              cidr,
              encapsulation,
              natOutgoing: 'Enabled',
              nodeSelector: 'all()',
            })),
            ...podMtu(props, encapsulation),
            ...nodeAddresses(props),
          },
        },
        // A flow log and a user interface for it, which a small node can do without.
        goldmane: { enabled: false },
        whisker: { enabled: false },
      },
      userValues: props.values,
    });
  }
}

function podMtu({ mtu, vpn }: CalicoProps, encapsulation: Encapsulation): { mtu?: number } {
  const found = mtu ?? (vpn && maxPodMtu(vpn.mtu, encapsulation, familyOf(vpn.cidr)));
  return found === undefined ? {} : { mtu: found };
}

/** How Calico finds the address that a node has for others: one of each family that the pods have. */
function nodeAddresses({ podCidr, vpn }: CalicoProps): Record<string, object> {
  const autodetection = vpn ? { cidrs: [vpn.cidr] } : { kubernetes: 'NodeInternalIP' };
  const names = { IPv4: 'nodeAddressAutodetectionV4', IPv6: 'nodeAddressAutodetectionV6' };
  return Object.fromEntries(listed(podCidr).map((cidr) => [names[familyOf(cidr)], autodetection]));
}
