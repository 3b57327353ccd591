import { describe, expect, test } from 'vitest';
import { checkNodes } from '../../../constructs/spec/checks/nodes.ts';
import { type Fault, formatPath, reportTo } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

const TAINT = 'CriticalAddonsOnly=true:NoExecute';
const TOLERATIONS = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];

const hostsOf = (...hosts: object[]) =>
  hosts.map((fields, i) => ({ name: `c-${i + 1}`, publicIp: `192.0.2.${i + 1}`, ...fields }));
const bare = (count: number) => hostsOf(...Array.from({ length: count }, () => ({})));
const tainted = (count: number) => hostsOf(...Array.from({ length: count }, () => ({ taints: [TAINT] })));

/** What is said of a control plane with these settings on these hosts, each as `PATH: MESSAGE`, warnings marked so. */
function said(karmada: object, hosts: object[], members: object[] = []): string[] {
  const [faults, warnings]: [Fault[], Fault[]] = [[], []];
  const spec = { controlPlane: { address: 'k.example.com', hosts, karmada }, members };
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 'test' }, spec };
  checkNodes(resolve(federation.parse(file)), reportTo(faults, warnings));
  const texts = (found: Fault[]) =>
    found.map(({ path, message }) => `${formatPath(path).replace('spec.controlPlane.karmada.', '')}: ${message}`);
  return [...texts(faults), ...texts(warnings).map((text) => `warning: ${text}`)];
}

describe('etcd, each of whose members wants a host of its own', () => {
  test.each<[number, object[], string]>([
    [
      3,
      bare(1),
      'is 3, each on a host of its own, and the file has 1 host of the cluster, so that it never gets a quorum: give more hosts, or take fewer replicas',
    ],
    [
      5,
      bare(2),
      'is 5, each on a host of its own, and the file has 2 hosts of the cluster, so that it never gets a quorum',
    ],
    [
      3,
      [...tainted(3), { name: 'd', role: 'agent', publicIp: '192.0.2.9' }],
      "is 3, each on a host of its own, and of 4 hosts only 1 may have one, so that it never gets a quorum: give more hosts, tolerate the others' taints, or take fewer replicas",
    ],
  ])('is warned of where %i of them come to no quorum, unless others have nodes join', (replicas, hosts, message) => {
    expect(said({ etcd: { replicas } }, hosts)).toEqual([
      expect.stringContaining(`warning: etcd.replicas: ${message}`),
    ]);
  });

  test('is warned of where some have no host', () => {
    expect(said({ etcd: { replicas: 3 } }, bare(2))).toEqual([
      'warning: etcd.replicas: is 3, each on a host of its own, and the file has 2 hosts of the cluster, so that 1 of them never starts: give more hosts, or take fewer replicas',
    ]);
    expect(said({ etcd: { replicas: 5 } }, bare(3))).toEqual([expect.stringContaining('2 of them never start')]);
  });

  test('is warned of where it is for want of labels, which others may give', () => {
    const hosts = hostsOf({ labels: { disk: 'ssd' } }, {}, {});
    expect(said({ etcd: { replicas: 3, nodeSelector: { disk: 'ssd' } } }, hosts)).toEqual([
      expect.stringContaining(
        'warning: etcd.replicas: is 3, each on a host of its own, and of 3 hosts only 1 may have one',
      ),
    ]);
  });

  test.each<[string, object, object[]]>([
    ['a host for each', { replicas: 3 }, bare(3)],
    ['a cluster that exists already', { replicas: 3 }, []],
    ['leave to share one', { replicas: 3, affinity: {} }, bare(1)],
    ['another place', { external: { endpoints: ['https://10.0.0.11:2379'], secret: 'e' } }, bare(1)],
  ])('is taken with %s', (_, etcd, hosts) => {
    expect(said({ etcd }, hosts)).toEqual([]);
  });
});

describe('pods of Karmada', () => {
  test('find no host where each has taints, which is warned of once', () => {
    expect(said({}, tainted(3))).toEqual([
      `warning: tolerations: leave no host of the file for the pods of Karmada, for 'c-1', 'c-2', 'c-3' have '${TAINT}': tolerate that, or give a host without`,
    ]);
    expect(said({ tolerations: TOLERATIONS, scheduler: { tolerations: [] } }, tainted(1))).toEqual([
      expect.stringContaining('warning: scheduler.tolerations: leave no host of the file for the pods of scheduler'),
    ]);
  });

  test.each<[string, object, object[]]>([
    ['each taint is tolerated', { tolerations: TOLERATIONS, etcd: { replicas: 3 } }, tainted(3)],
    ['a taint is to be avoided only', {}, hostsOf({ taints: ['a=b:PreferNoSchedule'] })],
    ['an agent has no taint', {}, [...tainted(1), { name: 'd', role: 'agent', publicIp: '192.0.2.9' }]],
    ['a host has the labels', { nodeSelector: { disk: 'ssd' } }, hostsOf({ labels: { disk: 'ssd' } })],
    ['a label is the name of the host', { nodeSelector: { 'kubernetes.io/hostname': 'c-1' } }, bare(1)],
    ['k3s gives the label', { nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' } }, bare(1)],
    ['Kubernetes may give the label', { nodeSelector: { 'topology.kubernetes.io/zone': 'a' } }, bare(1)],
    ['nobody knows the hosts', { nodeSelector: { disk: 'ssd' } }, []],
  ])('find one where %s', (_, karmada, hosts) => {
    expect(said(karmada, hosts)).toEqual([]);
  });

  test('are warned of where no host has their labels, which is told once', () => {
    expect(said({ nodeSelector: { disk: 'ssd' } }, bare(2))).toEqual([
      "warning: nodeSelector: fits no host, for none has 'disk: ssd', so that the pods of Karmada find no node: give a host such 'labels', unless it has them already",
    ]);
    expect(said({ webhook: { nodeSelector: { 'kubernetes.io/hostname': 'c-3x' } } }, bare(3))).toEqual([
      expect.stringContaining(
        "webhook.nodeSelector: fits no host, for none has 'kubernetes.io/hostname: c-3x', but 'c-1', 'c-2', 'c-3', so that",
      ),
    ]);
    // As kubeadm has it; k3s says 'true'.
    expect(said({ nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } }, bare(1))).toEqual([
      expect.stringContaining("none has 'node-role.kubernetes.io/control-plane: ', but 'true'"),
    ]);
    const both = hostsOf({ labels: { disk: 'ssd' } }, { labels: { gpu: 'yes' } });
    expect(said({ nodeSelector: { disk: 'ssd', gpu: 'yes' } }, both)).toEqual([
      expect.stringContaining('none has all of these labels'),
    ]);
    const values = [{ key: 'disk', operator: 'In', values: ['ssd'] }];
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: values }] },
    };
    expect(said({ search: { affinity: { nodeAffinity } } }, bare(1))).toEqual([
      expect.stringContaining('warning: search.affinity: fits no host'),
    ]);
  });

  test('are warned of where their labels are on tainted hosts alone', () => {
    const hosts = hostsOf({ labels: { disk: 'ssd' }, taints: [TAINT] }, {});
    expect(said({ nodeSelector: { disk: 'ssd' } }, hosts)).toEqual([
      expect.stringContaining("warning: tolerations: leave no host of the file for the pods of Karmada, for 'c-1' has"),
    ]);
  });

  test('that are to be apart are warned of where there are fewer hosts', () => {
    const term = {
      topologyKey: 'kubernetes.io/hostname',
      labelSelector: { matchLabels: { app: 'karmada-scheduler' } },
    };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    expect(said({ scheduler: { replicas: 3, affinity } }, bare(2))).toEqual([
      expect.stringContaining('warning: scheduler.replicas: is 3, each on a host of its own'),
    ]);
    expect(said({ webhook: { replicas: 3, affinity } }, bare(2))).toEqual([]);
  });
});

test('agents find no host on a member whose hosts all have taints', () => {
  const members = ['edge', 'shop'].map((name, i) => ({
    ...{ name, registration: 'pull' },
    hosts: [{ name, publicIp: `198.51.100.${i + 1}`, taints: [TAINT] }],
  }));
  expect(said({}, [], members)).toEqual([
    `warning: agent.tolerations: leave no host of the file for the pods of the agent of 'edge', for 'edge' has '${TAINT}': tolerate that, or give a host without`,
  ]);
  expect(said({ agent: { tolerations: TOLERATIONS } }, [], members)).toEqual([]);
  const other = { name: 'far', publicIp: '198.51.100.9', taints: ['far=yes:NoSchedule'] };
  const both = [...members, { name: 'far', registration: 'pull', hosts: [other] }];
  expect(said({}, [], both)).toEqual([
    expect.stringContaining("the agent of 'edge'"),
    expect.stringContaining("for 'far' has 'far=yes:NoSchedule'"),
  ]);
});
