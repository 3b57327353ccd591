/**
 * What the Karmada API server makes of policies on their way in: defaults of the CRDs and of Karmada's mutating webhooks
 * (pkg/webhook/{propagationpolicy,clusterpropagationpolicy,overridepolicy}/mutating.go, pkg/util/helper/policy.go).
 */
import type {
  ClusterAffinityTerm,
  OverridePolicy,
  PlacementSpec,
  PropagationPolicy,
  ReplicaScheduling,
  ResourceSelector,
  SpreadConstraint,
} from './karmada.ts';
import type { KubeObject } from './kubernetes.ts';

const SERVICE_IMPORT = { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceImport' };

/** Kinds that always have a namespace: without one, kubectl puts them into `default`. */
const NAMESPACED: ReadonlySet<string> = new Set([
  'PropagationPolicy',
  'OverridePolicy',
  'FederatedResourceQuota',
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'Ingress',
  'Job',
  'PersistentVolumeClaim',
  'Pod',
  'ReplicaSet',
  'Secret',
  'Service',
  'ServiceAccount',
  'SpinApp',
  'SpinAppExecutor',
  'StatefulSet',
]);

/** An object as the API server holds it: in a namespace, if its kind has one. */
export function withNamespace(object: KubeObject): KubeObject {
  if (object.metadata.namespace || !NAMESPACED.has(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

export function propagationPolicy(object: KubeObject): PropagationPolicy {
  const policy = object as PropagationPolicy;
  const { spec = { resourceSelectors: [] } } = policy;
  const resourceSelectors = selectorsOf(policy, spec.resourceSelectors ?? []);
  return {
    ...policy,
    spec: {
      ...spec,
      resourceSelectors,
      placement: placementOf(spec.placement ?? {}),
      propagateDeps: spec.propagateDeps || resourceSelectors.some(isServiceImport),
    },
  };
}

export function overridePolicy(object: KubeObject): OverridePolicy {
  const policy = object as OverridePolicy;
  const { spec = {} } = policy;
  return { ...policy, spec: { ...spec, resourceSelectors: selectorsOf(policy, spec.resourceSelectors ?? []) } };
}

/** A policy with a namespace selects in that namespace alone. */
function selectorsOf({ metadata }: KubeObject, selectors: readonly ResourceSelector[]): readonly ResourceSelector[] {
  const { namespace } = metadata;
  return namespace === undefined
    ? selectors
    : selectors.map((selector) => ({ ...selector, namespace: selector.namespace || namespace }));
}

function isServiceImport({ apiVersion, kind }: ResourceSelector): boolean {
  return apiVersion === SERVICE_IMPORT.apiVersion && kind === SERVICE_IMPORT.kind;
}

/** A placement as the scheduler reads it. Lists without items are as good as missing. */
export function placementOf({ clusterAffinities = [], ...placement }: PlacementSpec): PlacementSpec {
  const { spreadConstraints, replicaScheduling } = placement;
  return {
    ...placement,
    ...(clusterAffinities.length > 0 ? { clusterAffinities: clusterAffinities.map(termOf) } : {}),
    ...(spreadConstraints ? { spreadConstraints: spreadConstraints.map(spreadOf) } : {}),
    ...(replicaScheduling ? { replicaScheduling: divisionOf(replicaScheduling) } : {}),
  };
}

function termOf({ overflowAffinities = [], ...term }: ClusterAffinityTerm): ClusterAffinityTerm {
  return overflowAffinities.length > 0 ? { ...term, overflowAffinities } : term;
}

/** `maxGroups` gets no default: without one it reads as 0, and nothing is ever placed. */
function spreadOf(constraint: SpreadConstraint): SpreadConstraint {
  const byCluster = !constraint.spreadByLabel && !constraint.spreadByField;
  return {
    ...constraint,
    ...(byCluster ? { spreadByField: 'cluster' } : {}),
    minGroups: constraint.minGroups || 1,
    maxGroups: constraint.maxGroups ?? 0,
  };
}

function divisionOf(scheduling: ReplicaScheduling): ReplicaScheduling {
  const replicaSchedulingType = scheduling.replicaSchedulingType || 'Divided';
  if (replicaSchedulingType !== 'Divided' || scheduling.replicaDivisionPreference) {
    return { ...scheduling, replicaSchedulingType };
  }
  return { ...scheduling, replicaSchedulingType, replicaDivisionPreference: 'Weighted' };
}
