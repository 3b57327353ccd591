import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Placed, Result } from '../../simulation/model.ts';
import { planKey } from '../../simulation/plan.ts';
import { simulate } from '../../simulation/simulate.ts';
import type { Desired } from './desired.ts';
import type { Binding, Karmada } from './live.ts';

/** Kinds that scale others. */
const SCALERS = new Set(['FederatedHPA', 'CronFederatedHPA', 'HorizontalPodAutoscaler']);

/**
 * What Karmada should do with what the manifests hold, on the members as they are, from where everything is now: it keeps
 * what runs somewhere, though it would place it elsewhere afresh.
 */
export function computedFor({ objects, settings }: Desired, { clusters, bindings }: Karmada): Result {
  const scaled = new Set(objects.filter(({ kind }) => SCALERS.has(kind)).map(targetOf));
  const replicas = new Map(bindings.map(({ spec }) => [planKey(spec.resource), spec.replicas]));
  return simulate({
    ...settings,
    objects: objects.map((object) => {
      const namespace = object.metadata.namespace ?? 'default';
      const count = replicas.get(planKey({ ...object, namespace, name: object.metadata.name }));
      // How many there are is for the scaler to say.
      return count !== undefined && scaled.has(`${object.kind} ${namespace}/${object.metadata.name}`)
        ? withReplicas(object, count)
        : object;
    }),
    members: clusters,
    before: bindings.filter(({ spec }) => spec.clusters?.length).map(placedBy),
  });
}

/** Such as `Deployment shop/cart`. */
function targetOf({ metadata, spec }: KubeObject): string {
  const { kind, name } = (spec as { scaleTargetRef?: { kind?: string; name?: string } })?.scaleTargetRef ?? {};
  return `${kind} ${metadata.namespace ?? 'default'}/${name}`;
}

function withReplicas(object: KubeObject, replicas: number): KubeObject {
  return { ...object, spec: { ...(object.spec as object), replicas } };
}

/** What Karmada writes on bindings (pkg/apis/policy/v1alpha1/well_known_constants.go, pkg/util/constants.go). */
const WRITTEN = {
  placement: 'policy.karmada.io/applied-placement',
  policy: 'propagationpolicy.karmada.io/name',
  namespace: 'propagationpolicy.karmada.io/namespace',
  widePolicy: 'clusterpropagationpolicy.karmada.io/name',
};

/** The policy that placed it, as Karmada has written it down. */
export function policyOf({ metadata: { annotations = {} } }: Binding): Placed['policy'] {
  const { [WRITTEN.policy]: name, [WRITTEN.namespace]: namespace, [WRITTEN.widePolicy]: wide } = annotations;
  if (name !== undefined) return { kind: 'PropagationPolicy', ...(namespace !== undefined && { namespace }), name };
  return wide === undefined ? undefined : { kind: 'ClusterPropagationPolicy', name: wide };
}

function placedBy(binding: Binding): Placed {
  const { metadata, spec, status } = binding;
  const policy = policyOf(binding);
  const group = status?.schedulerObservingAffinityName;
  const placement = metadata.annotations?.[WRITTEN.placement];
  return {
    ...spec.resource,
    ...(policy && { policy }),
    ...(group && { group }),
    members: (spec.clusters ?? []).map(({ name, replicas }) => ({ name, replicas: replicas ?? null })),
    ...(placement && { placement: JSON.parse(placement) }),
    evicting: (spec.gracefulEvictionTasks ?? []).map(({ fromCluster }) => fromCluster),
  };
}
