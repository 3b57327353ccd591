import { Construct } from 'constructs';
import { CERTIFICATE_FILE, certificatePath, KEY_FILE, KUBECONFIG_FILE } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  ComponentService,
  type ControlPlaneSettings,
  type GatedComponentSettings,
  httpProbe,
  karmadaImage,
  SECURE_PORT,
} from './component.ts';
import { type EtcdAccess, etcdFlags } from './etcd.ts';
import { SERVICES } from './names.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `AggregatedApiserver`. */
export interface AggregatedApiserverProps extends ControlPlaneSettings, GatedComponentSettings {
  readonly etcd: EtcdAccess;
}

const NAME = SERVICES.aggregatedApiserver;

/** Serves the Cluster objects of the Karmada API, which it keeps in etcd itself, and the way through to members. */
export class AggregatedApiserver extends Construct {
  constructor(scope: Construct, id: string, props: AggregatedApiserverProps) {
    super(scope, id);
    const selector = { app: NAME };
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector,
        certificates: 'aggregatedApiserver',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: { kubeconfig: KUBECONFIG_FILE, ...etcdFlags(props.etcd), ...aggregatedServerFlags() },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '100m', memory: '128Mi' } },
        ports: [{ containerPort: SECURE_PORT }],
        ...aggregatedServerProbes(),
        initContainers: [waitForKarmada('aggregatedApiserver', props)],
      },
    });
    new ComponentService(this, 'Service', {
      name: NAME,
      settings: props,
      selector,
      port: 443,
      targetPort: SECURE_PORT,
    });
  }
}

/** Flags of every API server behind the Karmada API server. */
export function aggregatedServerFlags() {
  return {
    'authentication-kubeconfig': KUBECONFIG_FILE,
    'authorization-kubeconfig': KUBECONFIG_FILE,
    'tls-cert-file': certificatePath('server', CERTIFICATE_FILE),
    'tls-private-key-file': certificatePath('server', KEY_FILE),
    'tls-min-version': 'VersionTLS13',
    'bind-address': '$(POD_IP)',
    'secure-port': SECURE_PORT,
    'audit-log-path': '-',
    'audit-log-maxage': 0,
    'audit-log-maxbackup': 0,
    v: 2,
  };
}

/** Probes of every API server behind the Karmada API server. */
export function aggregatedServerProbes() {
  return {
    readinessProbe: httpProbe('/readyz', SECURE_PORT, { scheme: 'HTTPS', initialDelaySeconds: 1, periodSeconds: 3 }),
    livenessProbe: httpProbe('/healthz', SECURE_PORT, { scheme: 'HTTPS' }),
  };
}
