import { type LabelExpression, type LabelSelector, toLabelSelector } from './placement.ts';
import { apiGroup, NEVER_PROPAGATED, requireScope, type Scope } from './scopes.ts';

/** Selects objects in the Karmada API by kind and, where given, name or labels. */
export interface ResourceSelector {
  /** API version, such as `apps/v1`. */
  readonly apiVersion: string;
  /** Kind, such as `Deployment`. */
  readonly kind: string;
  /**
   * Namespace of the objects, in a policy that is not in one itself.
   *
   * @default - the policy's, else every namespace.
   */
  readonly namespace?: string;
  /**
   * @default - every object of the kind.
   */
  readonly name?: string;
  /**
   * Labels that the objects carry. Karmada ignores them where a name is given.
   *
   * @default - any.
   */
  readonly labels?: { readonly [key: string]: string };
  /**
   * Further requirements on labels.
   *
   * @default - none.
   */
  readonly labelExpressions?: readonly LabelExpression[];
  /**
   * Whether the kind lives in a namespace.
   *
   * @default - known for the kinds of Kubernetes and of the projects used here; needed for others.
   */
  readonly scope?: Scope;
}

/** What decides between the two scopes of a policy. */
interface PolicyScopeProps {
  readonly namespace?: string;
  readonly scope?: Scope;
  readonly resources: readonly ResourceSelector[];
}

/**
 * The namespace of a policy, or nothing where it has to be a cluster-scoped one.
 *
 * @throws Error when a policy in a namespace selects what it could never match.
 */
export function policyScope({ namespace, scope, resources }: PolicyScopeProps): string | undefined {
  if (resources.length === 0) throw new Error("'resources' must select at least one resource");
  if (scope === 'Cluster' && namespace !== undefined) {
    throw new Error(`'namespace' must be left out with scope 'Cluster', got '${namespace}'`);
  }
  const clusterScoped = resources.find((resource) => {
    if (NEVER_PROPAGATED.includes(apiGroup(resource.apiVersion))) {
      throw new Error(
        `objects of '${resource.apiVersion}' are Karmada's own and never propagated, got '${resource.kind}'`,
      );
    }
    return requireScope(resource.apiVersion, resource.kind, resource.scope) === 'Cluster';
  });
  if (clusterScoped && (namespace !== undefined || scope === 'Namespaced')) {
    throw new Error(
      `kind '${clusterScoped.kind}' is cluster-scoped, which a policy in a namespace never matches: leave out 'namespace' and 'scope'`,
    );
  }
  return clusterScoped || scope === 'Cluster' ? undefined : (namespace ?? 'default');
}

/** A selector as Karmada has it. */
interface KarmadaResourceSelector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

/**
 * Karmada's form of a selector.
 *
 * @param policyNamespace of the policy; nothing for a cluster-scoped one.
 */
export function toResourceSelector(selector: ResourceSelector, policyNamespace?: string): KarmadaResourceSelector {
  const { apiVersion, kind, name, namespace } = selector;
  const labelSelector = toLabelSelector(selector.labels, selector.labelExpressions);
  if (name !== undefined && labelSelector) {
    throw new Error(`a resource must be selected by name or by labels, got both for ${kind} '${name}'`);
  }
  if (policyNamespace !== undefined && namespace !== undefined && namespace !== policyNamespace) {
    throw new Error(`a policy selects in its own namespace '${policyNamespace}' only, got '${namespace}'`);
  }
  // Karmada's webhook writes the namespace into every selector of a policy that has one; written here too, so that
  // what is applied is what is stored.
  const selected =
    requireScope(apiVersion, kind, selector.scope) === 'Cluster' ? undefined : (namespace ?? policyNamespace);
  return { apiVersion, kind, namespace: selected, name, labelSelector };
}
