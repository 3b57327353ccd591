import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { containerd1, containerd2, Node, type NodeProps } from './node.ts';

// Each run asks a real containerd several times.
vi.setConfig({ testTimeout: 120_000 });

const one = containerd1();
const two = containerd2();

/** The ways in which k3s releases lay out a node, each with the containerd of its time. */
const GENERATIONS: {
  name: string;
  needs: string;
  props: Omit<NodeProps, 'containerd'>;
  containerd?: string;
  entry: string;
}[] = [
  {
    name: 'containerd 1, template of version 2',
    needs: "containerd 1.6 or 1.7 (Debian 12: 'apt-get install containerd')",
    containerd: one,
    props: { k3s: 'v1.28.8+k3s1', renders: 2, imports: false },
    entry: 'config.toml.tmpl',
  },
  {
    name: 'containerd 2, template of version 3',
    needs: "containerd 2 ('test/wasm/containerd/build.sh' builds it)",
    containerd: two,
    props: { k3s: 'v1.33.1+k3s1', renders: 3, imports: false },
    entry: 'config-v3.toml.tmpl',
  },
  {
    name: 'containerd 2, drop-in folder of version 3',
    needs: "containerd 2 ('test/wasm/containerd/build.sh' builds it)",
    containerd: two,
    props: { k3s: 'v1.35.6+k3s1', renders: 3, imports: true },
    entry: 'config-v3.toml.d/serverless-federation-spin.toml',
  },
];

const SHIM = '#!/bin/sh\necho a shim\n';
let downloads = 0;
let archive: Buffer;
let url: string;
const server = createServer((request, response) => {
  downloads++;
  response.writeHead(request.url === '/shim.tar.gz' ? 200 : 404).end(archive);
});

const nodes: Node[] = [];
function node(props: NodeProps): Node {
  const made = new Node({ ...props });
  nodes.push(made);
  return made;
}

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** What the DaemonSet tells the installer. */
function settings(on: Node, entry: 'written' | 'detected' = 'written'): Record<string, string> {
  const source = Object.fromEntries(
    ['AMD64', 'ARM64'].flatMap((arch) => [
      [`URL_${arch}`, url],
      [`SHA256_${arch}`, sha256(archive)],
    ]),
  );
  return {
    ...source,
    ENTRY: entry,
    BIN_DIR: entry === 'written' ? on.ownDir : on.pathDir,
    OPTIONS: entry === 'written' ? '  SystemdCgroup = true' : '',
  };
}

beforeAll(async () => {
  const folder = new Node({ containerd: '', k3s: '', renders: 3, imports: false });
  folder.write(join(folder.root, 'shim/containerd-shim-spin-v2'), SHIM, 0o755);
  archive = execFileSync('tar', ['-cz', '-C', join(folder.root, 'shim'), './containerd-shim-spin-v2']);
  folder.remove();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shim.tar.gz`;
});

afterEach(() => {
  for (const made of nodes.splice(0)) made.remove();
});

afterAll(() => {
  server.close();
});

describe.each(GENERATIONS)('$name', ({ needs, props, containerd, entry }) => {
  if (!containerd) {
    test.skipIf(process.env.CI !== 'true')(`needs ${needs}`, () => {
      throw new Error(`CI must have ${needs}`);
    });
    return;
  }
  const fresh = () => node({ ...props, containerd }).start();

  test('puts the shim on the node, and its containerd shows the runtime with it', async () => {
    const on = fresh();
    expect(on.dump()).not.toContain('spin');

    const { code, log } = await on.install(settings(on));

    expect(log).toContain('is ready');
    expect(code).toBe(0);
    expect(on.read(on.ownDir, 'containerd-shim-spin-v2')).toBe(SHIM);
    expect(on.restarts()).toEqual(['restart k3s-agent.service']);
    const dump = on.dump();
    expect(dump).toMatch(
      new RegExp(`runtimes\\.spin\\]\\n(.*\\n){0,12}?\\s*runtime_type = ['"]${on.ownDir}/containerd-shim-spin-v2['"]`),
    );
    expect(dump).toMatch(/runtimes\.spin\.options\]\n\s*SystemdCgroup = true/);
    expect(dump, "k3s's own runtime is still there").toMatch(/runtimes\.runc\]/);
    expect(on.read(on.etc, entry)).toContain('SystemdCgroup = true');
  });

  test('a second run changes no file, downloads nothing and restarts nothing', async () => {
    const on = fresh();
    await on.install(settings(on));
    const [before, fetched] = [on.files(), downloads];

    const { code, log } = await on.install(settings(on));

    expect({ code, log }).toEqual({ code: 0, log: 'spin: was ready\n' });
    expect(on.files()).toEqual(before);
    expect(downloads).toBe(fetched);
  });

  test('leaves the entry to k3s where k3s found a shim by itself, and takes back its own', async () => {
    const on = fresh();
    await on.install(settings(on));
    on.write(join(on.pathDir, 'containerd-shim-spin-v2'), SHIM, 0o755);
    if (entry.endsWith('.tmpl')) {
      // Two tables of one name: what this containerd would not start with.
      expect(() => on.start()).toThrow(/spin|duplicate|already/i);
    } else {
      on.start();
    }

    const { code, log } = await on.install(settings(on));

    expect(log).toContain('an entry of its own');
    expect(code).toBe(0);
    expect(existsSync(join(on.etc, entry))).toBe(false);
    expect(on.read(on.etc, 'config.toml').match(/runtimes\.'?spin'?\]/g)).toHaveLength(1);
    expect(on.dump()).toContain('io.containerd.spin.v2');
  });

  test('is not ready where k3s found another build by itself, and says where that is', async () => {
    const on = fresh();
    on.write(join(on.pathDir, 'containerd-shim-spin-v2'), 'an old build', 0o755);
    on.start();

    const { code, log } = await on.install(settings(on));

    expect(code).toBe(1);
    expect(log).toContain(`containerd runs '${on.pathDir}/containerd-shim-spin-v2' for this runtime`);
    expect(log).toContain('k3s has found it there, remove it or bring it up to date');
    expect(on.restarts()).toEqual([]);
  });

  test.each([
    ['an old shim at another path', "'/opt/old/containerd-shim-spin-v2'"],
    ['another shim by its name', "'io.containerd.wasmtime.v1'"],
  ])('is not ready where an entry of the user names %s, and says which file to mend', async (_, type) => {
    const file = `config${props.renders === 3 ? '-v3' : ''}.toml.tmpl`;
    const table = props.renders === 3 ? "'io.containerd.cri.v1.runtime'" : '"io.containerd.grpc.v1.cri"';
    const on = node({ ...props, containerd });
    on.write(
      join(on.etc, file),
      `{{ template "base" . }}\n[plugins.${table}.containerd.runtimes.spin]\n  runtime_type = ${type}\n`,
    );
    on.start();

    const { code, log } = await on.install(settings(on));

    expect(code).toBe(1);
    expect(log).toContain(
      `containerd runs '${type.includes('wasmtime') ? 'containerd-shim-wasmtime-v1' : '/opt/old/containerd-shim-spin-v2'}'`,
    );
    expect(log).toContain(`${on.etc}/${file} says so, take the runtime out of it`);
    expect(on.read(on.etc, file)).not.toContain('serverless-federation');
    expect(on.restarts()).toEqual([]);
  });

  test('detected: puts the shim where k3s finds it, and writes no entry', async () => {
    const on = fresh();

    const { code } = await on.install(settings(on, 'detected'));

    expect(code).toBe(0);
    expect(on.dump()).toContain('io.containerd.spin.v2');
    expect(existsSync(join(on.etc, entry))).toBe(false);
    expect(on.restarts()).toHaveLength(1);
    expect((await on.install(settings(on, 'detected'))).log).toBe('spin: was ready\n');
    expect(on.restarts()).toHaveLength(1);
  });

  test('installers of several runtimes wait for each other, and both runtimes are there', async () => {
    const on = fresh();
    on.write(join(on.root, 'other'), SHIM, 0o755);
    const other = { RUNTIME: 'wasmtime', BINARY: 'containerd-shim-wasmtime-v1', SHIM: join(on.root, 'other') };

    const runs = await Promise.all([on.install(settings(on)), on.install({ ...settings(on), ...other })]);

    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(on.dump()).toMatch(/runtimes\.spin\]/);
    expect(on.dump()).toMatch(/runtimes\.wasmtime\]/);
    const again = await Promise.all([on.install(settings(on)), on.install({ ...settings(on), ...other })]);
    expect(again.map(({ log }) => log).sort()).toEqual(['spin: was ready\n', 'wasmtime: was ready\n']);
  });

  test('changed options reach containerd', async () => {
    const on = fresh();
    await on.install(settings(on));

    await on.install({ ...settings(on), OPTIONS: '  SystemdCgroup = false' });

    expect(on.dump()).toMatch(/runtimes\.spin\.options\]\n\s*SystemdCgroup = false/);
    expect(on.restarts()).toHaveLength(2);
  });

  test("keeps what stands in the user's own template", async () => {
    const name = `config${props.renders === 3 ? '-v3' : ''}.toml.tmpl`;
    const on = node({ ...props, containerd });
    const own = '{{ template "base" . }}\n\n[debug]\n  level = "debug"';
    on.write(join(on.etc, name), own);
    on.start();

    await on.install(settings(on));

    expect(on.read(on.etc, name)).toContain(own);
    expect(on.dump()).toMatch(/level = ['"]debug['"]/);
    expect(on.dump()).toMatch(/runtimes\.spin\]/);
    const before = on.files();
    expect((await on.install(settings(on))).log).toBe('spin: was ready\n');
    expect(on.files()).toEqual(before);
  });
});

// What does not depend on the form of the configuration, on the newest node there is.
describe.each(GENERATIONS.filter(({ containerd }) => containerd).slice(-1))(
  'on any node ($name)',
  ({ props, containerd, entry }) => {
    const fresh = () => node({ ...props, containerd: containerd ?? '' }).start();

    test('a new shim takes the place of the old one without a restart', async () => {
      const on = fresh();
      await on.install({ ...settings(on), SHIM: join(on.root, 'old') }).then(({ code }) => expect(code).not.toBe(0));
      on.write(join(on.root, 'old'), 'old');
      await on.install({ ...settings(on), SHIM: join(on.root, 'old') });
      expect(on.read(on.ownDir, 'containerd-shim-spin-v2')).toBe('old');

      await on.install(settings(on));

      expect(on.read(on.ownDir, 'containerd-shim-spin-v2')).toBe(SHIM);
      expect(on.restarts()).toHaveLength(1);
    });

    test('a download with another checksum is refused before anything is touched', async () => {
      const on = fresh();
      const before = on.files();

      const wrong = { SHA256_AMD64: '0'.repeat(64), SHA256_ARM64: '0'.repeat(64) };
      const { code, log } = await on.install({ ...settings(on), ...wrong });

      expect(code).toBe(1);
      expect(log).toMatch(/the download has the checksum [0-9a-f]{64}, not 0{64}/);
      expect(Object.keys(on.files()).filter((path) => !path.endsWith('.lock'))).toEqual(Object.keys(before));
    });

    test('an entry that containerd refuses is not left on the node', async () => {
      const on = fresh();

      const { code, log } = await on.install({ ...settings(on), OPTIONS: '  SystemdCgroup = ' });

      expect(code).toBe(1);
      expect(log).toContain('containerd refuses the configuration');
      expect(existsSync(join(on.etc, entry))).toBe(false);
      expect(on.restarts()).toEqual([]);
      expect(readdirSync(on.etc).filter((name) => name.includes('candidate'))).toEqual([]);
    });

    test('a run that was killed before the restart is made good by the next one', async () => {
      const on = fresh();
      await on.install(settings(on));
      on.write(join(on.etc, '.serverless-federation-spin.pending'), '');

      await on.install(settings(on));

      expect(on.restarts()).toHaveLength(2);
      expect((await on.install(settings(on))).log).toBe('spin: was ready\n');
    });
  },
);

describe('upgrades of k3s', () => {
  const both = one && two ? test : test.skip;

  both('an entry made with containerd 1 is still taken with containerd 2', async () => {
    const on = node({ containerd: one ?? '', k3s: 'v1.28.8+k3s1', renders: 2, imports: false }).start();
    await on.install(settings(on));

    on.start({ containerd: two, k3s: 'v1.35.6+k3s1', renders: 3, imports: true });

    expect(on.dump()).toMatch(/io\.containerd\.cri\.v1\.runtime'\.containerd\.runtimes\.spin\]/);
    expect((await on.install(settings(on))).log).toBe('spin: was ready\n');
  });

  const second = two ? test : test.skip;

  second('moves its entry from the template to the drop-in folder once k3s imports that', async () => {
    const on = node({ containerd: two ?? '', k3s: 'v1.33.1+k3s1', renders: 3, imports: false }).start();
    await on.install(settings(on));
    on.start({ k3s: 'v1.35.6+k3s1', imports: true });
    expect(on.dump()).toMatch(/runtimes\.spin\]/);

    const { code } = await on.install(settings(on));

    expect(code).toBe(0);
    expect(existsSync(join(on.etc, 'config-v3.toml.tmpl'))).toBe(false);
    expect(on.dump()).toMatch(/runtimes\.spin\]/);
  });
});

test.skipIf(!one)('refuses a k3s whose template cannot be extended', async () => {
  const on = node({ containerd: one ?? '', k3s: 'v1.22.17+k3s1', renders: 2, imports: false }).start();

  const { code, log } = await on.install(settings(on));

  expect(code).toBe(1);
  expect(log).toContain('upgrade it to v1.28 or newer');
  expect(on.restarts()).toEqual([]);
  expect(existsSync(join(on.etc, 'config.toml.tmpl'))).toBe(false);
});

test('says what is wrong where no k3s has started', async () => {
  const on = node({ containerd: '', k3s: '', renders: 3, imports: true });

  const { code, log } = await on.install(settings(on));

  expect(code).toBe(1);
  expect(log).toContain('k3s has not started here');
});
