import type { k8s } from 'cdk8s-plus-28';

/*
 * The Pod Security Standards, said once.
 * Source: kubernetes.io/docs/concepts/security/pod-security-standards.
 */

export type PodSecurityStandard = 'privileged' | 'baseline' | 'restricted';

/** Labels of a namespace that takes no pod below a standard. */
export function enforce(standard: PodSecurityStandard): Record<string, string> {
  return { 'pod-security.kubernetes.io/enforce': standard };
}

/** User and group of pods that need no particular one: `nobody` in most images. */
export const NON_ROOT = 65534;

/** Pod-level settings of the `restricted` standard. */
export const restrictedPod: k8s.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: NON_ROOT,
  runAsGroup: NON_ROOT,
  fsGroup: NON_ROOT,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Container-level settings of the `restricted` standard, with a root file system that nobody writes to. */
export const restrictedContainer: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
