import { Construct } from 'constructs';
import { aggregatedServerFlags, aggregatedServerProbes } from './aggregated-apiserver.ts';
import { KUBECONFIG_FILE } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  ComponentService,
  type ComponentSettings,
  type ControlPlaneSettings,
  httpProbe,
  karmadaImage,
  SECURE_PORT,
} from './component.ts';
import { type EtcdAccess, etcdFlags } from './etcd.ts';
import { SERVICES } from './names.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `Search`. */
export interface SearchProps extends ControlPlaneSettings, ComponentSettings {
  /** @default 2 */
  readonly replicas?: number;
  readonly etcd: EtcdAccess;
}

const NAME = SERVICES.search;

/** Answers for objects of all members at once, from caches and from a store that ResourceRegistries name. */
export class Search extends Construct {
  constructor(scope: Construct, id: string, props: SearchProps) {
    super(scope, id);
    const selector = { app: NAME };
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      replicas: 2,
      workload: {
        name: NAME,
        selector,
        certificates: 'search',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: { kubeconfig: KUBECONFIG_FILE, ...etcdFlags(props.etcd), ...aggregatedServerFlags() },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        ports: [{ containerPort: SECURE_PORT }],
        ...aggregatedServerProbes(),
        // It fills its caches first, so it gets more time to come alive.
        livenessProbe: httpProbe('/livez', SECURE_PORT, {
          scheme: 'HTTPS',
          initialDelaySeconds: 15,
          periodSeconds: 15,
          timeoutSeconds: 5,
        }),
        initContainers: [waitForKarmada('search', props)],
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
