import { SPIN_SHIM_VERSION } from '../versions.ts';

/*
 * What is known of Wasm shims and of k3s's support for them, as data.
 * Sources: pkg/agent/containerd/runtimes.go and manifests/runtimes.yaml of k3s, the release workflows of
 * spinframework/containerd-shim-spin, containerd/runwasi and deislabs/containerd-wasm-shims.
 */

/** Processor architectures, as Kubernetes names them in the node label kubernetes.io/arch. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** The same architectures as releases of shims name them. */
const RELEASE_ARCHITECTURES: Record<Architecture, string> = { amd64: 'x86_64', arm64: 'aarch64' };

/** A containerd shim that has releases of its own. */
export interface KnownShim {
  /** File name of the shim: `containerd-shim-<name>-<version>`, which containerd also calls `io.containerd.<name>.<version>`. */
  readonly binary: string;
  /** Archive of a release; `{version}` and `{arch}` (x86_64 or aarch64) stand for themselves. */
  readonly release: string;
  /** The newest release whose checksums are known. */
  readonly pinned?: { readonly version: string; readonly sha256: Readonly<Record<Architecture, string>> };
}

const runwasi = (name: string): KnownShim => ({
  binary: `containerd-shim-${name}-v1`,
  release: `https://github.com/containerd/runwasi/releases/download/containerd-shim-${name}%2F{version}/containerd-shim-${name}-{arch}-linux-musl.tar.gz`,
});

const deislabs = (name: string): KnownShim => ({
  binary: `containerd-shim-${name}-v1`,
  release: `https://github.com/deislabs/containerd-wasm-shims/releases/download/{version}/containerd-wasm-shims-v1-${name}-linux-{arch}.tar.gz`,
});

/** Shims by name. Each is one that k3s finds by itself, under a containerd runtime of this name. */
export const KNOWN_SHIMS: Readonly<Record<string, KnownShim>> = {
  spin: {
    binary: 'containerd-shim-spin-v2',
    release:
      'https://github.com/spinframework/containerd-shim-spin/releases/download/{version}/containerd-shim-spin-v2-linux-{arch}.tar.gz',
    // Checksums: config/samples/sample_shim_spin.yaml of spinframework/runtime-class-manager.
    pinned: {
      version: SPIN_SHIM_VERSION,
      sha256: {
        amd64: 'eec8df96fa3a4fe5dbc57ffb706461692c055299dd6d22dff9444863a2a12281',
        arm64: 'a923f08d91c110d2cda29fbc380273e6d0a97aa0bab455c55f613c8d5a8bfbe4',
      },
    },
  },
  wasmtime: runwasi('wasmtime'),
  wasmedge: runwasi('wasmedge'),
  wasmer: runwasi('wasmer'),
  slight: deislabs('slight'),
  wws: deislabs('wws'),
  lunatic: deislabs('lunatic'),
};

/** Where a release of a known shim is downloaded from. */
export function releaseUrl(shim: KnownShim, version: string, arch: Architecture): string {
  return shim.release.replace('{version}', version).replace('{arch}', RELEASE_ARCHITECTURES[arch]);
}

/**
 * The first k3s release of each Kubernetes minor that finds these shims on its PATH, under these names: the search came
 * in December 2023, the right name of the Spin shim in March 2024.
 */
export const K3S_FINDS_SHIMS: readonly string[] = ['v1.27.12', 'v1.28.8', 'v1.29.3'];

/** The first k3s release of each Kubernetes minor whose containerd template can be extended: `{{ template "base" . }}`. */
export const K3S_EXTENDS_TEMPLATE: readonly string[] = ['v1.25.13', 'v1.26.8', 'v1.27.5', 'v1.28.1'];

/** RuntimeClasses that k3s applies at every start, unless `disable` lists `runtimes`; each has a handler of its name. */
export const K3S_RUNTIME_CLASSES: readonly string[] = [
  'nvidia',
  'nvidia-experimental',
  'crun',
  'lunatic',
  'slight',
  'spin',
  'wws',
  'wasmedge',
  'wasmer',
  'wasmtime',
];

/** Whether a k3s release is as new as the first one of its minor that can do something. */
export function isSince(version: string, firsts: readonly string[]): boolean {
  const [minor, patch] = parts(version);
  const ofMinor = firsts.map(parts).find(([one]) => one === minor);
  return ofMinor ? patch >= ofMinor[1] : minor > Math.max(...firsts.map((first) => parts(first)[0]));
}

/** Minor and patch of a release of Kubernetes 1. */
function parts(version: string): [minor: number, patch: number] {
  const [, minor, patch] = /^v1\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(minor ?? 0), Number(patch ?? 0)];
}
