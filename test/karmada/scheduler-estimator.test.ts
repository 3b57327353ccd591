import { describe, expect, test } from 'vitest';
import { EstimatorAccess } from '../../constructs/karmada/scheduler-estimator.ts';
import { controlPlane, everything } from './control-planes.ts';
import { find, flags, pod, synth } from './objects.ts';

describe('an estimator', () => {
  test('shows its certificate, asks for one, and reads its member by a Secret of its own', () => {
    const objects = controlPlane(everything);
    const estimator = find(objects, 'Deployment', 'karmada-scheduler-estimator-edge-2');
    expect(estimator.spec.replicas).toBe(2);
    expect(flags(estimator)).toMatchObject({
      'cluster-name': 'edge-2',
      kubeconfig: '/etc/karmada/member/kubeconfig',
      'grpc-client-ca-file': '/etc/karmada/server/ca.crt',
    });
    expect(pod(estimator).volumes).toContainEqual({
      name: 'member',
      secret: { secretName: 'edge-2-kubeconfig', defaultMode: 0o440 },
    });
    const service = find(objects, 'Service', 'karmada-scheduler-estimator-edge-2');
    expect(service.spec.selector).toEqual(estimator.spec.selector.matchLabels);
  });

  test('may only look at its member', () => {
    const role = find(
      synth((scope) => new EstimatorAccess(scope, 'estimator')),
      'ClusterRole',
      'karmada-scheduler-estimator',
    );
    for (const { verbs, resources } of role.rules) {
      expect(verbs).toEqual(['get', 'list', 'watch']);
      expect(resources).not.toContain('secrets');
    }
  });
});
