import { describe, expect, test } from 'vitest';
import { checkNetwork } from '../../../constructs/spec/checks/network.ts';
import { type Fault, formatPath, reportTo } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

const VPN = { provider: 'headscale', server: 'https://h.example.com' };

/** What the check reports, as `path: message`. */
function faults(spec: Record<string, unknown>): string[] {
  const found: Fault[] = [];
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 'test' }, spec };
  checkNetwork(resolve(federation.parse(file)), reportTo(found));
  return found.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

/** A federation of a control plane with one server in the VPN, whose networks overlap nobody's. */
function withHosts(controlPlane: Record<string, unknown>, spec: Record<string, unknown> = {}): Record<string, unknown> {
  const hosts = [{ name: 'a', vpnIp: '100.64.0.5', publicIp: '203.0.113.5' }];
  return {
    vpn: VPN,
    controlPlane: { podCidr: '10.1.0.0/16', serviceCidr: '10.2.0.0/16', hosts, ...controlPlane },
    ...spec,
  };
}

describe('networks', () => {
  test('of clusters in the VPN that all differ are fine', () => {
    const members = [{ name: 'edge', podCidr: '10.3.0.0/16', serviceCidr: '10.4.0.0/16' }, { name: 'cloud' }];
    expect(faults(withHosts({}, { members }))).toEqual([]);
  });

  test('that overlap in the VPN are reported at the later one, with the earlier', () => {
    const members = [
      { name: 'edge', podCidr: '10.3.0.0/16', serviceCidr: '10.1.128.0/17' },
      { name: 'cloud', podCidr: '10.0.0.0/8' },
    ];
    expect(faults(withHosts({}, { members }))).toEqual([
      "spec.members[0].serviceCidr: 10.1.128.0/17 overlaps 10.1.0.0/16, the pod network of 'host': give it a network of its own",
      expect.stringMatching(/^spec\.members\[1\]\.podCidr: 10\.0\.0\.0\/8 overlaps 10\./),
    ]);
  });

  test("that k3s gives by default overlap too, and the VPN's range counts", () => {
    const members = [
      { name: 'x', hosts: [{ name: 'x', vpnIp: '100.64.0.6' }] },
      { name: 'y', hosts: [{ name: 'y', vpnIp: '100.64.0.7' }], serviceCidr: '100.100.0.0/16' },
    ];
    expect(faults(withHosts({}, { members }))).toEqual([
      expect.stringMatching(/^spec\.members\[1\]\.podCidr: 10\.42\.0\.0\/16 overlaps .* of 'x'/),
      expect.stringMatching(/^spec\.members\[1\]\.serviceCidr: 100\.100\.0\.0\/16 overlaps .* the range of the VPN/),
    ]);
  });

  test('of clusters outside the VPN may overlap, a pod and a service network of one cluster not', () => {
    const outside = { vpn: false, podCidr: '10.1.0.0/16' };
    const members = [
      { name: 'x', ...outside },
      { name: 'y', ...outside, serviceCidr: '10.1.5.0/24' },
    ];
    expect(faults(withHosts({}, { members }))).toEqual([
      "spec.members[1].serviceCidr: 10.1.5.0/24 overlaps 10.1.0.0/16, the pod network of 'y': give it a network of its own",
    ]);
  });

  test('of IPv6 and IPv4 have nothing to do with each other', () => {
    expect(
      faults(withHosts({}, { members: [{ name: 'x', podCidr: 'fd00::/48', serviceCidr: '::a01:0/112' }] })),
    ).toEqual([]);
  });
});

describe('addresses in the VPN', () => {
  test('are in its range, each of one host', () => {
    const hosts = [
      { name: 'a', vpnIp: '100.64.0.5' },
      { name: 'b', vpnIp: '192.168.1.5' },
      { name: 'c', vpnIp: '100.64.0.5' },
    ];
    expect(faults(withHosts({ hosts }))).toEqual([
      "spec.controlPlane.hosts[1].vpnIp: '192.168.1.5' is outside 100.64.0.0/10, the range of the VPN: correct it, or 'spec.vpn.cidr'",
      "spec.controlPlane.hosts[2].vpnIp: '100.64.0.5' is the address of the host 'a' already, give each its own",
    ]);
  });
});

describe('settings', () => {
  test.each([
    [{ flannel: { backend: 'host-gw' } }, "network.flannel.backend: 'host-gw' does not work in a VPN"],
    [{ flannel: { externalIp: true } }, 'network.flannel.externalIp: leads around the VPN'],
    [
      { cni: 'calico', calico: { encapsulation: 'None' } },
      "network.calico.encapsulation: 'None' does not work in a VPN",
    ],
    [{ cni: 'calico', calico: { mtu: 1231 } }, 'network.calico.mtu: must be at most 1230: the VPN carries 1280 bytes'],
    [{ loadBalancer: 'metallb' }, 'network.metallb.addresses: is empty'],
    [
      { loadBalancer: 'metallb', metallb: { addresses: ['192.0.2.0/28', '100.64.0.10-100.64.0.20'] } },
      "network.metallb.addresses[1]: '100.64.0.10-100.64.0.20' is in 100.64.0.0/10, the range of the VPN",
    ],
  ])('%o of a cluster in the VPN is a fault', (network, message) => {
    expect(faults(withHosts({ network }))).toEqual([expect.stringContaining(`spec.controlPlane.${message}`)]);
  });

  test.each([
    { cni: 'calico', calico: { mtu: 1230 } },
    { flannel: { backend: 'wireguard-native' } },
    { loadBalancer: 'metallb', metallb: { addresses: ['192.0.2.0/28'] } },
    { cni: 'none', loadBalancer: 'none', ingress: 'none' },
  ])('%o of a cluster in the VPN is fine', (network) => {
    expect(faults(withHosts({ network }))).toEqual([]);
  });

  test('that only a VPN rules out are fine without', () => {
    const network = { flannel: { backend: 'host-gw', externalIp: true } };
    const hosts = [{ name: 'a', publicIp: '203.0.113.5' }];
    expect(faults(withHosts({ network, vpn: false, hosts }))).toEqual([]);
    expect(faults({ controlPlane: { network, hosts: [{ name: 'a', address: 'a.example.com' }] } })).toEqual([
      "spec.controlPlane.hosts[0].publicIp: is missing, and 'flannel.externalIp' sends to it: give it",
    ]);
  });

  test("of k3s's own integration need flannel and one server", () => {
    const vpn = { ...VPN, integration: 'k3s' };
    const hosts = [
      { name: 'a', vpnIp: '100.64.0.5' },
      { name: 'b', vpnIp: '100.64.0.6' },
    ];
    expect(faults(withHosts({}, { vpn }))).toEqual([]);
    expect(faults(withHosts({ network: { cni: 'calico' }, hosts }, { vpn }))).toEqual([
      expect.stringContaining('spec.controlPlane.network.cni: must be flannel'),
      expect.stringContaining('spec.controlPlane.hosts: has several servers'),
    ]);
  });

  test('mean nothing for a cluster that exists already', () => {
    const network = { loadBalancer: 'metallb' };
    const own = { network: { loadBalancer: 'servicelb' } };
    expect(faults(withHosts(own, { network, members: [{ name: 'x' }] }))).toEqual([]);
  });
});

test('of a thousand members that all overlap each is named once', () => {
  const members = Array.from({ length: 1000 }, (_, i) => ({ name: `m-${i}`, podCidr: '10.3.0.0/16' }));
  const found = faults(withHosts({}, { members }));
  expect(found).toHaveLength(999);
  expect(found[998]).toContain("spec.members[999].podCidr: 10.3.0.0/16 overlaps 10.3.0.0/16, the pod network of 'm-0'");
});
