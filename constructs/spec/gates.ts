import { dependencyOf } from '../apps/federated-app.ts';
import { FEATURE_GATES, type FeatureGate } from '../karmada/feature-gates.ts';
import { requiredGates } from '../policy/required-gates.ts';
import type { Path } from './faults.ts';
import type { FederationSpec } from './federation.ts';

/** The gates of Karmada that the file needs, each with every place that needs it. */
export function neededGates(spec: FederationSpec): { gate: FeatureGate; path: Path }[] {
  const apps = spec.apps.flatMap((app, i) => {
    const path = ['spec', 'apps', i];
    const { propagation, placement } = app;
    const dependency = dependencyOf(app);
    return [
      ...requiredGates({ ...propagation, placement }).map(({ gate, field }) => ({
        gate,
        path: field[0] === 'placement' ? [...path, ...field] : [...path, 'propagation', ...field],
      })),
      ...(dependency && propagation.propagateDeps === undefined
        ? [{ gate: 'PropagateDeps' as const, path: [...path, dependency] }]
        : []),
      ...(app.multiClusterService
        ? [{ gate: 'MultiClusterService' as const, path: [...path, 'multiClusterService'] }]
        : []),
    ];
  });
  const policies = spec.policies.flatMap((policy, i) =>
    policy.type === 'propagation'
      ? requiredGates(policy).map(({ gate, field }) => ({ gate, path: ['spec', 'policies', i, ...field] }))
      : [],
  );
  const quotas = spec.quotas.map((_, i) => ({
    gate: 'FederatedQuotaEnforcement' as const,
    path: ['spec', 'quotas', i, 'overall'],
  }));
  return [...apps, ...policies, ...quotas];
}

/**
 * The gates to give the control plane: what the file says, and on top of that those that the file needs and that may be
 * turned on for that.
 */
export function featureGates(spec: FederationSpec): Record<string, boolean> {
  const needed = new Set(neededGates(spec).map(({ gate }) => gate));
  const derived = [...needed].filter((gate) => FEATURE_GATES[gate].derived).sort();
  return { ...Object.fromEntries(derived.map((gate) => [gate, true])), ...spec.controlPlane.karmada.featureGates };
}
