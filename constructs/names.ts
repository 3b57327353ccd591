/** Names that several layers, the scripts and the users rely on. */

/** Namespace of what is about the federation itself, on any cluster. */
export const FEDERATION_NAMESPACE = 'serverless-federation';

/** Owner of the fields that we apply: `kubectl apply --server-side --field-manager=…`. */
export const FIELD_MANAGER = 'serverless-federation';

/** Value of the label `app.kubernetes.io/managed-by` on all that a synth makes. */
export const MANAGED_BY = 'serverless-federation';

/**
 * Label that says which target of `dist/` an object is of: its folder, with a dot for the slash. What Karmada brings to
 * a member keeps the target `karmada`, so that `scripts/apply.sh --prune` tells it from the member's own.
 */
export const TARGET_LABEL = 'serverless-federation.io/target';

/** The central cluster, in names of Secrets, targets and kubeconfigs. */
export const HOST_CLUSTER = 'host';

/** The Karmada API, likewise. */
export const KARMADA_CLUSTER = 'karmada';

/** The cluster whose Jobs make others, likewise. */
export const MANAGEMENT_CLUSTER = 'management';

/** The cluster on which Argo CD runs, likewise. */
export const ARGOCD_CLUSTER = 'argocd';

/** Names that no member may have, for its Secrets and kubeconfig would be another cluster's. */
export const RESERVED_CLUSTERS: readonly string[] = [HOST_CLUSTER, KARMADA_CLUSTER, MANAGEMENT_CLUSTER, ARGOCD_CLUSTER];

/** The ClusterPropagationPolicy that takes a runtime's RuntimeClass to the members. */
export function runtimeClassPolicyName(runtime: string): string {
  return `${runtime}-runtime`;
}
