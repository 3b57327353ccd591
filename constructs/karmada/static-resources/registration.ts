import { k8s } from 'cdk8s-plus-28';
import { CA_BUNDLE, COMPONENT_LABEL, type Manifest, make } from './manifest.ts';
import { grant, RBAC } from './rbac.ts';

/*
 * Registration of members in pull mode: karmadactl register.
 */

/** Value of the component label on all of this. */
export const REGISTRATION = 'karmada-registration';

const BOOTSTRAPPERS = 'system:bootstrappers:karmada:default-cluster-token';
const CLUSTER_INFO = 'cluster-info';

/** What a bootstrap token may do, and what agents may. */
export function registrationAccess(): Manifest[] {
  const labels = { [COMPONENT_LABEL]: REGISTRATION };
  const group = (name: string): k8s.Subject[] => [{ apiGroup: RBAC, kind: 'Group', name }];
  const approver = (name: string, resource: string) =>
    make(k8s.KubeClusterRole, {
      metadata: { name, labels },
      rules: [
        {
          apiGroups: ['certificates.k8s.io'],
          resources: [`certificatesigningrequests/${resource}`],
          verbs: ['create'],
        },
      ],
    });
  const binding = (name: string, role: string, subjects: k8s.Subject[]) =>
    make(k8s.KubeClusterRoleBinding, {
      metadata: { name, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
      subjects,
    });
  const autoApprover = 'system:karmada:certificatesigningrequest:autoapprover';
  const selfApprover = 'system:karmada:certificatesigningrequest:selfautoapprover';
  return [
    ...grant({
      name: 'system:karmada:bootstrap-signer-clusterinfo',
      namespace: 'kube-public',
      users: ['system:anonymous'],
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [CLUSTER_INFO], verbs: ['get'] }],
      labels,
    }),
    binding('system:karmada:agent-bootstrap', 'system:node-bootstrapper', group(BOOTSTRAPPERS)),
    approver(autoApprover, 'clusteragent'),
    binding('system:karmada:agent-autoapprove-bootstrap', autoApprover, group(BOOTSTRAPPERS)),
    approver(selfApprover, 'selfclusteragent'),
    binding('system:karmada:agent-autoapprove-certificate-rotation', selfApprover, group('system:karmada:agents')),
    // It makes the roles of each new agent, which is more than it could do with fewer rights than they have.
    ...grant({
      name: 'system:karmada:agent-rbac-generator',
      users: ['system:karmada:agent:rbac-generator'],
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      labels,
    }),
  ];
}

/** Where a member that registers finds the Karmada API, and which CA it has; the token's signature is added to it. */
export function clusterInfo(server: string): Manifest {
  const kubeconfig = {
    apiVersion: 'v1',
    clusters: [{ cluster: { 'certificate-authority-data': CA_BUNDLE, server } }],
    kind: 'Config',
  };
  return make(k8s.KubeConfigMap, {
    metadata: { name: CLUSTER_INFO, namespace: 'kube-public', labels: { [COMPONENT_LABEL]: REGISTRATION } },
    data: { kubeconfig: `${JSON.stringify(kubeconfig)}\n` },
  });
}
