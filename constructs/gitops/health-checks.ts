import { readFileSync } from 'node:fs';
import { JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';

// Read once, when this module is loaded: to the construct they are constants.
const script = (name: string) => readFileSync(new URL(`health/${name}.lua`, import.meta.url), 'utf8');

/** Health checks by group and kind. */
const CHECKS: Readonly<Record<string, string>> = {
  'argoproj.io_Application': script('application'),
  'core.spinkube.dev_SpinApp': script('spin-app'),
  'work.karmada.io_ClusterResourceBinding': script('resource-binding'),
  'work.karmada.io_ResourceBinding': script('resource-binding'),
};

/** Properties of `HealthChecks`. */
export interface HealthChecksProps {
  /** Namespace of Argo CD. */
  readonly namespace: string;
}

/**
 * Defines health checks that Argo CD lacks: for Applications (in all releases since 1.8), for bindings of Karmada that
 * follow others (up to 3.5), and for SpinApps whose status has no conditions, as it is of templates of Karmada.
 *
 * They are keys of Argo CD's own ConfigMap `argocd-cm`. Apply this server-side: the keys here become ours, all others
 * stay whose they are.
 */
export class HealthChecks extends Construct {
  constructor(scope: Construct, id: string, props: HealthChecksProps) {
    super(scope, id);
    const config = new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: 'argocd-cm', namespace: props.namespace },
      data: Object.fromEntries(
        Object.entries(CHECKS).map(([kind, lua]) => [`resource.customizations.health.${kind}`, lua]),
      ),
    });
    // Argo CD reads no ConfigMap without this label, and the others would claim for us what is not ours.
    config.addJsonPatch(JsonPatch.replace('/metadata/labels', { 'app.kubernetes.io/part-of': 'argocd' }));
  }
}
