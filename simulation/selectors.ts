/** Selectors of objects and labels, as k8s.io/apimachinery and Karmada's pkg/util/selector.go read them. */
import type { ResourceSelector } from './karmada.ts';
import type { KubeObject, LabelSelector, SelectorRequirement } from './kubernetes.ts';
import { lookup } from './lookup.ts';

type Labels = Readonly<Record<string, string>>;

export type LabelTest = (labels: Labels) => boolean;

/** Whether labels satisfy a selector. One that Kubernetes cannot read (an unknown operator, `In` of nothing) matches none. */
export function labelsMatch(selector: LabelSelector, labels: Labels = {}): boolean {
  return labelTest(selector)(labels);
}

/** A selector made ready to be asked often. */
export function labelTest({ matchLabels, matchExpressions }: LabelSelector): LabelTest {
  const equal = Object.entries(matchLabels ?? {});
  const requirements = matchExpressions ?? [];
  return (labels) =>
    equal.every(([key, value]) => lookup(labels, key) === value) &&
    requirements.every((requirement) => requirementHolds(requirement, labels));
}

/** One requirement of a label selector or, with `Gt` and `Lt`, of a node selector. */
export function requirementHolds({ key, operator, values = [] }: SelectorRequirement, labels: Labels): boolean {
  const value = lookup(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return values.length > 0 && (value === undefined || !values.includes(value));
    case 'Exists':
      return values.length === 0 && value !== undefined;
    case 'DoesNotExist':
      return values.length === 0 && value === undefined;
    default:
      return false;
  }
}

/** A node selector's requirement knows numbers, too. */
export function nodeRequirementHolds(requirement: SelectorRequirement, fields: Labels): boolean {
  const { key, operator, values = [] } = requirement;
  if (operator !== 'Gt' && operator !== 'Lt') return requirementHolds(requirement, fields);
  const have = integer(lookup(fields, key));
  const want = values.length === 1 ? integer(values[0]) : undefined;
  if (have === undefined || want === undefined) return false;
  return operator === 'Gt' ? have > want : have < want;
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** How closely a selector fits an object; the more exact one wins (Karmada's implicit priority). */
export const Fit = { None: 0, Kind: 1, Labels: 2, Name: 3 } as const;
export type Fit = (typeof Fit)[keyof typeof Fit];

/** How a selector fits an object: by name, else by labels, else as one of its kind. A name makes labels not count. */
export function fitOf(selector: ResourceSelector, object: KubeObject): Fit {
  if (selector.apiVersion !== object.apiVersion || selector.kind !== object.kind) return Fit.None;
  if (selector.namespace && selector.namespace !== object.metadata.namespace) return Fit.None;
  if (selector.name) return selector.name === object.metadata.name ? Fit.Name : Fit.None;
  if (selector.labelSelector === undefined || selector.labelSelector === null) return Fit.Kind;
  return labelsMatch(selector.labelSelector, object.metadata.labels) ? Fit.Labels : Fit.None;
}

/** The closest fit of any of the selectors. */
export function bestFit(selectors: readonly ResourceSelector[], object: KubeObject): Fit {
  let best: Fit = Fit.None;
  for (const selector of selectors) {
    const fit = fitOf(selector, object);
    if (fit > best) best = fit;
  }
  return best;
}
