import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Manifests } from '../../constructs/manifests.ts';
import { type InstalledRuntime, ShimInstaller } from '../../constructs/wasm/shim-installer.ts';

const SUM = 'a'.repeat(64);
const spin: InstalledRuntime = {
  name: 'spin',
  handler: 'spin',
  nodeSelector: { 'mrezhi.net/webassembly-runtime': 'true' },
  shim: {
    install: 'installer',
    binary: 'containerd-shim-spin-v2',
    downloads: { amd64: { url: 'https://example.com/spin.tar.gz', sha256: SUM } },
    options: { SystemdCgroup: true, Mode: 'fast', Level: 2 },
  },
};

function objects(...runtimes: InstalledRuntime[]) {
  const chart = new Manifests().file('members/edge', '40-wasm');
  new ShimInstaller(chart, 'shims', { runtimes });
  // biome-ignore lint/suspicious/noExplicitAny: rendered manifests are read, not written
  return chart.toJson() as any[];
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const env = (container: any) => Object.fromEntries(container.env.map(({ name, value }: any) => [name, value]));

test('a DaemonSet for each runtime comes to the nodes with its labels, whatever their taints', () => {
  const wasmtime = { ...spin, name: 'wasmtime', handler: 'wasmtime', nodeSelector: { tier: 'edge' } };
  const [namespace, script, ...sets] = objects(spin, wasmtime);

  expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'wasm-shims' } });
  expect(script).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'install-shim', namespace: 'wasm-shims' } });
  expect(sets.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual([
    ['DaemonSet', 'wasm-shims', 'shim-spin'],
    ['DaemonSet', 'wasm-shims', 'shim-wasmtime'],
  ]);
  expect(sets.map(({ spec }) => spec.template.spec.nodeSelector)).toEqual([
    { 'kubernetes.io/os': 'linux', 'mrezhi.net/webassembly-runtime': 'true' },
    { 'kubernetes.io/os': 'linux', tier: 'edge' },
  ]);
  expect(sets[0].spec.template.spec.tolerations).toEqual([{ operator: 'Exists' }]);
  expect(sets[0].spec.selector.matchLabels).not.toEqual(sets[1].spec.selector.matchLabels);
});

test('pods run the script that the tests run', () => {
  const [, script] = objects(spin);

  expect(script.data['install-shim.sh']).toBe(
    readFileSync(new URL('../../constructs/wasm/install-shim.sh', import.meta.url), 'utf8'),
  );
});

test('only the container that installs is privileged, and no pod has a token of the API server', () => {
  const [, , set] = objects({ ...spin, shim: { ...spin.shim, downloads: {}, image: 'ghcr.io/example/shim:v1' } });
  const pod = set.spec.template.spec;

  const privileged = [...pod.initContainers, ...pod.containers].filter(
    ({ securityContext }) => securityContext.privileged,
  );
  expect(privileged.map(({ name }) => name)).toEqual(['install']);
  expect(pod.automountServiceAccountToken).toBe(false);
  for (const { securityContext } of [pod.initContainers[0], pod.containers[0]]) {
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  }
});

test('pods see nothing of the node but the folders of the shim and of containerd’s configuration', () => {
  const [, , set] = objects(spin);

  const paths = set.spec.template.spec.volumes.flatMap(({ hostPath }: { hostPath?: { path: string } }) =>
    hostPath ? [hostPath.path] : [],
  );
  expect(paths).toEqual(['/var/lib/rancher/k3s/agent/etc/containerd', '/opt/serverless-federation/bin']);
});

test('installer: the script writes the entry, with the options as TOML, beside a shim that k3s does not find', () => {
  const [, , set] = objects(spin);

  expect(env(set.spec.template.spec.initContainers[0])).toEqual({
    RUNTIME: 'spin',
    BINARY: 'containerd-shim-spin-v2',
    BIN_DIR: '/opt/serverless-federation/bin',
    ENTRY: 'written',
    K3S_DATA_DIR: '/var/lib/rancher/k3s',
    OPTIONS: "  SystemdCgroup = true\n  Mode = 'fast'\n  Level = 2",
    URL_AMD64: 'https://example.com/spin.tar.gz',
    SHA256_AMD64: SUM,
  });
});

test('k3s: the shim goes where k3s finds it, and no entry is written', () => {
  const [, , set] = objects({ ...spin, shim: { ...spin.shim, install: 'k3s' } });

  const settings = env(set.spec.template.spec.initContainers[0]);
  expect(settings).toMatchObject({ BIN_DIR: '/usr/local/bin', ENTRY: 'detected' });
  expect(settings).not.toHaveProperty('OPTIONS');
});

test('image: the shim is copied out of the image, and nothing is downloaded', () => {
  const [, , set] = objects({ ...spin, shim: { ...spin.shim, downloads: {}, image: 'ghcr.io/example/shim:v1' } });

  const [copy, install] = set.spec.template.spec.initContainers;
  expect(copy).toMatchObject({
    image: 'ghcr.io/example/shim:v1',
    command: ['cp', '/assets/containerd-shim-spin-v2', '/shim/containerd-shim-spin-v2'],
  });
  expect(env(install)).toMatchObject({ SHIM: '/shim/containerd-shim-spin-v2' });
  expect(Object.keys(env(install)).filter((key) => key.startsWith('URL'))).toEqual([]);
});

test('a mirror and another data folder reach all containers', () => {
  const chart = new Manifests().file('members/edge', '40-wasm');
  const shim = { ...spin.shim, image: 'ghcr.io/example/shim:v1' };
  new ShimInstaller(chart, 'shims', {
    runtimes: [{ ...spin, shim }],
    registry: 'mirror.example.com',
    dataDir: '/data/k3s',
  });

  const pod = chart.toJson()[2].spec.template.spec;
  for (const { image } of [...pod.initContainers, ...pod.containers]) expect(image).toMatch(/^mirror\.example\.com\//);
  expect(env(pod.initContainers[1]).K3S_DATA_DIR).toBe('/data/k3s');
  expect(pod.volumes).toContainEqual({
    name: 'containerd',
    hostPath: { path: '/data/k3s/agent/etc/containerd', type: 'Directory' },
  });
});
