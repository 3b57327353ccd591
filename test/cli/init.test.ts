import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { federationYaml, type Start } from '../../cli/init/federation-yaml.ts';
import { init } from '../../cli/init/init.ts';
import { workflow } from '../../cli/init/workflow.ts';
import { parseFederation } from '../../constructs/spec/load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const START: Start = { name: 'shops', address: '192.0.2.1', members: [{ name: 'paris', region: 'fr' }], vpn: 'none' };

test.each<[string, Partial<Start>]>([
  ['without a VPN', {}],
  ['with Headscale', { vpn: 'headscale', vpnServer: 'https://headscale.example.com' }],
  ['with Tailscale', { vpn: 'tailscale' }],
  ['with NetBird', { vpn: 'netbird' }],
  ['with a region that YAML reads as no text', { members: [{ name: 'oslo', region: 'no' }] }],
])('the new file is right %s', (_, more) => {
  const start = { ...START, ...more };
  const spec = parseFederation(federationYaml(start), 'federation.yaml');
  expect(spec).toMatchObject({ name: 'shops', members: start.members });
  expect(spec.vpn?.provider).toBe(start.vpn === 'none' ? undefined : start.vpn);
});

test('what is no federation is not written', async () => {
  const wrong = {
    name: 'Not A Name',
    address: 'https://a.example.com',
    member: ['A', 'b', 'b'],
    vpn: 'headscale',
  } as const;
  await expect(init({ ...wrong, workflow: true })).rejects.toThrow(
    new RegExp(
      [
        '^nothing was written, for this makes no federation:',
        "--name: must be a lower case DNS label, .*, got 'Not A Name'",
        '--vpn-server: is required, .*',
        '--address: must be a DNS name or an IP address, .*',
        "--member: must be a lower case DNS label, .*, got 'A'",
        "--member: is the name of another member already, .*: 'b' .*$",
      ].join('\n'),
    ),
  );
  await expect(init({ member: ['a, region: b'], workflow: true })).rejects.toThrow('nothing was written');
  expect(readdirSync(folder)).toEqual([]);
});

test('nothing is overwritten, and a .gitignore stays as it is', async () => {
  writeFileSync(join(folder, '.gitignore'), 'mine');
  const told = vi.spyOn(console, 'error').mockReturnValue();
  await init({ name: 'shops', workflow: false });
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine');
  expect(told).toHaveBeenCalledWith(expect.stringContaining('.kube/'));
  expect(existsSync(join(folder, '.github'))).toBe(false);
  await expect(init({ name: 'others', workflow: true })).rejects.toThrow(
    'federation.yaml, federation.schema.json: there already',
  );
  expect(readFileSync(join(folder, 'federation.yaml'), 'utf8')).toContain('name: shops');
});

test.each([
  ['exec', '  npx serverless-federation synth'],
  ['run-script', '  serverless-federation synth'],
])('what comes next is called as init was: npm %s', async (npmCommand, next) => {
  vi.stubEnv('npm_command', npmCommand);
  await init({ workflow: false });
  expect(console.log).toHaveBeenCalledWith(expect.stringContaining(`\n${next}`));
});

test('what of it cannot be written is told, and nothing is left of the rest', async () => {
  mkdirSync(join(folder, '.github'));
  writeFileSync(join(folder, '.github/workflows'), 'a file');
  await expect(init({ workflow: true })).rejects.toThrow(
    /^cannot write '\.github\/workflows\/federation\.yaml', so nothing was written: /,
  );
  expect(readdirSync(folder)).toEqual(['.github']);
  rmSync(join(folder, '.github'), { recursive: true });
  symlinkSync('nowhere/at/all', join(folder, '.gitignore'));
  await expect(init({ workflow: true })).rejects.toThrow("cannot write '.gitignore'");
  expect(readdirSync(folder)).toEqual(['.gitignore']);
});

test.each(['a=b=c', 'a=', '=b', 'a==b'])('a member that is written as %s is refused', async (member) => {
  await expect(init({ member: [member], workflow: true })).rejects.toThrow(
    `--member must be NAME or NAME=REGION, got '${member}'`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a server without a VPN is refused', async () => {
  await expect(init({ vpnServer: 'https://vpn.example.com', workflow: true })).rejects.toThrow(
    '--vpn-server names the server of a VPN, and --vpn none has none of your own',
  );
  await expect(init({ vpn: 'tailscale', vpnServer: 'https://vpn.example.com', workflow: true })).rejects.toThrow(
    '--vpn tailscale has none of your own',
  );
});

test('the workflow pins its actions, writes nothing but the comment, and runs no text of a pull request', () => {
  const text = workflow('1.2.3');
  // biome-ignore lint/suspicious/noExplicitAny: a workflow, of which some parts are looked at
  const { permissions, jobs } = load(text, { schema: CORE_SCHEMA }) as any;
  expect(permissions).toEqual({});
  expect(jobs.plan.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
  expect(jobs.plan.env.FEDERATION_TOOL).toBe('serverless-federation@1.2.3');
  for (const { uses, run } of jobs.plan.steps) {
    if (uses) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    else expect(run).not.toContain('${{');
  }
});
