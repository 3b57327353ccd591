import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { synth } from '../../main.ts';
import { describeWith } from '../scripts/run.ts';
import { alongBinding, Fleet, federation, on, PATHS, shopBinding } from './fleet.ts';
import { Terminal } from './terminal.ts';

/* What only a terminal shows. API servers are stand-ins. */

const START = join(import.meta.dirname, '../../cli/start.cjs');

const RED = '\x1b[31m';
const GREEN = '\x1b[32m';
const ESCAPE = '\x1b';

describeWith(['script', 'kubectl'], 'at a terminal', () => {
  let folder: string;
  let fleet: Fleet;
  let access: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'terminal-'));
    const file = join(folder, 'federation.yaml');
    writeFileSync(file, JSON.stringify(federation));
    vi.spyOn(console, 'error').mockReturnValue();
    synth(file, join(folder, 'dist'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    fleet = await Fleet.start();
    access = ['--dist', join(folder, 'dist'), '--kubeconfig-dir', fleet.work];
  });
  afterEach(() => fleet.stop());

  const sick = () =>
    fleet.karmada.says(
      PATHS.karmada.bindings,
      shopBinding({ aggregatedStatus: [on('oslo', 1, { health: 'Unhealthy' }), on('bern', 1)] }),
      alongBinding(),
    );

  /** What a command prints, and what it ends with. */
  async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
    const terminal = new Terminal([...args, ...access], { cwd: folder, env });
    return { status: await terminal.ended, raw: terminal.raw, text: terminal.text };
  }

  // What takes colours away is one function for both, which test/cli/colours.test.ts tries.
  test.each([
    { command: 'status', colour: RED, told: 'Deployment default/shop  oslo', plain: { NO_COLOR: '1' } },
    {
      ...{ command: 'diff karmada --no-prune', colour: GREEN, told: 'Deployment default/shop would be created' },
      plain: { TERM: 'dumb' },
    },
  ])('$command has colours, but none with $plain', async ({ command, colour, told, plain }) => {
    sick();
    const { status, raw, text } = await run(command.split(' '));
    expect(text).toContain(told);
    expect(raw).toContain(colour);
    expect(status).toBe(1);
    const without = await run(command.split(' '), plain);
    expect(without.text).toContain(told);
    expect(without.raw).not.toContain(ESCAPE);
  });

  test('nothing has colours that goes into a pipe, whatever the terminal', async () => {
    sick();
    const { NO_COLOR: _, INIT_CWD: __, ...env } = process.env;
    const words = [process.execPath, START, 'status', ...access];
    const piped = ['-c', '"$@" 2>&1 | cat', 'bash', ...words];
    const { stdout } = await promisify(execFile)('bash', piped, { cwd: folder, env });
    expect(stdout).toContain('1 of 2 replicas ready');
    expect(stdout).not.toContain(ESCAPE);
  });

  test('status --watch draws anew what changes, until it is ended, and leaves nothing behind', async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const terminal = new Terminal(['status', '--watch', '1', ...access], { cwd: folder, env: { TMPDIR: temporary } });
    await terminal.shows('all is well');
    expect(readdirSync(temporary)).not.toEqual([]);
    sick();
    await terminal.shows('Deployment default/shop on oslo: 1 of 2 replicas ready');
    fleet.karmada.says(PATHS.karmada.bindings, shopBinding(), alongBinding());
    await terminal.shows('all is well');
    // Each look begins at the top of an empty screen.
    expect(terminal.raw.split('\x1b[H\x1b[2J').length).toBeGreaterThan(3);
    terminal.type('\x03');
    expect(await terminal.ended).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describeWith(['script'], 'init at a terminal', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'init-')), 'Shop floor');
    mkdirSync(folder);
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  const ENTER = '\r';
  const DOWN = '\x1b[B';
  const clear = (text: string) => '\x7f'.repeat(text.length);

  test('asks for what no option says, offers what may be meant, and says what cannot be', async () => {
    const terminal = new Terminal(['init', '--address', 'karmada.example.com'], { cwd: folder });
    await terminal.shows('Name of the federation');
    await terminal.shows('shop-floor');
    terminal.type(`Shops${ENTER}`);
    await terminal.shows('must be lower-case letters, digits and hyphens');
    terminal.type(`${clear('Shops')}shops${ENTER}`);
    await terminal.shows('Clusters to run apps on');
    terminal.type(`paris=fr, rome${ENTER}`);
    await terminal.shows('VPN between the clusters');
    terminal.type(`${DOWN}${ENTER}`);
    await terminal.shows('URL of Headscale');
    terminal.type(ENTER);
    expect(await terminal.ended).toBe(0);
    expect(terminal.text).not.toContain('IP address of the Karmada API');
    const written = readFileSync(join(folder, 'federation.yaml'), 'utf8');
    for (const part of [
      'name: shops',
      '{ name: paris, region: fr }',
      '{ name: rome }',
      'https://headscale.example.com',
    ]) {
      expect(written).toContain(part);
    }
  });

  test('says at once that an address is none', async () => {
    const terminal = new Terminal(['init', '--name', 'shops', '--member', 'paris', '--vpn', 'none'], { cwd: folder });
    await terminal.shows('IP address of the Karmada API');
    terminal.type(`bad addr${ENTER}`);
    await terminal.shows('must be a DNS name or an IP address');
    terminal.type(`${clear('bad addr')}192.0.2.1${ENTER}`);
    expect(await terminal.ended).toBe(0);
    expect(readFileSync(join(folder, 'federation.yaml'), 'utf8')).toMatch(/address: "?192\.0\.2\.1/);
  });

  test('writes nothing when the questions are cancelled', async () => {
    const terminal = new Terminal(['init'], { cwd: folder });
    await terminal.shows('Name of the federation');
    terminal.type('\x03');
    expect(await terminal.ended).toBe(1);
    expect(terminal.text).toContain('nothing was written');
    expect(readdirSync(folder)).toEqual([]);
  });
});
