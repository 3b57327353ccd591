import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { FederatedQuota, type FederatedQuotaProps } from '../../constructs/policy/federated-quota.ts';
import { testChart } from '../chart.ts';

function synth(props: Partial<FederatedQuotaProps>) {
  const chart = testChart();
  new FederatedQuota(chart, 'quota', { name: 'team', overall: { cpu: '20', memory: '40Gi' }, ...props });
  return Testing.synth(chart)[0];
}

test('a quota limits a namespace over all members', () => {
  expect(synth({})).toEqual({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'FederatedResourceQuota',
    metadata: { name: 'team', namespace: 'default' },
    spec: { overall: { cpu: '20', memory: '40Gi' } },
  });
});

test('parts of it go to members', () => {
  const members = [{ name: 'edge-1', limits: { cpu: '4' } }];
  const { metadata, spec } = synth({ namespace: 'apps', members });
  expect(metadata.namespace).toBe('apps');
  expect(spec.staticAssignments).toEqual([{ clusterName: 'edge-1', hard: { cpu: '4' } }]);
});

test('a member gets no part of what is not limited as a whole', () => {
  expect(() => synth({ members: [{ name: 'edge-1', limits: { pods: '4' } }] })).toThrow(
    "'members' of quota 'team' must limit what 'overall' does, got 'pods'",
  );
});
