import type { Obj } from './api.ts';
import type { Cluster } from './cluster.ts';
import { until } from './wait.ts';

const GROUP = 'metrics.k8s.io';
const pods = (namespace: string) => `/apis/${GROUP}/v1beta1/namespaces/${namespace}/pods`;

/** Has a cluster serve the API of metrics-server, without it: a test writes what a pod uses (`measure`). */
export async function serveMetrics(cluster: Cluster): Promise<void> {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `pods.${GROUP}`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved, stands in for metrics-server' },
    },
    spec: {
      ...{ group: GROUP, scope: 'Namespaced' },
      names: { plural: 'pods', singular: 'pod', kind: 'PodMetrics', listKind: 'PodMetricsList' },
      versions: [
        {
          ...{ name: 'v1beta1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  await cluster.kubectl(['apply', '--server-side', '--filename=-'], { input: JSON.stringify(definition) });
  await until(`metrics of pods on ${cluster.name}`, () => cluster.api.find(pods('default')));
}

/** Writes what a pod of one container uses now, such as `100m` of a CPU. */
export async function measure(cluster: Cluster, { metadata, spec }: Obj, cpu: string): Promise<void> {
  await cluster.api.create(pods(metadata.namespace), {
    apiVersion: `${GROUP}/v1beta1`,
    kind: 'PodMetrics',
    metadata: { name: metadata.name, namespace: metadata.namespace, labels: metadata.labels },
    timestamp: new Date().toISOString(),
    // Of a pod that has been ready for less than a window, the autoscaler ignores it (groupPods in Karmada's
    // pkg/controllers/federatedhpa/replica_calculator.go); the time since it became ready is cut to seconds.
    window: '0s',
    containers: [{ name: spec.containers[0].name, usage: { cpu, memory: '16Mi' } }],
  });
}
