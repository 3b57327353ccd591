import { Construct } from 'constructs';
import { aggregatedServerFlags, aggregatedServerProbes } from './aggregated-apiserver.ts';
import { KUBECONFIG_FILE } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  ComponentService,
  type ComponentSettings,
  type ControlPlaneSettings,
  karmadaImage,
  METRICS_PORT,
  SECURE_PORT,
} from './component.ts';
import { SERVICES } from './names.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `MetricsAdapter`. */
export interface MetricsAdapterProps extends ControlPlaneSettings, ComponentSettings {}

const NAME = SERVICES.metricsAdapter;

/** Metrics of pods over all members, by which a FederatedHPA scales. */
export class MetricsAdapter extends Construct {
  constructor(scope: Construct, id: string, props: MetricsAdapterProps) {
    super(scope, id);
    const selector = { app: NAME };
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector,
        certificates: 'metricsAdapter',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'metrics-bind-address': '$(POD_IP):8080',
          ...aggregatedServerFlags(),
        },
        resources: { requests: { cpu: '100m', memory: '128Mi' } },
        ports: [{ containerPort: SECURE_PORT }, METRICS_PORT],
        ...aggregatedServerProbes(),
        initContainers: [waitForKarmada('metricsAdapter', props)],
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
