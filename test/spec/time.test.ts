import { describe, expect, test } from 'vitest';
import { timeZone } from '../../constructs/spec/time.ts';

describe('a time zone', () => {
  test.each([
    'Europe/Berlin',
    'UTC',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Europe/Kyiv',
    'America/Argentina/ComodRivadavia',
    'EST5EDT',
    'Etc/GMT-1',
    'GB-Eire',
    'GMT+0',
    'America/Port-au-Prince',
  ])('may be the name of a zone, old or new: %s', (name) => {
    expect(timeZone.safeParse(name).success).toBe(true);
  });

  test('may be any that the engine knows by now', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) expect(timeZone.safeParse(name).success, name).toBe(true);
  });

  test.each([
    ['europe/berlin', 'Europe/Berlin'],
    ['EUROPE/KYIV', 'Europe/Kyiv'],
    ['utc', 'UTC'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
    ['Antarctica/Mcmurdo', 'Antarctica/McMurdo'],
    ['America/New York', 'America/New_York'],
    ['Europe/Berln', 'Europe/Berlin'],
    ['Berlin', 'Europe/Berlin'],
    ['kolkata', 'Asia/Kolkata'],
    ['etc/gmt+1', 'Etc/GMT+1'],
  ])('is spelt as in the database, on which Go insists: %s', (wrong, right) => {
    expect(timeZone.safeParse(wrong).error?.issues[0]?.message).toBe(
      `must be a name of the time zone database, did you mean '${right}'?`,
    );
  });

  // JavaScript takes PST, BST and SystemV/PST8PDT.
  test.each([
    '',
    'Local',
    'PST',
    'BST',
    'CEST',
    'SystemV/PST8PDT',
    'Etc/Unknown',
    '+01:00',
    '../etc/localtime',
    'UTC+1',
    'GMT+1',
  ])('is no abbreviation, offset or file: %s', (wrong) => {
    expect(timeZone.safeParse(wrong).error?.issues[0]?.message).toMatch(
      /^must be a name of the time zone database, (such as|did you mean)/,
    );
  });
});
