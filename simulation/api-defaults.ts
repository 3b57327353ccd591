/**
 * What the Karmada API server adds to objects of Kubernetes' own kinds (defaults.go of its API groups): an override may
 * point to a field that no manifest says. Only fields that do not depend on others or on the cluster.
 */
import { at, type Fields, fields, isFields, list } from './interpret/values.ts';
import type { KubeObject } from './kubernetes.ts';
import { lookup } from './lookup.ts';

/** Fields that Kubernetes' own types leave out when they are empty, so that no pointer can lead into them. */
const OMITTED_EMPTY: ReadonlySet<string> = new Set([
  'annotations',
  'args',
  'binaryData',
  'command',
  'data',
  'env',
  'envFrom',
  'imagePullSecrets',
  'initContainers',
  'labels',
  'limits',
  'matchExpressions',
  'matchLabels',
  'nodeSelector',
  'ports',
  'requests',
  'stringData',
  'tolerations',
  'volumeMounts',
  'volumes',
]);

const OWN_APIS = /^(v1$|apps\/|autoscaling\/|batch\/|policy\/|[a-z]+(\.[a-z]+)*(?<!\.x-k8s)\.k8s\.io\/)/;

/**
 * An object as the API server stores it: without what is empty and, once a policy has claimed it, with labels and
 * annotations (Karmada notes the policy there), so that overrides may add to them.
 */
export function stored(object: KubeObject, claimed: boolean): KubeObject {
  const kept = OWN_APIS.test(object.apiVersion) ? (withoutEmpty(object) as KubeObject) : object;
  const metadata = withoutEmpty(kept.metadata) as KubeObject['metadata'];
  return claimed
    ? { ...kept, metadata: { ...metadata, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} } }
    : { ...kept, metadata };
}

/** Whether two objects are the same to the API server, which leaves out what is empty. */
export function alike(a: unknown, b: unknown, key = ''): boolean {
  if (a === b) return true;
  if (OMITTED_EMPTY.has(key) && isEmpty(a ?? {}) && isEmpty(b ?? {})) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => alike(item, b[index]));
  }
  if (!isFields(a) || !isFields(b)) return false;
  return (
    Object.keys(a).every((name) => alike(a[name], lookup(b, name), name)) &&
    Object.keys(b).every((name) => lookup(a, name) !== undefined || alike(undefined, b[name], name))
  );
}

/** The same value where nothing of it is empty. */
function withoutEmpty(value: unknown): unknown {
  if (!holdsEmpty(value)) return value;
  if (Array.isArray(value)) return value.map(withoutEmpty);
  return Object.fromEntries(
    Object.entries(value as Fields)
      .filter(([key, inner]) => !isOmitted(key, inner))
      .map(([key, inner]) => [key, withoutEmpty(inner)]),
  );
}

/** Most hold nothing of the kind: to look is cheaper than to copy. */
function holdsEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsEmpty);
  if (!isFields(value)) return false;
  for (const key of Object.keys(value)) if (isOmitted(key, value[key]) || holdsEmpty(value[key])) return true;
  return false;
}

function isOmitted(key: string, value: unknown): boolean {
  return OMITTED_EMPTY.has(key) && isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

type Defaults = (value: Fields) => Fields;

/** The object with the fields that its API server would add; the same object for kinds of which nothing is known. */
export function withApiDefaults(object: KubeObject): KubeObject {
  const defaults = lookup(KINDS, `${object.apiVersion} ${object.kind}`);
  return defaults === undefined ? object : ({ ...object, spec: defaults(fields(object.spec)) } as KubeObject);
}

/** Whether all is known here that the API server adds to objects of a kind, so that what is not there is nowhere. */
export function knowsApiDefaults({ apiVersion, kind }: KubeObject): boolean {
  const name = `${apiVersion} ${kind}`;
  return (lookup(KINDS, name) !== undefined && !KNOWN_IN_PART.has(name)) || WITHOUT_DEFAULTS.has(name);
}

/** Plugins of the API server add to Pods, too; an autoscaler without metrics gets some. */
const KNOWN_IN_PART: ReadonlySet<string> = new Set(['v1 Pod', 'autoscaling/v2 HorizontalPodAutoscaler']);

const WITHOUT_DEFAULTS: ReadonlySet<string> = new Set([
  'v1 ConfigMap',
  'v1 ServiceAccount',
  'v1 ResourceQuota',
  'networking.k8s.io/v1 Ingress',
  'node.k8s.io/v1 RuntimeClass',
  'policy/v1 PodDisruptionBudget',
]);

const ROLLING = { maxSurge: '25%', maxUnavailable: '25%' };

const KINDS: Readonly<Record<string, Defaults>> = {
  'apps/v1 Deployment': (spec) => ({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...templated(spec),
    strategy: withType(spec.strategy, 'RollingUpdate', { rollingUpdate: ROLLING }),
  }),
  'apps/v1 ReplicaSet': (spec) => ({ replicas: 1, ...templated(spec) }),
  'apps/v1 StatefulSet': (spec) => ({
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    ...templated(spec),
    ...mapped(spec, 'volumeClaimTemplates', (template) => ({ ...template, spec: claim(fields(template.spec)) })),
    updateStrategy: withType(spec.updateStrategy, 'RollingUpdate', { rollingUpdate: { partition: 0 } }),
  }),
  'apps/v1 DaemonSet': (spec) => ({
    revisionHistoryLimit: 10,
    ...templated(spec),
    updateStrategy: withType(spec.updateStrategy, 'RollingUpdate', {
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    }),
  }),
  'batch/v1 Job': (spec) => job(spec),
  'batch/v1 CronJob': (spec) => ({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    ...spec,
    jobTemplate: { ...fields(spec.jobTemplate), spec: job(fields(at(spec, 'jobTemplate', 'spec'))) },
  }),
  'v1 Pod': (spec) => pod(spec),
  'v1 Service': service,
  'v1 PersistentVolumeClaim': claim,
  'autoscaling/v2 HorizontalPodAutoscaler': (spec) => ({ minReplicas: 1, ...spec }),
  // Those of its CRD.
  'core.spinkube.dev/v1alpha1 SpinApp': (spec) => ({
    ...spec,
    ...(isFields(spec.checks) && { checks: { ...spec.checks, ...probes(spec.checks, ['liveness', 'readiness'], 10) } }),
  }),
};

function claim(spec: Fields): Fields {
  return { volumeMode: 'Filesystem', ...spec };
}

function service(spec: Fields): Fields {
  const { type = 'ClusterIP', sessionAffinity } = spec;
  const isOpen = type === 'NodePort' || type === 'LoadBalancer';
  const hasNodePorts = isOpen && spec.allocateLoadBalancerNodePorts !== false;
  return {
    type,
    sessionAffinity: 'None',
    ...(type !== 'ExternalName' && {
      internalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
    }),
    ...(isOpen && { externalTrafficPolicy: 'Cluster' }),
    ...(type === 'LoadBalancer' && { allocateLoadBalancerNodePorts: true }),
    ...(sessionAffinity === 'ClientIP' && { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }),
    ...spec,
    ...mapped(spec, 'ports', (port) => ({
      protocol: 'TCP',
      targetPort: port.port,
      ...(hasNodePorts && { nodePort: UNKNOWN_PORT }),
      ...port,
    })),
  };
}

/** Stands for a number that the API server chooses. */
export const UNKNOWN_PORT = 0;

function job(spec: Fields): Fields {
  const counts = spec.completions === undefined && spec.parallelism === undefined ? { completions: 1 } : {};
  return {
    parallelism: 1,
    ...counts,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    ...templated(spec),
  };
}

function withType(value: unknown, type: string, rest: Fields): Fields {
  const given = fields(value);
  return (given.type ?? type) === type ? { type, ...rest, ...given } : given;
}

function templated(spec: Fields): Fields {
  const template = fields(spec.template);
  return { ...spec, template: { ...template, metadata: fields(template.metadata), spec: pod(fields(template.spec)) } };
}

function pod(spec: Fields): Fields {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...(typeof spec.serviceAccountName === 'string' ? { serviceAccount: spec.serviceAccountName } : {}),
    ...spec,
    ...mapped(spec, 'initContainers', container),
    ...mapped(spec, 'containers', container),
    ...mapped(spec, 'volumes', volume),
  };
}

function container(given: Fields): Fields {
  const image = typeof given.image === 'string' ? given.image : '';
  const isLatest = !image.includes('@') && /(^|\/)[^/:]*(:latest)?$/.test(image);
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent',
    resources: {},
    ...given,
    ...mapped(given, 'ports', (port) => ({ protocol: 'TCP', ...port })),
    ...probes(given, ['livenessProbe', 'readinessProbe', 'startupProbe']),
    ...(isFields(given.lifecycle) && { lifecycle: each(given.lifecycle, requesting) }),
    ...mapped(given, 'env', fieldReference),
  };
}

const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

function probes(given: Fields, kinds: readonly string[], initialDelaySeconds?: number): Fields {
  const names = kinds.filter((name) => isFields(given[name]));
  const delay = initialDelaySeconds === undefined ? {} : { initialDelaySeconds };
  return Object.fromEntries(names.map((name) => [name, { ...PROBE, ...delay, ...requesting(fields(given[name])) }]));
}

/** A probe or a hook, whose request has a path and a scheme. */
function requesting(given: Fields): Fields {
  return isFields(given.httpGet) ? { ...given, httpGet: { path: '/', scheme: 'HTTP', ...given.httpGet } } : given;
}

function fieldReference(variable: Fields): Fields {
  const reference = at(variable, 'valueFrom', 'fieldRef');
  if (!isFields(reference)) return variable;
  return { ...variable, valueFrom: { ...fields(variable.valueFrom), fieldRef: { apiVersion: 'v1', ...reference } } };
}

function volume(given: Fields): Fields {
  return Object.fromEntries(
    Object.entries(given).map(([name, source]) => {
      if (!isFields(source)) return [name, source];
      if (name === 'hostPath') return [name, { type: '', ...source }];
      const isMode = ['secret', 'configMap', 'projected', 'downwardAPI'].includes(name);
      return [name, isMode ? { defaultMode: 0o644, ...source } : source];
    }),
  );
}

function each(value: Fields, change: (item: Fields) => Fields): Fields {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isFields(item) ? change(item) : item]));
}

function mapped(value: Fields, name: string, change: (item: Fields) => Fields): Fields {
  return Array.isArray(value[name]) ? { [name]: list(value[name]).map(change) } : {};
}
