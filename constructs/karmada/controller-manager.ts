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
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `ControllerManager`. */
export interface ControllerManagerProps extends ControlPlaneSettings, GatedComponentSettings {
  /**
   * Whether workloads leave a member with a taint `NoExecute`: see `FailoverTaints`.
   *
   * @default false
   */
  readonly failover?: boolean;
}

const NAME = 'karmada-controller-manager';
const HEALTH_PORT = 10357;

/** Karmada's controllers: policies to bindings, bindings to members, and the members' status. */
export class ControllerManager extends Construct {
  constructor(scope: Construct, id: string, props: ControllerManagerProps) {
    super(scope, id);
    if (props.failover && props.featureGates?.Failover === false) {
      throw new Error("'featureGates' must not turn 'Failover' off where 'failover' is true, leave one of them out");
    }
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector: { app: NAME },
        certificates: 'controllerManager',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'cluster-status-update-frequency': '10s',
          'leader-elect-resource-namespace': settled(props).namespace,
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': `$(POD_IP):${HEALTH_PORT}`,
          // The gate alone evicts nothing (cmd/controller-manager/app/options/cluster_failover.go of Karmada).
          'enable-no-execute-taint-eviction': props.failover || undefined,
          v: 2,
        },
        featureGates: { ...(props.failover && { Failover: true }), ...props.featureGates },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        ports: [METRICS_PORT],
        livenessProbe: controllerProbe(HEALTH_PORT),
        initContainers: [waitForKarmada('controllerManager', props)],
      },
    });
  }
}
