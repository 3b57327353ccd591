import { Construct } from 'constructs';
import { runtimeClassPolicyName } from '../names.ts';
import { PropagationPolicy } from '../policy/propagation-policy.ts';
import { WasmRuntimeClass, type WasmRuntimeClassProps } from './runtime-class.ts';

/** Properties for `FederatedRuntimeClass`. */
export interface FederatedRuntimeClassProps extends WasmRuntimeClassProps {
  /** Members that need the class and bring none of their own; at least one. */
  readonly members: readonly string[];
}

/**
 * Defines a RuntimeClass and takes it to members, by a ClusterPropagationPolicy.
 *
 * Where a member has a class of that name already, Karmada takes it over: k3s packages classes for the shims that it
 * knows, without a node selector, and with Karmada's default (`Abort`) the selector would never arrive. It is no fight:
 * both say the same handler, k3s applies its own when it starts and leaves the fields that it does not name, and
 * Karmada puts back what changes. Members whose class is to stay as it is are left out of `members`; k3s that is told
 * `disable: [runtimes]` brings none.
 */
export class FederatedRuntimeClass extends Construct {
  /** What a pod puts into `runtimeClassName`. */
  readonly runtimeClassName: string;

  constructor(scope: Construct, id: string, props: FederatedRuntimeClassProps) {
    super(scope, id);
    const { name, members } = props;
    // An empty list would mean every member to Karmada.
    if (members.length === 0) throw new Error(`'members' of RuntimeClass '${name}' must name at least one member`);
    new PropagationPolicy(this, 'Placement', {
      name: runtimeClassPolicyName(name),
      resources: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name }],
      placement: { clusters: members },
      conflictResolution: 'Overwrite',
    });
    this.runtimeClassName = new WasmRuntimeClass(this, 'RuntimeClass', props).runtimeClassName;
  }
}
