import { httpsAt } from '../network/addresses.ts';
import { toYaml } from '../output/yaml.ts';
import type { BootstrapHost, BootstrapStep, ClusterBootstrapProps } from './bootstrap-job.ts';
import { API_PORT, apiServerUrl, type K3sCluster, type K3sHost, k3sConfig, serversOf, sshAddress } from './config.ts';
import { hostChecks } from './host-checks.ts';
import { fileSettings, type HostFile } from './host-files.ts';
import { installerSource } from './installer.ts';
import { proxyEnvironment } from './proxy.ts';

/** What `connect.sh`, `remote.sh` and `scripts/bootstrap.sh` read of a host, a file for each setting. */
export function hostSettings(
  { cluster, network, ssh, manifests = {}, waitForReady = true }: ClusterBootstrapProps,
  host: BootstrapHost,
  steps: readonly BootstrapStep[],
  files: readonly HostFile[],
  isFirst: boolean,
): Record<string, string> {
  const { version, installer = {}, readyTimeout = 600, settleTime = 25, upgrade } = cluster.k3s;
  const { url, sha256 } = installerSource(version, installer);
  const config = k3sConfig(cluster, network, host);
  const applied = isFirst ? Object.entries(manifests) : [];
  return {
    address: sshAddress(host),
    port: String(host.ssh?.port ?? ssh.port),
    user: host.ssh?.user ?? ssh.user,
    ...jumpSetting(host.ssh?.jump ?? ssh.jump),
    cluster: cluster.name,
    kind: host.role,
    node: host.name,
    version,
    'config.yaml': toYaml(config),
    ...hostChecks(cluster, network, host, config),
    servers: String(serversOf(cluster).length),
    ...(host.role === 'server' && { url: serverUrl(cluster, host) }),
    labels: labelsOf(host),
    taints: taintsOf(host),
    ready: waitForReady ? 'Ready' : 'Registered',
    'ready-timeout': String(readyTimeout),
    settle: String(settleTime),
    'upgrade-by': upgrade?.by ?? 'bootstrap',
    'installer-url': url,
    ...(sha256 && { 'installer-sha256': sha256 }),
    ...(installer.releases && { 'installer-releases': installer.releases }),
    ...(installer.images && { 'installer-images': 'true' }),
    ...(installer.skipDownload && { 'installer-skip-download': 'true' }),
    ...fileSettings(files),
    ...proxySetting(cluster),
    ...(isFirst && firstServerSettings(cluster, host)),
    ...Object.fromEntries(steps.flatMap((step) => Object.entries(stepFiles(step)))),
    ...Object.fromEntries(applied.map(([name, yaml]) => [`manifest-${name}.yaml`, yaml])),
  };
}

/** What the server that makes the cluster does for all of it, and how it finds the cluster should it come back bare. */
function firstServerSettings(cluster: K3sCluster, first: K3sHost): Record<string, string> {
  const peers = serversOf(cluster).filter(({ name }) => name !== first.name);
  return {
    first: 'true',
    'kubeconfig-server': apiServerUrl(cluster),
    nodes: cluster.hosts.map((host) => `${host.name}|${labelsOf(host)}|${taintsOf(host)}\n`).join(''),
    ...(peers.length > 0 && { peers: peers.map((peer) => `${serverUrl(cluster, peer)}\n`).join('') }),
  };
}

/** URL of one server, as the other hosts of its cluster reach it. */
function serverUrl({ vpn, k3s }: K3sCluster, host: K3sHost): string {
  const address = (vpn ? host.vpnIp : host.publicIp) ?? sshAddress(host);
  const port = k3s.server?.['https-listen-port'] ?? API_PORT;
  return httpsAt(address, String(port));
}

function labelsOf({ labels = {} }: K3sHost): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function taintsOf({ taints = [] }: K3sHost): string {
  return taints.join(',');
}

/** Without one, SSH goes straight to the host. */
function jumpSetting(jump: string | undefined): Record<string, string> {
  return jump === undefined || jump === 'none' ? {} : { jump };
}

function proxySetting(cluster: K3sCluster): Record<string, string> {
  const { proxy } = cluster.k3s;
  return proxy && (proxy.http || proxy.https) ? { environment: proxyEnvironment(cluster, proxy) } : {};
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
