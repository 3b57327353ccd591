import { Construct } from 'constructs';
import { KUBECONFIG_FILE } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  type ControlPlaneSettings,
  controllerProbe,
  type GatedComponentSettings,
  karmadaImage,
  METRICS_PORT,
  settled,
} from './component.ts';
import { estimatorClientFlags } from './scheduler-estimator.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `Scheduler`. */
export interface SchedulerProps extends ControlPlaneSettings, GatedComponentSettings {
  /**
   * Whether it asks estimators how much of a workload fits into a member.
   *
   * @default false
   */
  readonly estimators?: boolean;
}

const NAME = 'karmada-scheduler';
const HEALTH_PORT = 10351;

/** Picks members for workloads. */
export class Scheduler extends Construct {
  constructor(scope: Construct, id: string, props: SchedulerProps) {
    super(scope, id);
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector: { app: NAME },
        certificates: 'scheduler',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'leader-elect-resource-namespace': settled(props).namespace,
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': `$(POD_IP):${HEALTH_PORT}`,
          'enable-scheduler-estimator': props.estimators || undefined,
          ...estimatorClientFlags(props),
          v: 2,
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        ports: [METRICS_PORT],
        livenessProbe: controllerProbe(HEALTH_PORT),
        initContainers: [waitForKarmada('scheduler', props)],
      },
    });
  }
}
