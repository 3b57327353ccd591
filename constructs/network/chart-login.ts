import { type HostFile, secretMark } from '../k3s/host-files.ts';
import { toYaml } from '../output/yaml.ts';
import { CHART_CA, CHART_LOGIN, type ChartSource, isOci } from './chart-source.ts';

/** Where k3s applies what lies there, when it starts and when it changes. */
const MANIFESTS = '/var/lib/rancher/k3s/server/manifests';

/** Namespace of HelmCharts and of what they log in with. */
export const CHART_NAMESPACE = 'kube-system';

/**
 * What the cluster's Helm logs in to the repository of charts with, as objects that k3s itself applies: the chart of a
 * pod network is needed before anybody else could bring a Secret.
 */
export function chartLogin(source: ChartSource): HostFile[] {
  const { secret, caSecret } = source;
  if (!secret && !caSecret) return [];
  const keys = isOci(source) ? ['.dockerconfigjson'] : ['username', 'password'];
  const name = (key: string) => `charts-${key.replace(/^\./, '')}`;
  const mark = (key: string) => secretMark(name(key));
  const objects = [
    ...(secret
      ? [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: CHART_LOGIN, namespace: CHART_NAMESPACE },
            type: isOci(source) ? 'kubernetes.io/dockerconfigjson' : 'kubernetes.io/basic-auth',
            stringData: Object.fromEntries(keys.map((key) => [key, mark(key)])),
          },
        ]
      : []),
    ...(caSecret
      ? [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: CHART_CA, namespace: CHART_NAMESPACE },
            data: { 'ca.crt': mark('ca') },
          },
        ]
      : []),
  ];
  return [
    {
      name: 'chart-login.yaml',
      text: toYaml(...objects),
      path: `${MANIFESTS}/serverless-federation-charts.yaml`,
      secrets: [
        ...(secret ? keys.map((key) => ({ name: name(key), secret: { name: secret, key } })) : []),
        ...(caSecret ? [{ name: name('ca'), secret: { name: caSecret, key: 'ca.crt' } }] : []),
      ],
    },
  ];
}
