import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { k8s } from 'cdk8s-plus-28';
import { restrictedContainer } from '../security.ts';
import { certificateVolumes, KUBECONFIG_FILE, MOUNT_PATHS } from './certificates/mounts.ts';
import type { Component } from './names.ts';
import { type ControlPlaneSettings, settled, toolsImage } from './settings.ts';
import { toResources } from './workload.ts';

/*
 * Init containers that wait: in an apply of the whole folder, in any order, each component starts when what it needs
 * is there.
 */

// Read once, when this module is loaded: to a construct they are constants.
const script = (name: string) => readFileSync(join(import.meta.dirname, 'scripts', name), 'utf8');
const WAIT_FOR_ETCD = script('wait-for-etcd.sh');
const WAIT_FOR_KARMADA = script('wait-for-karmada.sh');

/** Waits until etcd answers at one of these URLs. */
export function waitForEtcd(component: Component, settings: ControlPlaneSettings, servers: readonly string[]) {
  return waiting(component, settings, WAIT_FOR_ETCD, { ENDPOINTS: servers.join(','), FOLDER: MOUNT_PATHS.etcd });
}

/** Waits until the Karmada API holds the CRDs and static resources of the version. */
export function waitForKarmada(component: Component, settings: ControlPlaneSettings) {
  const { namespace, version } = settled(settings);
  return waiting(component, settings, WAIT_FOR_KARMADA, {
    KUBECONFIG: KUBECONFIG_FILE,
    NAMESPACE: namespace,
    VERSION: version,
    // kubectl keeps what it discovered there.
    HOME: '/tmp',
  });
}

function waiting(
  component: Component,
  settings: ControlPlaneSettings,
  code: string,
  env: Record<string, string>,
): k8s.Container {
  return {
    name: 'wait',
    image: toolsImage(settings),
    imagePullPolicy: settings.imagePullPolicy ?? 'IfNotPresent',
    command: ['bash', '-c', code],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    resources: toResources({ requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } }),
    securityContext: restrictedContainer,
    volumeMounts: certificateVolumes(component, settings.secretNames).volumeMounts,
  };
}
