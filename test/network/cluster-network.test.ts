import { App, Chart, Testing, Yaml } from 'cdk8s';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import {
  type ClusterNetwork,
  k3sNetwork,
  NetworkAddOns,
  PodNetwork,
  type PodNetworkProps,
  podNetworkManifests,
  replacedComponents,
} from '../../constructs/network/cluster-network.ts';
import { AddressPool } from '../../constructs/network/metallb.ts';
import { network as schema } from '../../constructs/spec/network.ts';
import { testChart } from '../chart.ts';

const VPN = { cidr: '100.64.0.0/10', mtu: 1280 };

function network(value: object = {}): ClusterNetwork {
  return schema.parse(value);
}

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

function podNetwork(value: object, props: Partial<PodNetworkProps> = {}): Manifest[] {
  const chart = testChart();
  new PodNetwork(chart, 'pods', { network: network(value), podCidr: '10.100.0.0/16', ...props });
  return Testing.synth(chart);
}

function addOns(value: object): Manifest[] {
  const chart = testChart();
  new NetworkAddOns(chart, 'add-ons', { network: network(value) });
  return Testing.synth(chart);
}

/** The chart with a name, its values read back. */
function chartOf(manifests: Manifest[], name: string): Record<string, unknown> {
  const found = manifests.find(({ kind, metadata }) => kind === 'HelmChart' && metadata.name === name);
  const { valuesContent = '', ...spec } = found?.spec ?? {};
  return { ...spec, values: load(String(valuesContent) || '{}') };
}

function calicoNetwork(value: object, props?: Partial<PodNetworkProps>): unknown {
  const { values } = chartOf(podNetwork({ cni: 'calico', ...value }, props), 'calico');
  return (values as { installation: { calicoNetwork: unknown } }).installation.calicoNetwork;
}

describe('Calico', () => {
  test("in a VPN is as published: VXLAN always, the cluster's pods, and the VPN's packets less 50 bytes", () => {
    expect(calicoNetwork({}, { vpn: VPN })).toMatchObject({
      ipPools: [{ cidr: '10.100.0.0/16', encapsulation: 'VXLAN', natOutgoing: 'Enabled' }],
      mtu: 1230,
      nodeAddressAutodetectionV4: { cidrs: ['100.64.0.0/10'] },
    });
  });

  test("without a VPN takes the nodes' addresses and finds out how large packets may be", () => {
    const found = calicoNetwork({});
    expect(found).toMatchObject({ nodeAddressAutodetectionV4: { kubernetes: 'NodeInternalIP' } });
    expect(found).not.toHaveProperty('mtu');
  });

  test('talks BGP only where routes need it', () => {
    expect(calicoNetwork({})).toMatchObject({ bgp: 'Disabled' });
    expect(calicoNetwork({ calico: { encapsulation: 'None' } })).toMatchObject({ bgp: 'Enabled' });
  });

  test.each([
    ['VXLAN', 1230],
    ['IPIP', 1260],
    ['None', 1280],
  ])('with %s leaves pods packets of %i bytes of 1280', (encapsulation, mtu) => {
    expect(calicoNetwork({ calico: { encapsulation } }, { vpn: VPN })).toMatchObject({ mtu });
  });

  test('takes an MTU and further values from the file', () => {
    const values = { installation: { calicoNetwork: { linuxDataplane: 'Nftables' }, controlPlaneReplicas: 1 } };
    const found = calicoNetwork({ calico: { mtu: 1200, values } }, { vpn: VPN });
    expect(found).toMatchObject({ mtu: 1200, linuxDataplane: 'Nftables', bgp: 'Disabled' });
  });

  test('comes as two charts of one version, which may run before a node is Ready', () => {
    const manifests = podNetwork({ cni: 'calico', calico: { version: 'v3.32.3' } });
    const shared = {
      repo: 'https://docs.tigera.io/calico/charts',
      version: 'v3.32.3',
      targetNamespace: 'tigera-operator',
      bootstrap: true,
    };
    expect(chartOf(manifests, 'calico-crds')).toMatchObject({ ...shared, chart: 'crd.projectcalico.org.v1' });
    expect(chartOf(manifests, 'calico')).toMatchObject({ ...shared, chart: 'tigera-operator' });
    expect(manifests[0]).toMatchObject({
      kind: 'Namespace',
      metadata: { name: 'tigera-operator', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    });
  });

  test('stays where an upgrade of it fails', () => {
    const charts = podNetwork({ cni: 'calico' }).filter(({ kind }) => kind === 'HelmChart');
    expect(charts.map(({ spec }) => spec.failurePolicy)).toEqual(['abort', 'abort']);
  });

  test('is the same in the bootstrap as in dist/, to the byte', () => {
    const props = { network: network({ cni: 'calico' }), podCidr: '10.100.0.0/16', vpn: VPN };
    const labels = { 'app.kubernetes.io/part-of': 'edge-cloud' };
    const chart = new Chart(new App(), '10-pod-network', { labels });
    new PodNetwork(chart, 'anything', props);
    expect(podNetworkManifests(props, { labels })).toEqual({ 'pod-network': Yaml.stringify(...chart.toJson()) });
  });
});

test.each(['flannel', 'none'])('with %s as its pod network a cluster gets no manifests', (cni) => {
  expect(podNetwork({ cni })).toEqual([]);
  expect(podNetworkManifests({ network: network({ cni }), podCidr: '10.42.0.0/16' })).toEqual({});
});

describe('k3s', () => {
  test('makes the pod network itself, with flannel as the file says', () => {
    expect(k3sNetwork(network())).toEqual({});
    expect(k3sNetwork(network({ flannel: { backend: 'wireguard-native', externalIp: true } }))).toEqual({
      flannelBackend: 'wireguard-native',
      flannelExternalIp: true,
    });
  });

  test.each(['calico', 'none'])('leaves the pod network and its policies to %s', (cni) => {
    expect(k3sNetwork(network({ cni }))).toEqual({ flannelBackend: 'none', disableNetworkPolicy: true });
  });

  test('brings along only what nothing replaces', () => {
    expect(replacedComponents(network())).toEqual([]);
    expect(replacedComponents(network({ loadBalancer: 'none', ingress: 'none' }))).toEqual(['servicelb', 'traefik']);
    expect(replacedComponents(network({ loadBalancer: 'metallb', ingress: 'ingress-nginx' }))).toEqual([
      'servicelb',
      'traefik',
    ]);
  });
});

describe('add-ons', () => {
  test('are none where k3s has its own', () => {
    expect(addOns({})).toEqual([]);
    expect(addOns({ loadBalancer: 'none', ingress: 'none' })).toEqual([]);
  });

  test('MetalLB comes without BGP, of the version and with the values of the file', () => {
    const metallb = { version: '0.16.0', values: { speaker: { logLevel: 'debug' } } };
    expect(chartOf(addOns({ loadBalancer: 'metallb', metallb }), 'metallb')).toMatchObject({
      repo: 'https://metallb.github.io/metallb',
      chart: 'metallb',
      version: '0.16.0',
      targetNamespace: 'metallb-system',
      values: { frrk8s: { enabled: false }, speaker: { logLevel: 'debug' } },
    });
  });

  test('ingress-nginx serves every Ingress that names no class', () => {
    expect(chartOf(addOns({ ingress: 'ingress-nginx' }), 'ingress-nginx')).toMatchObject({
      repo: 'https://kubernetes.github.io/ingress-nginx',
      chart: 'ingress-nginx',
      version: '4.15.1',
      values: { controller: { ingressClassResource: { default: true } } },
    });
  });

  test("Traefik's values go to the chart that k3s installs", () => {
    const [config] = addOns({ traefik: { values: { logs: { general: { level: 'INFO' } } } } });
    expect(config).toMatchObject({ kind: 'HelmChartConfig', metadata: { name: 'traefik', namespace: 'kube-system' } });
    expect(load(String(config?.spec.valuesContent))).toEqual({ logs: { general: { level: 'INFO' } } });
  });

  test('of which none is bootstrap: nodes are Ready without them', () => {
    const charts = addOns({ loadBalancer: 'metallb', ingress: 'ingress-nginx' }).filter(
      ({ kind }) => kind === 'HelmChart',
    );
    expect(charts).toHaveLength(2);
    for (const { spec } of charts) expect(spec).not.toHaveProperty('bootstrap');
  });

  test('each have their namespace before them', () => {
    const manifests = addOns({ loadBalancer: 'metallb', ingress: 'ingress-nginx' });
    for (const [i, { kind, spec }] of manifests.entries()) {
      if (kind !== 'HelmChart') continue;
      const before = manifests.slice(0, i).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(before).toContain(`Namespace ${spec.targetNamespace}`);
    }
  });
});

test('an address pool names its addresses and is announced in the local network', () => {
  const chart = testChart();
  new AddressPool(chart, 'pool', { addresses: ['192.0.2.10-192.0.2.20', '192.0.2.64/28'] });
  const [pool, advertisement] = Testing.synth(chart);
  expect(pool).toMatchObject({
    kind: 'IPAddressPool',
    metadata: { name: 'default', namespace: 'metallb-system' },
    spec: { addresses: ['192.0.2.10-192.0.2.20', '192.0.2.64/28'] },
  });
  expect(advertisement).toMatchObject({ kind: 'L2Advertisement', spec: { ipAddressPools: ['default'] } });
});
