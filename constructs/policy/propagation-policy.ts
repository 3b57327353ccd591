import { Construct } from 'constructs';
import {
  ClusterPropagationPolicy as ClusterPropagationPolicyResource,
  type ClusterPropagationPolicySpec,
} from '../../imports/clusterpropagationpolicy-policy.karmada.io.ts';
import {
  PropagationPolicySpecActivationPreference as Activation,
  PropagationPolicySpecFailoverApplicationPurgeMode as ApplicationPurgeMode,
  PropagationPolicySpecFailoverClusterPurgeMode as ClusterPurgeMode,
  PropagationPolicySpecConflictResolution as ConflictResolution,
  PropagationPolicySpecPreemption as Preemption,
  PropagationPolicySpecSchedulePriorityPriorityClassSource as PriorityClassSource,
  PropagationPolicy as PropagationPolicyResource,
  type PropagationPolicySpec,
} from '../../imports/propagationpolicy-policy.karmada.io.ts';
import { type Placement, toPlacement } from './placement.ts';
import { policyScope, type ResourceSelector, toResourceSelector } from './resource-selector.ts';

/** A value of the status that goes along when an application moves. */
export interface StatePreservationRule {
  /** Label that carries the value into the new copy. */
  readonly aliasLabelName: string;
  /** JSONPath template, read from the object's status, such as `{.availableReplicas}`. */
  readonly jsonPath: string;
}

/** When and how an application moves to another member. */
export interface Failover {
  /**
   * Moves it when it stays unhealthy. Turns `propagateDeps` on.
   *
   * @default - it stays where it is.
   */
  readonly application?: {
    /**
     * Seconds that it may be unhealthy.
     *
     * @default 300
     */
    readonly tolerationSeconds?: number;
    /**
     * When the old copy goes: at once, once the new one is healthy, or by hand.
     *
     * @default 'Gracefully'
     */
    readonly purgeMode?: 'Directly' | 'Gracefully' | 'Never';
    /**
     * Seconds to wait for the new copy to become healthy, for `Gracefully`.
     *
     * @default 600
     */
    readonly gracePeriodSeconds?: number;
    /**
     * Needs the gate `StatefulFailoverInjection`.
     *
     * @default - nothing goes along.
     */
    readonly statePreservation?: readonly StatePreservationRule[];
  };
  /**
   * Moves it when its member is gone. Needs the gate `Failover`.
   *
   * @default - as the control plane does in general.
   */
  readonly cluster?: {
    /**
     * `Gracefully`: the old copy goes once the new one is healthy. `Directly`: the new one starts once the old one is
     * gone (checkDirectPurgeOrphanWorks in pkg/controllers/binding of Karmada 1.18), so never two at a time, and none
     * while the member is out of reach.
     *
     * @default 'Gracefully'
     */
    readonly purgeMode?: 'Directly' | 'Gracefully';
    /**
     * Needs the gate `StatefulFailoverInjection`.
     *
     * @default - nothing goes along.
     */
    readonly statePreservation?: readonly StatePreservationRule[];
  };
}

/** How Karmada treats what it propagates, beside where it goes. */
export interface PropagationOptions {
  /**
   * Whether ConfigMaps, Secrets and the like that a resource names go along. Needs the gate `PropagateDeps`.
   *
   * @default - true with `failover.application`, else false.
   */
  readonly propagateDeps?: boolean;
  /**
   * Of several policies for a resource, the one with the highest gets it.
   *
   * @default 0
   */
  readonly priority?: number;
  /**
   * Whether to take resources from policies of lower priority. `Always` needs the gate `PropagationPolicyPreemption`.
   *
   * @default 'Never'
   */
  readonly preemption?: 'Always' | 'Never';
  /**
   * What to do where a member has an object of that name already: leave it, or take it over.
   *
   * @default 'Abort'
   */
  readonly conflictResolution?: 'Abort' | 'Overwrite';
  /**
   * `Lazy`: a change of the policy takes effect with the next change of the resource.
   *
   * @default - it takes effect at once.
   */
  readonly activationPreference?: 'Lazy';
  /**
   * Members whose copies are left as they are: all of them, or these.
   *
   * @default - none.
   */
  readonly suspension?: 'all' | readonly string[];
  /**
   * Whether copies stay on the members when the resource is deleted.
   *
   * @default false
   */
  readonly preserveResourcesOnDeletion?: boolean;
  /**
   * PriorityClass in the Karmada API by which the scheduler orders its queue. Needs the gate `PriorityBasedScheduling`.
   *
   * @default - none.
   */
  readonly schedulePriority?: string;
  /**
   * Scheduler to use. Karmada refuses to change it later.
   *
   * @default 'default-scheduler'
   */
  readonly schedulerName?: string;
  /**
   * Names of override policies that must exist before this policy acts.
   *
   * @default - none.
   */
  readonly dependentOverrides?: readonly string[];
  /**
   * @default - none.
   */
  readonly failover?: Failover;
}

/** Properties for `PropagationPolicy`. */
export interface PropagationPolicyProps extends PropagationOptions {
  /** Name of the policy. */
  readonly name: string;
  /**
   * Namespace of the policy and of the resources that it selects. Not for policies with cluster-scoped resources.
   *
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * `Cluster` makes a ClusterPropagationPolicy: for cluster-scoped kinds, or for resources of several namespaces.
   *
   * @default - `Cluster` where a selected kind is cluster-scoped, else `Namespaced`.
   */
  readonly scope?: 'Namespaced' | 'Cluster';
  /** What is propagated; at least one. */
  readonly resources: readonly ResourceSelector[];
  /**
   * Where it goes.
   *
   * @default - every member.
   */
  readonly placement?: Placement;
}

/**
 * Defines which members resources go to: a PropagationPolicy, or a ClusterPropagationPolicy where a selected kind is
 * cluster-scoped, for Karmada never matches such an object with a policy in a namespace (pkg/detector/detector.go,
 * LookForMatchedPolicy).
 *
 * @throws Error when Karmada's webhook would refuse the policy, or when it could never match.
 */
export class PropagationPolicy extends Construct {
  /** Kind of the policy. */
  readonly kind: 'PropagationPolicy' | 'ClusterPropagationPolicy';

  constructor(scope: Construct, id: string, props: PropagationPolicyProps) {
    super(scope, id);
    const { name, placement = {} } = props;
    const namespace = policyScope(props);
    validate(props);
    const spec = {
      resourceSelectors: props.resources.map((resource) => toResourceSelector(resource, namespace)),
      placement: toPlacement(placement),
      ...toOptions(props),
    } satisfies PropagationPolicySpec;
    if (namespace === undefined) {
      this.kind = 'ClusterPropagationPolicy';
      // The two CRDs share the schema of their spec; the importer makes types of its own for each.
      new ClusterPropagationPolicyResource(this, 'Resource', {
        metadata: { name },
        spec: spec as unknown as ClusterPropagationPolicySpec,
      });
    } else {
      this.kind = 'PropagationPolicy';
      new PropagationPolicyResource(this, 'Resource', { metadata: { name, namespace }, spec });
    }
  }
}

function toOptions(options: PropagationOptions): Partial<PropagationPolicySpec> {
  const { activationPreference, conflictResolution, failover, preemption, schedulePriority, suspension } = options;
  return {
    propagateDeps: options.propagateDeps ?? (failover?.application ? true : undefined),
    priority: options.priority,
    preemption: preemption && { Always: Preemption.ALWAYS, Never: Preemption.NEVER }[preemption],
    conflictResolution:
      conflictResolution &&
      { Abort: ConflictResolution.ABORT, Overwrite: ConflictResolution.OVERWRITE }[conflictResolution],
    activationPreference: activationPreference && Activation.LAZY,
    suspension:
      suspension &&
      (suspension === 'all' ? { dispatching: true } : { dispatchingOnClusters: { clusterNames: [...suspension] } }),
    preserveResourcesOnDeletion: options.preserveResourcesOnDeletion,
    schedulePriority:
      schedulePriority === undefined
        ? undefined
        : { priorityClassSource: PriorityClassSource.KUBE_PRIORITY_CLASS, priorityClassName: schedulePriority },
    schedulerName: options.schedulerName,
    dependentOverrides: options.dependentOverrides && [...options.dependentOverrides],
    failover: failover && toFailover(failover),
  };
}

function toFailover({ application, cluster }: Failover): PropagationPolicySpec['failover'] {
  const preserved = (rules: readonly StatePreservationRule[] | undefined) =>
    rules && { rules: rules.map((rule) => ({ ...rule })) };
  const { purgeMode = 'Gracefully' } = application ?? {};
  return {
    application: application && {
      decisionConditions: { tolerationSeconds: application.tolerationSeconds ?? 300 },
      purgeMode: {
        Directly: ApplicationPurgeMode.DIRECTLY,
        Gracefully: ApplicationPurgeMode.GRACEFULLY,
        Never: ApplicationPurgeMode.NEVER,
      }[purgeMode],
      gracePeriodSeconds: application.gracePeriodSeconds ?? (purgeMode === 'Gracefully' ? 600 : undefined),
      statePreservation: preserved(application.statePreservation),
    },
    cluster: cluster && {
      purgeMode: { Directly: ClusterPurgeMode.DIRECTLY, Gracefully: ClusterPurgeMode.GRACEFULLY }[
        cluster.purgeMode ?? 'Gracefully'
      ],
      statePreservation: preserved(cluster.statePreservation),
    },
  };
}

/** What the types can't rule out, and Karmada's webhook refuses (pkg/util/validation/validation.go). */
function validate({ failover, placement = {}, preemption, propagateDeps, resources }: PropagationPolicyProps): void {
  validatePlacement(placement);
  if (failover?.application && propagateDeps === false) {
    throw new Error("'propagateDeps' must be true with 'failover.application', got 'false'");
  }
  const { purgeMode = 'Gracefully', gracePeriodSeconds } = failover?.application ?? {};
  if (gracePeriodSeconds !== undefined && purgeMode !== 'Gracefully') {
    throw new Error(`'gracePeriodSeconds' needs purgeMode 'Gracefully', got '${purgeMode}'`);
  }
  const nameless = resources.find(({ name }) => name === undefined);
  if (preemption === 'Always' && nameless) {
    throw new Error(
      `'preemption' may be 'Always' only where every resource has a name, got a ${nameless.kind} without`,
    );
  }
}

function validatePlacement({ groups = [], replicas, spread = [], workloadAffinity }: Placement): void {
  const unique = (names: readonly string[], what: string) => {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new Error(`${what} must each have a name of their own, got '${twice}' twice`);
  };
  unique(
    groups.map(({ name }) => name),
    'groups',
  );
  for (const { name, overflow = [], ...affinity } of groups) {
    if (overflow.length === 0) continue;
    unique([name, ...overflow.map((other) => other.name)], `group '${name}' and its overflow`);
    if (replicas?.type !== 'aggregated' && replicas?.type !== 'dynamic') {
      throw new Error(
        `'overflow' needs replicas of type 'aggregated' or 'dynamic', got '${replicas?.type ?? 'duplicated'}'`,
      );
    }
    if (Object.values(affinity).every((value) => value === undefined)) {
      throw new Error(`group '${name}' must select members to overflow from`);
    }
  }
  const fields = spread.flatMap(({ by }) => by ?? []);
  unique(fields, 'spread constraints by field');
  if (fields.length > 0 && !fields.includes('cluster')) {
    throw new Error(`'spread' by '${fields[0]}' needs a constraint by 'cluster' beside it`);
  }
  for (const { min, max } of spread) {
    if (min !== undefined && max !== undefined && max < min) {
      throw new Error(`'max' of a spread constraint must not be lower than its min '${min}', got '${max}'`);
    }
  }
  const { affinity, antiAffinity } = workloadAffinity ?? {};
  if (affinity !== undefined && affinity === antiAffinity) {
    throw new Error(`'affinity' and 'antiAffinity' must be different label keys, got '${affinity}' twice`);
  }
}
