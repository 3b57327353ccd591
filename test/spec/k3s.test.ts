import { describe, expect, test } from 'vitest';
import { compareVersions, minorOf } from '../../constructs/compare-versions.ts';
import { FLAGS } from '../../constructs/k3s/flag-table.ts';
import { flagsOf, missingIn, OWNED_FLAGS } from '../../constructs/k3s/flags.ts';
import { explain, faultsOf } from '../../constructs/spec/explain.ts';
import { k3s } from '../../constructs/spec/k3s.ts';
import { nodeLabels } from '../../constructs/spec/primitives.ts';
import { K3S_VERSION } from '../../constructs/versions.ts';

function faults(value: unknown): Record<string, string> {
  const { error } = k3s.safeParse(value, { error: explain, reportInput: true });
  return Object.fromEntries(faultsOf(error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]));
}

test('an empty section means the pinned release with safe settings', () => {
  expect(k3s.parse({})).toEqual({
    version: K3S_VERSION,
    installer: { images: false, skipDownload: false },
    registries: { mirrors: {}, configs: {} },
    proxy: { except: [] },
    disable: [],
    kubeconfigMode: '0600',
    secretsEncryption: true,
    server: {},
    agent: {},
    readyTimeout: 600,
    upgrade: { by: 'bootstrap', concurrency: 1, drain: true },
  });
});

describe('further flags', () => {
  test('are taken under the names that k3s gives them', () => {
    const flags = {
      server: {
        'kube-apiserver-arg': ['audit-log-maxage=30'],
        'etcd-snapshot-retention': 9,
        'https-listen-port': 7443,
      },
      agent: { 'kubelet-arg': ['max-pods=200'], 'protect-kernel-defaults': true },
    };
    expect(k3s.parse(flags)).toMatchObject(flags);
  });

  test('are refused where k3s does not know them, with the nearest name', () => {
    const server = { 'kube-apiserver-args': [], '--etcd_arg': [] };
    expect(faults({ server, agent: { 'cluster-dns': '10.43.0.10' } })).toEqual({
      'server.kube-apiserver-args': "is no flag of 'k3s server', did you mean 'kube-apiserver-arg'?",
      'server.--etcd_arg': "is no flag of 'k3s server', did you mean 'etcd-arg'?",
      'agent.cluster-dns': "is no flag of 'k3s agent'",
    });
  });

  test('are refused where the model sets them, or where a secret would stand in the open', () => {
    expect(faults({ server: { 'cluster-cidr': '10.0.0.0/16', token: 'secret' } })).toEqual({
      'server.cluster-cidr': "is not to be set here: set 'podCidr' of the cluster",
      'server.token': 'is not to be set here: it comes from a Secret',
    });
  });

  test('that the model sets are flags that k3s has', () => {
    expect(Object.keys(OWNED_FLAGS).filter((flag) => !flagsOf('server').includes(flag))).toEqual([]);
    expect(flagsOf('agent').filter((flag) => !flagsOf('server').includes(flag))).toEqual(['disable-apiserver-lb']);
  });

  test.each([
    [{ 'etcd-snapshot-retention': 'banana' }, 'must be a whole number'],
    [{ 'etcd-snapshot-retention': [5] }, 'must be a whole number'],
    [{ 'etcd-s3-timeout': 5 }, "must be a duration, such as '5m' or '1h30m'"],
    [{ 'embedded-registry': 'yes' }, 'must be true or false'],
    [{ 'write-kubeconfig-group': ['a', 'b'] }, 'must be a text'],
    [{ 'kube-apiserver-arg': true }, 'must be a text or a list of texts'],
    [{ 'egress-selector-mode': 'off' }, 'must be one of agent, cluster, pod, disabled'],
    [{ 'advertise-port': 0 }, 'must be a port, 1 to 65535'],
    [{ 'service-node-port-range': '32767-30000' }, "must be a range of ports, such as '30000-32767'"],
    [
      { 'etcd-snapshot-schedule-cron': '0 25 * * *' },
      "must be a cron expression of five fields, such as '0 */12 * * *'",
    ],
    [
      { 'kube-apiserver-arg': ['v=4', 'v 5'] },
      "holds 'v 5', which is no argument: write each as 'NAME=VALUE', such as 'v=4'",
    ],
    [{ constructor: 'a' }, "is no flag of 'k3s server'"],
  ])('with another value than the flag takes are refused: %o', (server, message) => {
    expect(Object.values(faults({ server }))).toEqual([message]);
  });

  test.each([
    { 'etcd-snapshot-retention': '7', 'etcd-s3-timeout': '5m0s', 'embedded-registry': 'true' },
    { 'service-node-port-range': '30000+2767', 'etcd-snapshot-schedule-cron': 'TZ=Europe/Oslo @every 6h' },
    { 'kubelet-arg': ['--max-pods=250', 'node-labels+=a=b', 'fail-swap-on', 'feature-gates=A=true,B=false'] },
    { 'kube-apiserver-arg': 'audit-log-maxage=30', 'write-kubeconfig-group': 1000, 'tls-san-security': false },
  ])('are taken in every spelling that k3s reads: %o', (server) => {
    expect(faults({ server })).toEqual({});
  });

  test('are known to a release or not, each minor for itself', () => {
    expect(missingIn('v1.35.6+k3s1', 'helm-controller-arg')).toBe('came with v1.35.7');
    expect(missingIn('v1.34.9+k3s1', 'helm-controller-arg')).toBe('came with v1.35.7');
    expect(missingIn('v1.36.2+k3s1', 'helm-controller-arg')).toBe('came with v1.36.3');
    for (const release of ['v1.35.7-rc1+k3s1', 'v1.35.9+k3s1', 'v1.36.3+k3s1', 'v1.37.0+k3s1']) {
      expect(missingIn(release, 'helm-controller-arg')).toBeUndefined();
    }
    expect(missingIn('v1.22.17+k3s1', 'debug')).toBeUndefined();
    expect(missingIn('v1.28.15+k3s1', 'multi-cluster-cidr')).toBeUndefined();
    expect(missingIn('v1.29.0+k3s1', 'multi-cluster-cidr')).toBe('is gone since v1.29.0');
    expect(missingIn('v1.28.10+k3s1', 'enable-pprof')).toBeUndefined();
    expect(missingIn('v1.28.10+k3s1', 'enable-pprof', 'agent')).toBe('came with v1.28.11');
  });

  test('came with releases that are told in order, one of a minor', () => {
    for (const since of Object.values(FLAGS).flatMap(({ since, sinceOnAgents }) => [
      since ?? [],
      sinceOnAgents ?? [],
    ])) {
      expect([...since].sort(compareVersions)).toEqual(since);
      expect(new Set(since.map(minorOf)).size).toBe(since.length);
    }
  });

  test('have values that a YAML file of k3s can hold', () => {
    expect(faults({ server: { 'kube-apiserver-arg': { a: 1 }, 'https-listen-port': 'x' } })).toEqual({
      'server.kube-apiserver-arg': 'must be a text, a number, true or false, or a list of such',
    });
    expect(faults({ server: { 'https-listen-port': 70000 } })).toEqual({
      'server.https-listen-port': 'must be a port, 1 to 65535',
    });
  });
});

test('what k3s would refuse is refused', () => {
  expect(
    faults({
      version: 'v1.35.6',
      disable: ['treafik'],
      kubeconfigMode: 600,
      installer: { url: 'http://example.com/install.sh', sha256: 'abc' },
      upgrade: { by: 'hand' },
    }),
  ).toMatchObject({
    version: "must be a k3s release, such as 'v1.35.6+k3s1', got 'v1.35.6'",
    'disable.0': expect.stringContaining("did you mean 'traefik'?"),
    kubeconfigMode: 'must be an octal mode in quotes, such as "0600", got 600',
    'installer.url': expect.stringContaining('must be an https URL'),
    'installer.sha256': expect.stringContaining('must be a SHA-256 checksum: 64 lower case hexadecimal digits'),
    'upgrade.by': expect.stringContaining('plans'),
  });
});

test('a host may not have a label that its kubelet does not start with', () => {
  const labels = {
    'node-role.kubernetes.io/worker': 'true',
    'example.k8s.io/a': 'b',
    'mrezhi.net/webassembly-runtime': 'true',
    tier: 'edge',
    'topology.kubernetes.io/zone': 'de-1',
    'node.kubernetes.io/instance-type': 'large',
    'kubernetes.io/arch': 'arm64',
  };
  expect(nodeLabels.safeParse(labels).error?.issues.map(({ path }) => path[0])).toEqual([
    'node-role.kubernetes.io/worker',
    'example.k8s.io/a',
  ]);
});
