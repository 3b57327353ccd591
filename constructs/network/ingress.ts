import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { HelmChartConfig } from '../../imports/helmchartconfig-helm.cattle.io.ts';
import { toYaml } from '../output/yaml.ts';
import { enforce } from '../security.ts';
import { INGRESS_NGINX_VERSION } from '../versions.ts';
import type { ChartSource } from './chart-source.ts';
import { HelmChart } from './helm-chart.ts';
import type { HelmValues } from './values.ts';

/** IngressClass of each ingress controller, as its chart calls it. */
export const INGRESS_CLASSES = { traefik: 'traefik', 'ingress-nginx': 'nginx', none: undefined } as const;

export const INGRESS_NGINX_CHART = 'ingress-nginx';

/** Properties of `IngressNginx`. */
export interface IngressNginxProps {
  /** @default INGRESS_NGINX_VERSION */
  readonly version?: string;
  /**
   * Mirror that its images are pulled through.
   *
   * @default - their own registries
   */
  readonly registry?: string;
  /** @default - charts come from their own repositories */
  readonly charts?: ChartSource;
  /**
   * Further values of the chart, which win.
   *
   * @default - none
   */
  readonly values?: HelmValues;
}

/**
 * Defines ingress-nginx, the published federation's ingress controller. The project was retired in March 2026: no
 * release and no fix of a vulnerability follows (kubernetes.io/blog/2025/11/11/ingress-nginx-retirement). Prefer
 * Traefik, which k3s brings along.
 */
export class IngressNginx extends Construct {
  constructor(scope: Construct, id: string, props: IngressNginxProps = {}) {
    super(scope, id);
    const namespace = 'ingress-nginx';
    // The chart's own pods fit `restricted`; what further values make of them, such as host networking, may not.
    const standard = Object.keys(props.values ?? {}).length === 0 ? 'restricted' : 'privileged';
    new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: namespace, labels: enforce(standard) } });
    new HelmChart(this, 'Resource', {
      name: 'ingress-nginx',
      namespace,
      repo: 'https://kubernetes.github.io/ingress-nginx',
      chart: INGRESS_NGINX_CHART,
      version: props.version ?? INGRESS_NGINX_VERSION,
      source: props.charts,
      values: {
        controller: {
          // Without it, only an Ingress that names its class would be served.
          ingressClassResource: { default: true },
          ...(props.registry && {
            image: { registry: props.registry },
            admissionWebhooks: { patch: { image: { registry: props.registry } } },
          }),
        },
      },
      userValues: props.values,
    });
  }
}

/** Properties of `TraefikValues`. */
export interface TraefikValuesProps {
  /** Values of the chart that k3s installs, which win. */
  readonly values: HelmValues;
}

/** Defines values for the Traefik that k3s installs by itself. */
export class TraefikValues extends Construct {
  constructor(scope: Construct, id: string, props: TraefikValuesProps) {
    super(scope, id);
    new HelmChartConfig(this, 'Resource', {
      metadata: { name: 'traefik', namespace: 'kube-system' },
      spec: { valuesContent: toYaml(props.values) },
    });
  }
}
