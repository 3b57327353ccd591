import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { FEDERATION_NAMESPACE } from '../names.ts';
import { CA_FILE, CERTIFICATE_FILE, certificatePath, KEY_FILE } from './certificates/mounts.ts';
import { ComponentDeployment } from './component-deployment.ts';
import { ESTIMATOR_NAME } from './names.ts';
import { type ControlPlaneSettings, type GatedComponentSettings, karmadaImage, settled } from './settings.ts';
import { controllerProbe, METRICS_PORT } from './workload.ts';

const PORT = 10352;
const HEALTH_PORT = 10351;

/** Most characters of a member's name for which the Service of its estimator, whose name is given, has a name. */
export const ESTIMATED_NAME_LENGTH = 63 - `${ESTIMATOR_NAME}-`.length;

/** Key of an estimator's Secret under which the kubeconfig is. */
export const ESTIMATOR_KUBECONFIG_KEY = 'kubeconfig';

/** Secret of the control plane's namespace with the kubeconfig by which an estimator reads its member. */
export const estimatorSecretName = (member: string) => `${member}-kubeconfig`;

/** How the scheduler and the descheduler find estimators and trust them. */
export function estimatorClientFlags(settings: ControlPlaneSettings) {
  return {
    // Without it they look in karmada-system, wherever they run themselves.
    'scheduler-estimator-service-namespace': settled(settings).namespace,
    'scheduler-estimator-ca-file': certificatePath('client', CA_FILE),
    'scheduler-estimator-cert-file': certificatePath('client', CERTIFICATE_FILE),
    'scheduler-estimator-key-file': certificatePath('client', KEY_FILE),
  };
}

/** Properties of `SchedulerEstimator`. */
export interface SchedulerEstimatorProps extends ControlPlaneSettings, GatedComponentSettings {
  /** Name of the member that it looks at. */
  readonly member: string;
}

/**
 * Says how much of a workload fits into one member, from that member's nodes and pods. It reads the member by the
 * kubeconfig in Secret `<member>-kubeconfig`, which needs the rights of `EstimatorAccess` there and no more.
 */
export class SchedulerEstimator extends Construct {
  constructor(scope: Construct, id: string, props: SchedulerEstimatorProps) {
    super(scope, id);
    const { member } = props;
    const { namespace } = settled(props);
    const name = `${ESTIMATOR_NAME}-${member}`;
    const selector = { cluster: member, app: ESTIMATOR_NAME };
    const folder = '/etc/karmada/member';
    new ComponentDeployment(this, 'Deployment', {
      settings: props,
      workload: {
        name,
        selector,
        container: ESTIMATOR_NAME,
        certificates: 'schedulerEstimator',
        image: karmadaImage(ESTIMATOR_NAME, props),
        command: `/bin/${ESTIMATOR_NAME}`,
        flags: {
          kubeconfig: `${folder}/${ESTIMATOR_KUBECONFIG_KEY}`,
          'cluster-name': member,
          'grpc-auth-cert-file': certificatePath('server', CERTIFICATE_FILE),
          'grpc-auth-key-file': certificatePath('server', KEY_FILE),
          'grpc-client-ca-file': certificatePath('server', CA_FILE),
          'metrics-bind-address': '$(POD_IP):8080',
          'health-probe-bind-address': `$(POD_IP):${HEALTH_PORT}`,
          v: 2,
        },
        featureGates: props.featureGates,
        resources: { requests: { cpu: '25m', memory: '64Mi' } },
        ports: [METRICS_PORT, { name: 'grpc', containerPort: PORT }],
        livenessProbe: controllerProbe(HEALTH_PORT),
        volumes: [{ name: 'member', secret: { secretName: estimatorSecretName(member), defaultMode: 0o440 } }],
        volumeMounts: [{ name: 'member', mountPath: folder, readOnly: true }],
      },
    });
    new k8s.KubeService(this, 'Service', {
      metadata: { name, namespace, labels: { cluster: member } },
      spec: {
        selector,
        ports: [{ protocol: 'TCP', port: PORT, targetPort: k8s.IntOrString.fromNumber(PORT) }],
      },
    });
  }
}

/**
 * What an estimator may do on its member: look at nodes, pods and what makes pods (pkg/estimator/server of Karmada).
 * An account in the federation's namespace; its token is taken by `scripts/join.sh`.
 */
export class EstimatorAccess extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const metadata = { name: ESTIMATOR_NAME, namespace: FEDERATION_NAMESPACE };
    new k8s.KubeServiceAccount(this, 'Resource', { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(this, 'ClusterRole', {
      metadata: { name: ESTIMATOR_NAME },
      rules: [
        { apiGroups: [''], resources: ['nodes', 'pods', 'resourcequotas'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'ClusterRoleBinding', {
      metadata: { name: ESTIMATOR_NAME },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ESTIMATOR_NAME },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    });
  }
}
