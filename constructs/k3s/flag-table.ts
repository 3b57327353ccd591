/**
 * The flags of `k3s server` and `k3s agent`, which are the keys of k3s's config.yaml, with what each takes.
 *
 * Source: pkg/cli/cmds/{agent,server,log,root,config}.go of k3s-io/k3s, and for the releases that a flag came with, the
 * issues of its backports there ("[Release-1.30] - …", with the builds that they were tried on). Hidden flags that are
 * deprecated are left out.
 */

/** What a flag takes. A `port` is a number of 1 to 65535, `ports` a range of such; a `list` may be given more than once. */
export type FlagType = 'text' | 'number' | 'port' | 'ports' | 'switch' | 'duration' | 'cron' | 'list';

export interface Flag {
  /** Who knows it. A server runs an agent, too, and takes its flags. @default - servers and agents */
  readonly of?: 'server' | 'agent';
  readonly type: FlagType;
  /** The only values that it takes. @default - any of the type */
  readonly values?: readonly string[];
  /**
   * First releases that know it, of each minor that got it later than with its first release. Minors after the last of
   * these know it, those before the first do not.
   *
   * @default - all since v1.22
   */
  readonly since?: readonly string[];
  /** As `since`, for agents, where they came to know it later than servers. @default - `since` */
  readonly sinceOnAgents?: readonly string[];
  /** First release that knows it no longer. @default - none */
  readonly until?: string;
}

export const FLAGS: Readonly<Record<string, Flag>> = {
  'advertise-address': { of: 'server', type: 'text' },
  'advertise-port': { of: 'server', type: 'port' },
  'agent-token': { of: 'server', type: 'text' },
  'agent-token-file': { of: 'server', type: 'text' },
  'airgap-extra-registry': { type: 'list' },
  alsologtostderr: { type: 'switch' },
  'bind-address': { type: 'text' },
  'cluster-cidr': { of: 'server', type: 'list' },
  'cluster-dns': { of: 'server', type: 'list' },
  'cluster-domain': { of: 'server', type: 'text' },
  'cluster-init': { of: 'server', type: 'switch' },
  'cluster-reset': { of: 'server', type: 'switch' },
  'cluster-reset-restore-path': { of: 'server', type: 'text' },
  config: { type: 'text' },
  'container-runtime-endpoint': { type: 'text' },
  'data-dir': { type: 'text' },
  'datastore-cafile': { of: 'server', type: 'text' },
  'datastore-certfile': { of: 'server', type: 'text' },
  'datastore-endpoint': { of: 'server', type: 'text' },
  'datastore-keyfile': { of: 'server', type: 'text' },
  debug: { type: 'switch' },
  'default-local-storage-path': { of: 'server', type: 'text' },
  'default-runtime': { type: 'text', since: ['v1.25.16', 'v1.26.12', 'v1.27.9', 'v1.28.5', 'v1.29.0'] },
  disable: { of: 'server', type: 'list' },
  'disable-agent': { of: 'server', type: 'switch' },
  'disable-apiserver': { of: 'server', type: 'switch' },
  'disable-apiserver-lb': { of: 'agent', type: 'switch', since: ['v1.25.16', 'v1.26.11', 'v1.27.8', 'v1.28.4'] },
  'disable-cloud-controller': { of: 'server', type: 'switch' },
  'disable-controller-manager': { of: 'server', type: 'switch' },
  'disable-default-registry-endpoint': { type: 'switch', since: ['v1.26.13', 'v1.27.10', 'v1.28.6', 'v1.29.1'] },
  'disable-etcd': { of: 'server', type: 'switch' },
  'disable-helm-controller': { of: 'server', type: 'switch' },
  'disable-kube-proxy': { of: 'server', type: 'switch' },
  'disable-network-policy': { of: 'server', type: 'switch' },
  'disable-scheduler': { of: 'server', type: 'switch' },
  docker: { type: 'switch' },
  'egress-selector-mode': {
    of: 'server',
    type: 'text',
    values: ['agent', 'cluster', 'pod', 'disabled'],
    since: ['v1.22.10', 'v1.23.7', 'v1.24.1'],
  },
  'embedded-registry': { of: 'server', type: 'switch', since: ['v1.26.13', 'v1.27.10', 'v1.28.6', 'v1.29.1'] },
  'enable-pprof': {
    type: 'switch',
    since: ['v1.22.11', 'v1.23.8', 'v1.24.2'],
    sinceOnAgents: ['v1.27.15', 'v1.28.11', 'v1.29.6', 'v1.30.2'],
  },
  'etcd-arg': { of: 'server', type: 'list', since: ['v1.22.4'] },
  'etcd-disable-snapshots': { of: 'server', type: 'switch' },
  'etcd-expose-metrics': { of: 'server', type: 'switch' },
  'etcd-s3': { of: 'server', type: 'switch' },
  'etcd-s3-access-key': { of: 'server', type: 'text' },
  'etcd-s3-bucket': { of: 'server', type: 'text' },
  'etcd-s3-bucket-lookup-type': {
    of: 'server',
    type: 'text',
    values: ['auto', 'dns', 'path'],
    since: ['v1.30.13', 'v1.31.9', 'v1.32.5', 'v1.33.1'],
  },
  'etcd-s3-config-secret': { of: 'server', type: 'text', since: ['v1.28.12', 'v1.29.7', 'v1.30.3', 'v1.31.0'] },
  'etcd-s3-endpoint': { of: 'server', type: 'text' },
  'etcd-s3-endpoint-ca': { of: 'server', type: 'text' },
  'etcd-s3-folder': { of: 'server', type: 'text' },
  'etcd-s3-insecure': { of: 'server', type: 'switch' },
  'etcd-s3-proxy': { of: 'server', type: 'text', since: ['v1.28.12', 'v1.29.7', 'v1.30.3', 'v1.31.0'] },
  'etcd-s3-region': { of: 'server', type: 'text' },
  'etcd-s3-retention': { of: 'server', type: 'number', since: ['v1.31.12', 'v1.32.8', 'v1.33.4', 'v1.34.0'] },
  'etcd-s3-secret-key': { of: 'server', type: 'text' },
  'etcd-s3-session-token': { of: 'server', type: 'text', since: ['v1.28.12', 'v1.29.7', 'v1.30.3', 'v1.31.0'] },
  'etcd-s3-skip-ssl-verify': { of: 'server', type: 'switch' },
  'etcd-s3-timeout': { of: 'server', type: 'duration', since: ['v1.22.3'] },
  'etcd-snapshot-compress': { of: 'server', type: 'switch', since: ['v1.22.6', 'v1.23.2'] },
  'etcd-snapshot-dir': { of: 'server', type: 'text' },
  'etcd-snapshot-name': { of: 'server', type: 'text' },
  'etcd-snapshot-reconcile-interval': {
    of: 'server',
    type: 'duration',
    since: ['v1.29.15', 'v1.30.11', 'v1.31.7', 'v1.32.3'],
  },
  'etcd-snapshot-retention': { of: 'server', type: 'number' },
  'etcd-snapshot-schedule-cron': { of: 'server', type: 'cron' },
  'flannel-backend': { of: 'server', type: 'text' },
  'flannel-cni-conf': { type: 'text', since: ['v1.22.11', 'v1.23.8', 'v1.24.2'] },
  'flannel-conf': { type: 'text' },
  'flannel-external-ip': { of: 'server', type: 'switch', since: ['v1.23.15', 'v1.24.9', 'v1.25.5', 'v1.26.0'] },
  'flannel-iface': { type: 'text' },
  'flannel-ipv6-masq': { of: 'server', type: 'switch', since: ['v1.22.6', 'v1.23.2'] },
  'helm-controller-arg': { of: 'server', type: 'list', since: ['v1.35.7', 'v1.36.3'] },
  'helm-job-image': { of: 'server', type: 'text', since: ['v1.24.16', 'v1.25.12', 'v1.26.7', 'v1.27.4'] },
  'https-listen-port': { of: 'server', type: 'port' },
  'image-credential-provider-bin-dir': { type: 'text' },
  'image-credential-provider-config': { type: 'text' },
  'image-service-endpoint': { type: 'text', since: ['v1.25.14', 'v1.26.9', 'v1.27.6', 'v1.28.2'] },
  'kine-tls': { of: 'server', type: 'switch', since: ['v1.27.14', 'v1.28.10', 'v1.29.5', 'v1.30.1'] },
  'kube-apiserver-arg': { of: 'server', type: 'list' },
  'kube-cloud-controller-manager-arg': { of: 'server', type: 'list' },
  'kube-controller-manager-arg': { of: 'server', type: 'list' },
  'kube-proxy-arg': { type: 'list' },
  'kube-scheduler-arg': { of: 'server', type: 'list' },
  'kubelet-arg': { type: 'list' },
  'lb-server-port': { type: 'port' },
  log: { type: 'text' },
  'multi-cluster-cidr': { of: 'server', type: 'switch', since: ['v1.26.3'], until: 'v1.29.0' },
  'node-external-dns': { type: 'list', since: ['v1.29.12', 'v1.30.8', 'v1.31.4', 'v1.32.0'] },
  'node-external-ip': { type: 'list' },
  'node-internal-dns': { type: 'list', since: ['v1.29.12', 'v1.30.8', 'v1.31.4', 'v1.32.0'] },
  'node-ip': { type: 'list' },
  'node-label': { type: 'list' },
  'node-name': { type: 'text' },
  'node-taint': { type: 'list' },
  'nonroot-devices': { type: 'switch', since: ['v1.29.11', 'v1.30.7', 'v1.31.3', 'v1.32.0'] },
  'pause-image': { type: 'text' },
  'prefer-bundled-bin': { type: 'switch', since: ['v1.23.15', 'v1.24.9', 'v1.25.5', 'v1.26.0'] },
  'private-registry': { type: 'text' },
  'protect-kernel-defaults': { type: 'switch' },
  'resolv-conf': { type: 'text' },
  rootless: { type: 'switch' },
  'secrets-encryption': { of: 'server', type: 'switch' },
  'secrets-encryption-provider': {
    of: 'server',
    type: 'text',
    values: ['aescbc', 'secretbox'],
    since: ['v1.30.12', 'v1.31.8', 'v1.32.4', 'v1.33.0'],
  },
  selinux: { type: 'switch' },
  server: { type: 'text' },
  'service-cidr': { of: 'server', type: 'list' },
  'service-node-port-range': { of: 'server', type: 'ports' },
  'servicelb-namespace': { of: 'server', type: 'text', since: ['v1.23.13', 'v1.24.7', 'v1.25.3'] },
  snapshotter: { type: 'text' },
  'supervisor-metrics': { of: 'server', type: 'switch', since: ['v1.27.15', 'v1.28.11', 'v1.29.6', 'v1.30.2'] },
  'system-default-registry': { of: 'server', type: 'text' },
  'tls-san': { of: 'server', type: 'list' },
  'tls-san-security': {
    of: 'server',
    type: 'switch',
    since: ['v1.24.17', 'v1.25.13', 'v1.26.8', 'v1.27.5', 'v1.28.1'],
  },
  token: { type: 'text' },
  'token-file': { type: 'text' },
  v: { type: 'number' },
  vmodule: { type: 'text' },
  'vpn-auth': { type: 'text', since: ['v1.25.11', 'v1.26.6', 'v1.27.3'] },
  'vpn-auth-file': { type: 'text', since: ['v1.25.11', 'v1.26.6', 'v1.27.3'] },
  'with-node-id': { type: 'switch' },
  'write-kubeconfig': { of: 'server', type: 'text' },
  'write-kubeconfig-group': { of: 'server', type: 'text', since: ['v1.26.14', 'v1.27.11', 'v1.28.7', 'v1.29.2'] },
  'write-kubeconfig-mode': { of: 'server', type: 'text' },
};
