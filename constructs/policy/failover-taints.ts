import { Construct } from 'constructs';
import { ClusterTaintPolicy } from '../../imports/clustertaintpolicy-policy.karmada.io.ts';
import type { ClusterToleration } from './placement.ts';

/** Key of the taint; Karmada itself gives such members the same with the effect `NoSchedule`. */
export const NOT_READY_TAINT = 'cluster.karmada.io/not-ready';

/** Tolerates that taint for ever. */
export const STAYS: ClusterToleration = { key: NOT_READY_TAINT, operator: 'Exists', effect: 'NoExecute' };

/**
 * Gives members that are not ready a taint `NoExecute`, which moves away what does not tolerate it, and takes it from
 * them again. Nothing else in Karmada 1.18 does, and the control plane heeds it with `failover` only. For the Karmada
 * API.
 *
 * A placement that tolerates the taint for some seconds keeps an app where it is for so long.
 */
export class FailoverTaints extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const ready = { conditionType: 'Ready', statusValues: ['True'] };
    new ClusterTaintPolicy(this, 'Resource', {
      metadata: { name: 'failover' },
      spec: {
        addOnConditions: [{ ...ready, operator: 'NotIn' }],
        removeOnConditions: [{ ...ready, operator: 'In' }],
        taints: [{ key: NOT_READY_TAINT, effect: 'NoExecute' }],
      },
    });
  }
}
