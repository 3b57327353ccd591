import { z } from 'zod';
import { dnsLabel, dnsName, labelKey, labels, labelValue } from './primitives.ts';

/*
 * Where pods may run, in Kubernetes' own terms and whole: a misspelt field would else be dropped without a word.
 */

const selectorExpression = z
  .strictObject({
    key: labelKey,
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: z.array(labelValue).optional(),
  })
  .superRefine(values(['In', 'NotIn']));

const nodeExpression = z
  .strictObject({
    key: labelKey,
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
    values: z.array(labelValue).optional(),
  })
  .superRefine(values(['In', 'NotIn', 'Gt', 'Lt']))
  .superRefine(({ operator, values = [] }, context) => {
    if (operator !== 'Gt' && operator !== 'Lt') return;
    if (values.length !== 1 || !/^-?\d{1,18}$/.test(values[0] as string)) {
      context.addIssue({
        code: 'custom',
        path: ['values'],
        message: `must be one integer with the operator ${operator}`,
      });
    }
  });

/** A requirement on a field of a node: its name is the only one that Kubernetes knows. */
const nodeField = z.strictObject({
  key: z.literal('metadata.name'),
  operator: z.enum(['In', 'NotIn']),
  values: z.array(dnsName).length(1, 'must be the name of one node'),
});

const labelSelector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z.array(selectorExpression).optional(),
});

const nodeTerm = z.strictObject({
  matchExpressions: z.array(nodeExpression).optional(),
  matchFields: z.array(nodeField).optional(),
});

const weight = z.int().min(1).max(100);

const podTerm = z.strictObject({
  topologyKey: labelKey.describe('Node label; nodes with the same value of it are one place.'),
  labelSelector: labelSelector.optional(),
  namespaces: z.array(dnsLabel).optional(),
  namespaceSelector: labelSelector.optional(),
});

const podRules = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(podTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight, podAffinityTerm: podTerm }))
    .optional(),
});

/** A pod's `affinity`. */
export const podAffinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(nodeTerm).min(1) })
        .optional(),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.strictObject({ weight, preference: nodeTerm }))
        .optional(),
    })
    .optional()
    .describe('By labels of nodes.'),
  podAffinity: podRules.optional().describe('Near to other pods.'),
  podAntiAffinity: podRules.optional().describe('Away from other pods.'),
});

/** Checks that an expression has values where its operator takes some, and none where it does not. */
function values(operators: readonly string[]) {
  return (
    { operator, values = [] }: { operator: string; values?: string[] | undefined },
    context: z.core.$RefinementCtx,
  ) => {
    const wanted = operators.includes(operator);
    if (wanted === values.length > 0) return;
    context.addIssue({
      code: 'custom',
      path: ['values'],
      message: wanted
        ? `must not be empty with the operator ${operator}`
        : `must be left out with the operator ${operator}`,
    });
  };
}
