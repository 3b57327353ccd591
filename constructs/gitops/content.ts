import { ApiObject, type Chart } from 'cdk8s';
import { ESTIMATOR_NAME } from '../karmada/names.ts';

/** A kind of objects. */
export interface GroupKind {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
}

/** A field that something in the cluster writes after Argo CD has. */
export interface ForeignField extends GroupKind {
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: string[];
  readonly jqPathExpressions?: string[];
}

/** What the manifests of a target hold, as far as Argo CD's rights and comparisons depend on it. */
export interface Content {
  readonly clusterKinds: readonly GroupKind[];
  readonly namespacedKinds: readonly GroupKind[];
  readonly namespaces: readonly string[];
  readonly foreignFields: readonly ForeignField[];
}

/** Objects that hold data, or whose end is the end of what others need: a human confirms that they go. */
const PRECIOUS = new Set([
  'Namespace',
  'PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apps/StatefulSet',
  'helm.cattle.io/HelmChart',
]);

/** Fields that controllers and webhooks fill in, by kind. */
const INJECTED: Readonly<Record<string, Pick<ForeignField, 'jsonPointers' | 'jqPathExpressions'>>> = {
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': {
    jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'],
  },
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': {
    jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'],
  },
  'apiextensions.k8s.io/CustomResourceDefinition': {
    jsonPointers: ['/spec/conversion/webhook/clientConfig/caBundle'],
  },
  'apiregistration.k8s.io/APIService': { jsonPointers: ['/spec/caBundle'] },
};

/** What scales others, and the fields that it writes in them. */
const SCALERS = new Set([
  'autoscaling/HorizontalPodAutoscaler',
  'autoscaling.karmada.io/FederatedHPA',
  'autoscaling.karmada.io/CronFederatedHPA',
]);

interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Reads from manifests what an Application and its project must know of them. */
export function contentOf(charts: Iterable<Chart>): Content {
  const clusterKinds = new Map<string, GroupKind>();
  const namespacedKinds = new Map<string, GroupKind>();
  const namespaces = new Set<string>();
  const foreignFields: ForeignField[] = [];
  for (const object of objectsOf(charts)) {
    const { kind } = object;
    const { namespace } = object.metadata;
    const group = groupOf(object.apiVersion);
    const id = idOf(group, kind);
    const kinds = namespace ? namespacedKinds : clusterKinds;
    if (INJECTED[id] && !kinds.has(id)) foreignFields.push({ group, kind, ...INJECTED[id] });
    kinds.set(id, { group, kind });
    if (namespace) namespaces.add(namespace);
    const scaled = SCALERS.has(id) ? scaledField(object) : undefined;
    if (scaled) foreignFields.push(scaled);
  }
  return {
    clusterKinds: sorted(clusterKinds),
    namespacedKinds: sorted(namespacedKinds),
    namespaces: [...namespaces].sort(),
    foreignFields,
  };
}

/**
 * Marks objects for Argo CD: what is precious goes only when somebody confirms it, Jobs of an earlier synth, whose names
 * are others, do not make an Application OutOfSync, and autoscalers do not keep it Progressing for ever: Karmada sums up
 * their replicas, and not the conditions that Argo CD looks at.
 */
export function guard(charts: Iterable<Chart>): void {
  for (const { kind, apiVersion, metadata } of objectsOf(charts)) {
    const id = idOf(groupOf(apiVersion), kind);
    if (PRECIOUS.has(id)) metadata.addAnnotation('argocd.argoproj.io/sync-options', 'Prune=confirm,Delete=confirm');
    if (id === 'autoscaling/HorizontalPodAutoscaler') {
      metadata.addAnnotation('argocd.argoproj.io/ignore-healthcheck', 'true');
    }
    // It starts when join.sh has given it its kubeconfig, which needs what comes in later waves.
    if (id === 'apps/Deployment' && metadata.name?.startsWith(`${ESTIMATOR_NAME}-`)) {
      metadata.addAnnotation('argocd.argoproj.io/ignore-healthcheck', 'true');
    }
    if (id === 'batch/Job') metadata.addAnnotation('argocd.argoproj.io/compare-options', 'IgnoreExtraneous');
  }
}

/**
 * Lets what others need come first within an Application: namespaces and kinds, then policies, then what they are for.
 * Argo CD itself would take policies last, for their kind is not one of Kubernetes' own.
 */
export function order(charts: Iterable<Chart>): void {
  for (const { kind, apiVersion, metadata } of objectsOf(charts)) {
    const id = idOf(groupOf(apiVersion), kind);
    const wave = FIRST.has(id) ? -2 : groupOf(apiVersion) === 'policy.karmada.io' ? -1 : undefined;
    if (wave !== undefined) metadata.addAnnotation('argocd.argoproj.io/sync-wave', String(wave));
  }
}

const FIRST = new Set(['Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']);

function* objectsOf(charts: Iterable<Chart>): Generator<ApiObject> {
  for (const chart of charts) {
    for (const node of chart.node.findAll()) if (ApiObject.isApiObject(node)) yield node;
  }
}

/** What an autoscaler writes in its target; nothing for one that names none. */
function scaledField(scaler: ApiObject): ForeignField | undefined {
  const target: Partial<ScaleTarget> | undefined = scaler.toJson().spec?.scaleTargetRef;
  const { apiVersion, kind, name } = target ?? {};
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined;
  const group = groupOf(apiVersion);
  return {
    group,
    kind,
    name,
    namespace: scaler.metadata.namespace,
    // A CronFederatedHPA can also move the bounds of a FederatedHPA.
    jsonPointers: kind === 'FederatedHPA' ? ['/spec/minReplicas', '/spec/maxReplicas'] : ['/spec/replicas'],
  };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function idOf(group: string, kind: string): string {
  return group ? `${group}/${kind}` : kind;
}

function sorted(kinds: ReadonlyMap<string, GroupKind>): GroupKind[] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}
