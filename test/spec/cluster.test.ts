import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { cluster, ssh } from '../../constructs/spec/cluster.ts';
import { formatPath } from '../../constructs/spec/faults.ts';
import { k3s } from '../../constructs/spec/k3s.ts';

function faults(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

describe('a jump host', () => {
  test.each(['jump.example.com', 'ops@jump.example.com:2222', 'a,b@c:1', 'ops@[2001:db8::1]:22', '192.0.2.1', 'none'])(
    'may be %s, as ssh -J takes it',
    (jump) => {
      expect(faults(ssh, { jump })).toEqual([]);
    },
  );

  test.each(['ubuntu', 'jan.novak', 'Admin_1'])('is logged in to as %s', (user) => {
    expect(faults(ssh, { user, jump: `${user}@jump.example.com` })).toEqual([]);
  });

  test.each([
    '',
    'a b',
    '-oProxyCommand=reboot',
    'ops@',
    'a:0',
    'a:70000',
    'a,',
    '2001:db8::1',
    'a;reboot',
    'none,a:x',
  ])('is not %o', (jump) => {
    expect(faults(ssh, { jump })).toEqual([expect.stringContaining('jump: must be hosts as ssh -J takes them')]);
  });
});

describe('a host', () => {
  const host = (own: object) => faults(cluster, { hosts: [{ publicIp: '192.0.2.1', ...own }] });

  test.each(['e1', 'ip-10-0-0-1.ec2.internal'])('may be called %s', (name) => {
    expect(host({ name })).toEqual([]);
  });

  test.each(['E1', 'e1.', '.e1', `${'a'.repeat(60)}.internal`])('may not be called %s', (name) => {
    expect(host({ name })).toHaveLength(1);
  });

  test('has flags of its role alone', () => {
    const flags = { 'etcd-arg': ['quota-backend-bytes=8589934592'] };
    expect(host({ name: 'a', k3s: flags })).toEqual([]);
    expect(host({ name: 'a', role: 'agent', k3s: flags })).toEqual([
      "hosts[0].k3s.etcd-arg: is no flag of 'k3s agent'",
    ]);
    expect(host({ name: 'a', k3s: { 'node-name': 'b', v: 'much' } })).toEqual([
      "hosts[0].k3s.node-name: is not to be set here: set 'name' of the host",
      'hosts[0].k3s.v: must be a whole number',
    ]);
  });

  test('has no flag of its own that all servers must have alike', () => {
    expect(host({ name: 'a', k3s: { 'cluster-dns': '10.43.0.10', 'etcd-snapshot-retention': 9 } })).toEqual([
      "hosts[0].k3s.cluster-dns: must be the same on all servers of a cluster: set it in 'k3s.server' of the cluster",
    ]);
  });

  test('has one taint of each key and effect', () => {
    expect(host({ name: 'a', taints: ['a=1:NoSchedule', 'a=1:NoExecute', 'b:NoSchedule'] })).toEqual([]);
    expect(host({ name: 'a', taints: ['a=1:NoSchedule', 'a:NoSchedule'] })).toEqual([
      "hosts[0].taints[1]: is the second with the key 'a' and the effect 'NoSchedule', of which there can be one",
    ]);
  });
});

describe('registries and a proxy', () => {
  test.each([
    [{ registries: { mirrors: { 'docker.io': { endpoints: [] } } } }, 'registries.mirrors["docker.io"].endpoints: '],
    [
      { registries: { mirrors: { 'docker.io': { endpoints: ['https://u:p@m.example.com'] } } } },
      'must be a URL without user name or password',
    ],
    [{ registries: { configs: { 'https://m.example.com': {} } } }, 'registries.configs["https://m.example.com"]: '],
    [{ registries: { configs: { 'm.example.com': { password: 'x' } } } }, 'Unrecognized key: "password"'],
    [{ proxy: { http: 'http://u:p@p.example.com:3128' } }, 'must be the URL of a proxy without user name or password'],
    [{ proxy: { http: 'http://p.example.com:99999' } }, 'proxy.http: must have a port of 1 to 65535'],
    [{ registries: { configs: { 'm.example.com:99999': {} } } }, 'registries.configs["m.example.com:99999"]: '],
    [{ proxy: { except: ['a b'] } }, 'proxy.except[0]: must be a name, a domain, an address or a network'],
  ])('%o is a fault', (value, message) => {
    expect(faults(k3s, value).join('\n')).toContain(message);
  });

  test('may except all that a proxy is not for', () => {
    const except = [
      '.example.com',
      'example.com',
      '*.example.com',
      '192.0.2.0/24',
      '2001:db8::/32',
      'fd00::1',
      'host:8080',
    ];
    expect(faults(k3s, { proxy: { http: 'http://p.example.com:3128', except } })).toEqual([]);
  });
});
