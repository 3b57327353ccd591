import { Yaml } from 'cdk8s';
import type { BootstrapHost, BootstrapStep, ClusterBootstrapProps } from './bootstrap-job.ts';
import { apiServerUrl, k3sConfig, sshAddress } from './config.ts';

/** What `connect.sh`, `remote.sh` and `scripts/bootstrap.sh` read of a host, a file for each setting. */
export function hostSettings(
  { cluster, network, ssh, manifests = {}, waitForReady = true }: ClusterBootstrapProps,
  host: BootstrapHost,
  steps: readonly BootstrapStep[],
  isFirst: boolean,
): Record<string, string> {
  const { version, installer = {}, readyTimeout = 600, upgrade } = cluster.k3s;
  const nodeLabels = Object.entries(host.labels ?? {}).map(([key, value]) => `${key}=${value}\n`);
  const applied = isFirst ? Object.entries(manifests) : [];
  return {
    address: sshAddress(host),
    port: String(host.ssh?.port ?? ssh.port),
    user: host.ssh?.user ?? ssh.user,
    cluster: cluster.name,
    kind: host.role,
    node: host.name,
    version,
    'config.yaml': Yaml.stringify(k3sConfig(cluster, network, host)),
    ...(nodeLabels.length > 0 && { labels: nodeLabels.join('') }),
    ready: waitForReady ? 'Ready' : 'Registered',
    'ready-timeout': String(readyTimeout),
    'upgrade-by': upgrade?.by ?? 'bootstrap',
    'installer-url': installer.url ?? installerUrl(version),
    ...(installer.sha256 && { 'installer-sha256': installer.sha256 }),
    ...(installer.releases && { 'installer-releases': installer.releases }),
    ...(installer.skipDownload && { 'installer-skip-download': 'true' }),
    ...(isFirst && { 'kubeconfig-server': apiServerUrl(cluster) }),
    ...Object.fromEntries(steps.flatMap((step) => Object.entries(stepFiles(step)))),
    ...Object.fromEntries(applied.map(([name, yaml]) => [`manifest-${name}.yaml`, yaml])),
  };
}

function stepFiles({ name, script, env = {}, secret }: BootstrapStep): Record<string, string> {
  const lines = Object.entries(env).map(([key, value]) => {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(key) || /[\n\r\0]/.test(value)) {
      throw new Error(`step '${name}' has the variable '${key}', it must be upper case with a value of one line`);
    }
    return `${key}=${value}\n`;
  });
  return {
    [`before-${name}.sh`]: script,
    ...(lines.length > 0 && { [`before-${name}.env`]: lines.join('') }),
    // The Job mounts it; scripts/bootstrap.sh has to be told where to find it.
    ...(secret && { [`secret-${name}`]: `${secret.name}/${secret.key}` }),
  };
}

/** The installer at a release's tag. */
export function installerUrl(version: string): string {
  return `https://raw.githubusercontent.com/k3s-io/k3s/${encodeURIComponent(version)}/install.sh`;
}
