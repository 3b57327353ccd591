import { describe, expect, test } from 'vitest';
import { map } from '../../constructs/overview/map.ts';
import { parseFederation } from '../../constructs/spec/load.ts';

const NOTHING = { placements: [] };

function federation(members: object[], rest: object = {}) {
  const spec = { controlPlane: { address: 'karmada.example.com' }, members, ...rest };
  const file = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 't' }, spec };
  return parseFederation(JSON.stringify(file), 't.yaml');
}
const CART = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'cart',
  policy: null,
  members: [{ name: 'oslo', replicas: 2 }],
  uncertain: false,
  refused: [],
  along: [],
  errors: [],
};
const many = (count: number, fields: (i: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, i) => ({ name: `m${i}`, ...fields(i) }));

describe('the map', () => {
  test('has a node for the central cluster and for each member, and says who calls whom', () => {
    const text = map(federation([{ name: 'oslo' }, { name: 'bern' }]), NOTHING);
    expect(text.split('\n')).toEqual([
      'flowchart LR',
      '  host["central cluster<br>karmada.example.com<br>Karmada"]',
      '  m0["oslo"]',
      '  m1["bern"]',
      '  host -->|push| m0',
      '  host -->|push| m1',
      '',
    ]);
  });

  test('shows on each member what runs there, and with how many replicas', () => {
    const plan = { placements: [CART] };
    expect(map(federation([{ name: 'oslo', region: 'no' }]), plan)).toContain('m0["oslo<br>no<br>cart ×2"]');
  });

  test('draws a box around what is in the VPN', () => {
    const host = { publicIp: '203.0.113.1', vpnIp: '100.64.0.1' };
    const spec = federation(
      [{ name: 'oslo', vpn: false }, { name: 'lyon' }, { name: 'bern', hosts: [{ name: 'b', ...host }] }],
      {
        vpn: { provider: 'headscale', server: 'https://hs.example.com' },
      },
    );
    const [box = ''] = /subgraph[\s\S]*?\n {2}end/.exec(map(spec, NOTHING)) ?? [];
    expect(box).toContain('VPN: headscale');
    expect(box).toContain('bern');
    expect(box).toContain('lyon');
    expect(box).not.toContain('oslo');
  });

  test('groups members by region where they are too many for a node each', () => {
    const text = map(federation(many(30, (i) => ({ region: ['no', 'ch', 'de'][i % 3] }))), NOTHING);
    expect(text).toContain('region no: 10 members');
    expect(text).not.toContain('"m0"');
  });

  test('groups members by the label that parts them into the fewest groups, where they have no regions', () => {
    const labels = (i: number) => ({ labels: { tier: i < 20 ? 'edge' : 'cloud', number: `n${i}` } });
    const text = map(federation(many(30, labels)), NOTHING);
    expect(text).toContain('tier edge: 20 members');
    expect(text).toContain('tier cloud: 10 members');
  });

  test('writes what means something to Mermaid or HTML by its number', () => {
    const plan = { placements: [{ ...CART, name: 'a"]<b>;' }] };
    expect(map(federation([{ name: 'oslo' }]), plan)).toContain('a#34;#93;#60;b#62;#59; ×2');
  });
});
