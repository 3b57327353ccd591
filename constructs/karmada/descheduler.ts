import { Construct } from 'constructs';
import { KUBECONFIG_FILE } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  type ComponentSettings,
  type ControlPlaneSettings,
  controllerProbe,
  karmadaImage,
  METRICS_PORT,
  settled,
} from './component.ts';
import { estimatorClientFlags } from './scheduler-estimator.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `Descheduler`. */
export interface DeschedulerProps extends ControlPlaneSettings, ComponentSettings {
  /** @default 2 */
  readonly replicas?: number;
}

const NAME = 'karmada-descheduler';
const HEALTH_PORT = 10358;

/** Takes replicas off members where estimators see that they find no place, for the scheduler to put elsewhere. */
export class Descheduler extends Construct {
  constructor(scope: Construct, id: string, props: DeschedulerProps) {
    super(scope, id);
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      replicas: 2,
      workload: {
        name: NAME,
        selector: { app: NAME },
        certificates: 'descheduler',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'leader-elect-resource-namespace': settled(props).namespace,
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': `$(POD_IP):${HEALTH_PORT}`,
          ...estimatorClientFlags(props),
          v: 2,
        },
        resources: { requests: { cpu: '25m', memory: '64Mi' } },
        ports: [METRICS_PORT],
        livenessProbe: controllerProbe(HEALTH_PORT),
        initContainers: [waitForKarmada('descheduler', props)],
      },
    });
  }
}
