import { describe, expect, test } from 'vitest';
import type { KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { controlPlane, everything, externalEtcd } from './control-planes.ts';
import { find, flags, names, pod, workloads } from './objects.ts';

describe("the faults of Karmada's chart are not repeated", () => {
  test('1: etcd with three replicas starts from nothing', () => {
    const objects = controlPlane({ etcd: { replicas: 3 } });
    const etcd = find(objects, 'StatefulSet', 'etcd');
    expect(etcd.spec.podManagementPolicy).toBe('Parallel');
    const service = find(objects, 'Service', etcd.spec.serviceName);
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    const member = (i: number) => `etcd-${i}=https://etcd-${i}.etcd.karmada-system.svc.cluster.local:2380`;
    expect(flags(etcd)['initial-cluster']).toBe([0, 1, 2].map(member).join(','));
    expect(flags(etcd)['initial-advertise-peer-urls']).toBe(
      'https://$(KARMADA_ETCD_NAME).etcd.karmada-system.svc.cluster.local:2380',
    );
  });

  test('2: with an external etcd, the API server waits for that one', () => {
    const objects = controlPlane({ etcd: { external: externalEtcd } });
    const spec = pod(find(objects, 'Deployment', 'karmada-apiserver'));
    expect(spec.initContainers[0].env).toContainEqual({
      name: 'ENDPOINTS',
      value: 'https://10.0.0.11:2379,https://10.0.0.12:2379',
    });
    expect(names(objects, 'Service')).not.toContain('etcd-client');
    expect(spec.volumes).toContainEqual(
      expect.objectContaining({ secret: { secretName: 'our-etcd', defaultMode: 0o440 } }),
    );
    for (const name of ['karmada-apiserver', 'karmada-aggregated-apiserver']) {
      const given = flags(find(objects, 'Deployment', name));
      expect(given['etcd-servers']).toBe('https://10.0.0.11:2379,https://10.0.0.12:2379');
      expect(given).not.toHaveProperty('etcd-prefix');
    }
  });

  test('3: all of it is in its namespace, and goes with that and nothing else', () => {
    for (const source of ['job', 'cert-manager'] as const) {
      for (const { kind, metadata } of controlPlane({ ...everything, certificates: { source } })) {
        expect(metadata.namespace, `${kind} ${metadata.name}`).toBe('karmada-system');
      }
    }
  });

  test('3: nothing deletes anything on the host cluster', () => {
    for (const { kind, rules } of controlPlane(everything)) {
      if (!['Role', 'ClusterRole'].includes(kind)) continue;
      for (const { verbs } of rules) for (const verb of verbs) expect(verb).not.toMatch(/^(\*|delete.*)$/);
    }
  });

  test('4 and 5: labels are maps, and those of a component reach its pods', () => {
    const settings = { podLabels: { tier: 'control' } };
    const objects = controlPlane({
      etcd: settings,
      apiserver: settings,
      aggregatedApiserver: settings,
      kubeControllerManager: settings,
      controllerManager: settings,
      scheduler: settings,
      webhook: settings,
      schedulerEstimator: { ...settings, members: [{ name: 'edge-1' }] },
      descheduler: settings,
      search: settings,
      metricsAdapter: settings,
    });
    for (const workload of workloads(objects).filter(({ kind }) => kind !== 'Job')) {
      expect(workload.spec.template.metadata.labels).toMatchObject({
        tier: 'control',
        ...workload.spec.selector.matchLabels,
      });
      // What selects pods cannot be changed later.
      expect(workload.spec.selector.matchLabels).not.toHaveProperty('tier');
    }
    // `labels: null`, or a text, is what the chart makes of labels that are not given.
    for (const { metadata, spec } of controlPlane(everything)) {
      for (const { labels = {} } of [metadata, spec?.template?.metadata ?? {}]) {
        expect(Object.prototype.toString.call(labels)).toBe('[object Object]');
        for (const value of Object.values(labels)) expect(value).toBeTypeOf('string');
      }
    }
  });

  test('6: a priority class comes without a figure that may contradict it', () => {
    const spec = pod(
      find(controlPlane({ apiserver: { priorityClassName: 'ours' } }), 'Deployment', 'karmada-apiserver'),
    );
    expect(spec.priorityClassName).toBe('ours');
    expect(spec).not.toHaveProperty('priority');
  });

  test('7: estimators go where they are told, and are looked for where they are', () => {
    const objects = controlPlane({
      ...everything,
      namespace: 'federation',
      schedulerEstimator: {
        nodeSelector: { disk: 'ssd' },
        affinity: { podAffinity: {} },
        members: [{ name: 'edge-1' }],
      },
    });
    const estimator = find(objects, 'Deployment', 'karmada-scheduler-estimator-edge-1');
    expect(pod(estimator)).toMatchObject({ nodeSelector: { disk: 'ssd' }, affinity: { podAffinity: {} } });
    expect(estimator.metadata.namespace).toBe('federation');
    for (const name of ['karmada-scheduler', 'karmada-descheduler']) {
      expect(flags(find(objects, 'Deployment', name))['scheduler-estimator-service-namespace']).toBe('federation');
    }
    expect(flags(find(objects, 'Deployment', 'karmada-scheduler'))['enable-scheduler-estimator']).toBe('true');
  });

  test('8: a Job that failed does not stand in the way of the next, which has another name', () => {
    const jobs = (props: KarmadaControlPlaneProps) => names(controlPlane(props), 'Job');
    expect(jobs({})).toEqual(jobs({}));
    expect(jobs({ version: 'v1.18.3' })).not.toEqual(jobs({}));
    for (const name of jobs({})) expect(name).toMatch(/-[0-9a-f]{8}$/);
  });

  test('9: no image is latest', () => {
    expect(JSON.stringify(controlPlane(everything))).not.toMatch(/:latest"/);
  });
});
