import { describe, expect, test } from 'vitest';
import {
  apiServerUrl,
  firstServer,
  type K3sCluster,
  type K3sHost,
  type K3sNetwork,
  k3sConfig,
} from '../../constructs/k3s/config.ts';

const CALICO: K3sNetwork = { flannelBackend: 'none', disableNetworkPolicy: true };

const server: K3sHost = {
  name: 'cplane-1',
  role: 'server',
  publicIp: '1.2.3.4',
  vpnIp: '100.64.0.5',
  taints: ['CriticalAddonsOnly=true:NoExecute'],
};
const agent: K3sHost = { name: 'cplane-2', role: 'agent', vpnIp: '100.64.0.30' };

/** The central cluster of the published federation. */
const published: K3sCluster = {
  name: 'host',
  address: 'karmada-cplane.example.com',
  podCidr: '10.100.0.0/16',
  vpn: true,
  hosts: [server, agent],
  k3s: { version: 'v1.35.6+k3s1', disable: ['traefik', 'servicelb'], kubeconfigMode: '664', secretsEncryption: false },
};

/** Flags of the published server, as they stand on its command line: a flag that is given twice is a list. */
const PUBLISHED_SERVER = {
  'node-taint': ['CriticalAddonsOnly=true:NoExecute'],
  'tls-san': ['karmada-cplane.example.com', '1.2.3.4', '100.64.0.5'],
  disable: ['traefik', 'servicelb'],
  'flannel-backend': 'none',
  'disable-network-policy': true,
  'write-kubeconfig-mode': '664',
  'cluster-cidr': '10.100.0.0/16',
  'advertise-address': '100.64.0.5',
  'bind-address': '100.64.0.5',
  'node-ip': '100.64.0.5',
  'node-external-ip': '100.64.0.5',
};

const VPN_FLAGS = ['advertise-address', 'bind-address', 'node-ip', 'node-external-ip'];

describe('the published settings', () => {
  test('are what a server in the VPN gets', () => {
    // The node's name is given so that the bootstrap knows which node to wait for; the rest is k3s's own default.
    const { 'node-name': name, 'secrets-encryption': encryption, ...config } = k3sConfig(published, CALICO, server);
    expect(config).toEqual(PUBLISHED_SERVER);
    expect({ name, encryption }).toEqual({ name: 'cplane-1', encryption: false });
  });

  test('bind to no address where the release could not install the pod network then', () => {
    const of = (version: string, network: K3sNetwork) =>
      k3sConfig({ ...published, k3s: { ...published.k3s, version } }, network, server)['bind-address'];
    expect(of('v1.22.17+k3s1', CALICO)).toBeUndefined();
    expect(of('v1.22.17+k3s1', { flannelBackend: 'vxlan' })).toBe('100.64.0.5');
    expect(of('v1.27.4+k3s1', CALICO)).toBe('100.64.0.5');
  });

  test('are what an agent in the VPN gets', () => {
    const { 'node-name': _, ...config } = k3sConfig(published, CALICO, agent);
    expect(config).toEqual({
      server: 'https://100.64.0.5:6443',
      'token-file': '/etc/rancher/k3s/token',
      'node-ip': '100.64.0.30',
      'node-external-ip': '100.64.0.30',
    });
  });

  test('are what a server without a VPN gets: the same but for the addresses', () => {
    const cluster = { ...published, vpn: false, podCidr: '10.136.0.0/16' };
    const { 'node-name': _, 'secrets-encryption': __, ...config } = k3sConfig(cluster, CALICO, server);
    const expected = Object.entries(PUBLISHED_SERVER).filter(([flag]) => !VPN_FLAGS.includes(flag));
    expect(config).toEqual({ ...Object.fromEntries(expected), 'cluster-cidr': '10.136.0.0/16' });
  });
});

test('the kubeconfig is only for root and Secrets are encrypted where nothing else is said', () => {
  const config = k3sConfig({ ...published, k3s: { version: 'v1.35.6+k3s1' } }, CALICO, server);
  expect(config['write-kubeconfig-mode']).toBe('0600');
  expect(config['secrets-encryption']).toBe(true);
});

test('no configuration holds a token', () => {
  for (const host of published.hosts) expect(k3sConfig(published, CALICO, host)).not.toHaveProperty('token');
});

test("k3s's own flannel needs no flag, and can be another backend over external addresses", () => {
  const flags = ['flannel-backend', 'flannel-external-ip', 'disable-network-policy'];
  const plain = k3sConfig(published, {}, server);
  for (const flag of flags) expect(plain).not.toHaveProperty(flag);
  const wireguard: K3sNetwork = { flannelBackend: 'wireguard-native', flannelExternalIp: true };
  expect(k3sConfig(published, wireguard, server)).toMatchObject({
    'flannel-backend': 'wireguard-native',
    'flannel-external-ip': true,
  });
});

test('flannel over external addresses has each node say its public one', () => {
  const wireguard: K3sNetwork = { flannelBackend: 'wireguard-native', flannelExternalIp: true };
  const hosts: K3sHost[] = [
    { name: 'a', role: 'server', publicIp: '203.0.113.1' },
    { name: 'b', role: 'agent', publicIp: '198.51.100.1' },
  ];
  const cluster = { ...published, vpn: false, hosts };
  for (const host of hosts) {
    expect(k3sConfig(cluster, wireguard, host)).toMatchObject({ 'node-external-ip': host.publicIp });
    expect(k3sConfig(cluster, {}, host)).not.toHaveProperty('node-external-ip');
  }
});

describe('more than one server', () => {
  const second: K3sHost = { name: 'cplane-3', role: 'server', vpnIp: '100.64.0.6' };
  const third: K3sHost = { name: 'cplane-4', role: 'server', vpnIp: '100.64.0.7' };
  const cluster = { ...published, hosts: [agent, server, second, third] };

  test('means embedded etcd, which the first one makes', () => {
    expect(firstServer(cluster)).toBe(server);
    expect(k3sConfig(cluster, CALICO, server)).toMatchObject({ 'cluster-init': true });
    expect(k3sConfig(cluster, CALICO, server)).not.toHaveProperty('server');
    expect(k3sConfig(published, CALICO, server)).not.toHaveProperty('cluster-init');
  });

  test('means that the others join at an address that outlives the first, in the VPN too', () => {
    const config = k3sConfig(cluster, CALICO, second);
    expect(config).toMatchObject({
      server: 'https://karmada-cplane.example.com:6443',
      'token-file': '/etc/rancher/k3s/token',
    });
    expect(config).not.toHaveProperty('cluster-init');
    const { address: _, ...nameless } = cluster;
    expect(k3sConfig(nameless, CALICO, second)).toMatchObject({ server: 'https://100.64.0.5:6443' });
  });

  test("means that they join at the first's address in the VPN where the cluster's is a host's outside it", () => {
    for (const host of [server, { ...second, address: '203.0.113.7' }]) {
      const hosts = [server, host, third];
      const own = { ...cluster, hosts, address: host === server ? '1.2.3.4' : '203.0.113.7' };
      expect(k3sConfig(own, CALICO, third)).toMatchObject({ server: 'https://100.64.0.5:6443' });
      expect(apiServerUrl(own)).toBe('https://100.64.0.5:6443');
      expect(apiServerUrl({ ...own, vpn: false })).toBe(`https://${own.address}:6443`);
    }
  });

  test('may have an address for joining alone, which is in their certificates', () => {
    const own = { ...cluster, registrationAddress: 'join.example.com' };
    expect(k3sConfig(own, CALICO, second)).toMatchObject({ server: 'https://join.example.com:6443' });
    expect(k3sConfig(own, CALICO, server)['tls-san']).toContain('join.example.com');
    expect(apiServerUrl(own)).toBe('https://join.example.com:6443');
  });

  test('means the same values on all where they have to agree', () => {
    const critical = [
      'cluster-cidr',
      'service-cidr',
      'disable',
      'disable-network-policy',
      'flannel-backend',
      'secrets-encryption',
    ];
    const of = (host: K3sHost) =>
      critical.map((flag) => k3sConfig({ ...cluster, serviceCidr: '10.43.0.0/16' }, CALICO, host)[flag]);
    expect(of(second)).toEqual(of(server));
    expect(of(third)).toEqual(of(server));
    expect(of(server)).not.toContain(undefined);
  });

  test('each name their own addresses in the certificate, beside the one of the cluster', () => {
    expect(k3sConfig(cluster, CALICO, second)['tls-san']).toEqual(['karmada-cplane.example.com', '100.64.0.6']);
  });
});

test('labels and taints of a host become those of its node', () => {
  const host: K3sHost = { ...agent, labels: { tier: 'edge', 'example.com/wasm': 'true' }, taints: ['a=b:NoSchedule'] };
  expect(k3sConfig(published, CALICO, host)).toMatchObject({
    'node-label': ['tier=edge', 'example.com/wasm=true'],
    'node-taint': ['a=b:NoSchedule'],
  });
});

test('further flags reach the hosts of their role, and never replace what the model sets', () => {
  const k3s = {
    ...published.k3s,
    server: { 'kube-apiserver-arg': ['audit-log-maxage=30'], 'node-name': 'other' },
    agent: { 'kubelet-arg': ['max-pods=200'] },
  };
  const cluster = { ...published, k3s };
  expect(k3sConfig(cluster, CALICO, server)).toMatchObject({
    'kube-apiserver-arg': ['audit-log-maxage=30'],
    'node-name': 'cplane-1',
  });
  expect(k3sConfig(cluster, CALICO, server)).not.toHaveProperty('kubelet-arg');
  expect(k3sConfig(cluster, CALICO, agent)).toMatchObject({ 'kubelet-arg': ['max-pods=200'] });
});

test("flags of one host win over its cluster's, and leave what the model sets", () => {
  const k3s = { ...published.k3s, agent: { 'kubelet-arg': ['max-pods=200'], debug: true } };
  const host: K3sHost = { ...agent, k3s: { 'kubelet-arg': ['max-pods=250'], 'node-name': 'other' } };
  expect(k3sConfig({ ...published, k3s, hosts: [server, host] }, CALICO, host)).toMatchObject({
    'kubelet-arg': ['max-pods=250'],
    debug: true,
    'node-name': agent.name,
  });
  expect(k3sConfig(published, CALICO, { ...server, k3s: { debug: true } })).toMatchObject({ debug: true });
});

describe('the API server is reached', () => {
  const outside = { ...published, vpn: false };
  const { address: _, ...nameless } = outside;

  test('in the VPN where there is one, for k3s listens there alone', () => {
    expect(apiServerUrl(published)).toBe('https://100.64.0.5:6443');
  });

  test("at the cluster's address without a VPN, else at the first server's", () => {
    expect(apiServerUrl(outside)).toBe('https://karmada-cplane.example.com:6443');
    expect(apiServerUrl(nameless)).toBe('https://1.2.3.4:6443');
  });

  test('at an IPv6 address in brackets, and at another port where k3s has one', () => {
    const k3s = { ...published.k3s, server: { 'https-listen-port': 7443 } };
    expect(apiServerUrl({ ...outside, address: '2001:db8::1', k3s })).toBe('https://[2001:db8::1]:7443');
  });
});

test('a cluster without a server, and a host without an address where one is needed, are faults', () => {
  expect(() => firstServer({ ...published, hosts: [agent] })).toThrow(
    "cluster 'host' has no host with the role 'server', give one that role",
  );
  const { vpnIp: _, ...lost } = server;
  expect(() => k3sConfig(published, CALICO, lost)).toThrow(
    "host 'cplane-1' has no address in the VPN, give it a 'vpnIp'",
  );
});
