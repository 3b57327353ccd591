import { describe, expect, test } from 'vitest';
import { controlPlane, everything } from './control-planes.ts';
import { find, flags, pod, workloads } from './objects.ts';

describe('settings', () => {
  test('a mirror takes the place of every registry; an image that is named stays', () => {
    const objects = controlPlane({
      ...everything,
      registry: 'mirror.example.com:5000/k8s',
      scheduler: { image: 'ghcr.io/example/scheduler:v1' },
    });
    for (const workload of workloads(objects)) {
      for (const { image } of [...pod(workload).containers, ...(pod(workload).initContainers ?? [])]) {
        if (image === 'ghcr.io/example/scheduler:v1') continue;
        expect(image).toMatch(/^mirror\.example\.com:5000\/k8s\//);
      }
    }
    expect(pod(find(objects, 'Deployment', 'karmada-scheduler')).containers[0].image).toBe(
      'ghcr.io/example/scheduler:v1',
    );
    expect(pod(find(objects, 'StatefulSet', 'etcd')).containers[0].image).toMatch(
      /^mirror\.example\.com:5000\/k8s\/etcd:/,
    );
  });

  test('Jobs and containers that wait have the image that is named for them, whatever the mirror', () => {
    const toolsImage = 'registry.example.com/tools:v1';
    for (const workload of workloads(controlPlane({ ...everything, registry: 'mirror.example.com', toolsImage }))) {
      const { containers, initContainers = [] } = pod(workload);
      const tools = workload.kind === 'Job' ? containers : initContainers;
      for (const { image } of tools) expect(image, workload.metadata.name).toBe(toolsImage);
    }
  });

  test('pull secrets of the control plane come before those of a component, each once', () => {
    const objects = controlPlane({
      imagePullSecrets: ['mirror'],
      scheduler: { imagePullSecrets: ['own', 'mirror'] },
    });
    expect(pod(find(objects, 'Deployment', 'karmada-scheduler')).imagePullSecrets).toEqual([
      { name: 'mirror' },
      { name: 'own' },
    ]);
    for (const workload of workloads(objects)) {
      expect(pod(workload).imagePullSecrets).toContainEqual({ name: 'mirror' });
    }
  });

  test('nodes are chosen for all pods at once, Jobs included, unless a component chooses its own', () => {
    const tolerations = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];
    const objects = controlPlane({
      ...everything,
      nodeSelector: { pool: 'control' },
      tolerations,
      search: { nodeSelector: { pool: 'search' }, tolerations: [] },
    });
    for (const workload of workloads(objects)) {
      const own = workload.metadata.name === 'karmada-search';
      expect(pod(workload).nodeSelector, workload.metadata.name).toEqual({ pool: own ? 'search' : 'control' });
      expect(pod(workload).tolerations ?? [], workload.metadata.name).toEqual(own ? [] : tolerations);
    }
  });

  test('further flags go after the others, or in the place of their namesakes', () => {
    const scheduler = find(
      controlPlane({
        scheduler: { extraArgs: { v: 4, 'kube-api-qps': 80, 'enable-empty-workload-propagation': true } },
      }),
      'Deployment',
      'karmada-scheduler',
    );
    expect(flags(scheduler)).toMatchObject({
      v: '4',
      'kube-api-qps': '80',
      'enable-empty-workload-propagation': 'true',
    });
    expect(pod(scheduler).containers[0].args.filter((flag: string) => flag.startsWith('--v='))).toHaveLength(1);
  });

  test("gates of Karmada reach its components, and never Kubernetes'", () => {
    const objects = controlPlane({
      ...everything,
      featureGates: { MultiClusterService: true, PropagateDeps: false },
      scheduler: { featureGates: { PropagateDeps: true } },
      apiserver: { featureGates: { WatchList: true } },
    });
    const gates = (name: string) => flags(find(objects, 'Deployment', name))['feature-gates'];
    expect(gates('karmada-controller-manager')).toBe('MultiClusterService=true,PropagateDeps=false');
    expect(gates('karmada-scheduler')).toBe('MultiClusterService=true,PropagateDeps=true');
    expect(gates('karmada-apiserver')).toBe('WatchList=true');
    expect(gates('karmada-kube-controller-manager')).toBeUndefined();
    // These have no such flag.
    for (const name of ['karmada-search', 'karmada-descheduler', 'karmada-metrics-adapter']) {
      expect(gates(name)).toBeUndefined();
    }
  });

  test('another namespace and domain reach every object and every address', () => {
    const objects = controlPlane({ ...everything, namespace: 'federation', clusterDomain: 'example.internal' });
    for (const { kind, metadata } of objects) {
      if (!kind.startsWith('Cluster')) expect(metadata.namespace).toBe('federation');
    }
    for (const workload of workloads(objects).filter(({ kind }) => kind !== 'Job')) {
      expect(JSON.stringify(workload)).not.toMatch(/karmada-system|cluster\.local/);
    }
  });

  test.each([
    [
      { podLabels: { app: 'x' } },
      "'podLabels' of karmada-scheduler must not hold 'app', by which karmada-scheduler finds its pods",
    ],
    [
      { extraArgs: { 'feature-gates': 'A=true' } },
      "'extraArgs' of karmada-scheduler must not hold 'feature-gates', give them as 'featureGates'",
    ],
    [
      { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
      "'podDisruptionBudget' of karmada-scheduler must have 'minAvailable' or 'maxUnavailable', not both",
    ],
    [
      { replicas: 2, podDisruptionBudget: { minAvailable: 2 } },
      "'podDisruptionBudget' of karmada-scheduler would keep all 2 replicas, so that no node of theirs could be drained",
    ],
  ])('refuses %j', (settings, message) => {
    expect(() => controlPlane({ scheduler: settings })).toThrow(message);
  });
});
