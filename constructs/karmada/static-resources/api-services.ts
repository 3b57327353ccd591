import { k8s } from 'cdk8s-plus-28';
import { SERVICES } from '../names.ts';
import { CA_BUNDLE, COMPONENT_LABEL, type Manifest, make } from './manifest.ts';

/*
 * What leads from the Karmada API to the API servers behind it.
 */

interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

const karmadaApi = (group: string): AggregatedApi => ({
  group,
  version: 'v1alpha1',
  groupPriority: 2000,
  versionPriority: 10,
});
const metricsApi = (group: string, version: string): AggregatedApi => ({
  group,
  version,
  groupPriority: 100,
  versionPriority: 200,
});

/** What each API server behind the Karmada API server serves. */
const APIS = {
  aggregatedApiserver: [karmadaApi('cluster.karmada.io')],
  metricsAdapter: [
    metricsApi('metrics.k8s.io', 'v1beta1'),
    metricsApi('custom.metrics.k8s.io', 'v1beta2'),
    metricsApi('custom.metrics.k8s.io', 'v1beta1'),
  ],
  search: [karmadaApi('search.karmada.io')],
} as const satisfies Partial<Record<keyof typeof SERVICES, readonly AggregatedApi[]>>;

/** The APIs that a component on the host cluster serves, and in the Karmada API a Service that leads there. */
export function apiServices(namespace: string, clusterDomain: string, component: keyof typeof APIS): Manifest[] {
  const service = SERVICES[component];
  const labels = { app: service, [COMPONENT_LABEL]: service };
  return [
    make(k8s.KubeService, {
      metadata: { name: service, namespace, labels },
      spec: { type: 'ExternalName', externalName: `${service}.${namespace}.svc.${clusterDomain}` },
    }),
    ...APIS[component].map(({ group, version, groupPriority, versionPriority }) =>
      make(k8s.KubeApiService, {
        metadata: { name: `${version}.${group}`, labels: { ...labels, apiserver: 'true' } },
        spec: {
          caBundle: CA_BUNDLE,
          group,
          groupPriorityMinimum: groupPriority,
          service: { name: service, namespace },
          version,
          versionPriority,
        },
      }),
    ),
  ];
}
