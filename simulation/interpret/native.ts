/** The kinds that Karmada knows by itself: pkg/resourceinterpreter/default/native. */
import type { KubeObject } from '../kubernetes.ts';
import type { Dependency, Interpreter, Replicas } from '../model.ts';
import { dependenciesOf, requirementsOf } from './pods.ts';
import { at, list, text, wholeNumber, withValue } from './values.ts';

const TEMPLATE = ['spec', 'template', 'spec'];

/** The number that a field holds; the API server writes 1 where it is missing. */
function count(object: KubeObject, field: string): number {
  return wholeNumber(at(object, 'spec', field)) ?? 1;
}

function needs(object: KubeObject, path: readonly string[]): Pick<Replicas, 'requirements'> {
  const requirements = requirementsOf(at(object, ...path));
  return requirements ? { requirements } : {};
}

function podDependencies(path: readonly string[]): (object: KubeObject) => readonly Dependency[] {
  return (object) => dependenciesOf(at(object, ...path), object.metadata.namespace);
}

function replicated(kind: string): Interpreter {
  return {
    apiVersion: 'apps/v1',
    kind,
    replicas: (object) => ({ replicas: count(object, 'replicas'), ...needs(object, TEMPLATE) }),
    revise: (object, replicas) => withValue(object, ['spec', 'replicas'], replicas),
    dependencies: podDependencies(TEMPLATE),
  };
}

/** The claims that a StatefulSet makes itself come from no template. */
const statefulSet: Interpreter = {
  ...replicated('StatefulSet'),
  dependencies: (object) => {
    const own = new Set(list(at(object, 'spec', 'volumeClaimTemplates')).map((claim) => at(claim, 'metadata', 'name')));
    return podDependencies(TEMPLATE)(object).filter(
      ({ kind, name }) => kind !== 'PersistentVolumeClaim' || !own.has(name),
    );
  },
};

/** A Job runs no more pods at once than it has completions left to make. */
const job: Interpreter = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  replicas: (object) => {
    const parallelism = count(object, 'parallelism');
    return { replicas: Math.min(parallelism, completionsOf(object) ?? parallelism), ...needs(object, TEMPLATE) };
  },
  revise: (object, replicas) => withValue(object, ['spec', 'parallelism'], replicas),
  dependencies: podDependencies(TEMPLATE),
};

/** The completions of a Job. The API server writes 1 where neither these nor parallelism are given. */
export function completionsOf(object: KubeObject): number | undefined {
  const given = wholeNumber(at(object, 'spec', 'completions'));
  if (given !== undefined) return given;
  return at(object, 'spec', 'parallelism') === undefined ? 1 : undefined;
}

const pod: Interpreter = {
  apiVersion: 'v1',
  kind: 'Pod',
  replicas: (object) => ({ replicas: 1, ...needs(object, ['spec']) }),
  dependencies: podDependencies(['spec']),
};

const daemonSet: Interpreter = { apiVersion: 'apps/v1', kind: 'DaemonSet', dependencies: podDependencies(TEMPLATE) };

const cronJob: Interpreter = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  dependencies: podDependencies(['spec', 'jobTemplate', ...TEMPLATE]),
};

const ingress: Interpreter = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  dependencies: (object) =>
    list(at(object, 'spec', 'tls')).flatMap((tls) => {
      const name = text(tls.secretName);
      return name === undefined ? [] : [{ apiVersion: 'v1', kind: 'Secret', ...inNamespaceOf(object), name }];
    }),
};

/** A ServiceImport brings the Service that it derives, and the slices of that. */
const serviceImport: Interpreter = {
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ServiceImport',
  dependencies: (object) => {
    const name = `derived-${object.metadata.name}`;
    return [
      { apiVersion: 'v1', kind: 'Service', ...inNamespaceOf(object), name },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        ...inNamespaceOf(object),
        labelSelector: { matchLabels: { 'kubernetes.io/service-name': name } },
      },
    ];
  },
};

function inNamespaceOf({ metadata }: KubeObject): { readonly namespace?: string } {
  return metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}

export const NATIVE: readonly Interpreter[] = [
  replicated('Deployment'),
  replicated('ReplicaSet'),
  statefulSet,
  job,
  pod,
  daemonSet,
  cronJob,
  ingress,
  serviceImport,
];
