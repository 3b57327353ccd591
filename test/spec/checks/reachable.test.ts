import { describe, expect, test } from 'vitest';
import { checkReachable } from '../../../constructs/spec/checks/reachable.ts';
import { type Fault, formatPath, reportTo } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

/** What is said of a federation, each as `PATH: MESSAGE`, warnings marked so. */
function said(spec: object): string[] {
  const [faults, warnings]: [Fault[], Fault[]] = [[], []];
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 'test' }, spec };
  checkReachable(resolve(federation.parse(file)), reportTo(faults, warnings));
  const texts = (found: Fault[]) =>
    found.map(({ path, message }) => `${formatPath(path).replace('spec.', '')}: ${message}`);
  return [...texts(faults), ...texts(warnings).map((text) => `warning: ${text}`)];
}

const VPN = { provider: 'headscale', server: 'https://h.example.com' };
const server = { name: 'a', publicIp: '203.0.113.1' };
const agent = { name: 'b', publicIp: '203.0.113.2', role: 'agent' };
const servers = [server, { name: 'b', publicIp: '203.0.113.2' }, { name: 'c', publicIp: '203.0.113.3' }];
/** A control plane whose API agents reach. */
const reached = { karmada: { apiserver: { service: { type: 'LoadBalancer' } } } };
const pull = { name: 'far', registration: 'pull' };

describe('where hosts join', () => {
  test.each(['127.0.0.1', '::1', 'localhost', 'api.localhost'])('none is found at %s', (registrationAddress) => {
    expect(said({ controlPlane: { registrationAddress, hosts: servers } })).toEqual([
      `controlPlane.registrationAddress: '${registrationAddress}' means each machine itself, and 'b', 'c' would join there: give a 'registrationAddress' that leads to the servers`,
    ]);
  });

  test('agents may have a load balancer of their own, so that it is a warning', () => {
    expect(said({ controlPlane: { registrationAddress: '127.0.0.1', hosts: [server, agent] } })).toEqual([
      expect.stringContaining(
        "warning: controlPlane.registrationAddress: '127.0.0.1' means each machine itself, and 'b' would join",
      ),
    ]);
  });

  test('an agent has no server there', () => {
    expect(said({ controlPlane: { registrationAddress: '203.0.113.2', hosts: [server, agent] } })).toEqual([
      "warning: controlPlane.registrationAddress: '203.0.113.2' is the address of the agent 'b', where no server listens: give one that leads to the servers, unless something forwards port 6443 from there",
    ]);
    expect(said({ controlPlane: { registrationAddress: '203.0.113.1', hosts: [server, agent] } })).toEqual([]);
  });

  test('it may be the address of the cluster, or the one that SSH comes to', () => {
    expect(said({ controlPlane: { address: 'localhost', hosts: servers } })).toEqual([
      expect.stringContaining("controlPlane.address: 'localhost' means each machine itself"),
    ]);
    const tunnelled = [1, 2, 3].map((i) => ({ name: `s${i}`, address: '127.0.0.1', ssh: { port: 2200 + i } }));
    expect(said({ controlPlane: { hosts: tunnelled } })).toEqual([
      expect.stringContaining(
        "controlPlane.hosts[0].address: '127.0.0.1' means each machine itself, and 's2', 's3' would join",
      ),
    ]);
  });

  test('a lone host may be at the end of a tunnel', () => {
    for (const key of ['address', 'registrationAddress']) {
      expect(said({ controlPlane: { [key]: '127.0.0.1', hosts: [server] } })).toEqual([]);
    }
  });
});

describe('the address of a cluster', () => {
  test('is none of its pods, where flannel has them', () => {
    for (const key of ['address', 'registrationAddress']) {
      expect(said({ controlPlane: { [key]: '10.42.3.4', hosts: [server] } })).toEqual([
        `controlPlane.${key}: '10.42.3.4' is in 10.42.0.0/16, the pod network of 'host', which nothing outside of it reaches: give the address that others reach it by`,
      ]);
    }
  });

  test('may be in a network that is routed to others, so that it is a warning', () => {
    expect(said({ controlPlane: { address: '10.43.0.1', hosts: [server] } })).toEqual([
      "warning: controlPlane.address: '10.43.0.1' is in 10.43.0.0/16, the service network of 'host', which others reach only where it is routed to them: give the address that others reach it by",
    ]);
    const network = { cni: 'calico' };
    expect(said({ controlPlane: { address: '10.42.0.9', network, hosts: [server] } })).toEqual([
      expect.stringContaining("warning: controlPlane.address: '10.42.0.9' is in 10.42.0.0/16"),
    ]);
    expect(said({ controlPlane: { address: '10.8.0.9', podCidr: '10.8.0.0/16' } })).toEqual([
      expect.stringContaining("warning: controlPlane.address: '10.8.0.9' is in 10.8.0.0/16"),
    ]);
  });

  test.each([
    ['karmada-apiserver.karmada-system.svc', 'is a name inside of a cluster'],
    ['karmada-apiserver.karmada-system.svc.cluster.local', 'is a name inside of a cluster'],
    ['169.254.10.1', 'is link-local'],
  ])('that few would reach is warned of: %s', (address, message) => {
    expect(said({ controlPlane: { address } })).toEqual([
      expect.stringContaining(`warning: controlPlane.address: '${address}' ${message}`),
    ]);
  });

  test.each(['k.example.com', 'svc.example.com', '192.168.1.5', '203.0.113.1', 'localhost'])(
    'may be any that others reach, or the end of a tunnel: %s',
    (address) => {
      expect(said({ controlPlane: { address, hosts: [server] } })).toEqual([]);
    },
  );
});

describe('the agent of a member', () => {
  test('finds no Karmada API at a loopback address, which is told once', () => {
    for (const address of ['127.0.0.1', 'localhost', '::1']) {
      expect(said({ controlPlane: { ...reached, address }, members: [pull, { ...pull, name: 'farther' }] })).toEqual([
        `controlPlane.address: '${address}' means the pod itself to the agent of 'far' ('registration: pull'): give the address that others reach it by`,
      ]);
    }
  });

  test('finds none in networks of its own cluster', () => {
    const hosts = [{ name: 'far', publicIp: '198.51.100.1' }];
    const members = [{ ...pull, podCidr: '10.8.0.0/16', serviceCidr: '10.9.0.0/16', hosts }];
    expect(said({ controlPlane: { ...reached, address: '10.8.0.5' }, members })).toEqual([
      "members[0].podCidr: 10.8.0.0/16 holds 10.8.0.5, so that the agent ('registration: pull') looks for the Karmada API in its own cluster: give it a network without that, or 'controlPlane.address' outside of it",
    ]);
    expect(said({ controlPlane: { ...reached, address: '10.9.0.5' }, members })).toEqual([
      expect.stringContaining('warning: members[0].serviceCidr: 10.9.0.0/16 holds 10.9.0.5'),
    ]);
    expect(said({ controlPlane: { ...reached, address: '10.7.0.5' }, members })).toEqual([]);
  });

  test('may find it beside its pods, where a cloud has these in the network of its machines', () => {
    const members = [{ ...pull, podCidr: '10.0.0.0/16' }];
    expect(said({ controlPlane: { ...reached, address: '10.0.5.10' }, members })).toEqual([
      "warning: members[0].podCidr: 10.0.0.0/16 holds 10.0.5.10, so that the agent ('registration: pull') looks for the Karmada API in its own cluster, unless others are in the same network as its pods: give it a network without that, or 'controlPlane.address' outside of it",
    ]);
  });

  test('may find none in a VPN that the member is not in', () => {
    const controlPlane = { ...reached, address: '100.64.0.5' };
    expect(said({ vpn: VPN, controlPlane, members: [{ ...pull, vpn: false }] })).toEqual([
      expect.stringContaining(
        'warning: members[0].registration: is pull, and the Karmada API is reached at 100.64.0.5, in the VPN',
      ),
    ]);
    expect(said({ vpn: VPN, controlPlane, members: [pull] })).toEqual([]);
  });
});

describe('the control plane calls a member', () => {
  const member = (own: object) => ({ name: 'm', hosts: [{ name: 'm', publicIp: '198.51.100.1' }], ...own });

  test.each<[string, object, string]>([
    ['itself', { address: 'localhost' }, "members[0].address: 'localhost' means the pod itself there"],
    [
      'itself, by its SSH',
      { hosts: [{ name: 'm', address: '127.0.0.1' }] },
      "members[0].hosts[0].address: '127.0.0.1' means",
    ],
    [
      'a pod of its own',
      { hosts: [{ name: 'm', publicIp: '10.42.7.1' }], podCidr: '10.1.0.0/16' },
      "members[0].hosts[0].publicIp: '10.42.7.1' is in 10.42.0.0/16, the pod network of 'host'",
    ],
  ])('and would call %s, which is warned of, for the kubeconfig may say otherwise', (_, own, message) => {
    expect(said({ controlPlane: { hosts: [server] }, members: [member(own)] })).toEqual([
      expect.stringContaining(`warning: ${message}`),
    ]);
    expect(said({ controlPlane: { ...reached, hosts: [server] }, members: [{ ...member(own), ...pull }] })).toEqual([]);
  });

  test('and would call pods of its own for many, which is told once', () => {
    const members = [1, 2, 3].map((i) =>
      member({ name: `m${i}`, podCidr: '10.1.0.0/16', hosts: [{ name: `h${i}`, publicIp: `10.42.7.${i}` }] }),
    );
    expect(said({ controlPlane: { hosts: [server] }, members })).toEqual([
      expect.stringMatching(
        /^warning: members\[0\].hosts\[0\].publicIp: '10.42.7.1' .*; the same is true of 'm2', 'm3'$/,
      ),
    ]);
  });

  test('and may not reach it in a VPN that it is not in', () => {
    const hosts = [{ name: 'm', publicIp: '198.51.100.1', vpnIp: '100.64.0.9' }];
    expect(said({ vpn: VPN, controlPlane: { vpn: false, hosts: [server] }, members: [member({ hosts })] })).toEqual([
      expect.stringContaining(
        "warning: members[0].registration: is push, and the member's API server listens at 100.64.0.9, in the VPN",
      ),
    ]);
    expect(said({ vpn: VPN, controlPlane: {}, members: [member({ hosts })] })).toEqual([]);
  });
});

describe('a URL', () => {
  test.each<[string, object, string]>([
    [
      'of etcd',
      { etcd: { external: { endpoints: ['https://127.0.0.1:2379'], secret: 'e' } } },
      'etcd.external.endpoints[0]',
    ],
    [
      'of a member',
      { agent: { members: [{ name: 'far', apiEndpoint: 'https://localhost:6443' }] } },
      'agent.members[0].apiEndpoint',
    ],
    [
      'of a proxy',
      { agent: { members: [{ name: 'far', apiEndpoint: 'https://far.example.com', proxy: 'http://[::1]:3128' }] } },
      'agent.members[0].proxy',
    ],
  ])('%s is not the pod that calls it', (_, karmada, path) => {
    expect(said({ controlPlane: { karmada } })).toEqual([
      expect.stringMatching(
        new RegExp(`^controlPlane.karmada.${path.replaceAll(/[[\]]/g, '\\$&')}: '.*' means the pod of Karmada itself`),
      ),
    ]);
  });

  test('of the VPN or the repository that means the caller is warned of', () => {
    const hosts = [
      { ...server, vpnIp: '100.64.0.1' },
      { ...agent, vpnIp: '100.64.0.2' },
    ];
    const vpn = { ...VPN, server: 'https://localhost:8443' };
    expect(said({ vpn, controlPlane: { hosts } })).toEqual([
      expect.stringContaining("warning: vpn.server: 'https://localhost:8443' means each host itself"),
    ]);
    expect(said({ vpn, controlPlane: { hosts: [hosts[0]] } })).toEqual([]);
    for (const repository of ['https://localhost/f.git', 'git@localhost:team/f.git']) {
      expect(said({ controlPlane: {}, argocd: { repository } })).toEqual([
        expect.stringContaining('warning: argocd.repository'),
      ]);
    }
  });
});
