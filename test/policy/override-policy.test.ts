import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { OverridePolicy, type OverridePolicyProps } from '../../constructs/policy/override-policy.ts';
import { testChart } from '../chart.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

function synth(props: Partial<OverridePolicyProps>) {
  const chart = testChart();
  const rules = [{ image: [{ component: 'Tag', operator: 'replace', value: 'v2' }] }] as const;
  new OverridePolicy(chart, 'policy', { name: 'web', resources: [deployment], rules, ...props });
  return Testing.synth(chart)[0];
}

test('every overrider reaches the policy, for the members that it is for', () => {
  const { kind, metadata, spec } = synth({
    namespace: 'apps',
    rules: [
      {
        target: { clusters: ['edge-1'], fields: { region: ['de'] } },
        image: [
          { component: 'Registry', operator: 'replace', value: 'registry.example.com' },
          { component: 'Tag', operator: 'remove', path: '/spec/template/spec/containers/0/image' },
        ],
        command: [{ container: 'web', operator: 'add', value: ['--verbose'] }],
        args: [{ container: 'web', operator: 'remove', value: ['--fast'] }],
        labels: [{ operator: 'add', value: { tier: 'edge' } }],
        annotations: [{ operator: 'replace', value: { note: 'edge' } }],
        field: [
          { path: '/data/config.yaml', yaml: [{ subPath: '/log/level', operator: 'replace', value: 'debug' }] },
          { path: '/data/config.json', json: [{ subPath: '/beta', operator: 'remove' }] },
        ],
        plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 3 }],
      },
    ],
  });
  expect(kind).toBe('OverridePolicy');
  expect(metadata).toEqual({ name: 'web', namespace: 'apps' });
  expect(spec).toEqual({
    resourceSelectors: [{ ...deployment, namespace: 'apps' }],
    overrideRules: [
      {
        targetCluster: {
          clusterNames: ['edge-1'],
          fieldSelector: { matchExpressions: [{ key: 'region', operator: 'In', values: ['de'] }] },
        },
        overriders: {
          imageOverrider: [
            { component: 'Registry', operator: 'replace', value: 'registry.example.com' },
            {
              component: 'Tag',
              operator: 'remove',
              predicate: { path: '/spec/template/spec/containers/0/image' },
            },
          ],
          commandOverrider: [{ containerName: 'web', operator: 'add', value: ['--verbose'] }],
          argsOverrider: [{ containerName: 'web', operator: 'remove', value: ['--fast'] }],
          labelsOverrider: [{ operator: 'add', value: { tier: 'edge' } }],
          annotationsOverrider: [{ operator: 'replace', value: { note: 'edge' } }],
          fieldOverrider: [
            { fieldPath: '/data/config.yaml', yaml: [{ subPath: '/log/level', operator: 'replace', value: 'debug' }] },
            { fieldPath: '/data/config.json', json: [{ subPath: '/beta', operator: 'remove' }] },
          ],
          plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 3 }],
        },
      },
    ],
  });
});

test('a rule without a target is for every member', () => {
  expect(synth({}).spec.overrideRules[0]).not.toHaveProperty('targetCluster');
});

test('an override of a cluster-scoped kind is a ClusterOverridePolicy', () => {
  const { kind, metadata } = synth({
    resources: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'spin' }],
  });
  expect(kind).toBe('ClusterOverridePolicy');
  expect(metadata).toEqual({ name: 'web' });
});

test('plaintext values keep their JSON type', () => {
  const values = [0, false, '', { a: [1, 'b'] }, ['x']];
  const { spec } = synth({
    rules: [{ plaintext: values.map((value, i) => ({ path: `/metadata/x${i}`, operator: 'add', value })) }],
  });
  expect(spec.overrideRules[0].overriders.plaintext.map(({ value }: { value: unknown }) => value)).toEqual(values);
});

test('writes the value that Karmada keeps beside a removed field, so that applying again is no change', () => {
  const { spec } = synth({ rules: [{ plaintext: [{ path: '/spec/replicas', operator: 'remove' }] }] });
  expect(spec.overrideRules[0].overriders.plaintext).toEqual([
    { path: '/spec/replicas', operator: 'remove', value: '' },
  ]);
});

test.each<[string, Partial<OverridePolicyProps>, string]>([
  ['no rules', { rules: [] }, "'rules' of override policy 'web' must have at least one rule"],
  ['a rule that changes nothing', { rules: [{ target: { clusters: ['edge-1'] } }] }, 'must change something'],
  [
    'a path that is no JSON pointer',
    { rules: [{ plaintext: [{ path: 'spec.replicas', operator: 'remove' }] }] },
    "a path must be a JSON pointer, such as '/spec/replicas', got 'spec.replicas'",
  ],
  [
    'a cluster-scoped kind in a namespace',
    { namespace: 'apps', resources: [{ apiVersion: 'v1', kind: 'Namespace', name: 'apps' }] },
    "kind 'Namespace' is cluster-scoped",
  ],
])('refuses %s', (_, props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test('the types demand a value for add and replace, and none for remove', () => {
  const rules: OverridePolicyProps['rules'] = [
    // @ts-expect-error a value is missing
    { plaintext: [{ path: '/spec/replicas', operator: 'replace' }] },
    // @ts-expect-error nothing to put in
    { plaintext: [{ path: '/spec/replicas', operator: 'remove', value: 1 }] },
    // @ts-expect-error a document is JSON or YAML
    { field: [{ path: '/data/a', json: [], yaml: [] }] },
  ];
  expect(rules).toHaveLength(3);
});
