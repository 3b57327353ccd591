import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { address, addressPool, cidr, clusterCidr, hostIp, ip } from '../../constructs/spec/addresses.ts';

function fault(schema: z.ZodType, value: string): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('an address comes out in its canonical spelling', () => {
  test.each([
    [ip, '2001:DB8:0:0::0001', '2001:db8::1'],
    [ip, '100.64.0.5', '100.64.0.5'],
    [address, 'FD00::00A', 'fd00::a'],
    [address, 'edge-1.example.com', 'edge-1.example.com'],
    [cidr, 'FD00:0042::/056', 'fd00:42::/56'],
    [clusterCidr, '10.42.0.0/16, 2001:DB8:42::/56', '10.42.0.0/16,2001:db8:42::/56'],
    [addressPool, 'FD00::01 - fd00::ff', 'fd00::1-fd00::ff'],
  ])('%#: %s', (schema, value, canonical) => {
    expect(schema.parse(value)).toBe(canonical);
  });
});

describe('what is no address is refused', () => {
  test.each([
    [ip, 'fe80::1%eth0', "has the zone 'eth0', which means something on one machine only"],
    [address, 'fe80::1%eth0', "has the zone 'eth0'"],
    [ip, '::ffff:192.0.2.1', "is an IPv4 address written as IPv6, did you mean '192.0.2.1'?"],
    [ip, '010.0.0.1', 'must be an IPv4 or IPv6 address'],
    [ip, '10.0.1', 'must be an IPv4 or IPv6 address'],
    [ip, 'edge.example.com', 'must be an IPv4 or IPv6 address'],
    [address, '10.0.0', 'must be a DNS name or an IP address'],
    [cidr, '10.42.0.0', 'must be a network in CIDR notation'],
    [cidr, '10.42.0.0/33', 'must be a network in CIDR notation'],
    [cidr, '10.42.0.0/16,10.43.0.0/16', 'must be a network in CIDR notation'],
    [clusterCidr, '10.42.0.0/16,10.43.0.0/16', 'holds more than one IPv4 network'],
    [clusterCidr, '10.42.0.1/16,fd00::/56', "has host bits set, did you mean '10.42.0.0/16'?"],
    [clusterCidr, '10.42.0.0/16,', 'must be a network in CIDR notation'],
    [addressPool, '127.0.0.2-127.0.0.9', 'has 127.0.0.2, which means every machine itself'],
    [addressPool, '224.0.0.0/28', 'has 224.0.0.0, which means a group of machines'],
    [addressPool, '192.0.2.9-192.0.2.1', 'must be a range or a network'],
    [addressPool, '192.0.2.9-fd00::1', 'must be a range or a network'],
    [clusterCidr, '127.0.0.0/8', 'begins with an address that means every machine itself'],
    [clusterCidr, '10.42.0.0/16,ff00::/56', 'begins with an address that means a group of machines'],
    [clusterCidr, '0.0.0.0/0', 'begins with an address that stands for no machine'],
  ])('%#: %s', (schema, value, message) => {
    expect(fault(schema, value)).toContain(message);
  });

  test.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', 'ff02::1', 'fe80::1'])(
    '%s is no address of a host',
    (value) => {
      expect(fault(ip, value)).toBeUndefined();
      expect(fault(hostIp, value)).toContain('give the address that other hosts reach it by');
    },
  );

  test('an address that means no machine is none of a cluster, but the end of a tunnel is', () => {
    expect(fault(address, 'fe80::1')).toBe(
      'is link-local: it needs a zone to be reached, give the address that others reach it by',
    );
    expect(fault(address, '0.0.0.0')).toContain('stands for no machine');
    expect(fault(address, '127.0.0.1')).toBeUndefined();
  });
});
