import { Construct } from 'constructs';
import { KARMADA_KUBERNETES_VERSION } from '../versions.ts';
import { CA_FILE, CERTIFICATE_FILE, certificatePath, KEY_FILE, KUBECONFIG_FILE } from './certificates/mounts.ts';
import { ComponentDeployment } from './component-deployment.ts';
import type { ControlPlaneSettings, GatedComponentSettings } from './settings.ts';
import { waitForKarmada } from './wait-containers.ts';
import { httpProbe } from './workload.ts';

/** Properties of `KubeControllerManager`. Its feature gates are those of Kubernetes. */
export interface KubeControllerManagerProps extends ControlPlaneSettings, GatedComponentSettings {}

/**
 * The controllers that an API of templates needs: what would run a workload is left out, for members do that.
 * Source: Karmada's chart.
 */
const CONTROLLERS = [
  'namespace',
  'garbagecollector',
  'serviceaccount-token',
  'ttl-after-finished',
  'bootstrapsigner',
  'tokencleaner',
  'csrcleaner',
  'csrsigning',
  'clusterrole-aggregation',
];

const NAME = 'karmada-kube-controller-manager';
const PORT = 10257;

/** Kubernetes' controllers in the Karmada API: namespaces, garbage, tokens, and the certificates of agents. */
export class KubeControllerManager extends Construct {
  constructor(scope: Construct, id: string, props: KubeControllerManagerProps) {
    super(scope, id);
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector: { app: 'kube-controller-manager' },
        certificates: 'kubeControllerManager',
        container: 'kube-controller-manager',
        image: `registry.k8s.io/kube-controller-manager:${KARMADA_KUBERNETES_VERSION}`,
        command: 'kube-controller-manager',
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'authentication-kubeconfig': KUBECONFIG_FILE,
          'authorization-kubeconfig': KUBECONFIG_FILE,
          'bind-address': '0.0.0.0',
          'client-ca-file': certificatePath('client', CA_FILE),
          'cluster-name': 'karmada',
          'cluster-signing-cert-file': certificatePath('ca', CERTIFICATE_FILE),
          'cluster-signing-key-file': certificatePath('ca', KEY_FILE),
          controllers: CONTROLLERS.join(','),
          'leader-elect': true,
          'root-ca-file': certificatePath('client', CA_FILE),
          'service-account-private-key-file': certificatePath('serviceAccount', KEY_FILE),
          'use-service-account-credentials': true,
          v: 2,
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        ports: [{ containerPort: PORT }],
        livenessProbe: httpProbe('/healthz', PORT, { scheme: 'HTTPS', failureThreshold: 8 }),
        initContainers: [waitForKarmada('kubeControllerManager', props)],
      },
    });
  }
}
