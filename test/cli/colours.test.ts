import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { colours } from '../../cli/colours.ts';

const terminal = process.stdout.isTTY;
beforeEach(() => {
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('TERM', 'xterm');
  process.stdout.isTTY = true;
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.stdout.isTTY = terminal;
});

const coloured = () => colours().red('no') !== 'no';

test('a terminal gets colours', () => {
  expect(coloured()).toBe(true);
});

test.each([
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
])('a terminal gets none with %s=%s', (name, value) => {
  vi.stubEnv(name, value);
  expect(coloured()).toBe(false);
});

test('what is no terminal gets none', () => {
  process.stdout.isTTY = false;
  expect(coloured()).toBe(false);
});
