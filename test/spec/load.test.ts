import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidFederation, loadFederation, parseFederation } from '../../constructs/spec/load.ts';

const HEAD = 'apiVersion: serverless-federation.io/v1alpha1\nkind: Federation\nmetadata: { name: test }\n';

/** The lines that a text is refused with. */
function faults(text: string): string[] {
  try {
    parseFederation(text, 'federation.yaml');
  } catch (error) {
    if (error instanceof InvalidFederation) {
      return error.message.split('\n').map((line) => line.replace(/^federation\.yaml:\d+:\d+:/, 'federation.yaml:'));
    }
    throw error;
  }
  return [];
}

/** A federation whose `spec` holds these lines, one list entry each. */
const spec = (...lines: string[]) => `${HEAD}spec:\n  ${['controlPlane: {}', ...lines].join('\n  ')}\n`;

describe('a federation that says the least', () => {
  const minimal = parseFederation(spec('members: [{ name: edge }]'), 'federation.yaml');

  test('has a control plane with the pinned Karmada', () => {
    expect(minimal.controlPlane.name).toBe('host');
    expect(minimal.controlPlane.karmada.version).toBe('v1.18.2');
  });

  test('knows no networks of a cluster that exists already', () => {
    expect(minimal.members[0]).toMatchObject({ name: 'edge', vpn: false, podCidr: undefined, registration: 'push' });
  });
});

describe('shared settings', () => {
  const text = spec(
    'vpn: { provider: headscale, server: "https://vpn.example.com" }',
    'k3s: { version: v1.34.9+k3s1, secretsEncryption: false }',
    'runtimes: [{ name: spin }, { name: wasmtime }]',
    'members:',
    '  - { name: a }',
    '  - { name: b, vpn: false, k3s: { version: v1.35.6+k3s1 }, runtimes: [spin] }',
  );
  const [a, b] = parseFederation(text, 'federation.yaml').members;

  test('reach every cluster', () => {
    expect(a).toMatchObject({ vpn: true, k3s: { version: 'v1.34.9+k3s1', secretsEncryption: false } });
    expect(a?.runtimes).toEqual(['spin', 'wasmtime']);
  });

  test('give way to what a cluster says of itself, one by one', () => {
    expect(b).toMatchObject({ vpn: false, k3s: { version: 'v1.35.6+k3s1', secretsEncryption: false } });
    expect(b?.runtimes).toEqual(['spin']);
  });
});

test('YAML anchors and merge keys work, for what is the same twice is said once', () => {
  const text = spec(
    'members:',
    '  - &edge { name: a, region: de, labels: { tier: edge } }',
    '  - { <<: *edge, name: b }',
  );
  expect(parseFederation(text, 'f').members[1]).toMatchObject({ name: 'b', region: 'de', labels: { tier: 'edge' } });
});

test('text that looks like a date or a yes stays text', () => {
  const text = spec('members: [{ name: edge, region: 2024-01-01, provider: "no", labels: { on: "yes" } }]');
  expect(parseFederation(text, 'f').members[0]).toMatchObject({ region: '2024-01-01', labels: { on: 'yes' } });
});

describe('a fault', () => {
  test('is told with the file, the path, what is wrong and what would be right', () => {
    expect(faults(spec('members: [{ name: Edge_1 }]'))).toEqual([
      "federation.yaml: spec.members[0].name: must be a lower case DNS label, such as 'edge-1', got 'Edge_1'",
    ]);
  });

  test.each([
    [
      'an unknown key',
      spec('members: [{ name: edge, regoin: de }]'),
      "spec.members[0].regoin: unknown field, did you mean 'region'?",
    ],
    ['a wrong type', spec('members: [{ name: 5 }]'), 'spec.members[0].name: must be a string, quote it: "5"'],
    ['a missing field', spec('members: [{ region: de }]'), 'spec.members[0].name: is required, it must be a string'],
    [
      'a wrong choice',
      spec('members: [{ name: e, registration: pul }]'),
      "spec.members[0].registration: must be one of 'push', 'pull', got 'pul', did you mean 'pull'?",
    ],
    [
      'a wrong label key',
      spec('members: [{ name: e, labels: { "a b": c } }]'),
      'spec.members[0].labels["a b"]: its key must be a label key',
    ],
    [
      'a network with host bits',
      spec('members: [{ name: e, podCidr: 10.1.2.3/16 }]'),
      "spec.members[0].podCidr: has host bits set, did you mean '10.1.0.0/16'?",
    ],
    [
      'another version of the file',
      `${HEAD.replace('v1alpha1', 'v2')}spec: { controlPlane: {} }`,
      "apiVersion: must be 'serverless-federation.io/v1alpha1', got 'serverless-federation.io/v2'",
    ],
    [
      'a quota given twice in a namespace',
      spec('members: [{ name: e }]', `quotas: [${`{ name: q, overall: { pods: 1 } }, `.repeat(2)}]`),
      "spec.quotas[1].name: is the name of another quota already, give each its own: 'q'",
    ],
    [
      'settings of a network that the cluster has already',
      spec('members: [{ name: e, network: { ingress: none } }]'),
      "spec.members[0].network.ingress: has no effect without 'hosts': a cluster that exists already has its own, leave it out",
    ],
    [
      'flags of k3s on a cluster that runs already',
      spec('members: [{ name: e, k3s: { version: v1.35.6+k3s1, server: { debug: true } } }]'),
      "spec.members[0].k3s.server: has no effect without 'hosts': a cluster that exists already has its own, leave it out",
    ],
    [
      'an Ingress of no class, where the federation has no ingress controller',
      spec(
        'network: { ingress: none }',
        'members: [{ name: e }]',
        'apps: [{ name: a, image: "a:v1", port: 80, ingress: { host: a.example.com } }]',
      ),
      "spec.apps[0].ingress.className: is required, and 'spec.network.ingress' is none: give the IngressClass of the members' ingress controller",
    ],
    [
      'a name given twice',
      spec('members: [{ name: e }, { name: e }]'),
      "spec.members[1].name: is the name of another member already, give each its own: 'e'",
    ],
    ['the name of the central cluster', spec('members: [{ name: host }]'), "spec.members[0].name: must not be 'host'"],
    [
      'a runtime that nothing defines',
      spec('runtimes: [{ name: spin }]', 'members: [{ name: e, runtimes: [spni] }]'),
      "spec.members[0].runtimes[0]: names 'spni', which spec.runtimes does not have, did you mean 'spin'?",
    ],
    [
      'a runtime that a member lists twice',
      spec('runtimes: [{ name: spin }]', 'members: [{ name: e, runtimes: [spin, { name: spin }] }]'),
      "spec.members[0].runtimes[1]: names 'spin' again, leave it out",
    ],
    [
      'a second taint of a key and an effect',
      spec('members: [{ name: e, taints: ["a=1:NoSchedule", "a=2:NoSchedule"] }]'),
      "spec.members[0].taints[1]: is the second with the key 'a' and the effect 'NoSchedule', of which there can be one",
    ],
    [
      "a member with a label of the federation's own",
      spec('members: [{ name: e, labels: { serverless-federation.io/target: x } }]'),
      'spec.members[0].labels["serverless-federation.io/target"]: is set by the federation itself',
    ],
    [
      'a node with such a label',
      spec(
        'members: [{ name: e, hosts: [{ name: h, publicIp: 1.2.3.4, labels: { serverless-federation.io/target: x } }] }]',
      ),
      'spec.members[0].hosts[0].labels["serverless-federation.io/target"]: is set by the federation itself',
    ],
    [
      'hosts of what is no k3s',
      spec('members: [{ name: e, k3s: false, hosts: [{ name: h1, publicIp: 1.2.3.4 }] }]'),
      "spec.members[0].k3s: can't be false with 'hosts', which become k3s nodes",
    ],
    [
      'an even number of servers',
      spec('members: [{ name: e, hosts: [{ name: h1, publicIp: 1.2.3.4 }, { name: h2, publicIp: 1.2.3.5 }] }]'),
      'spec.members[0].hosts: has 2 servers; embedded etcd keeps its quorum with an odd number, so take 1 or 3',
    ],
    [
      'a cluster without a server',
      spec('members: [{ name: e, hosts: [{ name: h1, role: agent, publicIp: 1.2.3.4 }] }]'),
      'spec.members[0].hosts: has no server',
    ],
    [
      'a host without an address',
      spec('members: [{ name: e, hosts: [{ name: h1 }] }]'),
      "spec.members[0].hosts[0]: has no address to connect to, give it one of 'address', 'publicIp' or 'vpnIp'",
    ],
    [
      'a VPN that is not there',
      spec('members: [{ name: e, vpn: true }]'),
      'spec.members[0].vpn: is true, but there is no VPN',
    ],
  ])('is found: %s', (_, text, message) => {
    expect(faults(text)).toContainEqual(expect.stringContaining(`federation.yaml: ${message}`));
  });

  test('does not hide the others: all are told in one go, those of a field and those between fields', () => {
    const found = faults(
      spec('members: [{ name: e, region: 5, zone: x }, { name: e, podCidr: 10.0.0.0 }, { name: host }]'),
    );
    expect(found).toHaveLength(5);
    expect(found.join('\n')).toMatch(
      /region: must be a string[\s\S]*zone: unknown field[\s\S]*podCidr: must be a network/,
    );
    expect(found.join('\n')).toMatch(/another member already[\s\S]*must not be 'host'/);
  });

  test.each([
    [
      'a selection that cannot be read, and so fits no member',
      'placement: { labelExpressions: [{ key: tier, operator: Gt, values: ["1"] }] }',
      'placement.labelExpressions[0].operator: must be one of',
    ],
    [
      'a misspelt field, for want of which others do nothing',
      'scaling: { schedule: [{ name: a, cron: "0 8 * * *", replicas: 2 }] }',
      "scaling.schedule: unknown field, did you mean 'schedules'?",
    ],
    [
      'volumes of one folder',
      'volumes: [{ name: a, mountPath: /a, emptyDir: {} }, { name: b, mountPath: /a/, emptyDir: {} }]',
      'volumes[1].mountPath: is where another volume of the app is mounted',
    ],
  ])('is one, however much follows from it: %s', (_, fields, message) => {
    const found = faults(spec('members: [{ name: e }]', `apps: [{ name: a, image: "example.com/a:v1", ${fields} }]`));
    expect(found).toEqual([expect.stringContaining(`spec.apps[0].${message}`)]);
  });

  test('of a runtime that is there twice, or whose shim is not known, is one', () => {
    expect(faults(spec('runtimes: [{ name: a }, { name: a }]', 'members: [{ name: e }, { name: f }]'))).toEqual([
      expect.stringContaining('spec.runtimes[1].name: is the name of another runtime already'),
    ]);
    expect(faults(spec('runtimes: [{ name: a, shim: { install: installer } }]'))).toEqual([
      expect.stringContaining("spec.runtimes[0].shim: is not a known shim ('a')"),
    ]);
  });

  test('is told on one line, whatever the file holds', () => {
    const [fault, ...more] = faults(spec('members: [{ name: e, registration: "a\\n\\e[31mb\\x9b2J" }]'));
    expect(fault).toContain("got 'a\\n\\u001b[31mb\\u009b2J'");
    expect(more).toEqual([]);
  });
});

describe('a file that is no federation', () => {
  test.each([
    ['no YAML', 'spec: [', /^f:1:7: is not valid YAML: \[ is opened here and never closed$/],
    ['a key given twice', 'kind: a\nkind: b\n', /^f:2:1: is not valid YAML: this key is there already/],
    ['nothing', '', /^f:1:1: is empty: a federation begins with 'apiVersion: /],
    ['two documents', 'a: 1\n---\nb: 2\n', /^f:2:1: has 2 YAML documents, it must be one/],
    ['a list', '- a\n', /^f:1:1: must be a mapping, got a list: write its fields without '- '$/],
    ['an endless nest', '['.repeat(100_000), /^f:1:\d+: is not valid YAML: is nested too deeply/],
  ])('is refused: %s', (_, text, message) => {
    expect(() => parseFederation(text, 'f')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
  });

  test('is refused when it is not there', () => {
    expect(() => loadFederation('/nowhere/federation.yaml')).toThrow(
      /^\/nowhere\/federation.yaml: can't be read: no such file$/,
    );
  });

  test('is loaded from a file as from a text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'load-'));
    try {
      const file = join(folder, 'f.yaml');
      writeFileSync(file, spec());
      expect(loadFederation(file).name).toBe('test');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** A file of one member and one app, with a field of the app as it stands in the file. */
function inline({ member, app }: { member: string; app: string }): string {
  return `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: t }
spec:
  controlPlane: { address: k.example.com }
  members: [{ name: ${member} }]
  apps: [{ name: w, image: 'x.example.com/a:v1', ${app} }]
`;
}

test('a name that is none itself is suggested to nobody', () => {
  const text = inline({ member: 'Oslo', app: 'placement: { clusters: [oslo] }' });
  expect(() => parseFederation(text, 't.yaml')).toThrow(
    /names 'oslo', which spec\.members does not have: it has 'Oslo'$/,
  );
});

test('what is wrong twice at one place is told once', () => {
  const app = "{ name: w, image: 'x.example.com/a:v1' }";
  const text = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: t }
spec: { controlPlane: { address: k.example.com }, members: [{ name: oslo }], apps: [${app}, ${app}] }
`;
  expect(() => parseFederation(text, 't.yaml')).toThrow(/^t\.yaml:4:\d+: spec\.apps\[1\]\.name: [^\n]+$/);
});
