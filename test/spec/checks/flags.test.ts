import { expect, test } from 'vitest';
import { checkFlags } from '../../../constructs/spec/checks/flags.ts';
import { formatPath } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

function faults(spec: object): string[] {
  const found: string[] = [];
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 't' }, spec };
  const report = (path: readonly PropertyKey[], message: string) => void found.push(`${formatPath(path)}: ${message}`);
  checkFlags(resolve(federation.parse(file)), Object.assign(report, { warn: report }));
  return found;
}

const LATE = { 'helm-controller-arg': ['threads=4'] };
const hosts = [{ name: 'e1', publicIp: '192.0.2.1' }];

test('a flag that the release does not know is a fault, with the release that brought it', () => {
  const members = [{ name: 'edge', hosts, k3s: { version: 'v1.35.6+k3s1', server: LATE } }];
  expect(faults({ controlPlane: {}, members })).toEqual([
    'spec.members[0].k3s.server.helm-controller-arg: came with v1.35.7, and k3s here is v1.35.6+k3s1: leave it out, or take another release',
  ]);
});

test('it is told where the file says it: under what all share, or of one host', () => {
  const own = [{ ...hosts[0], k3s: LATE }];
  const members = [{ name: 'edge', hosts: own, k3s: { version: 'v1.35.6+k3s1' } }];
  expect(faults({ k3s: { server: LATE }, controlPlane: {}, members })).toEqual([
    expect.stringMatching(/^spec\.k3s\.server\.helm-controller-arg: /),
    expect.stringMatching(/^spec\.members\[0\]\.hosts\[0\]\.k3s\.helm-controller-arg: /),
  ]);
});

test('a flag is of no matter to clusters that have no host it is for, and to those whose release knows it', () => {
  const members = [
    { name: 'older' },
    { name: 'newer', hosts, k3s: { version: 'v1.36.3+k3s1' } },
    { name: 'agents', hosts, k3s: { version: 'v1.22.17+k3s1', agent: { 'default-runtime': 'crun' }, server: {} } },
  ];
  expect(faults({ k3s: { server: LATE }, controlPlane: {}, members: members.slice(0, 2) })).toEqual([]);
  expect(faults({ controlPlane: {}, members: members.slice(2) })).toEqual([]);
});
