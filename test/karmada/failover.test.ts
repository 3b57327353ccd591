import { describe, expect, test } from 'vitest';
import { FailoverTaints } from '../../constructs/policy/failover-taints.ts';
import { controlPlane } from './control-planes.ts';
import { find, flags, synth } from './objects.ts';

describe('failover', () => {
  const FLAGS = {
    'karmada-controller-manager': { 'feature-gates': 'Failover=true', 'enable-no-execute-taint-eviction': 'true' },
    'karmada-webhook': { 'allow-no-execute-taint-policy': 'true' },
  };

  test.each(Object.entries(FLAGS))('is on with all its flags, or off with none: %s', (name, given) => {
    expect(flags(find(controlPlane({ failover: true }), 'Deployment', name))).toMatchObject(given);
    for (const flag of Object.keys(given)) {
      expect(flags(find(controlPlane(), 'Deployment', name))).not.toHaveProperty(flag);
    }
  });

  test('does not go with its gate turned off', () => {
    expect(() => controlPlane({ failover: true, featureGates: { Failover: false } })).toThrow(
      "'featureGates' must not turn 'Failover' off where 'failover' is true",
    );
  });

  test('gives a member that is not ready a taint that moves work away, and takes it back', () => {
    const [policy] = synth((scope) => new FailoverTaints(scope, 'failover'));
    expect(policy?.spec).toEqual({
      addOnConditions: [{ conditionType: 'Ready', operator: 'NotIn', statusValues: ['True'] }],
      removeOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['True'] }],
      taints: [{ key: 'cluster.karmada.io/not-ready', effect: 'NoExecute' }],
    });
  });
});
