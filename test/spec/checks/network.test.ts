import { describe, expect, test } from 'vitest';
import { checkNetwork } from '../../../constructs/spec/checks/network.ts';
import { type Fault, formatPath, reportTo } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

const VPN = { provider: 'headscale', server: 'https://h.example.com' };

/** What the check reports, as `path: message`. */
function reported(spec: Record<string, unknown>): { faults: string[]; warnings: string[] } {
  const [faults, warnings]: [Fault[], Fault[]] = [[], []];
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 'test' }, spec };
  checkNetwork(resolve(federation.parse(file)), reportTo(faults, warnings));
  const texts = (found: Fault[]) => found.map(({ path, message }) => `${formatPath(path)}: ${message}`);
  return { faults: texts(faults), warnings: texts(warnings) };
}

const faults = (spec: Record<string, unknown>) => reported(spec).faults;

/** A federation of a control plane with one server in the VPN, whose networks overlap nobody's. */
function withHosts(controlPlane: Record<string, unknown>, spec: Record<string, unknown> = {}): Record<string, unknown> {
  const hosts = [{ name: 'a', vpnIp: '100.64.0.5', publicIp: '203.0.113.5' }];
  return {
    vpn: VPN,
    controlPlane: { podCidr: '10.1.0.0/16', serviceCidr: '10.2.0.0/16', hosts, ...controlPlane },
    ...spec,
  };
}

/** A member of two hosts on a local network, with what is said of it. */
function edge(own: Record<string, unknown>): Record<string, unknown> {
  const hosts = [
    { name: 'e1', publicIp: '192.168.1.11' },
    { name: 'e2', role: 'agent', publicIp: '192.168.1.12' },
  ];
  return { controlPlane: {}, members: [{ name: 'edge', hosts, ...own }] };
}

describe('networks', () => {
  test('of clusters in the VPN may be the same, for neither pods nor services are reached through it', () => {
    const members = [
      { name: 'x', hosts: [{ name: 'x', vpnIp: '100.64.0.6' }] },
      { name: 'y', hosts: [{ name: 'y', vpnIp: '100.64.0.7' }] },
    ];
    expect(faults(withHosts({ podCidr: '10.42.0.0/16' }, { members }))).toEqual([]);
  });

  test("of a cluster in the VPN are apart from the VPN's range", () => {
    const hosts = [{ name: 'y', vpnIp: '100.64.0.7' }];
    const members = [{ name: 'y', hosts, podCidr: '100.64.0.0/16', serviceCidr: '100.100.0.0/16' }];
    expect(faults(withHosts({}, { members }))).toEqual([
      'spec.members[0].podCidr: 100.64.0.0/16 overlaps 100.64.0.0/10, the range of the VPN: give it a network of its own',
      'spec.members[0].serviceCidr: 100.100.0.0/16 overlaps 100.64.0.0/10, the range of the VPN: give it a network of its own',
    ]);
    expect(faults(withHosts({}, { members: [{ ...members[0], hosts: [], vpn: false }] }))).toEqual([]);
  });

  test('of pods and services of one cluster are apart, whoever made it', () => {
    const own = { podCidr: '10.1.0.0/16', serviceCidr: '10.1.5.0/24' };
    for (const member of [own, { ...own, hosts: [] }]) {
      expect(faults(edge(member))).toEqual([
        "spec.members[0].serviceCidr: 10.1.5.0/24 overlaps 10.1.0.0/16, the pod network of 'edge': give it a network of its own",
      ]);
    }
  });

  test("hold none of their cluster's nodes, by none of its addresses", () => {
    const hosts = [
      { name: 'a', publicIp: '10.42.0.11' },
      { name: 'b', role: 'agent', address: '10.43.0.12' },
      { name: 'c', role: 'agent', address: 'c.example.com', publicIp: '10.44.0.1' },
    ];
    expect(faults(edge({ hosts }))).toEqual([
      expect.stringMatching(
        /^spec\.members\[0\]\.hosts\[0\]\.publicIp: 10\.42\.0\.11 is in 10\.42\.0\.0\/16, the pod network/,
      ),
      expect.stringMatching(
        /^spec\.members\[0\]\.hosts\[1\]\.address: 10\.43\.0\.12 is in 10\.43\.0\.0\/16, the service/,
      ),
    ]);
  });

  test.each([
    [{ podCidr: '10.42.0.0/16', serviceCidr: 'fd00:43::/112' }, 'is IPv6, but the pods of'],
    [{ podCidr: '10.42.0.0/16,fd00:42::/56', serviceCidr: '10.43.0.0/16' }, 'is IPv4, but the pods of'],
    [
      { podCidr: '10.42.0.0/16,fd00:42::/56', serviceCidr: 'fd00:43::/112,10.43.0.0/16' },
      'is IPv6 and IPv4, but the pods of',
    ],
  ])('%o are of different families', (own, message) => {
    expect(faults(edge(own))).toEqual([expect.stringContaining(`spec.members[0].serviceCidr: ${message}`)]);
  });

  test('may be of both families, in the same order, outside of a VPN', () => {
    const both = { podCidr: '10.42.0.0/16,2001:db8:42::/56', serviceCidr: '10.43.0.0/16,2001:db8:43::/112' };
    expect(faults(edge(both))).toEqual([]);
    expect(faults(withHosts(both))).toEqual([expect.stringMatching(/podCidr: holds networks of both IP families/)]);
  });

  test("follow the family of the first node's address where nothing is said", () => {
    const vpn = { ...VPN, cidr: 'fd7a::/48' };
    const hosts = [{ name: 'a', vpnIp: 'fd7a::1' }];
    expect(faults({ vpn, controlPlane: { hosts } })).toEqual([]);
    expect(faults({ vpn, controlPlane: { hosts, podCidr: '10.42.0.0/16' } })).toEqual([
      expect.stringContaining('spec.controlPlane.hosts[0].vpnIp: is IPv6, but the pods'),
    ]);
  });
});

describe('pod networks that something routes between are apart', () => {
  const pods = (...cidrs: string[]) =>
    cidrs.map((podCidr, i) => ({ name: `m${i}`, podCidr, hosts: [{ name: `m${i}`, vpnIp: `100.64.1.${i}` }] }));
  const vpn = { ...VPN, integration: 'k3s' };

  test('those that k3s announces in the VPN, the later of two at fault', () => {
    const members = pods('10.3.0.0/16', '10.0.0.0/14', '10.5.0.0/16');
    expect(faults(withHosts({}, { vpn, members }))).toEqual([
      expect.stringMatching(
        /^spec\.members\[1\]\.podCidr: 10\.0\.0\.0\/14 overlaps 10\.1\.0\.0\/16, the pod network of 'host', and k3s/,
      ),
      expect.stringMatching(
        /^spec\.members\[1\]\.podCidr: 10\.0\.0\.0\/14 overlaps 10\.3\.0\.0\/16, the pod network of 'm0'/,
      ),
    ]);
  });

  const app = (multiClusterService: object) => ({
    name: 'a',
    image: 'ghcr.io/example/a:v1',
    port: 80,
    placement: { clusters: ['m0'] },
    multiClusterService,
  });

  test('those of the members of a multiClusterService', () => {
    const members = pods('10.3.0.0/16', '10.3.0.0/16', '10.3.0.0/16');
    const some = app({ providers: ['m0'], consumers: ['m2'] });
    expect(faults(withHosts({}, { members, apps: [some, some] }))).toEqual([
      expect.stringMatching(
        /^spec\.members\[2\]\.podCidr: 10\.3\.0\.0\/16 overlaps .* of 'm0', and a multiClusterService/,
      ),
    ]);
    expect(faults(withHosts({}, { members, apps: [app({})] }))).toHaveLength(2);
    expect(faults(withHosts({}, { members, apps: [app({ type: 'LoadBalancer' })] }))).toEqual([]);
  });
});

describe('the pod network has room', () => {
  const three = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((publicIp, i) => ({
    name: `h${i}`,
    publicIp,
    role: i === 0 ? 'server' : 'agent',
  }));
  const masked = (...flags: string[]) => ({ k3s: { server: { 'kube-controller-manager-arg': flags } } });

  test.each([
    [
      { podCidr: '10.42.0.0/24' },
      "'10.42.0.0/24' has room for 1 node of /24 each, and the cluster has 3 hosts: give one of /22",
    ],
    [{ podCidr: '10.42.0.0/25' }, "'10.42.0.0/25' is smaller than what one node gets of it, /24"],
    [{ podCidr: '10.42.0.0/23', ...masked('node-cidr-mask-size=24') }, 'has room for 2 nodes of /24'],
    [{ podCidr: 'fd00:42::/64', serviceCidr: 'fd00:43::/112' }, 'has room for 1 node of /64'],
    [{ podCidr: 'fd00::/40', serviceCidr: 'fe00:43::/112' }, 'is too wide for nodes of /64: give one of /48 to /64'],
    [{ podCidr: '10.42.0.0/25', network: { cni: 'calico' } }, 'is smaller than what one node gets of it'],
  ])('for all hosts: %o has none', (own, message) => {
    expect(faults(edge({ hosts: three, ...own }))).toEqual([
      expect.stringMatching(new RegExp(`^spec\\.members\\[0\\]\\.podCidr: .*${message.replace(/[.]/g, '\\.')}`)),
    ]);
  });

  test.each([
    { podCidr: '10.42.0.0/22' },
    { podCidr: '10.42.0.0/24', ...masked('node-cidr-mask-size=26') },
    { podCidr: '10.42.0.0/24', ...masked('--node-cidr-mask-size-ipv4=26') },
    { podCidr: '10.42.0.0/24', network: { cni: 'calico' } },
    { podCidr: '10.42.0.0/24', network: { cni: 'none' } },
    { podCidr: 'fd00:42::/56', serviceCidr: 'fd00:43::/112' },
  ])('for all hosts: %o has', (own) => {
    expect(faults(edge({ hosts: three, ...own }))).toEqual([]);
  });
});

test('more pods on a node than it has addresses for are warned of', () => {
  const masked = (size: number) => ({ 'kube-controller-manager-arg': [`node-cidr-mask-size=${size}`] });
  const warnings = (server: object, more: object = {}) => reported(edge({ k3s: { server }, ...more })).warnings;
  const most = { 'kubelet-arg': ['max-pods=500'] };
  expect(warnings({ 'kubelet-arg': 'max-pods=250' })).toEqual([]);
  expect(warnings(most)).toEqual([
    "spec.members[0].k3s.server.kubelet-arg: lets 500 pods onto a node, which has addresses for 253: give 'node-cidr-mask-size=23' in 'kube-controller-manager-arg' of the servers, before they start for the first time",
  ]);
  expect(warnings({ ...most, ...masked(24) })).toHaveLength(1);
  expect(warnings({ ...most, ...masked(23) })).toEqual([]);
  expect(warnings(most, { network: { cni: 'calico' } })).toEqual([]);
});

describe('the service network', () => {
  test.each([
    ['10.43.0.0/29', 'has fewer than the 16 addresses that k3s needs: give one of /28 or wider'],
    ['10.43.0.0/30', 'has fewer than the 16 addresses'],
  ])('of %s is too small', (serviceCidr, message) => {
    expect(faults(edge({ serviceCidr }))).toEqual([
      `spec.members[0].serviceCidr: '${serviceCidr}' ${message}${message.includes('wider') ? '' : ' that k3s needs: give one of /28 or wider'}`,
    ]);
  });

  test('may be smaller where the DNS has an address of its own', () => {
    expect(faults(edge({ serviceCidr: '10.43.0.0/29', k3s: { server: { 'cluster-dns': '10.43.0.3' } } }))).toEqual([]);
  });

  test('has a bound that Kubernetes 1.34 took away', () => {
    const own = { podCidr: '192.168.128.0/17', serviceCidr: '10.0.0.0/11' };
    expect(faults(edge({ ...own, k3s: { version: 'v1.33.1+k3s1' } }))).toEqual([
      expect.stringContaining("'10.0.0.0/11' is wider than Kubernetes before 1.34 takes: give one of /12 or narrower"),
    ]);
    expect(faults(edge({ ...own, k3s: { version: 'v1.34.1+k3s1' } }))).toEqual([]);
    expect(faults(edge({ podCidr: 'fd00:42::/56', serviceCidr: 'fd01::/60' }))).toEqual([
      expect.stringContaining("'fd01::/60' is wider than Kubernetes takes: give one of /64 or narrower"),
    ]);
  });

  test.each([
    ['10.43.0.10', "'10.43.0.10' is outside 10.60.0.0/16, the service network"],
    ['10.60.0.1', "'10.60.0.1' is the API server's"],
    [['10.60.0.10', 'dns.example.com'], "must be an address, such as '10.43.0.10', got 'dns.example.com'"],
  ])('has the address of the DNS in it, which %o is not', (dns, message) => {
    const member = edge({ serviceCidr: '10.60.0.0/16', k3s: { server: { 'cluster-dns': dns } } });
    expect(faults(member)).toEqual([expect.stringContaining(`spec.members[0].k3s.server.cluster-dns: ${message}`)]);
  });

  test('is told at the shared setting, where that says the address', () => {
    const spec = { ...edge({ serviceCidr: '10.60.0.0/16' }), k3s: { server: { 'cluster-dns': '10.43.0.10' } } };
    expect(faults(spec)).toEqual([expect.stringMatching(/^spec\.k3s\.server\.cluster-dns: /)]);
  });

  test('of both families may each have an address of DNS', () => {
    const both = (dns: unknown) =>
      faults(
        edge({
          podCidr: '10.42.0.0/16,2001:db8:42::/56',
          serviceCidr: '10.43.0.0/16,2001:db8:43::/112',
          k3s: { server: { 'cluster-dns': dns } },
        }),
      );
    expect(both(['10.43.0.10', '2001:db8:43::a'])).toEqual([]);
    expect(both('10.43.0.10,2001:DB8:43::a')).toEqual([]);
    expect(both('10.43.0.10,2001:db8:44::a')).toEqual([
      expect.stringContaining("'2001:db8:44::a' is outside 10.43.0.0/16,2001:db8:43::/112, the service network"),
    ]);
    expect(both(['10.43.0.10', '10.43.0.11'])).toEqual([
      expect.stringContaining("'10.43.0.11' is the second IPv4 address: the DNS service has one of each IP family"),
    ]);
  });
});

describe('addresses of a load balancer', () => {
  const pool = (...addresses: string[]) => edge({ network: { loadBalancer: 'metallb', metallb: { addresses } } });

  test.each([
    [['192.168.1.10-192.168.1.30'], "'192.168.1.10-192.168.1.30' holds 192.168.1.11, the address of the host 'e1'"],
    [['192.168.1.12/32'], "holds 192.168.1.12, the address of the host 'e2'"],
    [['10.42.5.0/24'], 'overlaps 10.42.0.0/16, the pod network'],
    [['10.43.5.1-10.43.5.2'], 'overlaps 10.43.0.0/16, the service network'],
    [['fd00::1-fd00::9'], "'fd00::1-fd00::9' is IPv6, but services have IPv4"],
  ])('%o are not free', (addresses, message) => {
    expect(faults(pool(...addresses))).toEqual([
      expect.stringMatching(/^spec\.members\[0\]\.network\.metallb\.addresses\[0\]: /),
    ]);
    expect(faults(pool(...addresses))[0]).toContain(message);
  });

  test('are each given once', () => {
    expect(faults(pool('192.168.9.0/28', '192.168.9.8-192.168.9.40'))).toEqual([
      expect.stringContaining("addresses[1]: '192.168.9.8-192.168.9.40' overlaps 192.168.9.0/28, addresses of MetalLB"),
    ]);
    expect(faults(pool('192.168.9.0/28', '192.168.9.16-192.168.9.40'))).toEqual([]);
  });
});

describe('addresses in the VPN', () => {
  test('are in its range', () => {
    const hosts = [
      { name: 'a', vpnIp: '100.64.0.5' },
      { name: 'b', vpnIp: '192.168.1.5' },
    ];
    expect(faults(withHosts({ hosts }))).toEqual([
      "spec.controlPlane.hosts[1].vpnIp: '192.168.1.5' is outside 100.64.0.0/10, the range of the VPN: correct it, or 'spec.vpn.cidr'",
    ]);
  });
});

describe('where hosts of several servers in the VPN join', () => {
  const hosts = [1, 2, 3].map((i) => ({ name: `c-${i}`, publicIp: `192.0.2.${i}`, vpnIp: `100.64.0.${i}` }));
  const listening = "k3s listens on the servers' addresses in the VPN alone, 100.64.0.1, 100.64.0.2, 100.64.0.3";
  const warnings = (cluster: object) => reported(withHosts({ hosts, ...cluster })).warnings;

  test('cannot be a host of theirs outside it', () => {
    expect(faults(withHosts({ hosts, registrationAddress: '192.0.2.1' }))).toEqual([
      `spec.controlPlane.registrationAddress: '192.0.2.1' is a host's address outside the VPN, and ${listening}: leave it out, or take one that leads there`,
    ]);
    expect(faults(withHosts({ hosts, registrationAddress: '100.64.0.1' }))).toEqual([]);
  });

  test("is warned of where it is the cluster's address, of which nobody can tell whether it leads there", () => {
    const warning = `spec.controlPlane.address: is where hosts join, too, and ${listening}: have it lead to these, or give 'registrationAddress'`;
    expect(warnings({ address: 'k.example.com' })).toEqual([warning]);
    expect(warnings({ address: '198.51.100.1' })).toEqual([warning]);
    expect(warnings({ address: 'k.example.com', registrationAddress: 'k.example.com' })).toEqual([]);
    expect(warnings({ address: '100.64.0.9' })).toEqual([]);
    // Nobody joins there.
    expect(warnings({ address: '192.0.2.1' })).toEqual([]);
    expect(warnings({ address: 'k.example.com', hosts: hosts.slice(0, 1) })).toEqual([]);
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
      "spec.controlPlane.hosts[0].publicIp: is required, and 'flannel.externalIp' sends to it: give it",
    ]);
  });

  test('that an older k3s cannot set up are faults', () => {
    const network = { cni: 'calico' };
    const ipv6 = {
      podCidr: 'fd00:42::/56',
      serviceCidr: 'fd00:43::/112',
      hosts: [{ name: 'e', publicIp: '2001:db8::1' }],
    };
    expect(faults(edge({ ...ipv6, network, k3s: { version: 'v1.33.5+k3s1' } }))).toEqual([
      expect.stringMatching(/^spec\.members\[0\]\.network\.cni: .* Take k3s v1\.33\.6 or later, or give IPv4 first$/),
    ]);
    expect(faults(edge({ ...ipv6, network }))).toEqual([]);
    expect(faults(edge({ ...ipv6, k3s: { version: 'v1.33.5+k3s1' } }))).toEqual([]);
  });

  test('of a VPN that k3s joins need a release that can', () => {
    const vpn = { ...VPN, integration: 'k3s' };
    expect(faults(withHosts({ k3s: { version: 'v1.26.5+k3s1' } }, { vpn }))).toEqual([
      expect.stringMatching(
        /^spec\.vpn\.integration: needs the flag 'vpn-auth-file' with 'k3s', which came with v1\.26\.6/,
      ),
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

test('of a thousand members whose pods all overlap each is named once', () => {
  const members = Array.from({ length: 1000 }, (_, i) => ({ name: `m-${i}`, podCidr: '10.3.0.0/16' }));
  const apps = [
    { name: 'a', image: 'ghcr.io/example/a:v1', port: 80, placement: { clusters: ['m-0'] }, multiClusterService: {} },
  ];
  const found = faults(withHosts({}, { members, apps }));
  expect(found).toHaveLength(999);
  expect(found[998]).toContain("spec.members[999].podCidr: 10.3.0.0/16 overlaps 10.3.0.0/16, the pod network of 'm-0'");
});

test('MetalLB does not give away where hosts join', () => {
  const network = { loadBalancer: 'metallb', metallb: { addresses: ['192.168.1.40-192.168.1.60'] } };
  const warnings = (registrationAddress: string) => reported(edge({ network, registrationAddress })).warnings;
  expect(warnings('192.168.1.70')).toEqual([]);
  expect(warnings('api.example.com')).toEqual([]);
  expect(warnings('192.168.1.50')).toEqual([
    "spec.members[0].network.metallb.addresses[0]: '192.168.1.40-192.168.1.60' holds 192.168.1.50, the 'registrationAddress' of 'edge', which MetalLB may give to any Service: take addresses without it",
  ]);
});
