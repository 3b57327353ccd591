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
