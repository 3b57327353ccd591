import type { Gate } from './model.ts';

export type Gates = Readonly<Record<Gate, boolean>>;

/** The gates of Karmada 1.18 as they are without a flag (pkg/features/features.go). */
const DEFAULTS: Gates = {
  Failover: false,
  GracefulEviction: true,
  PropagateDeps: true,
  CustomizedClusterResourceModeling: true,
  PropagationPolicyPreemption: false,
  MultiClusterService: false,
  StatefulFailoverInjection: false,
  FederatedQuotaEnforcement: false,
  MultiplePodTemplatesScheduling: false,
  WorkloadAffinity: false,
};

export function gatesOf(given: Readonly<Partial<Record<Gate, boolean>>> = {}): Gates {
  return { ...DEFAULTS, ...given };
}
