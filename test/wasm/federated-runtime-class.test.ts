import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { FederatedRuntimeClass } from '../../constructs/wasm/federated-runtime-class.ts';
import { testChart } from '../chart.ts';

function synth(members: string[]) {
  const chart = testChart();
  new FederatedRuntimeClass(chart, 'spin', { name: 'spin', nodeSelector: { wasm: 'true' }, members });
  return Testing.synth(chart);
}

test('the class goes to its members by a cluster-scoped policy, which takes over what k3s packages', () => {
  const [policy, runtimeClass] = synth(['edge-1', 'edge-2']);
  expect(runtimeClass).toMatchObject({ kind: 'RuntimeClass', metadata: { name: 'spin' }, handler: 'spin' });
  expect(policy).toEqual({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterPropagationPolicy',
    metadata: { name: 'spin-runtime' },
    spec: {
      resourceSelectors: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'spin' }],
      placement: { clusterAffinity: { clusterNames: ['edge-1', 'edge-2'] } },
      conflictResolution: 'Overwrite',
    },
  });
});

test('no members is no way to say every member', () => {
  expect(() => synth([])).toThrow("'members' of RuntimeClass 'spin' must name at least one member");
});
