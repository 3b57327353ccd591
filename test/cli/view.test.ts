import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PACKED_PAGE, pageBundle } from '../../cli/view/bundle.ts';
import { html, json, serve } from '../../cli/view/serve.ts';
import { view } from '../../cli/view/view.ts';
import type { PageData } from '../../page/data.ts';
import { deployment, member, policy } from '../simulation/objects.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'view-'));
  vi.stubEnv('INIT_CWD', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, ...items: object[]) =>
  writeFileSync(join(folder, name), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

/** The data in a page. */
function dataOf(html: string): PageData {
  const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as PageData;
}

test('writes one file with all that the simulation needs, and no value of a Secret', async () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'hush', note: 'kept' };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: 'shop', annotations },
    stringData: { key: 'hush' },
    data: { key: 'hush' },
  };
  write('objects.json', deployment(), policy({}), secret);
  write('members.json', member('oslo'));
  const told = await view({ output: 'page.html', manifests: 'objects.json', members: 'members.json' });
  expect(told).toContain('page.html');
  const html = readFileSync(join(folder, 'page.html'), 'utf8');
  expect(html).not.toContain('hush');
  const { input } = dataOf(html);
  expect(input.members).toEqual([member('oslo')]);
  expect(input.objects).toEqual([
    deployment(),
    policy({}),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'shop', annotations: { note: 'kept' } } },
  ]);
});

test('writes over its own page and an empty file, and over nothing else', async () => {
  write('objects.json', deployment(), policy({}));
  write('members.json', member('oslo'));
  const options = { manifests: 'objects.json', members: 'members.json' };
  writeFileSync(join(folder, 'page.html'), '');
  await view({ ...options, output: 'page.html' });
  await view({ ...options, output: 'page.html' });
  const before = readFileSync(join(folder, 'members.json'), 'utf8');
  await expect(view({ ...options, output: 'members.json' })).rejects.toThrow(
    "'members.json' is there, and no page of this command: it is not overwritten",
  );
  expect(readFileSync(join(folder, 'members.json'), 'utf8')).toBe(before);
});

test('replaces a page as a whole, behind a link, too, and leaves nothing beside it', async () => {
  write('objects.json', deployment(), policy({}));
  write('members.json', member('oslo'));
  const options = { manifests: 'objects.json', members: 'members.json', output: 'link.html' };
  await view({ ...options, output: 'page.html' });
  chmodSync(join(folder, 'page.html'), 0o640);
  symlinkSync('page.html', join(folder, 'link.html'));
  const reader = openSync(join(folder, 'page.html'), 'r');
  const before = readFileSync(join(folder, 'page.html'), 'utf8');
  write('members.json', member('bern'));
  await view(options);
  // Whoever has begun to read finds the earlier page to its end.
  expect(readFileSync(reader, 'utf8')).toBe(before);
  closeSync(reader);
  expect(dataOf(readFileSync(join(folder, 'page.html'), 'utf8')).input.members).toEqual([member('bern')]);
  expect(statSync(join(folder, 'page.html')).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(folder, 'link.html')).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['link.html', 'members.json', 'objects.json', 'page.html']);
});

test('says why a page cannot be written', async () => {
  write('objects.json', deployment(), policy({}));
  write('members.json', member('oslo'));
  const options = { manifests: 'objects.json', members: 'members.json' };
  for (const [output, reason] of [
    ['members.json/page.html', 'not a directory'],
    [`${'x'.repeat(300)}.html`, 'name too long'],
    ['.', 'illegal operation on a directory'],
  ] as const) {
    await expect(view({ ...options, output })).rejects.toThrow(`cannot write '${output}': ${reason}`);
  }
});

test('tells the central cluster, the VPN and what members offer of a federation', async () => {
  const spec = {
    vpn: { provider: 'headscale', server: 'https://headscale.example.com' },
    controlPlane: { address: 'karmada.example.com' },
    runtimes: [{ name: 'spin' }],
    members: [{ name: 'oslo' }, { name: 'bern', vpn: false, runtimes: [] }],
  };
  const file = join(folder, 'federation.yaml');
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'fleet' } };
  writeFileSync(file, JSON.stringify({ ...head, spec }));
  vi.stubEnv('FEDERATION', file);
  vi.spyOn(console, 'error').mockReturnValue();
  await view({ output: 'page.html' });
  expect(dataOf(readFileSync(join(folder, 'page.html'), 'utf8'))).toMatchObject({
    name: 'fleet',
    central: { address: 'karmada.example.com', vpn: true },
    vpn: 'headscale',
    facts: [
      { name: 'oslo', vpn: true, runtimes: ['spin'] },
      { name: 'bern', vpn: false, runtimes: [] },
    ],
  });
});

test('refuses what is no port, and a folder that is not there', async () => {
  write('objects.json', deployment());
  write('members.json', member('oslo'));
  const options = { manifests: 'objects.json', members: 'members.json' };
  await expect(view({ ...options, output: '-', serve: 'http' })).rejects.toThrow('--serve must be a port');
  await expect(view({ ...options, output: 'nowhere/page.html' })).rejects.toThrow("cannot write 'nowhere/page.html'");
});

test('an installed package has its page made already', async () => {
  mkdirSync(dirname(join(folder, PACKED_PAGE)));
  writeFileSync(join(folder, PACKED_PAGE), JSON.stringify({ script: '1', style: 'b{}' }));
  expect(await pageBundle(folder)).toEqual({ script: '1', style: 'b{}' });
});

/** What a server answers: the status and the text. */
function ask(url: string, headers: Record<string, string> = {}): Promise<[status: number | undefined, text: string]> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve([response.statusCode, text]));
    }).on('error', reject);
  });
}

test('serves the page as it is now, to those alone who call loopback by its name', async () => {
  const errors = vi.spyOn(console, 'error').mockReturnValue();
  let made = 0;
  const page = async () => {
    made++;
    if (made === 2) throw new Error('half written');
    return `page ${made}`;
  };
  const { url, close } = await serve(0, { '/': html(page) });
  try {
    expect(await ask(url)).toEqual([200, 'page 1']);
    expect(await ask(url)).toEqual([500, 'half written']);
    expect(errors).toHaveBeenCalledWith('half written');
    expect(await ask(url)).toEqual([200, 'page 3']);
    expect(await ask(`${url}etc`)).toEqual([404, '']);
    expect(await ask(`${url}live`)).toEqual([404, '']);
    expect(await ask(url, { host: 'evil.example.com' })).toEqual([403, '']);
    expect(await ask(url, { 'sec-fetch-site': 'cross-site' })).toEqual([403, '']);
    expect(made).toBe(3);
    await expect(serve(Number(new URL(url).port), {})).rejects.toThrow('cannot serve on 127.0.0.1');
  } finally {
    close();
  }
});

test('looks once for all who ask at the same time', async () => {
  let looked = 0;
  let told = (_: unknown) => {};
  const { url, close } = await serve(0, {
    '/live': json(() => {
      looked++;
      return new Promise((resolve) => {
        told = resolve;
      });
    }),
  });
  try {
    const asked = [ask(`${url}live`), ask(`${url}live`)];
    await vi.waitFor(() => expect(looked).toBe(1));
    // The second one has come, too, when a third one is refused.
    await ask(`${url}etc`);
    told({ well: true });
    expect(await Promise.all(asked)).toEqual([
      [200, '{"well":true}'],
      [200, '{"well":true}'],
    ]);
    expect(looked).toBe(1);
  } finally {
    close();
  }
});

test('refuses to show live what is not the federation of the folder', async () => {
  const options = { output: '-', manifests: 'objects.json', members: 'members.json' };
  await expect(view({ ...options, live: true })).rejects.toThrow('--live looks at the federation of this folder');
  await expect(view({ output: '-', live: 'often' })).rejects.toThrow('--live must be a number of seconds');
});
