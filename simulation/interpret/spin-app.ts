import type { KubeObject } from '../kubernetes.ts';
import type { Dependency, Interpreter } from '../model.ts';
import { dependenciesOf, requirementsOf } from './pods.ts';
import { at, fields, list, text, wholeNumber, withValue } from './values.ts';

/**
 * SpinApps, as the scripts of constructs/apps/interpreter teach Karmada to read them: replicas are divided unless
 * autoscalers on the members set them.
 */
export const SPIN_APP: Interpreter = {
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  replicas: (app) => {
    const replicas = wholeNumber(at(app, 'spec', 'replicas'));
    if (replicas === undefined || isAutoscaled(app)) return { replicas: 0 };
    const requirements = requirementsOf({ containers: [{ resources: at(app, 'spec', 'resources') }] });
    return { replicas, ...(requirements ? { requirements } : {}) };
  },
  revise: (app, replicas) => (isAutoscaled(app) ? app : withValue(app, ['spec', 'replicas'], replicas)),
  dependencies,
};

function isAutoscaled(app: KubeObject): boolean {
  return at(app, 'spec', 'enableAutoscaling') === true;
}

/** Its executor, and the Secrets, ConfigMaps and ServiceAccount that it names. */
function dependencies(app: KubeObject): readonly Dependency[] {
  const spec = fields(app.spec);
  const { namespace } = app.metadata;
  const found = new Map<string, Dependency>();
  const add = (apiVersion: string, kind: string, name: unknown) => {
    const given = text(name);
    if (given === undefined || found.has(`${kind}/${given}`)) return;
    found.set(`${kind}/${given}`, { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name: given });
  };
  for (const dependency of dependenciesOf({ ...spec, containers: [{ env: spec.variables }] }, namespace)) {
    add(dependency.apiVersion, dependency.kind, dependency.name);
  }
  add('core.spinkube.dev/v1alpha1', 'SpinAppExecutor', spec.executor);
  const config = fields(spec.runtimeConfig);
  add('v1', 'Secret', config.loadFromSecret);
  for (const store of [...list(config.sqliteDatabases), ...list(config.keyValueStores), fields(config.llmCompute)]) {
    for (const option of list(store.options)) {
      add('v1', 'Secret', at(option, 'valueFrom', 'secretKeyRef', 'name'));
      add('v1', 'ConfigMap', at(option, 'valueFrom', 'configMapKeyRef', 'name'));
    }
  }
  return [...found.values()];
}
