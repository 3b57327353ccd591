import { mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { check } from '../../cli/check/check.ts';
import { federationYaml } from '../../cli/init/federation-yaml.ts';
import { synth } from '../../main.ts';

let folder: string;
let printed: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
  printed = [];
  const status = process.exitCode;
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.stubEnv('INIT_CWD', folder);
  vi.stubEnv('FEDERATION', undefined);
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(line));
  vi.spyOn(console, 'error').mockReturnValue();
  process.exitCode = undefined;
  const members = [{ name: 'paris' }, { name: 'oslo' }];
  writeFileSync(file(), federationYaml({ name: 'shops', address: '192.0.2.1', members, vpn: 'none' }));
  return () => {
    process.exitCode = status;
  };
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const file = () => join(folder, 'federation.yaml');
const asJson = (dist?: true) => {
  check({ output: 'json', ...(dist && { dist }) });
  return JSON.parse(printed.join('\n'));
};

test('says that a file is right', () => {
  check({});
  expect(printed).toEqual(['shops: federation.yaml is right']);
  expect(process.exitCode).toBeUndefined();
});

test('tells faults to programs', () => {
  writeFileSync(file(), 'kind: Federation\n');
  const { faults, warnings, stale } = asJson();
  expect(faults).toContainEqual(expect.stringMatching(/^federation\.yaml:.*spec: .*required/));
  expect([warnings, stale]).toEqual([[], []]);
  expect(process.exitCode).toBe(1);
});

test('tells warnings to programs, which are no faults', () => {
  const { faults, warnings } = asJson();
  expect(faults).toEqual([]);
  expect(warnings[0]).toMatch(/^federation\.yaml:\d+:\d+: warning: /);
  expect(process.exitCode).toBeUndefined();
});

test('tells files of dist/ that are missing, changed, or made no more', () => {
  synth(file(), join(folder, 'dist'));
  expect(asJson(true).stale).toEqual([]);
  printed = [];
  unlinkSync(join(folder, 'dist/README.md'));
  writeFileSync(join(folder, 'dist/members/oslo/00-member.yaml'), 'kind: Other');
  writeFileSync(join(folder, 'dist/members/oslo/99-old.yaml'), 'kind: Other');
  expect(asJson(true).stale).toEqual([
    { path: 'README.md', is: 'missing' },
    { path: 'members/oslo/00-member.yaml', is: 'other than what synth makes' },
    { path: 'members/oslo/99-old.yaml', is: 'not made by synth any more' },
  ]);
  expect(process.exitCode).toBe(1);
});

test('says what to do where there is no file, and no folder to compare', () => {
  vi.stubEnv('FEDERATION', join(folder, 'nowhere.yaml'));
  expect(() => check({})).toThrow(/^there is no '.*nowhere\.yaml': go to its folder, name it in FEDERATION, or begin/);
  expect(asJson().faults).toEqual([expect.stringMatching(/^there is no /)]);
  vi.stubEnv('FEDERATION', '.');
  expect(() => check({})).toThrow(".: can't be read: is a directory");
  vi.stubEnv('FEDERATION', file());
  expect(() => check({ dist: 'nowhere' })).toThrow("there is no 'nowhere': synth makes it");
});

test('a mark of an editor is no difference in the file, and one in what a synth has made', () => {
  writeFileSync(file(), `\ufeff${readFileSync(file(), 'utf8')}`);
  synth(file(), join(folder, 'dist'));
  expect(asJson(true)).toMatchObject({ faults: [], stale: [] });
  printed = [];
  const made = join(folder, 'dist/members/oslo/00-member.yaml');
  writeFileSync(made, `\ufeff${readFileSync(made, 'utf8')}`);
  expect(asJson(true).stale).toEqual([{ path: 'members/oslo/00-member.yaml', is: 'other than what synth makes' }]);
});

test('says why a folder cannot be compared, and takes no link for what a synth has made', () => {
  expect(() => check({ dist: file() })).toThrow(/^cannot read '.*federation\.yaml': not a directory$/);
  synth(file(), join(folder, 'dist'));
  unlinkSync(join(folder, 'dist/README.md'));
  symlinkSync('nowhere', join(folder, 'dist/README.md'));
  expect(asJson(true).stale).toEqual([{ path: 'README.md', is: 'other than what synth makes' }]);
});

test('tells programs that there is no folder to compare with', () => {
  const { faults, stale } = asJson(true);
  expect(faults).toEqual(["there is no 'dist': synth makes it"]);
  expect(stale).toEqual([]);
  expect(process.exitCode).toBe(1);
});
