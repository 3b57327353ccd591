import { describe, expect, test } from 'vitest';
import { checkRuntimes } from '../../constructs/spec/checks/runtimes.ts';
import { type Fault, reportTo } from '../../constructs/spec/faults.ts';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { offeredRuntimes, type Runtime, runtime } from '../../constructs/spec/runtime.ts';

const SUM = 'a'.repeat(64);

/** The faults of a runtime, as `path: message`. */
function faults(value: unknown): string[] {
  const { error } = runtime.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('the published runtime needs a name and the nodes that have it', () => {
  const nodeSelector = { 'mrezhi.net/webassembly-runtime': 'true' };

  expect(runtime.parse({ name: 'spin', nodeSelector })).toMatchObject({
    name: 'spin',
    handler: 'spin',
    nodeSelector,
    shim: { install: 'none', downloads: {} },
  });
});

test('the Spin shim comes from a release with known checksums where nothing is said', () => {
  const { shim } = runtime.parse({ name: 'spin', shim: { install: 'installer' } });

  expect(shim.binary).toBe('containerd-shim-spin-v2');
  expect(shim.options).toEqual({ SystemdCgroup: true });
  expect(Object.keys(shim.downloads)).toEqual(['amd64', 'arm64']);
  for (const download of Object.values(shim.downloads)) {
    expect(download.url).toMatch(/^https:\/\/github\.com\/spinframework\/containerd-shim-spin\/releases\/download\/v/);
    expect(download.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('a known shim needs no more than its version and checksum', () => {
  const { shim } = runtime.parse({
    name: 'wasmtime',
    shim: { install: 'k3s', version: 'v0.6.0', downloads: { arm64: { sha256: SUM } } },
  });

  expect(shim).toMatchObject({
    binary: 'containerd-shim-wasmtime-v1',
    downloads: {
      arm64: {
        url: 'https://github.com/containerd/runwasi/releases/download/containerd-shim-wasmtime%2Fv0.6.0/containerd-shim-wasmtime-aarch64-linux-musl.tar.gz',
        sha256: SUM,
      },
    },
  });
  expect(shim.downloads).not.toHaveProperty('amd64');
});

test('runtime-class-manager gives the handler', () => {
  const { handler } = runtime.parse({
    name: 'wasmtime-spin-v2',
    shim: { install: 'runtime-class-manager', name: 'spin' },
  });

  expect(handler).toBe('spin-v2');
});

test('an unknown shim out of an image', () => {
  const shim = { install: 'installer', binary: 'containerd-shim-own-v1', image: 'ghcr.io/example/own:v1' };

  expect(runtime.parse({ name: 'own', shim }).shim).toMatchObject({
    binary: 'containerd-shim-own-v1',
    image: 'ghcr.io/example/own:v1',
    imagePath: '/assets/containerd-shim-own-v1',
    downloads: {},
  });
});

test.each([
  [
    'a shim that is not known',
    {
      name: 'own',
      shim: { install: 'installer', downloads: { amd64: { url: 'https://example.com/s', sha256: SUM } } },
    },
    /^shim: is not a known shim \('own'\)/,
  ],
  [
    'a known shim without checksums',
    { name: 'wasmtime', shim: { install: 'installer', version: 'v0.6.0' } },
    /^shim: has no checksums of v0\.6\.0: give 'downloads'/,
  ],
  [
    'another release than the one with known checksums',
    { name: 'spin', shim: { install: 'installer', version: 'v9.9.9' } },
    /^shim: has no checksums of v9\.9\.9/,
  ],
  ['no source at all', { name: 'slight', shim: { install: 'k3s' } }, /^shim: has no source/],
  [
    'a download without URL or version',
    { name: 'slight', shim: { install: 'k3s', downloads: { amd64: { sha256: SUM } } } },
    /^shim\.downloads\.amd64\.url: is required/,
  ],
  [
    'no architecture',
    { name: 'slight', shim: { install: 'k3s', downloads: {} } },
    /^shim\.downloads: is empty: give amd64, arm64 or both/,
  ],
  [
    'a handler that k3s does not make',
    { name: 'spin', handler: 'spin-edge', shim: { install: 'k3s', name: 'spin' } },
    /^handler: is 'spin-edge', but k3s gives each shim that it finds its own name/,
  ],
  [
    'options with k3s',
    { name: 'spin', shim: { install: 'k3s', options: { SystemdCgroup: false } } },
    /^shim\.options: are k3s's own with 'install: k3s'/,
  ],
  [
    'another handler with runtime-class-manager',
    { name: 'spin', handler: 'spin', shim: { install: 'runtime-class-manager' } },
    /^handler: must be 'spin-v2'/,
  ],
  [
    'an image with runtime-class-manager',
    { name: 'x', shim: { install: 'runtime-class-manager', name: 'spin', image: 'ghcr.io/example/spin:v1' } },
    /^shim\.image: is not for runtime-class-manager/,
  ],
  [
    'an image and downloads',
    {
      name: 'spin',
      shim: { install: 'installer', image: 'ghcr.io/example/spin:v1', downloads: { amd64: { sha256: SUM } } },
    },
    /^shim\.image: and 'downloads' exclude each other/,
  ],
  [
    'a path in no image',
    { name: 'spin', shim: { install: 'installer', imagePath: '/assets/shim' } },
    /^shim\.imagePath: is a path in 'image', which is not given/,
  ],
  [
    'an option that would leave its line of TOML',
    { name: 'spin', shim: { install: 'installer', options: { Mode: "a'\nroot = '/'" } } },
    /^shim\.options\.Mode: must not hold quotes/,
  ],
  [
    "an option that k3s's template would take for its own",
    { name: 'spin', shim: { install: 'installer', options: { Mode: '{{ .NodeConfig }}' } } },
    /^shim\.options\.Mode: must not hold quotes/,
  ],
  [
    'a file name that leaves its folder',
    { name: 'spin', shim: { install: 'installer', binary: '../containerd-shim-spin-v2' } },
    /^shim\.binary: must be a shim's file name/,
  ],
])('%s is one fault, at its place', (_, value, message) => {
  expect(faults(value)).toEqual([expect.stringMatching(message)]);
});

/** What the cross-check of a federation with these runtimes and members says. */
function cross(runtimes: unknown[], members: unknown[] = []): string[] {
  const found: Fault[] = [];
  const spec = {
    runtimes: runtimes.map((value): Runtime => runtime.parse(value)),
    members: members.map((member) => ({
      hosts: [],
      ownRuntimeClasses: [],
      mayBeK3s: true,
      k3s: { version: 'v1.35.6+k3s1' },
      ...(member as object),
    })),
  } as unknown as FederationSpec;
  checkRuntimes(spec, reportTo(found));
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('two runtimes of which one is installed need two handlers', () => {
  const spin = { name: 'spin', shim: { install: 'installer' } };

  expect(cross([spin, { name: 'spin-edge', handler: 'spin' }])).toEqual([
    expect.stringMatching(/^spec\.runtimes\.1\.handler: is 'spin', as of the runtime 'spin'/),
  ]);
  expect(cross([{ name: 'spin' }, { name: 'spin-edge', handler: 'spin' }])).toEqual([]);
});

test('a member with runtime-class-manager brings its own RuntimeClass', () => {
  const managed = { name: 'spin', shim: { install: 'runtime-class-manager' } };

  expect(cross([managed], [{ runtimes: ['spin'] }])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.ownRuntimeClasses: must have 'spin'/),
  ]);
  expect(cross([managed], [{ runtimes: ['spin'], ownRuntimeClasses: ['spin'] }])).toEqual([]);
  expect(cross([managed], [{ runtimes: [] }])).toEqual([]);
});

test('containerd of a member has one owner of its configuration', () => {
  const managed = { name: 'managed', shim: { install: 'runtime-class-manager', name: 'spin' } };
  const written = { name: 'written', shim: { install: 'installer', name: 'spin' } };
  const member = { ownRuntimeClasses: ['managed'] };

  expect(cross([managed, written], [{ ...member, runtimes: ['managed', 'written'] }])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.runtimes: has 'managed' by runtime-class-manager and 'written' by/),
  ]);
  expect(
    cross(
      [managed, written],
      [
        { ...member, runtimes: ['managed'] },
        { ...member, runtimes: ['written'] },
      ],
    ),
  ).toEqual([]);
});

test('the k3s of a member must know how to take a shim', () => {
  const member = { runtimes: ['spin'], hosts: [{ labels: {} }], k3s: { version: 'v1.27.4+k3s1' } };

  expect(cross([{ name: 'spin', shim: { install: 'k3s' } }], [member])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.k3s\.version: is v1\.27\.4\+k3s1, which does not find shims/),
  ]);
  expect(cross([{ name: 'spin', shim: { install: 'installer' } }], [member])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.k3s\.version: is v1\.27\.4\+k3s1, whose containerd template/),
  ]);
  expect(cross([{ name: 'spin' }], [member])).toEqual([]);
});

test('a member that is made of hosts needs one with the labels of the runtime', () => {
  const spin = { name: 'spin', nodeSelector: { wasm: 'true' }, shim: { install: 'k3s' } };
  const member = (labels: object) => ({ runtimes: ['spin'], hosts: [{ labels: {} }, { labels }] });

  expect(cross([spin], [member({ wasm: 'false' })])).toEqual([
    expect.stringMatching(/^spec\.members\.0\.hosts: has none with the labels of the runtime 'spin'.*'wasm: true'/),
  ]);
  expect(cross([spin], [member({ wasm: 'true' })])).toEqual([]);
});

describe('a member', () => {
  const installer = runtime.parse({ name: 'spin', shim: { install: 'installer' } });
  const offer = (shim: object) => ({ runtimes: ['spin'], shims: { spin: shim } });

  test('gets the shim as the runtime says, where it says nothing else', () => {
    expect(offeredRuntimes([installer], { runtimes: ['spin'] })).toEqual([installer]);
    expect(offeredRuntimes([installer], { runtimes: [] })).toEqual([]);
  });

  test('can have the shim already, or get it in another way, and the rest stays as it is', () => {
    expect(offeredRuntimes([installer], offer({ install: 'none' }))[0]?.shim.install).toBe('none');
    const [k3s] = offeredRuntimes([installer], offer({ install: 'k3s' }));
    expect(k3s?.shim).toMatchObject({ install: 'k3s', downloads: installer.shim.downloads });
    const [image] = offeredRuntimes([installer], offer({ image: 'registry.example.com/shims/spin:v1' }));
    expect(image?.shim).toMatchObject({ install: 'installer', image: 'registry.example.com/shims/spin:v1' });
    expect(image?.shim.downloads).toEqual({});
  });

  test('with runtime-class-manager has a handler of its own, for its RuntimeClass is its own', () => {
    expect(offeredRuntimes([installer], offer({ install: 'runtime-class-manager' }))[0]?.handler).toBe('spin-v2');
  });

  test.each([
    [
      { install: 'k3s', options: { SystemdCgroup: false } },
      /^spec\.members\.0\.runtimes\.0\.shim\.options: are k3s's own/,
    ],
    [{ version: 'v9.9.9' }, /^spec\.members\.0\.runtimes\.0\.shim: has no checksums of v9\.9\.9/],
    [{ install: 'k3s', binary: 'containerd-shim-own-v1' }, /^spec\.members\.0\.runtimes\.0\.shim\.install: .* handler/],
  ])('is told what is wrong in its own settings: %o', (shim, message) => {
    expect(cross([{ name: 'spin', shim: { install: 'installer' } }], [offer(shim)])).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test('that is no k3s gets no shim by what knows k3s alone', () => {
    const runtimes = [{ name: 'spin', shim: { install: 'installer' } }];
    expect(cross(runtimes, [{ runtimes: ['spin'], mayBeK3s: false }])).toEqual([
      expect.stringMatching(/^spec\.members\.0\.runtimes: gets the shim of 'spin' by 'installer', which knows k3s's/),
    ]);
    expect(cross(runtimes, [{ ...offer({ install: 'none' }), mayBeK3s: false }])).toEqual([]);
  });

  test('can not have two runtimes of one handler by a shim of its own', () => {
    const runtimes = [{ name: 'spin' }, { name: 'edge', handler: 'spin' }];
    expect(
      cross(runtimes, [{ runtimes: ['spin', 'edge'], shims: { edge: { install: 'k3s', name: 'spin' } } }]),
    ).toEqual([
      expect.stringMatching(/^spec\.members\.0\.runtimes\.1: has the handler 'spin', as the runtime 'spin' has here/),
    ]);
  });
});
