import { Construct } from 'constructs';
import {
  HelmChartSpecFailurePolicy as FailurePolicy,
  HelmChart as Resource,
} from '../../imports/helmchart-helm.cattle.io.ts';
import { toYaml } from '../output/yaml.ts';
import { CHART_NAMESPACE } from './chart-login.ts';
import { archiveName, CHART_CA, CHART_LOGIN, type ChartSource, isOci } from './chart-source.ts';
import { type HelmValues, mergeValues } from './values.ts';

/** Properties of `HelmChart`. */
export interface HelmChartProps {
  /** Name of the release. */
  readonly name: string;
  /** Namespace of what the chart installs. It must exist. */
  readonly namespace: string;
  /** URL of the chart's own repository. */
  readonly repo: string;
  /** Name of the chart in the repository. */
  readonly chart: string;
  readonly version: string;
  /**
   * Where charts come from in place of that.
   *
   * @default - the chart's own repository
   */
  readonly source?: ChartSource;
  /**
   * Values of the chart that the platform needs.
   *
   * @default - the chart's own
   */
  readonly values?: HelmValues;
  /**
   * Values of the user, which win.
   *
   * @default - none
   */
  readonly userValues?: HelmValues;
  /**
   * Whether nodes get Ready through this chart: its Job then runs on a server whose network is not there yet.
   *
   * @default false
   */
  readonly bootstrap?: boolean;
  /**
   * Whether a release that failed is uninstalled and installed anew; otherwise it waits for somebody to see to it.
   *
   * @default true
   */
  readonly reinstall?: boolean;
}

/**
 * Defines a Helm chart that k3s installs and upgrades by itself, of a pinned version. Its Job starts over until the
 * chart is in, so what one chart needs of another may come in any order.
 *
 * The values go into `valuesContent`, which every k3s release knows; the newer `values` not.
 */
export class HelmChart extends Construct {
  constructor(scope: Construct, id: string, props: HelmChartProps) {
    super(scope, id);
    const values = mergeValues(props.values ?? {}, props.userValues ?? {});
    new Resource(this, 'Resource', {
      metadata: { name: props.name, namespace: CHART_NAMESPACE },
      spec: {
        ...chartFrom(props),
        targetNamespace: props.namespace,
        bootstrap: props.bootstrap || undefined,
        failurePolicy: props.reinstall === false ? FailurePolicy.ABORT : undefined,
        valuesContent: Object.keys(values).length > 0 ? toYaml(values) : undefined,
      },
    });
  }
}

/** The part of the object that says where the chart is (docs.k3s.io/add-ons/helm). */
function chartFrom({ chart, repo, version, source = {} }: HelmChartProps) {
  const { repository, secret, caSecret, archives } = source;
  if (archives) {
    const name = archiveName(chart, version);
    const chartContent = archives[name];
    if (chartContent === undefined) throw new Error(`there is no archive '${name}', give it`);
    return { chartContent };
  }
  return {
    ...(isOci(source) ? { chart: `${repository}/${chart}` } : { repo: repository ?? repo, chart }),
    version,
    ...(secret &&
      (isOci(source) ? { dockerRegistrySecret: { name: CHART_LOGIN } } : { authSecret: { name: CHART_LOGIN } })),
    ...(caSecret && { repoCaConfigMap: { name: CHART_CA } }),
  };
}
