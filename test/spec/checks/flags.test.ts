import { expect, test } from 'vitest';
import { checkFlags } from '../../../constructs/spec/checks/flags.ts';
import { formatPath } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

function faults(spec: object): string[] {
  const found: string[] = [];
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 't' }, spec };
  const report = (path: readonly PropertyKey[], message: string) => void found.push(`${formatPath(path)}: ${message}`);
  checkFlags(resolve(federation.parse(file)), Object.assign(report, { warn: report }));
  return found;
}

const LATE = { 'helm-controller-arg': ['threads=4'] };
const hosts = [{ name: 'e1', publicIp: '192.0.2.1' }];

test('a flag that the release does not know is a fault, with the release that brought it', () => {
  const members = [{ name: 'edge', hosts, k3s: { version: 'v1.35.6+k3s1', server: LATE } }];
  expect(faults({ controlPlane: {}, members })).toEqual([
    'spec.members[0].k3s.server.helm-controller-arg: came with v1.35.7, and k3s here is v1.35.6+k3s1: leave it out, or take another release',
  ]);
});

test('it is told where the file says it: under what all share, or of one host', () => {
  const own = [{ ...hosts[0], k3s: LATE }];
  const members = [{ name: 'edge', hosts: own, k3s: { version: 'v1.35.6+k3s1' } }];
  expect(faults({ k3s: { server: LATE }, controlPlane: {}, members })).toEqual([
    expect.stringMatching(/^spec\.k3s\.server\.helm-controller-arg: /),
    expect.stringMatching(/^spec\.members\[0\]\.hosts\[0\]\.k3s\.helm-controller-arg: /),
  ]);
});

test('a flag is of no matter to clusters that have no host it is for, and to those whose release knows it', () => {
  const members = [
    { name: 'older' },
    { name: 'newer', hosts, k3s: { version: 'v1.36.3+k3s1' } },
    { name: 'agents', hosts, k3s: { version: 'v1.22.17+k3s1', agent: { 'default-runtime': 'crun' }, server: {} } },
  ];
  expect(faults({ k3s: { server: LATE }, controlPlane: {}, members: members.slice(0, 2) })).toEqual([]);
  expect(faults({ controlPlane: {}, members: members.slice(2) })).toEqual([]);
});

const lone = (server: object, more: object = {}) =>
  faults({ controlPlane: {}, members: [{ name: 'edge', hosts, k3s: { server }, ...more }] });
const three = ['a', 'b', 'c'].map((name, i) => ({ name, publicIp: `192.0.2.1${i}` }));
const AT = 'spec.members[0].k3s.server';

test('flags about etcd are warned of, once, where there is none', () => {
  const flags = { 'etcd-snapshot-retention': 9, 'etcd-s3': true };
  expect(lone(flags)).toEqual([expect.stringContaining(`${AT}.etcd-snapshot-retention: does nothing: a lone server`)]);
  expect(lone(flags, { hosts: three })).toEqual([]);
  // What all clusters share is of use to one of them.
  const members = [
    { name: 'edge', hosts },
    { name: 'core', hosts: three },
  ];
  expect(faults({ k3s: { server: flags }, controlPlane: {}, members })).toEqual([]);
});

test('the first server has what the others join', () => {
  const flag = { 'disable-etcd': true };
  const message = 'leaves the first server without what the others join';
  expect(lone(flag, { hosts: three })).toEqual([expect.stringContaining(`${AT}.disable-etcd: ${message}`)]);
  const [first, second, third] = three;
  expect(lone({}, { hosts: [{ ...first, k3s: flag }, second, third] })).toEqual([
    expect.stringContaining(`spec.members[0].hosts[0].k3s.disable-etcd: ${message}`),
  ]);
  expect(lone({}, { hosts: [first, { ...second, k3s: flag }, third] })).toEqual([]);
});

test.each([
  ['kubelet-arg', 'node-labels=a=b', "'node-labels': set 'labels' of the host"],
  ['kube-apiserver-arg', '--service-cluster-ip-range=10.9.0.0/16', "'service-cluster-ip-range': set 'serviceCidr' of"],
  ['kube-controller-manager-arg', 'cluster-cidr=10.9.0.0/16', "'cluster-cidr': set 'podCidr' of the cluster"],
])('an argument that undoes a setting is warned of: %s %s', (flag, argument, instead) => {
  expect(lone({ [flag]: ['v=4', argument] })).toEqual([
    expect.stringContaining(`${AT}.${flag}: takes the place of what the federation sets by ${instead}`),
  ]);
  expect(lone({ [flag]: ['v=4', argument.replace('=', '+=')] })).toEqual([]);
});

test('charts need what installs them', () => {
  const off = { 'disable-helm-controller': true };
  expect(lone(off)).toEqual([expect.stringContaining("disable-helm-controller: leaves 'traefik' uninstalled")]);
  expect(lone(off, { network: { cni: 'calico' } })).toEqual([
    expect.stringMatching(/leaves '.*', 'tigera-operator', /),
  ]);
  expect(lone(off, { network: { ingress: 'none' } })).toEqual([]);
});

test("nodes of different networks need a release that sends to others' public addresses", () => {
  const members = (version: string) => [{ name: 'edge', hosts, k3s: { version } }];
  const network = { flannel: { externalIp: true } };
  expect(faults({ network, controlPlane: {}, members: members('v1.22.5+k3s1') })).toEqual([
    'spec.network.flannel.externalIp: is a flag of k3s that came with v1.23.15, and k3s here is v1.22.5+k3s1: take another release',
  ]);
  expect(faults({ network, controlPlane: {}, members: members('v1.35.6+k3s1') })).toEqual([]);
});
