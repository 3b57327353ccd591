import { Construct } from 'constructs';
import {
  ClusterOverridePolicy as ClusterOverridePolicyResource,
  type ClusterOverridePolicySpec,
} from '../../imports/clusteroverridepolicy-policy.karmada.io.ts';
import {
  OverridePolicy as OverridePolicyResource,
  type OverridePolicySpec,
  type OverridePolicySpecOverrideRulesOverriders as Overriders,
} from '../../imports/overridepolicy-policy.karmada.io.ts';
import { type ClusterAffinity, selectsAll, toClusterAffinity } from './placement.ts';
import { policyScope, type ResourceSelector, toResourceSelector } from './resource-selector.ts';

/** A value as JSON has it, but for null: cdk8s drops that from manifests. To empty a field, remove it. */
export type Json = string | number | boolean | { [key: string]: Json } | Json[];

/** What to do with a value: put it in, put it in the place of another, or take the old one out. */
export type Operation<Value> =
  | { readonly operator: 'add' | 'replace'; readonly value: Value }
  | { readonly operator: 'remove'; readonly value?: undefined };

/** Changes a part of images, which read `[registry/]repository[:tag]`. */
export type ImageOverrider = Operation<string> & {
  readonly component: 'Registry' | 'Repository' | 'Tag';
  /**
   * JSON pointer of the image.
   *
   * @default - the images of all containers of a Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet or Job.
   */
  readonly path?: string;
};

/** Appends words to a container's command or arguments, or takes out those that are equal. */
export interface CommandOverrider {
  /** Name of the container. */
  readonly container: string;
  readonly operator: 'add' | 'remove';
  readonly value: readonly string[];
}

/** Adds, replaces or removes labels or annotations of the object. */
export interface MetadataOverrider {
  readonly operator: 'add' | 'remove' | 'replace';
  readonly value: { readonly [key: string]: string };
}

/** A change of a document that stands in a text field. */
export type FieldPatch = Operation<Json> & {
  /** JSON pointer into the document. */
  readonly subPath: string;
};

/** Changes a JSON or a YAML document in a text field, such as a ConfigMap's. */
export type FieldOverrider = {
  /** JSON pointer of the field, such as `/data/config.yaml`. */
  readonly path: string;
} & (
  | { readonly json: readonly FieldPatch[]; readonly yaml?: undefined }
  | { readonly yaml: readonly FieldPatch[]; readonly json?: undefined }
);

/** Changes any field. `remove` and `replace` need the field to exist, else nothing reaches the member. */
export type PlaintextOverrider = Operation<Json> & {
  /** JSON pointer of the field, such as `/spec/replicas`. */
  readonly path: string;
};

/** What to change on which members. Karmada applies the kinds of changes in the order in which they stand here. */
export interface OverrideRule {
  /**
   * Members to change it on.
   *
   * @default - every member.
   */
  readonly target?: ClusterAffinity;
  /**
   * @default - none.
   */
  readonly image?: readonly ImageOverrider[];
  /**
   * @default - none.
   */
  readonly command?: readonly CommandOverrider[];
  /**
   * @default - none.
   */
  readonly args?: readonly CommandOverrider[];
  /**
   * @default - none.
   */
  readonly labels?: readonly MetadataOverrider[];
  /**
   * @default - none.
   */
  readonly annotations?: readonly MetadataOverrider[];
  /**
   * @default - none.
   */
  readonly field?: readonly FieldOverrider[];
  /**
   * @default - none.
   */
  readonly plaintext?: readonly PlaintextOverrider[];
}

/** Properties for `OverridePolicy`. */
export interface OverridePolicyProps {
  /** Name of the policy. */
  readonly name: string;
  /**
   * Namespace of the policy and of the resources that it selects. Not for policies with cluster-scoped resources.
   *
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * `Cluster` makes a ClusterOverridePolicy: for cluster-scoped kinds, or for resources of several namespaces.
   *
   * @default - `Cluster` where a selected kind is cluster-scoped, else `Namespaced`.
   */
  readonly scope?: 'Namespaced' | 'Cluster';
  /** What is changed; at least one. */
  readonly resources: readonly ResourceSelector[];
  /** The changes; at least one. */
  readonly rules: readonly OverrideRule[];
}

/**
 * Defines how resources differ from member to member: an OverridePolicy, or a ClusterOverridePolicy where a selected
 * kind is cluster-scoped. Several policies for one resource all apply, the cluster-scoped ones first, then by name.
 *
 * @throws Error when Karmada's webhook would refuse the policy, or when it could never match.
 */
export class OverridePolicy extends Construct {
  /** Kind of the policy. */
  readonly kind: 'OverridePolicy' | 'ClusterOverridePolicy';

  constructor(scope: Construct, id: string, props: OverridePolicyProps) {
    super(scope, id);
    const { name, resources, rules } = props;
    if (rules.length === 0) throw new Error(`'rules' of override policy '${name}' must have at least one rule`);
    const namespace = policyScope(props);
    const spec = {
      resourceSelectors: resources.map((resource) => toResourceSelector(resource, namespace)),
      overrideRules: rules.map(({ target = {}, ...overriders }) => ({
        targetCluster: selectsAll(target) ? undefined : toClusterAffinity(target),
        overriders: toOverriders(overriders),
      })),
    } satisfies OverridePolicySpec;
    if (namespace === undefined) {
      this.kind = 'ClusterOverridePolicy';
      // The two CRDs share the schema of their spec; the importer makes types of its own for each.
      new ClusterOverridePolicyResource(this, 'Resource', {
        metadata: { name },
        spec: spec as unknown as ClusterOverridePolicySpec,
      });
    } else {
      this.kind = 'OverridePolicy';
      new OverridePolicyResource(this, 'Resource', { metadata: { name, namespace }, spec });
    }
  }
}

function toOverriders(rule: Omit<OverrideRule, 'target'>): Overriders {
  const overriders = {
    imageOverrider: rule.image?.map(({ component, operator, value, path }) => ({
      component,
      operator,
      value,
      predicate: path === undefined ? undefined : { path: pointer(path) },
    })),
    commandOverrider: rule.command?.map(toCommandOverrider),
    argsOverrider: rule.args?.map(toCommandOverrider),
    labelsOverrider: rule.labels?.map(({ operator, value }) => ({ operator, value: { ...value } })),
    annotationsOverrider: rule.annotations?.map(({ operator, value }) => ({ operator, value: { ...value } })),
    fieldOverrider: rule.field?.map(({ path, json, yaml }) => ({
      fieldPath: pointer(path),
      json: json?.map(toPatch),
      yaml: yaml?.map(toPatch),
    })),
    // Without a value, Karmada's webhook would write null and the API server drop it, a change at every apply.
    plaintext: rule.plaintext?.map(({ path, operator, value = '' }) => ({ path: pointer(path), operator, value })),
  };
  if (Object.values(overriders).every((list) => list === undefined || list.length === 0)) {
    throw new Error("an override rule must change something, got one without 'image', 'command' and the like");
  }
  // The importer's enums have these same values, in one enum for each place where they stand.
  return overriders as unknown as Overriders;
}

function toCommandOverrider({ container, operator, value }: CommandOverrider) {
  return { containerName: container, operator, value: [...value] };
}

function toPatch({ subPath, operator, value }: FieldPatch) {
  return { subPath: subPath === '' ? subPath : pointer(subPath), operator, value };
}

/** A JSON pointer, RFC 6901. */
function pointer(path: string): string {
  if (!/^(\/([^~]|~[01])*)$/.test(path))
    throw new Error(`a path must be a JSON pointer, such as '/spec/replicas', got '${path}'`);
  return path;
}
