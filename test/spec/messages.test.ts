import { describe, expect, test } from 'vitest';
import { InvalidFederation, parseFederation } from '../../constructs/spec/load.ts';

const HEAD = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: test }
spec:
  controlPlane: {}
`;

/** The lines that a text is refused with. */
function lines(text: string): string[] {
  try {
    parseFederation(text, 'f');
  } catch (error) {
    if (error instanceof InvalidFederation) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** What is said of a federation whose `spec` has these lines from line 6 on. */
const of = (...spec: string[]) => lines(`${HEAD}${spec.map((line) => `  ${line}\n`).join('')}`);

test('a fault has file, line and column, the path, and a way out', () => {
  expect(of('members:', '  - name: a', '  - { name: b, regoin: de }')).toEqual([
    "f:8:18: spec.members[1].regoin: unknown field, did you mean 'region'?",
  ]);
});

describe('a wrong type says what to write:', () => {
  test.each([
    ['a version, as it is written', 'members: [{ name: a, region: 1.10 }]', 'must be a string, quote it: "1.10"'],
    ['a truth', 'members: [{ name: a, region: true }]', 'must be a string, quote it: "true"'],
    [
      'a number in quotes',
      'apps: [{ name: a, image: "a:v1", replicas: "2" }]',
      "must be a number, got '2': write it without quotes",
    ],
    ['a yes', 'members: [{ name: a, vpn: yes }]', "must be true or false, got 'yes': write true"],
    ['a list of one', 'members: [{ name: a, zones: b }]', "must be a list, got 'b': write it as a list, [b]"],
    [
      'entries for fields',
      'members: [{ name: a, labels: [{ tier: edge }] }]',
      "must be a mapping, got a list: write its fields without '- '",
    ],
    ['fields for entries', 'members: { name: a }', "must be a list, got a mapping: begin each entry with '- '"],
    [
      'a missing space',
      'members: [{ name: a, labels: tier:edge }]',
      "must be a mapping, got 'tier:edge': a space must follow the colon",
    ],
    ['a text with a colon of its own', 'k3s: { proxy: "http://a:3128" }', "must be a mapping, got 'http://a:3128'"],
    ['what alone is needed', 'runtimes: [spin]', "must be a mapping, got 'spin': write it as { name: spin }"],
    ['a kind alone', 'vpn: tailscale', "must be a mapping, got 'tailscale': write it as { provider: tailscale }"],
    ['what alone can not be', 'runtimes: [Spin_1]', "must be a mapping, got 'Spin_1'"],
    ['what is turned on', 'network: { traefik: true }', 'must be a mapping, got true: write {}'],
    [
      'a name in a mapping, as Kubernetes has it',
      'apps: [{ name: a, image: "a:v1", imagePullSecrets: [{ name: b }] }]',
      'must be a string, got a mapping: write b alone',
    ],
    [
      'variables as Kubernetes has them',
      'apps: [{ name: a, image: "a:v1", env: [{ name: LEVEL, value: debug }] }]',
      'must be a mapping, got a list: write each as NAME: value, such as LEVEL: …',
    ],
    [
      'labels as selectors have them',
      'members: [{ name: a, labels: { matchLabels: { tier: edge } } }]',
      "is no label: write what is in it without 'matchLabels' around it",
    ],
    [
      'a taint, as Kubernetes has it',
      'members: [{ name: a, taints: [{ key: busy, value: very, effect: NoSchedule }] }]',
      'must be a string, got a mapping: write busy=very:NoSchedule',
    ],
    ['nothing', 'members: [{ name: a, labels: }]', 'is empty, it must be a mapping'],
    ['a field left out', 'members: [{ region: de }]', 'is required, it must be a string'],
  ])('%s', (_, spec, message) => {
    const [line = '', ...more] = of(spec);
    expect(line.replace(/^f:6:\d+: [^:]+: /, '')).toBe(message);
    expect(more).toEqual([]);
  });
});

describe('what looks like something else is named', () => {
  test.each([
    ['a hyphen', 'name: "edge‑1"', "got 'edge‑1', which has U+2011 where '-' belongs"],
    ['a letter of another alphabet', 'name: "еdge"', "got 'еdge', which has U+0435 where 'e' belongs"],
    ['what does not show', 'name: "edge\u200b"', "got 'edge\\u200b', which has U+200B, a character that does not show"],
    ['a space in a key', 'name: a, "re\u00a0gion": de', "did you mean 'region'? It has U+00A0 where a space belongs"],
    ['a choice', 'name: a, registration: "рush"', "did you mean 'push'? It has U+0440 where 'p' belongs"],
  ])('%s', (_, member, message) => {
    expect(of(`members: [{ ${member} }]`)).toEqual([expect.stringContaining(message)]);
  });

  test('also in the name of something else', () => {
    expect(
      of('members: [{ name: edge-1 }]', 'apps: [{ name: a, image: "a:v1", placement: { clusters: ["edge‑1"] } }]'),
    ).toEqual([expect.stringContaining('U+2011')]);
  });
});

describe('one mistake is one message', () => {
  test.each([
    ['a required field under a misspelt name', 'members: [{ nmae: a }]', /nmae: unknown field, did you mean 'name'/],
    ['a text of two faults', `members: [{ name: "${'A'.repeat(70)}" }]`, /must have at most 63 characters/],
    [
      'a wrong type whose content is looked at elsewhere',
      'argocd: { repository: "https://git.example.com/x.git", clusters: prod }',
      /clusters: must be a mapping/,
    ],
    [
      'a misspelt field that a placement asks for',
      'members: [{ name: a, regoin: de }]\n  apps: [{ name: a, image: "a:v1", placement: { fields: { region: [de] } } }]',
      /regoin: unknown field/,
    ],
  ])('%s', (_, spec, message) => {
    expect(of(spec)).toEqual([expect.stringMatching(message)]);
  });

  test('many of a kind are counted after the first two hundred', () => {
    const members = Array.from({ length: 300 }, (_, i) => `  - { name: m${i}, x: 1 }`);
    const told = of('members:', ...members);

    expect(told).toHaveLength(201);
    expect(told.at(-1)).toBe('f: and 100 more like these');
  });
});

test.each([
  ['configmaps', 'ConfigMap'],
  ['deployment', 'Deployment'],
  ['my-kind', 'Deployment'],
])('a kind that is written as %s is no kind, as %s is', (kind, such) => {
  expect(
    of(`manifests: [{ target: host, objects: [{ apiVersion: v1, kind: ${kind}, metadata: { name: a } }] }]`),
  ).toEqual([expect.stringContaining(`kind: must be a kind, such as '${such}', got '${kind}'`)]);
});

test('a suggestion is never wrong itself', () => {
  // A key that is there already, and a name that is none.
  expect(of('members: [{ name: a, region: de, regoin: de }]')).toEqual([
    expect.stringMatching(/unknown field, and 'region' is set already: remove it$/),
  ]);
  const told = of(
    'members: [{ name: Edge_1 }]',
    'apps: [{ name: a, image: "a:v1", placement: { clusters: [edge_1] } }]',
  );
  expect(told.join('\n')).not.toContain('did you mean');
});

describe('a name from the documents of others is known:', () => {
  test.each([
    ['placement: { clusterAffinity: {} }', 'placement.clusterAffinity', 'clusters'],
    ['placement: { matchLabels: { tier: edge } }', 'placement.matchLabels', 'labels'],
    ['placement: { region: de }', 'placement.region', 'fields.region'],
    ['runtimeClassName: spin', 'runtimeClassName', 'runtime'],
    ['resources: { cpu: 1 }', 'resources.cpu', 'requests.cpu'],
    ['spin: { memory: 1Gi }', 'spin.memory', 'memoryLimit'],
    ['priorityClassName: high', 'priorityClassName', 'priorityClass'],
    ['port: 80, probes: {}, livenessProbe: {}', 'livenessProbe', 'probes.liveness'],
    ['resources: { requests: { cpu: 1 } }, scaling: { per: member, maxReplicas: 3 }', 'scaling.maxReplicas', 'max'],
    [
      'overrides: [{ imageOverrider: [{ component: Tag, operator: add, value: x }] }]',
      'overrides[0].imageOverrider',
      'image',
    ],
  ])('%s', (fields, path, name) => {
    expect(of(`apps: [{ name: a, image: "a:v1", ${fields} }]`)).toEqual([
      expect.stringContaining(`spec.apps[0].${path}: unknown field, did you mean '${name}'?`),
    ]);
  });

  test('a required field under it is not missing, too', () => {
    expect(of('argocd: { repoURL: "https://git.example.com/a.git" }')).toEqual([
      "f:6:13: spec.argocd.repoURL: unknown field, did you mean 'repository'?",
    ]);
  });

  test.each([
    ['members: [{ name: a, hosts: [{ name: b, publicIp: 192.0.2.1, role: worker }] }]', 'agent'],
    ['network: { ingress: nginx }', 'ingress-nginx'],
  ])('as a choice: %s', (spec, name) => {
    expect(of(spec)).toEqual([expect.stringContaining(`did you mean '${name}'?`)]);
  });

  test('one that is nothing here is not taken for another', () => {
    const [told = ''] = of('apps: [{ name: a, image: "a:v1", volumes: [{ name: a, mountPath: /a, hostPath: {} }] }]');
    expect(told).toContain("hostPath: unknown field, known are 'name', 'mountPath'");
    expect(of('apps: [{ name: a, image: "a:v1", nodeName: b }]')).toEqual([
      expect.stringContaining("nodeName: unknown field, known are 'name'"),
    ]);
  });
});

test('long texts and lists make no long messages', () => {
  const long = 'x'.repeat(100_000);
  const told = of(`members: [{ name: ${long} }, { name: a, ${long}: 1 }]`, `registry: "${long} "`);

  expect(told.length).toBeGreaterThan(2);
  for (const line of told) expect(line.length).toBeLessThan(1000);
});

describe('text that is no YAML is told by what is wrong there:', () => {
  test.each([
    ['a tab', 'a:\n\tb: 1\n', '2:1: is not valid YAML: there is a tab here, indent with spaces'],
    [
      'an unquoted colon',
      'a:\n  b: the app: it runs\n',
      "2:6: is not valid YAML: a value with ': ' in it must be in quotes",
    ],
    ['an open bracket', 'a:\n  b: [1, 2\n  c: 3\n', '2:6: is not valid YAML: [ is opened here and never closed'],
    ['an open brace', 'a: { b: 1\nc: 2\n', '1:4: is not valid YAML: { is opened here and never closed'],
    ['an open quote', 'a: "x\nb: 2\n', '1:4: is not valid YAML: " is opened here and never closed'],
    ['a closing bracket too many', 'a: ]\n', '1:4: is not valid YAML: ] closes nothing that is open here'],
    [
      'a space that is none',
      'a:\u00a01\nb: 2\n',
      '1:3: is not valid YAML: there is a non-breaking space (U+00A0) here',
    ],
    ['no space after a colon', 'a:1\nb: 2\n', "1:3: is not valid YAML: a space must follow the ':'"],
    ['a template', 'a: {{ .Values.x }}\n', "1:4: is not valid YAML: a value that begins with '{{' must be in quotes"],
    ['a reserved character', 'a: @x\n', "1:4: is not valid YAML: a value that begins with '@' must be in quotes"],
    ['an alias of nothing', 'a: *x\n', "1:5: is not valid YAML: unknown alias '*x', nothing above is named '&x'"],
    ['an alias that holds itself', '&a [*a]\n', '1:1: has aliases that hold themselves'],
    ['comments alone', '# nothing\n', '1:1: is empty'],
  ])('%s', (_, text, message) => {
    expect(lines(text)).toEqual([expect.stringContaining(`f:${message}`)]);
  });

  test('aliases of aliases that would make millions of values', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(10)}]`);
    expect(lines(`x0: &x0 [1]\n${levels.join('\n')}\n`)).toEqual([expect.stringContaining('millions of values')]);
  });
});

describe('what may be a text or a mapping is told of where it is wrong:', () => {
  test.each([
    [
      'members: [{ name: a, k3s: { kubeconfigMode: 0644 }, hosts: [{ name: b, publicIp: 192.0.2.1 }] }]',
      'spec.members[0].k3s.kubeconfigMode: must be an octal mode in quotes, such as "0600", got 644',
    ],
    [
      'members: [{ name: a, k3s: v1.35.6+k3s1, hosts: [{ name: b, publicIp: 192.0.2.1 }] }]',
      'spec.members[0].k3s: must be a mapping, or false for what is no k3s',
    ],
    [
      'members: [{ name: a, runtimes: [{ shim: {} }] }]',
      'spec.members[0].runtimes[0].name: is required, it must be a string',
    ],
    [
      'manifests: [{ target: { labels: { "a b": c } }, objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }] }]',
      'spec.manifests[0].target.labels["a b"]: its key must be a label key, such as \'example.com/tier\'',
    ],
  ])('%s', (spec, message) => {
    expect(of(spec).map((line) => line.replace(/^f:6:\d+: /, ''))).toEqual([message]);
  });
});

describe('an integer that would come out as another is a fault:', () => {
  const BIG = '9007199254740993';
  test.each([
    [
      `manifests: [{ target: karmada, objects: [{ apiVersion: example.com/v1, kind: A, metadata: { name: a }, spec: { n: ${BIG} } }] }]`,
      'manifests[0].objects[0].spec.n',
    ],
    [`network: { cni: calico, calico: { values: { n: ${BIG} } } }`, 'network.calico.values.n'],
    [
      `apps: [{ name: a, image: "a:v1", overrides: [{ plaintext: [{ path: /spec/a, operator: add, value: [${BIG}] }] }] }]`,
      'apps[0].overrides[0].plaintext[0].value',
    ],
  ])('%s', (spec, place) => {
    expect(of(spec)).toEqual([
      expect.stringContaining(`: spec.${place}: must not be a number beyond 9007199254740991`),
    ]);
  });
});

test('two networks of one family are one fault', () => {
  const hosts = 'hosts: [{ name: b, publicIp: 192.0.2.1 }]';
  expect(
    of(`members: [{ name: a, podCidr: '10.42.0.0/16,10.44.0.0/16', serviceCidr: 10.43.0.0/16, ${hosts} }]`),
  ).toEqual([expect.stringContaining('podCidr: holds more than one IPv4 network: give one, or one of each IP family')]);
});

test.each([
  ['volumes: [{ name: v, mountPath: /v, hostPath: { path: /v } }]', 'volumes[0].hostPath'],
  ['overrides: [{ settings: { a: b } }]', 'overrides[0].settings'],
])('what a mapping lacks is no fault beside a field that nobody knows: %s', (field, place) => {
  expect(of(`members: [{ name: m }]`, `apps: [{ name: a, image: 'a:v1', ${field} }]`)).toEqual([
    expect.stringContaining(`spec.apps[0].${place}: unknown field, known are`),
  ]);
});
