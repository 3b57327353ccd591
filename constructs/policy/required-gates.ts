import type { FeatureGate } from '../karmada/feature-gates.ts';
import type { Placement } from './placement.ts';
import type { PropagationOptions } from './propagation-policy.ts';

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
