import type { Cluster } from '../../simulation/karmada.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Input } from '../../simulation/model.ts';
import { clusterObject } from '../member.ts';
import type { FederationSpec } from '../spec/federation.ts';
import { featureGates } from '../spec/gates.ts';

/**
 * What Karmada will look at, once a federation is applied: input for `simulate`.
 *
 * @param objects the objects for the Karmada API server, as the constructs make them.
 */
export function outlook(spec: FederationSpec, objects: readonly KubeObject[]): Input {
  const { karmada } = spec.controlPlane;
  return {
    objects,
    members: spec.members.map((member): Cluster => clusterObject(member)),
    // The control plane turns the gate on by itself where apps are to move.
    gates: { ...featureGates(spec), ...(karmada.failover && { Failover: true }) },
    evictsNoExecute: karmada.failover,
  };
}
