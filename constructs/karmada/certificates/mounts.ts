import type { k8s } from 'cdk8s-plus-28';
import type { Component } from '../names.ts';
import { type CertificatePurpose, SECRETS } from './plan.ts';

/*
 * Where the components of a control plane find their certificates, and the kubeconfig that names them.
 *
 * There is one layout, whoever makes the Secrets: type kubernetes.io/tls with `tls.crt`, `tls.key`, and in `ca.crt` the
 * certificate that signed it. They are mounted as folders, never by subPath, so that a renewed one reaches the process:
 * kube-apiserver, etcd, client-go and controller-runtime all read these files again.
 */

/** Names of the files in every Secret, and thus in every mounted folder. */
export const CERTIFICATE_FILE = 'tls.crt';
export const KEY_FILE = 'tls.key';
export const CA_FILE = 'ca.crt';

/** Folders that the Secrets are mounted at; what a component lacks is not there. */
export const MOUNT_PATHS = {
  /** Certificate that the component serves with; its `ca.crt` is the CA of the Karmada API. */
  server: '/etc/karmada/server',
  /** Certificate that the component shows to the Karmada API and to estimators. */
  client: '/etc/karmada/client',
  /** Certificate that etcd members show to each other. */
  peer: '/etc/karmada/peer',
  /** Certificate for etcd; `ca.crt` is etcd's CA. */
  etcd: '/etc/karmada/etcd',
  /** Certificate that the API server shows to aggregated API servers; `ca.crt` is the CA of these alone. */
  frontProxy: '/etc/karmada/front-proxy',
  /** Key that signs ServiceAccount tokens, in `tls.key`. */
  serviceAccount: '/etc/karmada/service-account',
  /** CA of the Karmada API with its key, which signs the certificates of agents. */
  ca: '/etc/karmada/ca',
} as const;

/** ConfigMap with the kubeconfig of everything that runs beside the Karmada API server. */
export const KUBECONFIG_CONFIG_MAP = 'karmada-kubeconfig';

/** Where the ConfigMap with the kubeconfig is mounted, and the file in it. */
export const KUBECONFIG_MOUNT_PATH = '/etc/karmada/kubeconfig';
export const KUBECONFIG_KEY = 'kubeconfig';
export const KUBECONFIG_FILE = `${KUBECONFIG_MOUNT_PATH}/${KUBECONFIG_KEY}`;

/** What each component mounts: a purpose at a folder of `MOUNT_PATHS`. */
export const COMPONENT_CERTIFICATES: Record<
  Component,
  Partial<Record<keyof typeof MOUNT_PATHS, CertificatePurpose>>
> = {
  etcd: { server: 'etcdServer', peer: 'etcdPeer' },
  apiserver: {
    server: 'apiserverServer',
    etcd: 'etcdClient',
    frontProxy: 'frontProxyClient',
    serviceAccount: 'serviceAccount',
  },
  aggregatedApiserver: {
    server: 'aggregatedApiserverServer',
    client: 'aggregatedApiserverClient',
    etcd: 'etcdClient',
  },
  kubeControllerManager: { client: 'kubeControllerManagerClient', ca: 'ca', serviceAccount: 'serviceAccount' },
  controllerManager: { client: 'controllerManagerClient' },
  scheduler: { client: 'schedulerClient' },
  webhook: { server: 'webhookServer', client: 'webhookClient' },
  schedulerEstimator: { server: 'schedulerEstimatorServer' },
  descheduler: { client: 'deschedulerClient' },
  search: { server: 'searchServer', client: 'searchClient', etcd: 'etcdClient' },
  metricsAdapter: { server: 'metricsAdapterServer', client: 'metricsAdapterClient' },
  administration: { client: 'adminClient' },
};

/** Path of a file of a certificate in the component that mounts it, such as `/etc/karmada/server/tls.crt`. */
export function certificatePath(
  mount: keyof typeof MOUNT_PATHS,
  file: typeof CERTIFICATE_FILE | typeof KEY_FILE | typeof CA_FILE,
): string {
  return `${MOUNT_PATHS[mount]}/${file}`;
}

/**
 * Volumes and mounts of what a component needs: its certificates, and the kubeconfig when it is a client of the Karmada
 * API.
 *
 * @param secretNames Secrets that have another name than `SECRETS` says, by purpose.
 */
export function certificateVolumes(
  component: Component,
  secretNames: Partial<Record<CertificatePurpose, string>> = {},
): { volumes: k8s.Volume[]; volumeMounts: k8s.VolumeMount[] } {
  const mounts = Object.entries(COMPONENT_CERTIFICATES[component]) as [keyof typeof MOUNT_PATHS, CertificatePurpose][];
  const volumes: k8s.Volume[] = mounts.map(([mount, purpose]) => ({
    name: volumeName(mount),
    secret: { secretName: secretNames[purpose] ?? SECRETS[purpose], defaultMode: 0o440 },
  }));
  const volumeMounts: k8s.VolumeMount[] = mounts.map(([mount]) => ({
    name: volumeName(mount),
    mountPath: MOUNT_PATHS[mount],
    readOnly: true,
  }));
  if (COMPONENT_CERTIFICATES[component].client) {
    volumes.push({ name: 'kubeconfig', configMap: { name: KUBECONFIG_CONFIG_MAP } });
    volumeMounts.push({ name: 'kubeconfig', mountPath: KUBECONFIG_MOUNT_PATH, readOnly: true });
  }
  return { volumes, volumeMounts };
}

function volumeName(mount: keyof typeof MOUNT_PATHS): string {
  return `${mount.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-cert`;
}
