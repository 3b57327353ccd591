import { contentHash } from './hash.ts';

/** Names that several layers, the scripts and the users rely on. */

/** Namespace of what is about the federation itself, on any cluster. */
export const FEDERATION_NAMESPACE = 'serverless-federation';

/**
 * Namespaces that are made or used by what the federation brings to clusters, each with what is in it. Nothing else
 * may be put there: a Namespace that two sides describe has the settings of the last.
 */
export const OWN_NAMESPACES: Readonly<Record<string, string>> = {
  [FEDERATION_NAMESPACE]: 'the federation itself',
  'kube-system': 'Kubernetes',
  'kube-public': 'Kubernetes',
  'kube-node-lease': 'Kubernetes',
  'metallb-system': 'MetalLB',
  'ingress-nginx': 'ingress-nginx',
  'tigera-operator': 'Calico',
  'calico-system': 'Calico',
  'calico-apiserver': 'Calico',
  'system-upgrade': "k3s's upgrade controller",
  'wasm-shims': 'the installer of Wasm shims',
  'karmada-cluster': 'Karmada',
};

/** Owner of the fields that we apply: `kubectl apply --server-side --field-manager=…`. */
export const FIELD_MANAGER = 'serverless-federation';

/** Value of the label `app.kubernetes.io/managed-by` on all that a synth makes. */
export const MANAGED_BY = 'serverless-federation';

/**
 * Label that says which federation an object is of. A label of our own, for those that Kubernetes recommends
 * (`app.kubernetes.io/…`) are the user's to set.
 */
export const FEDERATION_LABEL = 'serverless-federation.io/federation';

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

/** File of an app in `dist/karmada/`. An app in a namespace of its own may bear the name of another. */
export function appFile({ namespace, name }: { namespace: string; name: string }): string {
  return `20-${namespace === 'default' ? '' : `${namespace}.`}${name}`;
}

/** File of a policy in `dist/karmada/`. */
export function policyFile({
  type,
  namespace = 'default',
  name,
}: {
  type: string;
  namespace?: string | undefined;
  name: string;
}): string {
  const file = `09-${namespace === 'default' ? '' : `${namespace}.`}${name}-${type}`;
  return file.length <= LONGEST_FILE ? file : `${file.slice(0, LONGEST_FILE - 9)}-${contentHash(file)}`;
}

/** Most file systems take 255 bytes, with the ending and what stands before it until the file is whole. */
const LONGEST_FILE = 200;

/** Name of what the bootstrap makes for a host. */
export function hostJobName(cluster: string, host: string): string {
  return `bootstrap-${cluster}-${host}`;
}

/** The Secrets that the bootstrap of a cluster makes in `FEDERATION_NAMESPACE`. */
export function bootstrapSecretNames(cluster: string): { kubeconfig: string; token: string } {
  return { kubeconfig: `${cluster}-kubeconfig`, token: `${cluster}-token` };
}

/** The ClusterPropagationPolicy that takes a runtime's RuntimeClass to the members. */
export function runtimeClassPolicyName(runtime: string): string {
  return `${runtime}-runtime`;
}
