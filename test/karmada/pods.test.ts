import { describe, expect, test } from 'vitest';
import { controlPlane, everything } from './control-planes.ts';
import { find, names, pod, workloads } from './objects.ts';

describe('every pod of the control plane', () => {
  const pods = workloads(controlPlane(everything)).map((workload) => [workload.metadata.name, pod(workload)] as const);

  test.each(pods)('%s meets the restricted Pod Security Standard', (_, spec) => {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const capability of container.securityContext.capabilities.add ?? []) {
        expect(capability).toBe('NET_BIND_SERVICE');
      }
    }
    expect(spec.hostNetwork).toBeUndefined();
    for (const volume of spec.volumes) expect(volume).not.toHaveProperty('hostPath');
  });

  test.each(pods)('%s asks for CPU and memory', (_, spec) => {
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(resources.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    }
  });

  test.each(pods)('%s has images with a fixed tag', (_, spec) => {
    for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(image).toMatch(/^[a-z0-9.]+\/.+:[^:]*\d[^:]*$/);
    }
  });

  test.each(pods)('%s mounts every file that a flag names', (_, spec) => {
    for (const { command, args = [], volumeMounts } of spec.containers) {
      const files = [...command, ...args].flatMap((word: string) => word.match(/\/etc\/karmada\/[^,]*$/) ?? []);
      for (const file of files) {
        const mount = volumeMounts.find(({ mountPath }: { mountPath: string }) =>
          `${file}/`.startsWith(`${mountPath}/`),
        );
        expect(mount, file).toBeDefined();
      }
    }
  });

  test.each(pods)('%s mounts volumes that it has, each with all its uses', (_, spec) => {
    const used = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }: { name: string }) => name),
    );
    const claimed = ['etcd-data'];
    const there = [...spec.volumes.map(({ name }: { name: string }) => name), ...claimed];
    for (const name of used) expect(there).toContain(name);
    for (const { name } of spec.volumes) expect(used).toContain(name);
  });

  test.each(pods)('%s holds no token of the host cluster, but for the Job that makes Secrets', (name, spec) => {
    expect(spec.automountServiceAccountToken).toBe(name.startsWith('karmada-certificates-'));
  });

  test('every Secret and ConfigMap that a pod mounts is made for it', () => {
    const objects = controlPlane(everything);
    const made = names(objects, 'ConfigMap');
    for (const [name, spec] of pods) {
      for (const { configMap } of spec.volumes) if (configMap) expect(made, name).toContain(configMap.name);
    }
  });
});

describe('several replicas', () => {
  const objects = controlPlane({ ...everything, scheduler: { replicas: 2 }, apiserver: { replicas: 3 } });

  test('spread over nodes as far as there are some', () => {
    for (const name of ['karmada-scheduler', 'karmada-apiserver', 'karmada-search']) {
      expect(pod(find(objects, 'Deployment', name)).topologySpreadConstraints).toEqual([
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { app: name } },
        },
      ]);
    }
    expect(pod(find(objects, 'Deployment', 'karmada-webhook'))).not.toHaveProperty('topologySpreadConstraints');
  });

  test('have a disruption budget, for the very pods that they are; a single one has none to block its node', () => {
    expect(names(objects, 'PodDisruptionBudget')).toEqual([
      'etcd',
      'karmada-apiserver',
      'karmada-scheduler',
      'karmada-scheduler-estimator-edge-2',
      'karmada-descheduler',
      'karmada-search',
    ]);
    expect(find(objects, 'PodDisruptionBudget', 'karmada-apiserver').spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: 'karmada-apiserver' } },
    });
  });

  test('of etcd are never on one node', () => {
    const [rule] = pod(find(objects, 'StatefulSet', 'etcd')).affinity.podAntiAffinity
      .requiredDuringSchedulingIgnoredDuringExecution;
    expect(rule).toEqual({ labelSelector: { matchLabels: { app: 'etcd' } }, topologyKey: 'kubernetes.io/hostname' });
  });
});
