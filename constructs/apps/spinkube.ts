import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ResourceInterpreterCustomization } from '../../imports/resourceinterpretercustomization-config.karmada.io.ts';
import { SpinAppExecutor as SpinAppExecutorResource } from '../../imports/spinappexecutor-core.spinkube.dev.ts';

/*
 * What SpinApps need in the Karmada API, beside themselves. The operator that acts on them runs on the members.
 */

/** The API of SpinKube's operator. */
export const SPINKUBE_API = 'core.spinkube.dev/v1alpha1';

// Read once, when this module is loaded: to a construct the scripts are constants.
const script = (name: string) => ({
  luaScript: readFileSync(join(import.meta.dirname, 'interpreter', `${name}.lua`), 'utf8'),
});
const CUSTOMIZATIONS = {
  replicaResource: script('get-replicas'),
  replicaRevision: script('revise-replica'),
  retention: script('retain'),
  statusReflection: script('reflect-status'),
  statusAggregation: script('aggregate-status'),
  healthInterpretation: script('interpret-health'),
  dependencyInterpretation: script('get-dependencies'),
};

/**
 * Teaches Karmada what a SpinApp is: how to divide its replicas, what goes along with it, when it is healthy and what
 * its status is. Karmada knows Kubernetes' own workloads only.
 */
export class SpinAppInterpreter extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ResourceInterpreterCustomization(this, 'Resource', {
      metadata: { name: 'spinapp' },
      spec: { target: { apiVersion: SPINKUBE_API, kind: 'SpinApp' }, customizations: CUSTOMIZATIONS },
    });
  }
}

/** Properties for `SpinAppExecutor`. */
export interface SpinAppExecutorProps {
  readonly name: string;
  /** Namespace of the apps that use it: the operator looks for it there. */
  readonly namespace: string;
  /** RuntimeClass of the apps' pods. */
  readonly runtimeClassName: string;
}

/** Defines how SpinApps are run: as a Deployment with a RuntimeClass. It reaches members as a dependent of its apps. */
export class SpinAppExecutor extends Construct {
  constructor(scope: Construct, id: string, { name, namespace, runtimeClassName }: SpinAppExecutorProps) {
    super(scope, id);
    new SpinAppExecutorResource(this, 'Resource', {
      metadata: { name, namespace },
      spec: { createDeployment: true, deploymentConfig: { runtimeClassName, installDefaultCaCerts: true } },
    });
  }
}

/**
 * The kinds SpinApp and SpinAppExecutor in the Karmada API, where they are templates that nobody runs: the members'
 * operator brings the full definitions with their checks, so that these leave the content open.
 */
export class SpinKubeCrds extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const [kind, plural] of [
      ['SpinApp', 'spinapps'],
      ['SpinAppExecutor', 'spinappexecutors'],
    ] as const) {
      const open = { type: 'object', xKubernetesPreserveUnknownFields: true } as const;
      new k8s.KubeCustomResourceDefinition(this, kind, {
        metadata: { name: `${plural}.core.spinkube.dev` },
        spec: {
          group: 'core.spinkube.dev',
          scope: 'Namespaced',
          names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
          versions: [
            {
              name: 'v1alpha1',
              served: true,
              storage: true,
              schema: { openApiv3Schema: { type: 'object', properties: { spec: open, status: open } } },
              subresources: { status: {} },
            },
          ],
        },
      });
    }
  }
}
