import type { Placement } from './placement.ts';
import type { PropagationOptions } from './propagation-policy.ts';

/** A gate that a field of a policy or another object of this project needs. */
export type FeatureGate =
  | 'Failover'
  | 'FederatedQuotaEnforcement'
  | 'MultiClusterService'
  | 'PriorityBasedScheduling'
  | 'PropagateDeps'
  | 'PropagationPolicyPreemption'
  | 'StatefulFailoverInjection'
  | 'WorkloadAffinity';

/** All gates of Karmada 1.18 (pkg/features/features.go), and the two that turn on whole stages of maturity. */
export const KARMADA_1_18_GATES = [
  'AllAlpha',
  'AllBeta',
  'ContextualLogging',
  'ControllerPriorityQueue',
  'CustomizedClusterResourceModeling',
  'Failover',
  'FederatedQuotaEnforcement',
  'GracefulEviction',
  'LoggingAlphaOptions',
  'LoggingBetaOptions',
  'MultiClusterService',
  'MultiplePodTemplatesScheduling',
  'PriorityBasedScheduling',
  'PropagateDeps',
  'PropagationPolicyPreemption',
  'ResourceQuotaEstimate',
  'SchedulingOvercommitProtection',
  'StatefulFailoverInjection',
  'WorkloadAffinity',
];

/** What is known of a gate. */
export interface FeatureGateFacts {
  /** Whether the gate is on where nothing is said (pkg/features/features.go of Karmada 1.18). */
  readonly default: boolean;
  /**
   * Whether it may be turned on because something needs it: it then changes nothing for what does not use it.
   * `Failover` moves all that runs on a failing member, and `PriorityBasedScheduling` gives the scheduler another queue;
   * both are for a person to decide.
   */
  readonly derived: boolean;
  /** Components that read the gate. */
  readonly components: readonly ('controllerManager' | 'scheduler' | 'webhook' | 'agent')[];
}

/** The gates, from pkg/features/features.go and where that version's components ask for them. */
export const FEATURE_GATES: Readonly<Record<FeatureGate, FeatureGateFacts>> = {
  Failover: { default: false, derived: false, components: ['controllerManager'] },
  FederatedQuotaEnforcement: { default: false, derived: true, components: ['controllerManager', 'webhook'] },
  MultiClusterService: { default: false, derived: true, components: ['controllerManager', 'agent'] },
  PriorityBasedScheduling: { default: false, derived: false, components: ['controllerManager', 'scheduler'] },
  PropagateDeps: { default: true, derived: true, components: ['controllerManager'] },
  PropagationPolicyPreemption: { default: false, derived: true, components: ['controllerManager'] },
  StatefulFailoverInjection: { default: false, derived: true, components: ['controllerManager'] },
  WorkloadAffinity: { default: false, derived: true, components: ['controllerManager', 'scheduler'] },
};

/** A gate, and the field that needs it, from the policy on. */
export interface GateNeed {
  readonly gate: FeatureGate;
  readonly field: readonly (string | number)[];
}

/** The gates that a propagation policy needs to have its effect. Without them Karmada stores it, and does not act. */
export function requiredGates(policy: PropagationOptions & { readonly placement?: Placement }): GateNeed[] {
  const { failover, placement, preemption, propagateDeps, schedulePriority } = policy;
  const needs: [GateNeed['gate'], unknown, GateNeed['field']][] = [
    ['WorkloadAffinity', placement?.workloadAffinity, ['placement', 'workloadAffinity']],
    ['PropagateDeps', propagateDeps, ['propagateDeps']],
    ['PropagateDeps', failover?.application, ['failover', 'application']],
    ['PropagationPolicyPreemption', preemption === 'Always', ['preemption']],
    ['PriorityBasedScheduling', schedulePriority, ['schedulePriority']],
    ['Failover', failover?.cluster, ['failover', 'cluster']],
    [
      'StatefulFailoverInjection',
      failover?.application?.statePreservation,
      ['failover', 'application', 'statePreservation'],
    ],
    ['StatefulFailoverInjection', failover?.cluster?.statePreservation, ['failover', 'cluster', 'statePreservation']],
  ];
  return needs.filter(([, needed]) => needed).map(([gate, , field]) => ({ gate, field }));
}
