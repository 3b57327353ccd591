import { expect, test } from 'vitest';
import { InvalidFederation, parseFederation } from '../../constructs/spec/load.ts';
import { filesOf } from '../../main.ts';

/*
 * JavaScript's objects have names of their own, which are as good as any in a file: what becomes of a federation with
 * such names is what becomes of it with others.
 */

/** Names that every object has, `__proto__` among them. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

/** A name that sorts as the other does, and that no object has. */
function plainNameFor(name: string): string {
  const last = name.search(/[a-z_]$/i);
  const plain = `${name.slice(0, last - 2)}${String.fromCharCode(name.charCodeAt(last - 2) + 1)}${name.slice(last - 1)}`;
  expect(NAMES).not.toContain(plain);
  return plain;
}

interface Names {
  /** Of objects. */
  readonly object: string;
  /** Of labels. */
  readonly label: string;
  /** Of variables, and keys of whatever kind. */
  readonly key: string;
}

const federation = ({ object, label, key }: Names) => `
apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: ${object} }
spec:
  k3s:
    registries: { mirrors: { docker.io: { endpoints: ['https://r.example.com'], rewrite: { ${key}: x } } } }
  network: { cni: calico, calico: { values: { ${key}: { ${key}: [1] } } } }
  controlPlane:
    address: k.example.com
    hosts: [{ name: ${object}, publicIp: 192.0.2.1, labels: { ${label}: a } }]
  argocd: { repository: 'https://git.example.com/x.git', clusters: { other: else } }
  members:
    - { name: ${object}, labels: { ${label}: a } }
    - { name: other, region: no, network: { calico: { values: { ${key}: { other: 1 } } } }, hosts: [{ name: h, publicIp: 192.0.2.2, k3s: { kubelet-arg: [v=2] } }] }
    - { name: third, region: ch, labels: { tier: a } }
  runtimes: [{ name: ${object}, handler: ${object}, shim: { install: none } }]
  quotas: [{ name: ${object}, namespace: ${object}, overall: { cpu: 4 }, members: [{ name: third, limits: { cpu: 2 } }] }]
  apps:
    - name: ${object}
      namespace: ${object}
      image: x.example.com/a:v1
      port: 80
      runtime: ${object}
      env: { ${key}: '1', other: x }
      labels: { ${label}: a }
      annotations: { ${label}: a }
      nodeSelector: { ${label}: a }
      resources: { requests: { cpu: 1, memory: 1Gi } }
      tolerations: [{ key: ${label}, operator: Exists }]
      volumes: [{ name: ${object}, mountPath: /a, configMap: ${object}, optional: true }]
      imagePullSecrets: [${object}]
      overrides:
        - target: { labels: { ${label}: a } }
          env: { ${key}: '2' }
          labels: [{ operator: add, value: { ${label}: b } }]
      placement: { workloadAffinity: { antiAffinity: ${label} } }
    - name: b
      image: x.example.com/a:v1
      envFrom: { ${key}: { secret: ${object}, key: ${label} } }
      placement: { labelExpressions: [{ key: ${label}, operator: DoesNotExist }] }
      overrides:
        - target: { labelExpressions: [{ key: ${label}, operator: NotIn, values: [x] }] }
          env: { ${key}: '3' }
    - name: c
      image: x.example.com/a:v1
      placement: { labelExpressions: [{ key: ${label}, operator: Exists }] }
  policies:
    - type: propagation
      name: ${object}-things
      namespace: ${object}
      resources:
        - { apiVersion: v1, kind: ConfigMap, labels: { ${label}: a } }
        - { apiVersion: ${object}/v1, kind: Thing, scope: Namespaced }
    - type: override
      name: ${object}-settings
      namespace: ${object}
      resources: [{ apiVersion: v1, kind: ConfigMap, name: ${object} }]
      rules: [{ plaintext: [{ path: /data/${key}, operator: replace, value: z }] }]
  manifests:
    - target: karmada
      objects:
        - { apiVersion: v1, kind: ConfigMap, metadata: { name: ${object}, namespace: ${object}, labels: { ${label}: a } }, data: { ${key}: x } }
        - { apiVersion: example.com/v1, kind: Thing, metadata: { name: ${object} }, ${key}: { ${key}: [{ ${key}: 1 }] } }
    - target: host
      objects:
        - { apiVersion: ${object}/v1, kind: Thing, metadata: { name: ${object} }, spec: { ${key}: 1 } }
`;

/** All that is made and told of a federation, without the hashes of its content and what Markdown escapes. */
function outcome(names: Names): string {
  const told: string[] = [];
  const spec = parseFederation(federation(names), 'f.yaml', (line) => told.push(line));
  const files = [...filesOf(spec)].map(([path, text]) => `${path}\n${text}`);
  return [...told, ...files]
    .join('\n')
    .replace(/\b[0-9a-f]{8,64}\b/g, '…')
    .replaceAll('\\_', '_');
}

test.each(NAMES.filter((name) => name !== 'constructor'))('%s is a name like any other', (name) => {
  const plain = plainNameFor(name);
  const label = /^[A-Za-z0-9].*[A-Za-z0-9]$/.test(name) ? name : 'tier-of';
  const made = outcome({ object: 'one', label, key: name });
  expect(made).toContain(name);
  expect(made.replaceAll(name, plain)).toBe(outcome({ object: 'one', label: label.replace(name, plain), key: plain }));
});

test('constructor is a name like any other, of objects, too', () => {
  const name = 'constructor';
  const plain = plainNameFor(name);
  const made = outcome({ object: name, label: name, key: name });
  expect(made.replaceAll(name, plain)).toBe(outcome({ object: plain, label: plain, key: plain }));
});

test('__proto__ is refused where Kubernetes refuses such a name, or no field has it', () => {
  const head = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: t }
spec:
  controlPlane: { address: k.example.com }
  members: [{ name: m, __proto__: x, labels: { __proto__: a } }]
  apps:
    - { name: w, image: 'x.example.com/a:v1', annotations: { __proto__: a }, env: { __proto__: [] } }
`;
  let message = '';
  try {
    parseFederation(head, 'f.yaml');
  } catch (error) {
    if (!(error instanceof InvalidFederation)) throw error;
    message = error.message;
  }
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/^f\.yaml:6:48: spec\.members\[0\]\.labels\.__proto__: its key must be a label key/),
    expect.stringMatching(/^f\.yaml:6:24: spec\.members\[0\]\.__proto__: unknown field/),
    expect.stringMatching(/^f\.yaml:8:85: spec\.apps\[0\]\.env\.__proto__: must be a string, got a list/),
    expect.stringMatching(/^f\.yaml:8:62: spec\.apps\[0\]\.annotations\.__proto__: its key must be a label key/),
  ]);
});
