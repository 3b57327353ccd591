/** Where a cluster gets Helm charts from, in place of each chart's own repository. */
export interface ChartSource {
  /**
   * URL of a repository, or `oci://registry/path` of a registry, that holds all charts under their own names.
   *
   * @default - each chart's own
   */
  readonly repository?: string;
  /**
   * Secret with the login, in the management cluster: `username` and `password`, for a registry a `.dockerconfigjson`.
   *
   * @default - no login
   */
  readonly secret?: string;
  /**
   * Secret in the management cluster whose key `ca.crt` has the CA of the repository's certificate.
   *
   * @default - the CAs that Helm's image knows
   */
  readonly caSecret?: string;
  /**
   * Archives of charts in base64, by file name: `metallb-0.16.1.tgz`. They become part of the manifests.
   *
   * @default - charts are fetched by the cluster
   */
  readonly archives?: Readonly<Record<string, string>>;
}

/** Names of what a cluster logs in to the repository with, in the namespace of its HelmCharts. */
export const CHART_LOGIN = 'chart-login';
export const CHART_CA = 'chart-ca';

/** Whether charts lie in a registry, as images do. */
export function isOci({ repository }: ChartSource): boolean {
  return repository?.startsWith('oci://') ?? false;
}

/** Name of a chart's archive, as `helm pull` gives it. */
export function archiveName(chart: string, version: string): string {
  return `${chart}-${version}.tgz`;
}
