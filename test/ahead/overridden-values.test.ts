import { expect, test } from 'vitest';
import { lookAhead } from '../../constructs/ahead/look-ahead.ts';
import { Federation } from '../../constructs/federation.ts';
import type { Path } from '../../constructs/spec/faults.ts';
import { formatPath } from '../../constructs/spec/faults.ts';
import { parseFederation } from '../../constructs/spec/load.ts';

/** What is said of an app that one rule changes on oslo. */
function said(rule: object, app: object = {}, rest: object = {}): string[] {
  const file = {
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 't' },
    spec: {
      controlPlane: { address: 'k.example.com' },
      members: [{ name: 'oslo' }, { name: 'bern' }],
      apps: [
        {
          name: 'w',
          image: 'registry.example.org/web:v1',
          port: 8080,
          ...app,
          overrides: [{ target: { clusters: ['oslo'] }, ...rule }],
        },
      ],
      ...rest,
    },
  };
  const spec = parseFederation(JSON.stringify(file), 't.yaml');
  const lines: string[] = [];
  const report = (path: Path, message: string) => void lines.push(`${formatPath(path)}: ${message}`);
  const warn = (path: Path, message: string) => report(path, `warning: ${message}`);
  lookAhead(spec, new Federation(spec).manifests.objects('karmada'), Object.assign(report, { warn }));
  return lines;
}

const RULE = 'spec.apps[0].overrides[0]: ';
const writing = (path: string, value: unknown, operator = 'replace') => ({ plaintext: [{ path, operator, value }] });

test.each([
  ['a text for a number', writing('/spec/replicas', '2'), 'writes a text to /spec/replicas, which takes a number'],
  ['a part of a replica', writing('/spec/replicas', 1.5), 'writes 1.5 to /spec/replicas, which takes whole numbers'],
  [
    'fewer replicas than none',
    writing('/spec/replicas', -1),
    'writes -1 to /spec/replicas, which must not be negative',
  ],
  [
    'a misspelt field',
    writing('/spec/template/spec/nodeSelctor', { a: 'b' }, 'add'),
    "writes to /spec/template/spec/nodeSelctor, a field that Kubernetes does not know, did you mean 'nodeSelector'?",
  ],
  [
    'a field that nobody knows',
    writing('/spec/template/spec/containers/0/xyz', 1, 'add'),
    'warning: writes to /spec/template/spec/containers/0/xyz, a field that Kubernetes does not know and would drop',
  ],
  [
    'labels that the selector misses',
    writing('/spec/template/metadata/labels', { a: 'b' }),
    'leaves /spec/selector and /spec/template/metadata/labels apart',
  ],
  [
    'no container',
    { plaintext: [{ path: '/spec/template/spec/containers', operator: 'remove' }] },
    'takes away /spec/template/spec/containers, which Kubernetes requires',
  ],
  [
    'an empty list of containers',
    writing('/spec/template/spec/containers', []),
    'leaves /spec/template/spec/containers empty, which Kubernetes requires',
  ],
  [
    'a text for a list',
    writing('/spec/template/spec/containers/0/env', 'A=b', 'add'),
    'writes to /spec/template/spec/containers/0/env what is no list, which it takes',
  ],
  [
    'an image without a name',
    { image: [{ component: 'Repository', operator: 'remove' }] },
    "makes 'registry.example.org/:v1' of /spec/template/spec/containers/0/image, which is no image",
  ],
  [
    'an image that is another one tomorrow',
    { image: [{ component: 'Tag', operator: 'remove' }] },
    "warning: makes 'registry.example.org/web' of /spec/template/spec/containers/0/image, which has no fixed tag",
  ],
])('%s is told at the rule that writes it', (_, rule, message) => {
  expect(said(rule)).toEqual([expect.stringContaining(RULE + message)]);
});

test('the environment takes texts alone', () => {
  const rule = writing('/spec/template/spec/containers/0/env/0/value', 5);
  expect(said(rule, { env: { A: '1' } })).toEqual([expect.stringContaining('which takes a text')]);
});

test.each([
  ['a share for an amount', writing('/spec/strategy/rollingUpdate', { maxSurge: 2, maxUnavailable: '50%' }, 'add')],
  ['labels of any name', writing('/metadata/labels/shop', 'x', 'add')],
  ['a whole toleration', writing('/spec/template/spec/tolerations', [{ key: 'a', operator: 'Exists' }], 'add')],
  ['a limit as a number', writing('/spec/template/spec/containers/0/resources', { limits: { cpu: 1 } }, 'add')],
])('%s is taken without a word', (_, rule) => {
  expect(said(rule)).toEqual([]);
});

test.each([
  [
    'what names an object that others bring',
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' },
    'spec.policies[0].rules[0]: writes to /metadata/name',
  ],
  [
    'what Karmada never propagates',
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'x' },
    'spec.policies[0].resources[0]: is never propagated',
  ],
])('an override policy for %s is refused', (_, resource, message) => {
  const rules = [writing('/metadata/name', 'y')];
  const rest = { policies: [{ type: 'override', name: 'o', resources: [resource], rules }] };
  expect(said({ env: { A: 'b' } }, {}, rest)).toEqual([expect.stringContaining(message)]);
});

test('a Service that a policy takes elsewhere is warned of', () => {
  const resources = [{ apiVersion: 'v1', kind: 'Service' }];
  const policies = [{ type: 'propagation', name: 'p', priority: 5, resources, placement: { clusters: ['bern'] } }];
  const told = said({ env: { A: 'b' } }, { placement: { clusters: ['oslo'] } }, { policies });
  expect(told).toEqual([expect.stringContaining("spec.policies[0]: warning: takes the Service of the app 'w'")]);
});

test.each([
  ['the same prefix', '/a', '/a/', undefined, 1],
  ['another path', '/a', '/b', undefined, 0],
  ['another class', '/a', '/a', 'internal', 0],
])('two apps on one host and %s', (_, path, other, className, faults) => {
  const ingress = { host: 'h.example.com', path };
  const second = { name: 'v', image: 'registry.example.org/web:v1', port: 80, ingress: { ...ingress, path: other } };
  const apps = [
    { ...second, name: 'w', ingress },
    { ...second, ingress: { ...second.ingress, ...(className && { className }) } },
  ];
  expect(said({ env: { A: 'b' } }, {}, { apps })).toHaveLength(faults);
});

test.each([
  ['/spec/template/spec/hostPID', true],
  ['/spec/template/spec/containers/0/ports/0/hostIP', '10.0.0.1'],
  ['/spec/template/spec/containers/0/lifecycle', { preStop: { sleep: { seconds: 5 } } }],
  ['/spec/template/spec/securityContext/appArmorProfile', { type: 'Unconfined' }],
])('a field is known as Kubernetes writes it, and by later releases: %s', (path, value) => {
  expect(said(writing(path, value, 'add'))).toEqual([]);
});

test.each([
  ['/spec/template/spec/restartPolicy', 'Never', "'Never' to /spec/template/spec/restartPolicy, which takes 'Always'"],
  ['/spec/template/spec/nodeSelector', { a: 1 }, '1 to /spec/template/spec/nodeSelector/a, which takes a text'],
  [
    '/spec/template/spec/containers/0/resources',
    { limits: { memory: '1GB' } },
    "'1GB' to /spec/template/spec/containers/0/resources/limits/memory, which takes a quantity, such as '500m'",
  ],
  [
    '/spec/template/spec/containers/0/imagePullPolicy',
    'ifNotPresent',
    "'ifNotPresent' to /spec/template/spec/containers/0/imagePullPolicy, which takes 'Always', 'IfNotPresent', 'Never'",
  ],
])('a value that the field does not take is refused: %s', (path, value, message) => {
  expect(said(writing(path, value, 'add'))).toEqual([`${RULE}writes ${message}`]);
});

test.each([
  ['/spec/template/spec/nodeSelector', { a: '1' }],
  ['/spec/template/spec/containers/0/resources', { limits: { memory: '1Gi', cpu: 1 } }],
  ['/spec/template/spec/initContainers', [{ name: 'i', image: 'i:v1', restartPolicy: 'Always' }]],
  ['/spec/template/spec/dnsPolicy', 'Default'],
])('one that it takes is not: %s', (path, value) => {
  expect(said(writing(path, value, 'add'))).toEqual([]);
});

test('a misspelt field of a SpinApp is refused, and one that it has is not', () => {
  const of = (path: string, value: unknown) =>
    said(
      writing(path, value, 'add'),
      { form: 'spinapp', runtime: 'spin', port: undefined },
      { runtimes: [{ name: 'spin' }] },
    );
  expect(of('/spec/replcas', 2)).toEqual([
    `${RULE}writes to /spec/replcas, a field that Kubernetes does not know, did you mean 'replicas'?`,
  ]);
  expect(of('/spec/podLabels', { a: 'b' })).toEqual([]);
});

/** What is said of an object of the file that a policy changes everywhere. */
function saidOfOwn(apiVersion: string, kind: string, spec: object, rule: object): string[] {
  const named = { apiVersion, kind, name: 'x', ...(apiVersion.startsWith('example.com/') && { scope: 'Namespaced' }) };
  const object = { apiVersion, kind, metadata: { name: 'x', namespace: 'default' }, spec };
  return said(
    { env: { A: 'b' } },
    {},
    {
      manifests: [{ target: 'karmada', objects: [object] }],
      policies: [
        { type: 'propagation', name: 'p', resources: [named], placement: {} },
        { type: 'override', name: 'o', resources: [named], rules: [rule] },
      ],
    },
  );
}

const removing = (path: string) => ({ plaintext: [{ path, operator: 'remove' }] });
const targeting = (target: object) => ({
  maxReplicas: 3,
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
  metrics: [{ type: 'Pods', pods: { metric: { name: 'm' }, target } }],
});
const pods = (cpu: number) => ({
  selector: { matchLabels: { a: 'b' } },
  template: {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'a', image: 'registry.example.org/a:v1', resources: { limits: { cpu } } }] },
  },
});

test.each<[string, string, string, object, object]>([
  [
    'the share of a budget',
    'policy/v1',
    'PodDisruptionBudget',
    { minAvailable: 1 },
    writing('/spec/minAvailable', '9%'),
  ],
  [
    'the name of a port',
    'networking.k8s.io/v1',
    'NetworkPolicy',
    { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
    writing('/spec/ingress/0/ports/0/port', 'http'),
  ],
  [
    'the quantity of a metric',
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    targeting({ type: 'AverageValue', averageValue: 10 }),
    writing('/spec/metrics/0/pods/target/averageValue', '500m'),
  ],
  [
    'the default of a LimitRange',
    'v1',
    'LimitRange',
    { limits: [{ type: 'Container', default: { cpu: 1 } }] },
    writing('/spec/limits/0/default/cpu', '500m'),
  ],
  [
    'half a processor',
    'apps/v1',
    'Deployment',
    pods(1),
    writing('/spec/template/spec/containers/0/resources/limits/cpu', 0.5),
  ],
  [
    'a Service without a selector',
    'v1',
    'Service',
    { selector: { a: 'b' }, ports: [{ port: 80 }] },
    removing('/spec/selector'),
  ],
  [
    'a headless Service without ports',
    'v1',
    'Service',
    { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
    removing('/spec/ports'),
  ],
  ['part of a number of any kind', 'example.com/v1', 'Thing', { weight: 1 }, writing('/spec/weight', 1.5)],
  ['any kind without a selector', 'example.com/v1', 'Thing', { selector: { a: 'b' } }, removing('/spec/selector')],
])('%s is taken, too', (_, apiVersion, kind, spec, rule) => {
  expect(saidOfOwn(apiVersion, kind, spec, rule)).toEqual([]);
});

test('of kinds that others define only warnings are told', () => {
  const rule = writing('/spec/weight', 'one');
  expect(saidOfOwn('example.com/v1', 'Thing', { weight: 1 }, rule)).toEqual([
    'spec.policies[1].rules[0]: warning: writes a text to /spec/weight, where the object has a number',
  ]);
});

test('a Service that has an address of its own needs ports', () => {
  const spec = { selector: { a: 'b' }, ports: [{ port: 80 }] };
  expect(saidOfOwn('v1', 'Service', spec, removing('/spec/ports'))).toEqual([
    'spec.policies[1].rules[0]: takes away /spec/ports, which Kubernetes requires',
  ]);
});
