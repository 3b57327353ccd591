import { describe, expect, test } from 'vitest';
import { checkMachines } from '../../../constructs/spec/checks/machines.ts';
import { formatPath } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

/** What the check says of two hosts, each the server of a cluster of its own. */
function faults(one: object, other: object, spec: object = {}): string[] {
  const found: string[] = [];
  const members = [one, other].map((host, i) => ({ name: `m${i}`, hosts: [{ name: `h${i}`, ...host }] }));
  const file = {
    apiVersion: API_VERSION,
    kind: 'Federation',
    metadata: { name: 't' },
    spec: { controlPlane: {}, ...spec, members },
  };
  const report = (path: readonly PropertyKey[], message: string) => void found.push(`${formatPath(path)}: ${message}`);
  checkMachines(resolve(federation.parse(file)), Object.assign(report, { warn: report }));
  return found;
}

describe('a machine is a host once', () => {
  test.each([
    [{ publicIp: '192.168.1.11' }, { publicIp: '192.168.1.11' }, 'publicIp'],
    [{ publicIp: '2001:db8::1' }, { publicIp: '2001:DB8:0::1' }, 'publicIp'],
    [{ publicIp: '203.0.113.1' }, { address: '203.0.113.1' }, 'address'],
    [{ address: 'edge.example.com' }, { address: 'edge.example.com' }, 'address'],
    [{ vpnIp: '100.64.0.1' }, { vpnIp: '100.64.0.1', ssh: { port: 2222 } }, 'vpnIp'],
    [{ vpnIp: '100.64.0.1' }, { address: '100.64.0.1' }, 'address'],
    [
      { publicIp: '203.0.113.1', address: 'a.example.com' },
      { publicIp: '203.0.113.1', address: 'b.example.com' },
      'publicIp',
    ],
    [{ publicIp: '192.168.1.11', ssh: { jump: 'j' } }, { publicIp: '192.168.1.11', ssh: { jump: 'j' } }, 'publicIp'],
  ])('%o and %o are one', (one, other, key) => {
    expect(faults(one, other)).toEqual([
      expect.stringMatching(new RegExp(`^spec\\.members\\[1\\]\\.hosts\\[0\\]\\.${key}: .*of the host 'h0' already`)),
    ]);
  });

  test.each([
    [
      { address: '203.0.113.1', ssh: { port: 2201 } },
      { address: '203.0.113.1', ssh: { port: 2202 } },
      'ports forwarded to each',
    ],
    [
      { publicIp: '192.168.1.11', ssh: { jump: 'a' } },
      { publicIp: '192.168.1.11', ssh: { jump: 'b' } },
      'other jump hosts',
    ],
    [
      { publicIp: '192.168.1.11', address: 'a.example.com' },
      { publicIp: '192.168.1.11', address: 'b.example.com' },
      'other local networks',
    ],
  ])('%o and %o are two: %s', (one, other, _why) => {
    expect(faults(one, other)).toEqual([]);
  });

  test('by the ports and jump hosts that all share, too', () => {
    const ssh = { port: 2222, jump: 'jump.example.com' };
    expect(faults({ address: 'a' }, { address: 'a', ssh: { port: 2222 } }, { ssh })).toHaveLength(1);
    expect(faults({ address: 'a' }, { address: 'a', ssh: { jump: 'none' } }, { ssh })).toEqual([]);
  });
});
