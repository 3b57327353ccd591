import { Testing } from 'cdk8s';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { MemberRecord, type MemberRecordProps, parseTaint } from '../constructs/member.ts';
import { testChart } from './chart.ts';

/** The record of a member, and the Cluster in it. */
function record(props: Partial<MemberRecordProps> = {}) {
  const chart = testChart();
  new MemberRecord(chart, 'member', { federation: 'test', name: 'edge', registration: 'push', ...props });
  const { data } = Testing.synth(chart).find(({ kind }) => kind === 'ConfigMap') as { data: Record<string, string> };
  return { data, cluster: load(data['cluster.yaml'] as string) };
}

test('tells the scripts where a member is and who calls whom', () => {
  const { data } = record({ registration: 'pull', provider: 'azure', region: 'us', zones: ['us-1', 'us-2'] });
  expect(data).toMatchObject({
    name: 'edge',
    registration: 'pull',
    provider: 'azure',
    region: 'us',
    zones: 'us-1,us-2',
  });
});

test('leaves out what the file does not say', () => {
  const { data, cluster } = record();
  expect(Object.keys(data).sort()).toEqual(['cluster.yaml', 'federation', 'name', 'registration']);
  expect(cluster).toEqual({
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'edge', labels: {} },
    spec: { syncMode: 'Push' },
  });
});

test('holds the labels and taints of the Cluster object for a server-side apply', () => {
  const { cluster } = record({ labels: { tier: 'edge' }, taints: ['slow=yes:NoSchedule', 'far:NoExecute'] });
  expect(cluster).toMatchObject({
    metadata: { labels: { tier: 'edge' } },
    spec: {
      taints: [
        { key: 'slow', value: 'yes', effect: 'NoSchedule' },
        { key: 'far', effect: 'NoExecute' },
      ],
    },
  });
});

test('holds what the agent of a member may do, and where it finds the Karmada API, when the agent does the joining', () => {
  const access = [{ kind: 'Namespace' }, { kind: 'ClusterRole' }];
  const { data } = record({
    registration: 'pull',
    pull: { karmadaServer: 'https://karmada.example.com:5443', access },
  });
  expect(data.karmadaServer).toBe('https://karmada.example.com:5443');
  expect(loadAll(data['agent.yaml'] as string)).toEqual(access);
});

test.each([
  ['a=b:NoSchedule', { key: 'a', value: 'b', effect: 'NoSchedule' }],
  ['example.com/a=:NoExecute', { key: 'example.com/a', value: '', effect: 'NoExecute' }],
  ['a:PreferNoSchedule', { key: 'a', effect: 'PreferNoSchedule' }],
])('reads the taint %s', (text, taint) => {
  expect(parseTaint(text)).toEqual(taint);
});
