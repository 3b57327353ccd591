import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { explain, faultsOf } from '../../constructs/spec/explain.ts';
import { formatPath } from '../../constructs/spec/faults.ts';
import { placement } from '../../constructs/spec/placement.ts';
import { policy } from '../../constructs/spec/policy.ts';
import { quota } from '../../constructs/spec/quota.ts';

function parse(schema: typeof policy | typeof placement | typeof quota, text: string) {
  const data = load(text);
  const result = schema.safeParse(data, { error: explain, reportInput: true });
  return result.success
    ? { value: result.data, faults: [] }
    : {
        value: undefined,
        faults: faultsOf(result.error.issues, data).map((one) => `${formatPath(one.path)}: ${one.message}`),
      };
}

const overflow = (replicas: string) =>
  `{ groups: [{ name: edge, clusters: [a], overflow: [{ name: cloud }] }], replicas: { type: ${replicas} } }`;

test.each([
  '{}',
  '{ clusters: [a], exclude: [b], labels: { a: b }, fields: { region: [de], zone: [de-1], provider: [lab] } }',
  '{ labelExpressions: [{ key: a, operator: Exists }], fieldExpressions: [{ key: zone, operator: NotIn, values: [x] }] }',
  '{ groups: [{ name: edge, labels: { tier: edge } }, { name: all }] }',
  overflow('aggregated'),
  overflow('dynamic'),
  '{ tolerations: [{ operator: Exists }, { key: a, value: b, effect: NoExecute, tolerationSeconds: 0 }] }',
  '{ spread: [{ by: region, min: 2 }, { by: cluster, max: 3 }] }',
  '{ replicas: { type: weighted } }',
  '{ replicas: { type: weighted, weights: [{ labels: { tier: edge }, weight: 2 }, { weight: 1 }] } }',
  '{ workloadAffinity: { affinity: team, antiAffinity: copy } }',
])('a placement may be %s', (text) => {
  expect(parse(placement, text).faults).toEqual([]);
});

test.each<[string, string]>([
  ['{ clusters: [] }', 'clusters: must name at least one member, or be left out for every member'],
  ['{ clusters: [Edge] }', "clusters[0]: must be a lower case DNS label, such as 'edge-1', got 'Edge'"],
  ['{ cluster: [a] }', "cluster: unknown field, did you mean 'clusters'?"],
  [
    '{ labelExpressions: [{ key: a, operator: In }] }',
    "labelExpressions[0].values: must have at least one value for the operator 'In'",
  ],
  [
    '{ labelExpressions: [{ key: a, operator: Exists, values: [b] }] }',
    "labelExpressions[0].values: takes no values with the operator 'Exists'",
  ],
  [
    '{ fieldExpressions: [{ key: country, operator: In, values: [de] }] }',
    "fieldExpressions[0].key: must be one of 'provider', 'region', 'zone', got 'country'",
  ],
  ['{ clusters: [a], groups: [{ name: edge }] }', "clusters: can't go with 'groups', move it into a group"],
  ['{ groups: [{ name: a }, { name: a }] }', "groups[1].name: is used already, group 'a' needs another name"],
  [`{ groups: [{ name: ${'a'.repeat(33)} }] }`, 'groups[0].name: must have at most 32 characters'],
  [
    overflow('duplicated'),
    "groups[0].overflow: needs replicas that are divided by what is free: set placement.replicas.type to 'aggregated' or 'dynamic'",
  ],
  ['{ tolerations: [{ value: a }] }', "tolerations[0].operator: must be 'Exists' without a 'key'"],
  [
    '{ tolerations: [{ key: a, operator: Lt, value: "1" }] }',
    "tolerations[0].operator: must be one of 'Exists', 'Equal', got 'Lt'",
  ],
  [
    '{ tolerations: [{ key: a, tolerationSeconds: 5 }] }',
    "tolerations[0].tolerationSeconds: has a meaning with 'effect: NoExecute' only",
  ],
  [
    '{ spread: [{ by: provider }] }',
    "spread[0].by: must be 'cluster' or 'region': the scheduler of Karmada 1.18 ignores 'provider'",
  ],
  ['{ spread: [{ by: region }] }', 'spread: must have a constraint by cluster beside the one by region'],
  ['{ spread: [{ by: cluster }, { by: cluster }] }', 'spread: must name each field once'],
  [
    '{ spread: [{ by: cluster }], replicas: { type: weighted } }',
    "spread: has no effect on replicas of type 'weighted', leave one of them out",
  ],
  ['{ replicas: { type: dynamic, weights: [] } }', "replicas.weights: unknown field, known are 'type'"],
  [
    '{ replicas: { type: weighted, weights: [{ weight: 0 }] } }',
    'replicas.weights[0].weight: must be at least 1, got 0',
  ],
  ['{ workloadAffinity: {} }', "workloadAffinity: must have 'affinity', 'antiAffinity' or both"],
])('the placement %s is a fault', (text, fault) => {
  expect(parse(placement, text).faults).toEqual([fault]);
});

const config = '{ apiVersion: v1, kind: ConfigMap, name: c }';
const classes = '{ apiVersion: node.k8s.io/v1, kind: RuntimeClass, name: spin }';
const propagation = (resource: string, rest = '') =>
  `{ type: propagation, name: p, resources: [${resource}]${rest && `, ${rest}`} }`;
const override = (rule: string) => `{ type: override, name: o, resources: [${config}], rules: [${rule}] }`;

test.each([
  propagation(config),
  propagation(classes),
  propagation(`${classes}, { apiVersion: apps/v1, kind: Deployment, namespace: apps }`),
  propagation('{ apiVersion: example.com/v1, kind: Widget, scope: Cluster }'),
  propagation(config, 'namespace: apps, suspension: all, failover: { application: { purgeMode: Directly } }'),
  propagation(config, 'scope: Cluster'),
  override('{ image: [{ component: Tag, operator: replace, value: v2 }] }'),
  override('{ target: { labels: { a: b } }, plaintext: [{ path: /data/a~1b, operator: remove }] }'),
  override('{ field: [{ path: /data/c, yaml: [{ subPath: "", operator: replace, value: { a: [1] } }] }] }'),
  override('{ command: [{ container: web, operator: add, value: [-v] }] }'),
])('a policy may be %s', (text) => {
  expect(parse(policy, text).faults).toEqual([]);
});

test.each<[string, string]>([
  [
    '{ type: propagate }',
    "type: must be one of 'propagation', 'override', got 'propagate', did you mean 'propagation'?",
  ],
  [propagation(''), 'resources: must select at least one resource'],
  [
    propagation(classes, 'namespace: default'),
    "resources[0].kind: is cluster-scoped, which a policy in a namespace never matches: leave out the policy's namespace and scope",
  ],
  [
    propagation('{ apiVersion: example.com/v1, kind: Widget }'),
    "resources[0].scope: is required: kind 'Widget' is not known, say whether it is 'Namespaced' or 'Cluster'",
  ],
  [
    propagation('{ apiVersion: v1, kind: ConfigMap, scope: Cluster }'),
    "resources[0].scope: must be 'Namespaced', for that is what ConfigMap is",
  ],
  [
    propagation('{ apiVersion: work.karmada.io/v1alpha1, kind: Work }'),
    "resources[0].apiVersion: is a group of Karmada's own, whose objects are never propagated",
  ],
  [
    propagation('{ apiVersion: v1, kind: ConfigMap, name: c, labels: { a: b } }'),
    "resources[0].name: can't go with labels, for Karmada then ignores these",
  ],
  [
    propagation('{ apiVersion: v1, kind: ConfigMap }', 'preemption: Always'),
    "resources[0].name: must be given with preemption 'Always'",
  ],
  [propagation(config, 'suspension: none'), "suspension: must be 'all' or a list of members"],
  [
    propagation(config, 'propagateDeps: false, failover: { application: {} }'),
    "propagateDeps: must be true for 'failover.application', so that what the app needs moves with it",
  ],
  [
    propagation(config, 'failover: { application: { purgeMode: Never, gracePeriodSeconds: 9 } }'),
    "failover.application.gracePeriodSeconds: has an effect with purgeMode 'Gracefully' only",
  ],
  [
    override('{ target: { clusters: [a] } }'),
    'rules[0]: changes nothing, give it image, command, args, labels, annotations, field or plaintext',
  ],
  [
    override('{ plaintext: [{ path: spec.replicas, operator: remove }] }'),
    "rules[0].plaintext[0].path: must be a JSON pointer, such as '/spec/replicas', got 'spec.replicas'",
  ],
  [
    override('{ plaintext: [{ path: /spec/replicas, operator: replace }] }'),
    "rules[0].plaintext[0].value: must be given with the operator 'replace'",
  ],
  [
    override('{ plaintext: [{ path: /spec/replicas, operator: remove, value: 1 }] }'),
    "rules[0].plaintext[0].value: must be left out with the operator 'remove'",
  ],
  [
    override('{ plaintext: [{ path: /spec/x, operator: add, value: { a: null } }] }'),
    "rules[0].plaintext[0].value: must not hold null: take the operator 'remove' in its place",
  ],
  [override('{ field: [{ path: /data/c }] }'), "rules[0].field[0]: must have either 'json' or 'yaml'"],
  [
    override('{ args: [{ operator: add, value: [-v] }] }'),
    'rules[0].args[0].container: is required, it must be a string',
  ],
])('the policy %s is a fault', (text, fault) => {
  expect(parse(policy, text).faults).toEqual([fault]);
});

test.each<[string, string[]]>([
  ['{ name: q, overall: { cpu: 20, memory: 40Gi }, members: [{ name: a, limits: { cpu: 500m } }] }', []],
  ['{ name: q, overall: {} }', ['overall: must limit at least one resource']],
  [
    '{ name: q, overall: { requests.cpu: 1, limits.nvidia.com/gpu: 1, pods: 9 } }',
    [
      `overall["requests.cpu"]: limits nothing: Karmada counts what pods request, so take 'cpu', or give 'members' their parts`,
      `overall["limits.nvidia.com/gpu"]: limits nothing: Karmada counts what pods request, so take 'nvidia.com/gpu', or give 'members' their parts`,
      "overall.pods: limits nothing: Karmada counts what pods request, such as 'cpu', or give 'members' their parts",
    ],
  ],
  ['{ name: q, overall: { pods: 9, nvidia.com/gpu: 2 }, members: [{ name: a, limits: { pods: 9 } }] }', []],
  [
    '{ name: q, overall: { cpu: 1 }, members: [{ name: a, limits: { cpu: 600m } }, { name: b, limits: { cpu: 500m } }] }',
    ['overall.cpu: must not be less than what the members get of it together'],
  ],
  [
    '{ name: q, overall: { cpu: 1 }, members: [{ name: a, limits: { pods: 1 } }, { name: a, limits: { cpu: 1 } }] }',
    [
      "members[0].limits.pods: must be in 'overall' too, as the limit for all members together",
      'members[1].name: is given twice, put its limits together',
    ],
  ],
])('the quota %s has the faults %j', (text, faults) => {
  expect(parse(quota, text).faults).toEqual(faults);
});

test.each<[string, string[]]>([
  ['{ apiVersion: v1, kind: Deployment }', ["apiVersion: has no kind 'Deployment', did you mean 'apps/v1'?"]],
  ['{ apiVersion: v1, kind: Secert }', ["kind: is no kind of 'v1', did you mean 'Secret'?"]],
  [
    '{ apiVersion: autoscaling/v2beta2, kind: HorizontalPodAutoscaler }',
    ["apiVersion: is not served for the kind 'HorizontalPodAutoscaler', which is in 'autoscaling/v2'"],
  ],
  [
    '{ apiVersion: v1, kind: ConfigMap, name: app-* }',
    [
      "name: must be the name of one object, such as 'settings', and no pattern: take 'labels', or leave it out for all, got 'app-*'",
    ],
  ],
  ["{ apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: 'system:node' }", []],
  ['{ apiVersion: networking.k8s.io/v1beta1, kind: ServiceCIDR, name: a }', []],
  ['{ apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler }', []],
  ['{ apiVersion: example.com/v1, kind: Deployment, scope: Namespaced }', []],
])('what a policy selects must be there to be selected: %s', (resource, faults) => {
  const text = `{ type: propagation, name: p, resources: [${resource}] }`;
  expect(parse(policy, text).faults).toEqual(faults.map((fault) => `resources[0].${fault}`));
});
