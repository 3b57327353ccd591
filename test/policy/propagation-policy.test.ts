import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { PropagationPolicy, type PropagationPolicyProps } from '../../constructs/policy/propagation-policy.ts';
import { testChart } from '../chart.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'spin' };

function synth(props: Partial<PropagationPolicyProps>) {
  const chart = testChart();
  new PropagationPolicy(chart, 'policy', { name: 'web', resources: [deployment], ...props });
  return Testing.synth(chart)[0];
}

test('a policy for a namespaced kind is in the namespace default, and so is what it selects', () => {
  expect(synth({ placement: { clusters: ['edge-1'] } })).toEqual({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      resourceSelectors: [{ ...deployment, namespace: 'default' }],
      placement: { clusterAffinity: { clusterNames: ['edge-1'] } },
    },
  });
});

test('a policy for a cluster-scoped kind is a ClusterPropagationPolicy without a namespace', () => {
  expect(synth({ resources: [runtimeClass] })).toEqual({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterPropagationPolicy',
    metadata: { name: 'web' },
    spec: { resourceSelectors: [runtimeClass], placement: {} },
  });
});

test.each([
  ['v1', 'Namespace'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['storage.k8s.io/v1', 'StorageClass'],
  ['scheduling.k8s.io/v1', 'PriorityClass'],
  ['networking.k8s.io/v1', 'IngressClass'],
  ['runtime.spinkube.dev/v1alpha1', 'Shim'],
])('%s %s is known to be cluster-scoped', (apiVersion, kind) => {
  expect(synth({ resources: [{ apiVersion, kind, name: 'x' }] }).kind).toBe('ClusterPropagationPolicy');
});

test.each([
  ['v1', 'ConfigMap'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['core.spinkube.dev/v1alpha1', 'SpinApp'],
])('%s %s is known to live in a namespace', (apiVersion, kind) => {
  expect(synth({ resources: [{ apiVersion, kind, name: 'x' }] }).kind).toBe('PropagationPolicy');
});

test('one cluster-scoped kind among others makes the whole policy cluster-scoped', () => {
  const { kind, spec } = synth({ resources: [{ ...deployment, namespace: 'apps' }, runtimeClass] });
  expect(kind).toBe('ClusterPropagationPolicy');
  expect(spec.resourceSelectors).toEqual([{ ...deployment, namespace: 'apps' }, runtimeClass]);
});

test('a kind that nobody can know needs its scope', () => {
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' };
  expect(() => synth({ resources: [widget] })).toThrow(
    "kind 'Widget' of 'example.com/v1' is not known, give its scope: 'Namespaced' or 'Cluster'",
  );
  expect(synth({ resources: [{ ...widget, scope: 'Cluster' }] }).kind).toBe('ClusterPropagationPolicy');
  expect(synth({ resources: [{ ...widget, scope: 'Namespaced' }] }).kind).toBe('PropagationPolicy');
});

test('every option reaches the policy', () => {
  const props: Required<Omit<PropagationPolicyProps, 'name' | 'scope'>> = {
    namespace: 'apps',
    resources: [deployment],
    placement: {},
    propagateDeps: true,
    priority: 10,
    preemption: 'Always',
    conflictResolution: 'Overwrite',
    activationPreference: 'Lazy',
    suspension: ['edge-1'],
    preserveResourcesOnDeletion: true,
    schedulePriority: 'high',
    schedulerName: 'other-scheduler',
    dependentOverrides: ['web'],
    failover: {
      application: {
        tolerationSeconds: 60,
        purgeMode: 'Gracefully',
        gracePeriodSeconds: 120,
        statePreservation: [{ aliasLabelName: 'example.com/state', jsonPath: '{.state}' }],
      },
      cluster: {
        purgeMode: 'Directly',
        statePreservation: [{ aliasLabelName: 'example.com/state', jsonPath: '{.state}' }],
      },
    },
  };
  const { metadata, spec } = synth(props);
  expect(metadata).toEqual({ name: 'web', namespace: 'apps' });
  expect(spec).toEqual({
    resourceSelectors: [{ ...deployment, namespace: 'apps' }],
    placement: {},
    propagateDeps: true,
    priority: 10,
    preemption: 'Always',
    conflictResolution: 'Overwrite',
    activationPreference: 'Lazy',
    suspension: { dispatchingOnClusters: { clusterNames: ['edge-1'] } },
    preserveResourcesOnDeletion: true,
    schedulePriority: { priorityClassSource: 'KubePriorityClass', priorityClassName: 'high' },
    schedulerName: 'other-scheduler',
    dependentOverrides: ['web'],
    failover: {
      application: {
        decisionConditions: { tolerationSeconds: 60 },
        purgeMode: 'Gracefully',
        gracePeriodSeconds: 120,
        statePreservation: { rules: [{ aliasLabelName: 'example.com/state', jsonPath: '{.state}' }] },
      },
      cluster: {
        purgeMode: 'Directly',
        statePreservation: { rules: [{ aliasLabelName: 'example.com/state', jsonPath: '{.state}' }] },
      },
    },
  });
});

test('suspension of all members stops dispatching as a whole', () => {
  expect(synth({ suspension: 'all' }).spec.suspension).toEqual({ dispatching: true });
});

test('application failover takes what the app needs along, and waits as long as Karmada does', () => {
  const { spec } = synth({ failover: { application: {} } });
  expect(spec.propagateDeps).toBe(true);
  expect(spec.failover).toEqual({
    application: { decisionConditions: { tolerationSeconds: 300 }, purgeMode: 'Gracefully', gracePeriodSeconds: 600 },
  });
});

test('resources are selected by labels where they have no name', () => {
  const { spec } = synth({
    resources: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        labels: { team: 'a' },
        labelExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
      },
    ],
  });
  expect(spec.resourceSelectors).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'default',
      labelSelector: {
        matchLabels: { team: 'a' },
        matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
      },
    },
  ]);
});

test.each<[string, Partial<PropagationPolicyProps>, string]>([
  ['no resources', { resources: [] }, "'resources' must select at least one resource"],
  [
    'a cluster-scoped kind in a namespace',
    { namespace: 'default', resources: [runtimeClass] },
    "kind 'RuntimeClass' is cluster-scoped, which a policy in a namespace never matches: leave out 'namespace' and 'scope'",
  ],
  [
    'a cluster-scoped kind in a policy said to be namespaced',
    { scope: 'Namespaced', resources: [runtimeClass] },
    "kind 'RuntimeClass' is cluster-scoped",
  ],
  [
    'a scope that the kind does not have',
    { resources: [{ ...runtimeClass, scope: 'Namespaced' }] },
    "kind 'RuntimeClass' of 'node.k8s.io/v1' has the scope 'Cluster', got 'Namespaced'",
  ],
  [
    "Karmada's own objects",
    { resources: [{ apiVersion: 'policy.karmada.io/v1alpha1', kind: 'OverridePolicy', name: 'o' }] },
    "objects of 'policy.karmada.io/v1alpha1' are Karmada's own and never propagated, got 'OverridePolicy'",
  ],
  [
    'resources of another namespace',
    { resources: [{ ...deployment, namespace: 'other' }] },
    "a policy selects in its own namespace 'default' only, got 'other'",
  ],
  [
    'a name beside labels',
    { resources: [{ ...deployment, labels: { a: 'b' } }] },
    "a resource must be selected by name or by labels, got both for Deployment 'web'",
  ],
  [
    'preemption without names',
    { preemption: 'Always', resources: [{ apiVersion: 'apps/v1', kind: 'Deployment' }] },
    "'preemption' may be 'Always' only where every resource has a name, got a Deployment without",
  ],
  [
    'application failover without dependents',
    { propagateDeps: false, failover: { application: {} } },
    "'propagateDeps' must be true with 'failover.application', got 'false'",
  ],
  [
    'a grace period that nothing waits for',
    { failover: { application: { purgeMode: 'Never', gracePeriodSeconds: 5 } } },
    "'gracePeriodSeconds' needs purgeMode 'Gracefully', got 'Never'",
  ],
  [
    'two groups of one name',
    { placement: { groups: [{ name: 'a' }, { name: 'a' }] } },
    "groups must each have a name of their own, got 'a' twice",
  ],
  [
    'overflow of replicas that are not divided by what is free',
    { placement: { groups: [{ name: 'a', clusters: ['x'], overflow: [{ name: 'b' }] }] } },
    "'overflow' needs replicas of type 'aggregated' or 'dynamic', got 'duplicated'",
  ],
  [
    'overflow from everywhere',
    { placement: { groups: [{ name: 'a', overflow: [{ name: 'b' }] }], replicas: { type: 'dynamic' } } },
    "group 'a' must select members to overflow from",
  ],
  [
    'overflow of the same name as its group',
    {
      placement: {
        groups: [{ name: 'a', clusters: ['x'], overflow: [{ name: 'a' }] }],
        replicas: { type: 'dynamic' },
      },
    },
    "group 'a' and its overflow must each have a name of their own, got 'a' twice",
  ],
  [
    'spread by region without clusters',
    { placement: { spread: [{ by: 'region' }] } },
    "'spread' by 'region' needs a constraint by 'cluster' beside it",
  ],
  [
    'two spread constraints by one field',
    { placement: { spread: [{ by: 'cluster' }, { by: 'cluster' }] } },
    "spread constraints by field must each have a name of their own, got 'cluster' twice",
  ],
  [
    'a maximum below the minimum',
    { placement: { spread: [{ by: 'cluster', min: 3, max: 2 }] } },
    "'max' of a spread constraint must not be lower than its min '3', got '2'",
  ],
  [
    'affinity and anti-affinity by one label',
    { placement: { workloadAffinity: { affinity: 'team', antiAffinity: 'team' } } },
    "'affinity' and 'antiAffinity' must be different label keys, got 'team' twice",
  ],
])('refuses %s', (_, props, message) => {
  expect(() => synth(props)).toThrow(message);
});
