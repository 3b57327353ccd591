import { Construct } from 'constructs';
import { KUBECONFIG_FILE, MOUNT_PATHS } from './certificates/mounts.ts';
import {
  ComponentDeployment,
  ComponentService,
  type ControlPlaneSettings,
  type GatedComponentSettings,
  httpProbe,
  karmadaImage,
  METRICS_PORT,
} from './component.ts';
import { SERVICES } from './names.ts';
import { waitForKarmada } from './wait-containers.ts';

/** Properties of `Webhook`. */
export interface WebhookProps extends ControlPlaneSettings, GatedComponentSettings {
  /**
   * Whether taint policies may set `NoExecute`, which failover needs: see `FailoverTaints`.
   *
   * @default false
   */
  readonly failover?: boolean;
}

const NAME = SERVICES.webhook;
const PORT = 8443;

/** Checks and completes policies and other objects of Karmada, and converts bindings between versions. */
export class Webhook extends Construct {
  constructor(scope: Construct, id: string, props: WebhookProps) {
    super(scope, id);
    const selector = { app: NAME };
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name: NAME,
        selector,
        certificates: 'webhook',
        image: karmadaImage(NAME, props),
        command: `/bin/${NAME}`,
        flags: {
          kubeconfig: KUBECONFIG_FILE,
          'bind-address': '$(POD_IP)',
          'secure-port': PORT,
          'cert-dir': MOUNT_PATHS.server,
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': '$(POD_IP):8000',
          'allow-no-execute-taint-policy': props.failover || undefined,
          v: 2,
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        ports: [{ containerPort: PORT }, METRICS_PORT],
        // As Kubernetes has it by default: the API server turns away every change while no webhook is ready.
        readinessProbe: httpProbe('/readyz', PORT, {
          scheme: 'HTTPS',
          initialDelaySeconds: undefined,
          periodSeconds: undefined,
          timeoutSeconds: undefined,
          failureThreshold: undefined,
        }),
        initContainers: [waitForKarmada('webhook', props)],
      },
    });
    new ComponentService(this, 'Service', { name: NAME, settings: props, selector, port: 443, targetPort: PORT });
  }
}
