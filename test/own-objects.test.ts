import { describe, expect, test } from 'vitest';
import { Federation } from '../constructs/federation.ts';
import { parseFederation } from '../constructs/spec/load.ts';
import { faultsOf, federationOf } from './spec/checks/faults.ts';

/** A federation with these entries of `manifests`, one YAML flow mapping each. */
const spec = (...manifests: string[]) => `
  controlPlane: {}
  members: [{ name: oslo, labels: { tier: edge } }, { name: bern, labels: { tier: edge } }, { name: lyon }]
  runtimes: [{ name: spin }]
  apps: [{ name: web, image: "web:v1", namespace: shop, port: 80 }]
  argocd: { repository: "https://git.example.com/federation" }
  manifests:
${manifests.map((manifest) => `    - ${manifest}`).join('\n')}
`;
const render = (...manifests: string[]) =>
  new Federation(parseFederation(federationOf(spec(...manifests)), 'f')).manifests.render();
const object = (apiVersion: string, kind: string, metadata: string, rest = '') =>
  `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: ${metadata}${rest && `, ${rest}`} }`;
const limits = object('v1', 'LimitRange', '{ name: small }', 'spec: { limits: [] }');

describe('own objects', () => {
  test.each([
    ['host', ['host']],
    ['karmada', ['karmada']],
    ['members/oslo', ['members/oslo']],
    ['members', ['members/bern', 'members/lyon', 'members/oslo']],
    ['{ labels: { tier: edge } }', ['members/bern', 'members/oslo']],
    ['{ exclude: [oslo] }', ['members/bern', 'members/lyon']],
  ])('for %s are in the folders of %j, labelled as all else there', (target, folders) => {
    const files = render(`{ target: ${target}, objects: [${limits}] }`);
    const own = [...files].filter(([, text]) => text.includes('\nkind: LimitRange\n'));
    expect(own.map(([path]) => path)).toEqual(folders.map((folder) => `${folder}/19-manifests.yaml`));
    for (const [path, text] of own) {
      expect(text).toContain('namespace: default');
      expect(text).toContain('limits: []');
      expect(text).toContain('app.kubernetes.io/managed-by: serverless-federation');
      const target = path.replace('/19-manifests.yaml', '').replace('/', '.');
      expect(text).toContain(`serverless-federation.io/target: ${target}`);
    }
  });

  test('keep their own labels, but those by which they are known', () => {
    const labels = 'labels: { app.kubernetes.io/part-of: mine, app.kubernetes.io/managed-by: hand, tier: x }';
    const text = render(`{ target: host, objects: [${object('v1', 'ConfigMap', `{ name: a, ${labels} }`)}] }`).get(
      'host/19-manifests.yaml',
    );
    expect(text).toMatch(/part-of: mine\n[\s\S]*tier: x\n/);
    expect(text).toContain('managed-by: serverless-federation');
  });

  test('are applied in the order of the file, what others need before all', () => {
    const definition = object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      '{ name: cameras.example.com }',
      'spec: { group: example.com }',
    );
    const objects = [
      object('example.com/v1', 'Camera', '{ name: z, namespace: yard }'),
      definition,
      object('v1', 'Namespace', '{ name: yard }'),
      object('v1', 'ConfigMap', '{ name: a, namespace: yard }'),
    ];
    const files = render(`{ target: members/oslo, objects: [${objects.join(', ')}] }`);
    expect(files.get('members/oslo/04-definitions.yaml')).toMatch(/CustomResourceDefinition[\s\S]*kind: Namespace/);
    expect(files.get('members/oslo/19-manifests.yaml')).toMatch(/kind: Camera[\s\S]*kind: ConfigMap/);
  });

  test('for the Karmada API get their namespaces, or bring them', () => {
    const map = object('v1', 'ConfigMap', '{ name: a, namespace: yard }');
    expect(render(`{ target: karmada, objects: [${map}] }`).get('karmada/00-namespaces.yaml')).toMatch(
      /name: shop\n[\s\S]*name: yard\n/,
    );
    const shop = object('v1', 'Namespace', '{ name: shop, labels: { a: b } }');
    const files = render(`{ target: karmada, objects: [${shop}] }`);
    expect(files.has('karmada/00-namespaces.yaml')).toBe(false);
    expect(files.get('karmada/04-definitions.yaml')).toContain('a: b');
  });

  test('may have keys that every JavaScript object has', () => {
    const settings = object('v1', 'ConfigMap', '{ name: s, namespace: default }', 'data: { constructor: x }');
    const files = render(`{ target: karmada, objects: [${settings}] }`);
    expect([...files].find(([path]) => path.startsWith('karmada/19'))?.[1]).toContain('constructor: x');
  });

  test('may be a WorkloadRebalancer, which is for Karmada alone', () => {
    const workloads = 'workloads: [{ apiVersion: apps/v1, kind: Deployment, namespace: shop, name: web }]';
    const one = object(
      'apps.karmada.io/v1alpha1',
      'WorkloadRebalancer',
      '{ name: rebalance-1 }',
      `spec: { ${workloads} }`,
    );
    const files = [...render(`{ target: karmada, objects: [${one}] }`)];
    const holding = files.filter(([, text]) => text.includes('kind: WorkloadRebalancer'));
    expect(holding.map(([path]) => path)).toContain('karmada/19-manifests.yaml');
    const own = holding.filter(([path]) => !path.startsWith('argocd/'));
    expect(own).toHaveLength(1);
    expect(own[0]?.[1]).not.toMatch(/^ {2}namespace:/m);
  });

  test('are allowed by the project of Argo CD', () => {
    const objects = [
      object('example.com/v1', 'Camera', '{ name: z, namespace: yard }'),
      object('v1', 'Namespace', '{ name: yard }'),
    ];
    const project = render(`{ target: members/oslo, objects: [${objects.join(', ')}] }`).get('argocd/00-projects.yaml');
    expect(project).toMatch(/group: example\.com\n\s+kind: Camera/);
    expect(project).toMatch(/name: oslo\n\s+namespace: yard/);
  });
});

test.each([
  [
    'a member that is not there',
    `{ target: members/osol, objects: [${limits}] }`,
    "[0].target: names the member 'osol', which spec.members does not have, did you mean 'oslo'?",
  ],
  [
    'a target that is none',
    `{ target: karmda, objects: [${limits}] }`,
    "[0].target: must be 'karmada', 'host', 'members'",
  ],
  [
    'labels that no member has',
    `{ target: { labels: { tier: none } }, objects: [${limits}] }`,
    '[0].target: selects no member',
  ],
  ['no object', '{ target: host, objects: [] }', '[0].objects: must hold at least one object'],
  ['no kind', '{ target: host, objects: [{ apiVersion: v1, metadata: { name: a } }] }', '[0].objects[0].kind: '],
  ['no name', `{ target: host, objects: [${object('v1', 'ConfigMap', '{}')}] }`, '[0].objects[0].metadata.name: '],
  [
    'the name of a server-made object',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a, generateName: a- }')}] }`,
    '[0].objects[0].metadata.generateName: must be left out',
  ],
  [
    'a namespace of what lives in none',
    `{ target: host, objects: [${object('v1', 'Namespace', '{ name: a, namespace: b }')}] }`,
    '[0].objects[0].metadata.namespace: must be left out, Namespace is cluster-scoped',
  ],
  [
    'a Secret in the open',
    `{ target: karmada, objects: [${object('v1', 'Secret', '{ name: a }', 'stringData: { password: x }')}] }`,
    '[0].objects[0].stringData: would be in the open',
  ],
  [
    'a value that gets lost',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'data: { a: null }')}] }`,
    '[0].objects[0].data.a: must not be null',
  ],
  [
    'a number in a ConfigMap',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'data: { a: 1e3 }')}] }`,
    '[0].objects[0].data.a: must be a string, quote it: "1e3"',
  ],
  [
    'a mapping in a ConfigMap',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'data: { a: { b: c } }')}] }`,
    '[0].objects[0].data.a: must be a string, got a mapping',
  ],
  [
    'a key that no ConfigMap has',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'data: { "a b": c }')}] }`,
    '[0].objects[0].data["a b"]: its key must be a key of a Secret or ConfigMap',
  ],
  [
    'what is no base64 in a ConfigMap',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'binaryData: { a: "b" }')}] }`,
    '[0].objects[0].binaryData.a: must be in base64',
  ],
  [
    'a key that is in both fields of a ConfigMap',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', 'data: { a: b }, binaryData: { a: "" }')}] }`,
    "[0].objects[0].binaryData.a: is in 'data', too",
  ],
  [
    'more than a ConfigMap holds',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a }', `data: { a: ${'x'.repeat(2 ** 20)}, b: y }`)}] }`,
    '[0].objects[0]: must hold at most 1 MiB, as a ConfigMap does, and holds 1048577 bytes',
  ],
  [
    'a label that objects are found by',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a, labels: { serverless-federation.io/federation: x } }')}] }`,
    '[0].objects[0].metadata.labels["serverless-federation.io/federation"]: is set by the federation itself',
  ],
  [
    'finalizers that are no list',
    `{ target: host, objects: [${object('v1', 'ConfigMap', '{ name: a, finalizers: x }')}] }`,
    '[0].objects[0].metadata.finalizers: must be a list',
  ],
  [
    'a kind of Karmada on a member',
    `{ target: members/oslo, objects: [${object('policy.karmada.io/v1alpha1', 'PropagationPolicy', '{ name: a }')}] }`,
    "[0].objects[0].kind: is a kind of the Karmada API, give it the target 'karmada', not 'members/oslo'",
  ],
  [
    "a kind of k3s's in the Karmada API",
    `{ target: karmada, objects: [${object('helm.cattle.io/v1', 'HelmChart', '{ name: a }')}] }`,
    '[0].objects[0].kind: is no kind of the Karmada API',
  ],
  [
    'a member that did not join',
    `{ target: karmada, objects: [${object('cluster.karmada.io/v1alpha1', 'Cluster', '{ name: a }')}] }`,
    '[0].objects[0].kind: is made when a member joins',
  ],
  [
    'the name of what a Job makes in the Karmada API',
    `{ target: karmada, objects: [${object('v1', 'ConfigMap', '{ name: karmada-version, namespace: karmada-system }')}] }`,
    '[0].objects[0].metadata.name: is that of what is made in host/32-karmada-static-resources.yaml',
  ],
  [
    "a namespace of Karmada's own",
    `{ target: karmada, objects: [${object('v1', 'Namespace', '{ name: karmada-cluster }')}] }`,
    '[0].objects[0].metadata.name: is that of what is made in host/32-karmada-static-resources.yaml',
  ],
  [
    'the name of a Secret of certificates',
    `{ target: host, objects: [${object('v1', 'Secret', '{ name: karmada-ca, namespace: karmada-system }')}] }`,
    '[0].objects[0].metadata.name: is that of what is made in host/20-karmada-certificates.yaml',
  ],
  [
    'the name of what is made here, in another version of the API',
    `{ target: karmada, objects: [${object('policy.karmada.io/v1beta1', 'PropagationPolicy', '{ name: web, namespace: shop }', 'spec: { resourceSelectors: [] }')}] }`,
    '[0].objects[0].metadata.name: is that of what is made in karmada/20-shop.web.yaml, give this PropagationPolicy a name of its own',
  ],
  [
    'a kind in the wrong group, told once',
    `{ target: members, objects: [${object('v1', 'Deployment', '{ name: a }')}] }`,
    "[0].objects[0].apiVersion: has no kind 'Deployment', did you mean 'apps/v1'?",
  ],
  [
    'a name that no Service has',
    `{ target: host, objects: [${object('v1', 'Service', '{ name: a.b }')}] }`,
    "[0].objects[0].metadata.name: must be a lower case DNS label, such as 'edge-1', got 'a.b'",
  ],
  [
    'a misspelt kind',
    `{ target: host, objects: [${object('v1', 'Configmap', '{ name: a }')}] }`,
    "[0].objects[0].kind: is no kind of 'v1', did you mean 'ConfigMap'?",
  ],
  [
    'a name given twice, told once',
    `{ target: members, objects: [${limits}, ${limits}] }`,
    "[0].objects[1].metadata.name: is that of another object of 'spec.manifests'",
  ],
])('%s is refused', (_, manifest, message) => {
  expect(faultsOf(spec(manifest))).toEqual([expect.stringContaining(`spec.manifests${message}`)]);
});

test('faults of others that stand in the way are told', () => {
  const twice = spec(`{ target: host, objects: [${limits}] }`).replace('{ name: lyon }', '{ name: oslo }');
  expect(faultsOf(twice)).toContainEqual(expect.stringContaining('spec.members[2].name: '));
});

test('what a ConfigMap has in base64 may be in lines, which do not count', () => {
  const lines = (bytes: number) => Buffer.alloc(bytes).toString('base64').replace(/.{76}/g, '$&\\n');
  const map = (bytes: number) => object('v1', 'ConfigMap', '{ name: a }', `binaryData: { a: "${lines(bytes)}" }`);
  expect(faultsOf(spec(`{ target: host, objects: [${map(2 ** 20)}] }`))).toEqual([]);
  expect(faultsOf(spec(`{ target: host, objects: [${map(2 ** 20 + 1)}] }`))).toEqual([
    expect.stringContaining('and holds 1048577 bytes'),
  ]);
});

test('a kind of another server may come with its definition', () => {
  const definition = object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    '{ name: ipaddresspools.metallb.io }',
    'spec: { group: metallb.io }',
  );
  const pool = object('metallb.io/v1beta1', 'IPAddressPool', '{ name: a }');
  expect(faultsOf(spec(`{ target: karmada, objects: [${definition}, ${pool}] }`))).toEqual([]);
});

describe('warned of is', () => {
  const warnings = (text: string) => {
    const told: string[] = [];
    parseFederation(federationOf(text), 'f', (line) => told.push(line.replace(/^f:\d+:\d+: /, '')));
    // What is fetched is warned of elsewhere.
    return told.filter((line) => !line.includes('is fetched without being verified'));
  };
  const app =
    'apps: [{ name: a, image: "a:v1", namespace: shop, serviceAccount: a, envFrom: { A: { configMap: a, key: k }, B: { configMap: b, key: k, optional: true } } }]';

  test('what an app names and nobody brings', () => {
    expect(warnings(`  controlPlane: {}\n  members: [{ name: e }]\n  ${app}`)).toEqual([
      expect.stringContaining(
        "warning: spec.apps[0].envFrom.A.configMap: names the ConfigMap 'a', which is nowhere in the file",
      ),
      expect.stringContaining("warning: spec.apps[0].serviceAccount: names the ServiceAccount 'a'"),
    ]);
    const objects = ['ConfigMap', 'ServiceAccount'].map((kind) => object('v1', kind, '{ name: a, namespace: shop }'));
    const manifests = `manifests: [{ target: karmada, objects: [${objects.join(', ')}] }]`;
    expect(warnings(`  controlPlane: {}\n  members: [{ name: e }]\n  ${app}\n  ${manifests}`)).toEqual([]);
  });

  test('a namespace that its target may lack, once', () => {
    const said = (target: string, ...objects: string[]) =>
      warnings(
        `  controlPlane: {}\n  members: [{ name: e }, { name: f }]\n  manifests: [{ target: ${target}, objects: [${objects.join(', ')}] }]`,
      );
    const one = object('v1', 'ConfigMap', '{ name: a, namespace: shop }');
    const other = object('v1', 'ConfigMap', '{ name: b, namespace: shop }');
    expect(said('members', one, other)).toEqual([
      "warning: spec.manifests[0].objects[0].metadata.namespace: names 'shop', which the file does not bring to members/e: add the Namespace to the objects, unless it is there before",
    ]);
    expect(said('members', one, object('v1', 'Namespace', '{ name: shop }'))).toEqual([]);
    expect(said('members', object('v1', 'ConfigMap', '{ name: a, namespace: kube-system }'))).toEqual([]);
    expect(said('karmada', one)).toEqual([]);
    expect(said('host', object('v1', 'ConfigMap', '{ name: a, namespace: karmada-system }'))).toEqual([]);
  });

  test('a kind that Kubernetes had once, on clusters that may be old enough', () => {
    const said = (target: string) =>
      spec(`{ target: ${target}, objects: [${object('networking.k8s.io/v1beta1', 'Ingress', '{ name: a }')}] }`);
    const message = "is not served for the kind 'Ingress', which is in 'networking.k8s.io/v1'";
    expect(warnings(said('members'))).toEqual([`warning: spec.manifests[0].objects[0].apiVersion: ${message}`]);
    expect(faultsOf(said('karmada'))).toEqual([`spec.manifests[0].objects[0].apiVersion: ${message}`]);
  });

  test('what an app names and not all of its members get', () => {
    const objects = ['ConfigMap', 'ServiceAccount'].map((kind) => object('v1', kind, '{ name: a, namespace: shop }'));
    objects.push(object('v1', 'Namespace', '{ name: shop }'));
    const said = (target: string) =>
      warnings(
        `  controlPlane: {}\n  members: [{ name: e }, { name: f }]\n  ${app}\n  manifests: [{ target: ${target}, objects: [${objects.join(', ')}] }]`,
      );
    expect(said('members')).toEqual([]);
    expect(said('members/e')).toEqual([
      expect.stringContaining("names the ConfigMap 'a', which the file brings to some other place alone: add it to"),
      expect.stringContaining("names the ServiceAccount 'a', which the file brings to some other place alone"),
    ]);
  });

  test('nothing that Kubernetes brings itself', () => {
    const named =
      'apps: [{ name: a, image: "a:v1", volumes: [{ name: ca, mountPath: /ca, configMap: kube-root-ca.crt }] }]';
    expect(warnings(`  controlPlane: {}\n  members: [{ name: e }]\n  ${named}`)).toEqual([]);
  });

  test('a search without anything to search in', () => {
    expect(warnings('  controlPlane: { karmada: { search: {} } }\n  members: [{ name: e }]')).toEqual([
      expect.stringContaining('warning: spec.controlPlane.karmada.search: finds nothing without a ResourceRegistry'),
    ]);
  });
});

test.each([
  ['PropagationPolicy', '{ resourceSelectors: web }', 'resourceSelectors: must be a list'],
  [
    'ClusterPropagationPolicy',
    '{ resourceSelectors: [], placement: { spreadConstraints: {} } }',
    'placement.spreadConstraints: must be a list',
  ],
  ['OverridePolicy', '{ overrideRules: [{ overriders: { plaintext: {} } }] }', 'overrideRules[0].overriders.plaintext'],
])('a %s of another shape than it has in Karmada is told with its place', (kind, its, message) => {
  const own = object('policy.karmada.io/v1alpha1', kind, '{ name: x }', `spec: ${its}`);
  const place = 'spec.manifests[0].objects[0].spec.';
  expect(faultsOf(spec(`{ target: karmada, objects: [${own}] }`))).toEqual([
    expect.stringContaining(`${place}${message}`),
  ]);
});
