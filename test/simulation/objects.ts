import type {
  Cluster,
  OverridePolicy,
  PlacementSpec,
  PropagationPolicy,
  PropagationSpec,
} from '../../simulation/karmada.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Input, Placement } from '../../simulation/model.ts';
import { simulate } from '../../simulation/simulate.ts';

/** A member that is only planned: what it serves and its room are not known. */
export function member(
  name: string,
  fields: Partial<Cluster> & { readonly labels?: Record<string, string> } = {},
): Cluster {
  const { labels, metadata, ...rest } = fields;
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, ...(labels ? { labels } : {}), ...metadata },
    ...rest,
  };
}

/** A member that serves Deployments and has room for so many pods. */
export function roomy(name: string, pods: number, fields: Partial<Cluster> = {}): Cluster {
  return member(name, {
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ kind: 'Deployment' }] }],
      resourceSummary: { allocatable: { pods, cpu: '100', memory: '100Gi' } },
    },
    ...fields,
  });
}

export function deployment(
  name = 'web',
  spec: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', ...metadata },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: 'web', image: 'registry.example.com/shop/web:v1' }] } },
      ...spec,
    },
  };
}

export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

/** A policy in the namespace `shop` for all Deployments there. */
export function policy(placement: PlacementSpec, spec: Partial<PropagationSpec> = {}, name = 'web'): PropagationPolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], placement, ...spec },
  };
}

export function clusterPolicy(
  placement: PlacementSpec,
  spec: Partial<PropagationSpec> = {},
  name = 'web',
): PropagationPolicy {
  return { ...policy(placement, spec), kind: 'ClusterPropagationPolicy', metadata: { name } };
}

/** Overrides for all Deployments of the namespace `shop`. */
export function override(spec: OverridePolicy['spec'], name = 'web'): OverridePolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name, namespace: 'shop' },
    spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], ...spec },
  };
}

/** The placement of the first object that is no policy. */
export function placed(
  members: readonly Cluster[],
  objects: readonly KubeObject[],
  rest: Partial<Input> = {},
): Placement {
  return simulate({ objects, members, ...rest }).placements[0]!;
}

/** Members and replicas in short: `{ oslo: 2, rome: null }`. */
export function shares({ members }: Pick<Placement, 'members'>): Record<string, number | null> {
  return Object.fromEntries(members.map(({ name, replicas }) => [name, replicas]));
}

export function reasons(placement: Placement): Record<string, string> {
  return Object.fromEntries(
    placement
      .verdicts()
      .filter(({ chosen }) => !chosen)
      .map(({ member: name, reason }) => [name, reason.code]),
  );
}
