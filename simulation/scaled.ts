import { at, withValue } from './interpret/values.ts';
import type { KubeObject } from './kubernetes.ts';
import { nameOf } from './lookup.ts';

/**
 * Objects with the fewest replicas that a FederatedHPA gives to what it scales, or its most: beyond its bounds it waits
 * for no load, and leaves alone only what has 0 (reconcileAutoscaler in pkg/controllers/federatedhpa/federatedhpa_controller.go).
 */
export function scaled(objects: readonly KubeObject[]): readonly KubeObject[] {
  const scalers = objects.filter((object) => /^autoscaling\.karmada\.io\//.test(object.apiVersion) && isScaler(object));
  if (scalers.length === 0) return objects;
  const bounds = new Map(
    scalers.map(({ metadata, spec }) => {
      const { kind, name } = at(spec, 'scaleTargetRef') as { kind: string; name: string };
      const { minReplicas: min = 1, maxReplicas: max } = spec as { minReplicas?: number; maxReplicas: number };
      return [nameOf({ kind, namespace: metadata.namespace ?? 'default', name }), { min, max }];
    }),
  );
  return objects.map((object) => {
    const { kind, metadata, spec } = object;
    const bound = bounds.get(nameOf({ kind, namespace: metadata.namespace ?? 'default', name: metadata.name }));
    const replicas = at(spec, 'replicas') ?? 1;
    if (bound === undefined || typeof replicas !== 'number' || replicas === 0) return object;
    const within = Math.min(Math.max(replicas, bound.min), bound.max);
    return within === replicas ? object : withValue(object, ['spec', 'replicas'], within);
  });
}

function isScaler({ kind, spec }: KubeObject): boolean {
  const { maxReplicas } = (spec ?? {}) as { maxReplicas?: unknown };
  return kind === 'FederatedHPA' && typeof maxReplicas === 'number' && at(spec, 'scaleTargetRef', 'name') !== undefined;
}
