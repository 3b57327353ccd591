import { Construct } from 'constructs';
import {
  HelmChartSpecFailurePolicy as FailurePolicy,
  HelmChart as Resource,
} from '../../imports/helmchart-helm.cattle.io.ts';
import { toYaml } from '../output/yaml.ts';
import { type HelmValues, mergeValues } from './values.ts';

/** Namespace of the HelmChart objects, where k3s has its own. */
const NAMESPACE = 'kube-system';

/** Properties of `HelmChart`. */
export interface HelmChartProps {
  /** Name of the release. */
  readonly name: string;
  /** Namespace of what the chart installs. It must exist. */
  readonly namespace: string;
  /** URL of the chart repository. */
  readonly repo: string;
  /** Name of the chart in the repository. */
  readonly chart: string;
  readonly version: string;
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
      metadata: { name: props.name, namespace: NAMESPACE },
      spec: {
        repo: props.repo,
        chart: props.chart,
        version: props.version,
        targetNamespace: props.namespace,
        bootstrap: props.bootstrap || undefined,
        failurePolicy: props.reinstall === false ? FailurePolicy.ABORT : undefined,
        valuesContent: Object.keys(values).length > 0 ? toYaml(values) : undefined,
      },
    });
  }
}
