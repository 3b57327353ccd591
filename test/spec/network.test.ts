import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatPath } from '../../constructs/spec/faults.ts';
import { network, vpn } from '../../constructs/spec/network.ts';

/** What is wrong with a value, as `path: message`. */
function faults(schema: z.ZodType, value: unknown): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

describe('the VPN', () => {
  // ztmjfmfyq5 is what `zerotier-cli listnetworks` shows on hosts in ZeroTier's public network of that ID.
  test.each([
    [{ provider: 'headscale', server: 'https://h.example.com' }, '100.64.0.0/10', 'tailscale0'],
    [{ provider: 'tailscale' }, '100.64.0.0/10', 'tailscale0'],
    [{ provider: 'netbird' }, '100.64.0.0/10', 'wt0'],
    [{ provider: 'zerotier', network: '8056c2e21c000001', cidr: '10.147.17.0/24' }, '10.147.17.0/24', 'ztmjfmfyq5'],
  ])('of %o has its usual range and interface, and packets of 1280 bytes', (value, cidr, name) => {
    expect(vpn.parse(value)).toMatchObject({ cidr, interface: name, mtu: 1280, install: true });
  });

  test("of ZeroTier may have another interface than the one the network's ID gives", () => {
    const value = { provider: 'zerotier', network: '8056c2e21c000002', cidr: '10.0.0.0/24' };
    expect(vpn.parse(value).interface).toMatch(/^zt[a-z2-7]{8}$/);
    expect(vpn.parse({ ...value, interface: 'zt0' }).interface).toBe('zt0');
  });

  test.each([
    [{ provider: 'headscale' }, 'server: '],
    [{ provider: 'headscale', server: 'http://h.example.com' }, 'server: must be an https URL'],
    [{ provider: 'tailscale', server: 'https://h.example.com' }, 'Unrecognized key: "server"'],
    [{ provider: 'zerotier', network: '8056c2e21c000001' }, 'cidr: '],
    [{ provider: 'zerotier', network: 'home', cidr: '10.0.0.0/24' }, 'network: must be a network ID of 16 hexadecimal'],
    [{ provider: 'netbird', mtu: 500 }, 'mtu: must be at least 1280'],
    [{ provider: 'netbird', integration: 'k3s' }, 'Unrecognized key: "integration"'],
    [{ provider: 'tailscale', interface: 'ts0' }, "interface: must be 'tailscale0', as the client"],
    [{ provider: 'netbird', interface: 'wt0; reboot' }, 'interface: must be a network interface'],
    [{ provider: 'netbird', version: 'latest' }, "version: must be a version, such as '"],
    [{ provider: 'wireguard' }, 'provider: '],
  ])('%o is a fault', (value, message) => {
    expect(faults(vpn, value).join('\n')).toContain(message);
  });

  test('may have any interface where the client is on the hosts already', () => {
    expect(faults(vpn, { provider: 'tailscale', interface: 'ts0', install: false })).toEqual([]);
  });
});

describe('the network of a cluster', () => {
  test("is k3s's own, of the pinned chart versions where it is not", () => {
    expect(network.parse({})).toMatchObject({
      cni: 'flannel',
      flannel: { backend: 'vxlan', externalIp: false },
      calico: { encapsulation: 'VXLAN', version: expect.stringMatching(/^v3\./) },
      loadBalancer: 'servicelb',
      metallb: { addresses: [] },
      ingress: 'traefik',
    });
  });

  test.each(['192.0.2.10-192.0.2.20', '192.0.2.10-192.0.2.10', '192.0.2.0/28', 'fd00::1-fd00::ff'])(
    'gives MetalLB the addresses %s',
    (addresses) => {
      expect(faults(network, { metallb: { addresses: [addresses] } })).toEqual([]);
    },
  );

  test.each(['192.0.2.20-192.0.2.10', '192.0.2.1-fd00::1', '192.0.2.1', '192.0.2.1/28', '1-2-3', ''])(
    'refuses %o as addresses for MetalLB',
    (addresses) => {
      expect(faults(network, { metallb: { addresses: [addresses] } })[0]).toContain(
        'metallb.addresses[0]: must be a range or a network',
      );
    },
  );

  test('takes any plain data as values of a chart, and nothing else', () => {
    const values = { a: [1, 'x', null, { b: true }] };
    expect(network.parse({ calico: { values } }).calico.values).toEqual(values);
    expect(faults(network, { calico: { values: { a: Number.NaN } } })).toHaveLength(1);
    expect(faults(network, { calico: { values: [] } })).toHaveLength(1);
  });

  test.each([
    [{ cni: 'cilium' }, 'cni: '],
    [{ loadBalancer: 'klipper' }, 'loadBalancer: '],
    [{ ingress: 'nginx' }, 'ingress: '],
    [{ flannel: { backend: 'ipsec' } }, 'flannel.backend: '],
    [{ calico: { version: 'latest' } }, "calico.version: must be a chart version, such as 'v3.32.1'"],
    [{ calico: { encapsulation: 'vxlan' } }, 'calico.encapsulation: '],
  ])('%o is a fault', (value, message) => {
    expect(faults(network, value).join('\n')).toContain(message);
  });
});

test('every key says what it is for, for editors', () => {
  const silent: string[] = [];
  const visit = (node: unknown, path: string) => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, child] of Object.entries((node as { properties?: object }).properties ?? {})) {
      if (!(child as { description?: string }).description) silent.push(`${path}.${key}`);
    }
    for (const [key, child] of Object.entries(node)) visit(child, `${path}.${key}`);
  };
  visit(
    z.toJSONSchema(z.strictObject({ vpn: vpn.describe('x'), network: network.describe('x') }), { io: 'input' }),
    '',
  );
  expect(silent).toEqual([]);
});
