import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { type ComponentSettings, type ControlPlaneSettings, type DisruptionBudget, settled } from './settings.ts';
import { podTemplate, type Workload } from './workload.ts';

/** Properties of `ComponentDeployment`. */
export interface ComponentDeploymentProps {
  readonly workload: Workload;
  readonly settings: ControlPlaneSettings & ComponentSettings;
  /**
   * Where the settings say nothing.
   *
   * @default 1
   */
  readonly replicas?: number;
}

/** The Deployment of a component, with a disruption budget where it has several replicas. */
export class ComponentDeployment extends Construct {
  constructor(scope: Construct, id: string, props: ComponentDeploymentProps) {
    super(scope, id);
    const { workload, settings } = props;
    const { namespace } = settled(settings);
    const { name, selector } = workload;
    const replicas = settings.replicas ?? props.replicas ?? 1;
    new k8s.KubeDeployment(this, 'Resource', {
      metadata: { name, namespace, labels: selector },
      spec: {
        replicas,
        selector: { matchLabels: selector },
        // No replica goes before its successor is there.
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: k8s.IntOrString.fromString('50%'),
            maxUnavailable: k8s.IntOrString.fromNumber(0),
          },
        },
        template: podTemplate(workload, settings, replicas),
      },
    });
    new ComponentDisruptionBudget(this, 'DisruptionBudget', { workload, settings, replicas });
  }
}

/** Limits evictions of a component with two replicas or more; of one with a single replica it would block them all. */
export class ComponentDisruptionBudget extends Construct {
  constructor(scope: Construct, id: string, props: ComponentDeploymentProps & { readonly replicas: number }) {
    super(scope, id);
    const { workload, settings, replicas } = props;
    const { podDisruptionBudget = {} } = settings;
    const fault = budgetFault(podDisruptionBudget, replicas);
    if (fault) throw new Error(`'podDisruptionBudget' of ${workload.name} ${fault}`);
    if (replicas < 2) return;
    const { minAvailable, maxUnavailable } = podDisruptionBudget;
    new k8s.KubePodDisruptionBudget(this, 'Resource', {
      metadata: { name: workload.name, namespace: settled(settings).namespace, labels: workload.selector },
      spec: {
        selector: { matchLabels: workload.selector },
        minAvailable: intOrString(minAvailable),
        maxUnavailable: intOrString(maxUnavailable ?? (minAvailable === undefined ? 1 : undefined)),
      },
    });
  }
}

function intOrString(value: number | string | undefined): k8s.IntOrString | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
}

/** Properties of `ComponentService`. */
export interface ComponentServiceProps {
  readonly name: string;
  readonly settings: ControlPlaneSettings;
  readonly selector: { readonly [label: string]: string };
  /** Port of the Service. */
  readonly port: number;
  /** Port of the pods. */
  readonly targetPort: number;
}

/** A Service inside the host cluster. */
export class ComponentService extends Construct {
  constructor(scope: Construct, id: string, props: ComponentServiceProps) {
    super(scope, id);
    new k8s.KubeService(this, 'Resource', {
      metadata: { name: props.name, namespace: settled(props.settings).namespace, labels: props.selector },
      spec: {
        selector: props.selector,
        ports: [{ protocol: 'TCP', port: props.port, targetPort: k8s.IntOrString.fromNumber(props.targetPort) }],
      },
    });
  }
}

/** What is wrong with a disruption budget for so many replicas: it lets no node be drained, for one. */
export function budgetFault(budget: DisruptionBudget, replicas: number): string | undefined {
  const { minAvailable, maxUnavailable } = budget;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    return "must have 'minAvailable' or 'maxUnavailable', not both";
  }
  if (replicas < 2) return undefined;
  // Kubernetes rounds shares up.
  const count = (value: number | string) =>
    typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * replicas) / 100);
  const leavesNone =
    (minAvailable !== undefined && count(minAvailable) >= replicas) || count(maxUnavailable ?? 1) === 0;
  return leavesNone
    ? `would keep all ${replicas} replicas, so that no node of theirs could be drained: let one be away, or give more 'replicas'`
    : undefined;
}
