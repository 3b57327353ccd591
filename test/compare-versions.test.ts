import { describe, expect, test } from 'vitest';
import { compareVersions, minorOf } from '../constructs/compare-versions.ts';

describe('releases', () => {
  test('are in the order that they came in, candidates before their release', () => {
    const releases = [
      'v1.34.10+k3s1',
      'v1.35.6-rc2+k3s1',
      'v1.35.6-rc10+k3s1',
      'v1.35.6+k3s1',
      'v1.35.6+k3s2',
      'v1.35.10-rc1+k3s1',
      'v1.35.10+k3s1',
    ];
    expect([...releases].reverse().sort(compareVersions)).toEqual(releases);
  });

  test('are the same with a v before them or without', () => {
    expect(compareVersions('v3.32.0', '3.32.0')).toBe(0);
    expect(compareVersions('3.31.9', 'v3.32.0')).toBeLessThan(0);
  });

  test('have a minor', () => {
    expect(minorOf('v1.35.6-rc1+k3s1')).toBe('1.35');
  });
});
