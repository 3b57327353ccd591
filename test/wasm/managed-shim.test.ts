import { expect, test } from 'vitest';
import { Manifests } from '../../constructs/manifests.ts';
import { ManagedShim } from '../../constructs/wasm/managed-shim.ts';

test('a Shim tells runtime-class-manager what to fetch for which nodes, and the RuntimeClass to make', () => {
  const chart = new Manifests().file('members/edge', '40-wasm');
  new ManagedShim(chart, 'spin', {
    name: 'wasmtime-spin-v2',
    handler: 'spin-v2',
    nodeSelector: { spin: 'true' },
    shim: {
      downloads: {
        amd64: { url: 'https://example.com/amd64.tar.gz', sha256: 'a'.repeat(64) },
        arm64: { url: 'https://example.com/arm64.tar.gz', sha256: 'b'.repeat(64) },
      },
      options: { SystemdCgroup: true, Mode: 'fast' },
    },
  });

  expect(chart.toJson()).toMatchObject([
    {
      apiVersion: 'runtime.spinkube.dev/v1alpha1',
      kind: 'Shim',
      metadata: { name: 'wasmtime-spin-v2' },
      spec: {
        nodeSelector: { spin: 'true' },
        fetchStrategy: {
          platforms: [
            { os: 'linux', arch: 'amd64', location: 'https://example.com/amd64.tar.gz', sha256: 'a'.repeat(64) },
            { os: 'linux', arch: 'arm64', location: 'https://example.com/arm64.tar.gz', sha256: 'b'.repeat(64) },
          ],
        },
        runtimeClass: { name: 'wasmtime-spin-v2', handler: 'spin-v2' },
        rolloutStrategy: { type: 'recreate' },
        containerdRuntimeOptions: { SystemdCgroup: 'true', Mode: "'fast'" },
      },
    },
  ]);
});
