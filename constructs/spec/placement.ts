import { z } from 'zod';
import type { Placement } from '../policy/placement.ts';
import { clusterName, dnsLabel, labelKey, labels, labelValue } from './primitives.ts';
import { toleration } from './toleration.ts';

/*
 * Where resources go. Rules of Karmada's webhook: pkg/util/validation/validation.go.
 */

const labelExpression = z
  .strictObject({
    key: labelKey.describe('Key of the label.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the values compare.'),
    values: z.array(labelValue).optional().describe('Values, for In and NotIn.'),
  })
  .superRefine(({ operator, values }, context) => {
    const needed = operator === 'In' || operator === 'NotIn';
    if (needed === (values !== undefined && values.length > 0)) return;
    const message = needed
      ? `must have at least one value for the operator '${operator}'`
      : `takes no values with the operator '${operator}'`;
    context.addIssue({ code: 'custom', path: ['values'], message });
  });
export const labelExpressions = z.array(labelExpression);

const fieldValues = z.array(z.string().min(1, 'must not be empty')).min(1, 'must name at least one value');

const fieldExpression = z.strictObject({
  key: z.enum(['provider', 'region', 'zone']).describe('Field of the member.'),
  operator: z.enum(['In', 'NotIn']).describe('How the values compare.'),
  values: fieldValues.describe('Values of the field.'),
});

const affinityShape = {
  clusters: z
    .array(clusterName)
    .min(1, 'must name at least one member, or be left out for every member')
    .optional()
    .describe('Names of members. Default: every member.'),
  exclude: z.array(clusterName).optional().describe('Names of members to leave out, whatever else is given.'),
  labels: labels.optional().describe('Labels that the member carries.'),
  labelExpressions: labelExpressions.optional().describe("Further requirements on the member's labels."),
  fields: z
    .strictObject({
      provider: fieldValues.optional().describe('Providers of which the member has one.'),
      region: fieldValues.optional().describe('Regions of which the member is in one.'),
      zone: fieldValues.optional().describe('Zones of which the member has one or more.'),
    })
    .optional()
    .describe('Values of which provider, region or zone of the member must be one.'),
  fieldExpressions: z.array(fieldExpression).optional().describe('Further requirements on provider, region or zone.'),
};

/** Selects members: everything that is given must be true of one; nothing given selects all. */
export const affinity = z.strictObject(affinityShape);

const groupName = labelKey
  .max(32, 'must have at most 32 characters')
  .describe('Name of the group, unique among the groups.');

const overflowGroup = z.strictObject({ name: groupName, ...affinityShape });

const group = z
  .strictObject({
    name: groupName,
    ...affinityShape,
    overflow: z
      .array(overflowGroup)
      .min(1, 'must name at least one group, or be left out')
      .optional()
      .describe(
        'Groups that join in, in this order, when this one is full. Needs replicas of type aggregated or dynamic.',
      ),
  })
  .superRefine(({ name, overflow = [], ...rest }, context) => {
    if (overflow.length > 0 && !hasAffinity(rest)) {
      context.addIssue({
        code: 'custom',
        path: ['overflow'],
        message: 'must have a group to overflow from, say which members this group has',
      });
    }
    const names = new Set([name]);
    overflow.forEach((other, i) => {
      if (names.has(other.name))
        context.addIssue({
          code: 'custom',
          path: ['overflow', i, 'name'],
          message: `is used already, group '${other.name}' needs another name`,
        });
      names.add(other.name);
    });
  });

function hasAffinity(rest: object): boolean {
  return Object.keys(affinityShape).some((key) => (rest as Record<string, unknown>)[key] !== undefined);
}

const spreadConstraint = z
  .strictObject({
    by: z
      .enum(['cluster', 'region'], {
        error: (issue) =>
          issue.input === 'zone' || issue.input === 'provider'
            ? `must be 'cluster' or 'region': the scheduler of Karmada 1.18 ignores '${issue.input}'`
            : undefined,
      })
      .describe('What the groups are: single clusters, or regions.'),
    min: z.int().min(1).optional().describe('At least so many of them. Default: 1.'),
    max: z.int().min(1).optional().describe('At most so many of them. Default: no limit.'),
  })
  .superRefine(({ min, max }, context) => {
    if (min !== undefined && max !== undefined && max < min) {
      context.addIssue({ code: 'custom', path: ['max'], message: `must not be lower than min, which is ${min}` });
    }
  });

const weight = z.strictObject({
  ...affinityShape,
  weight: z.int().min(1).describe('Share of each of these members, in proportion to the other weights.'),
});

const replicas = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('duplicated').describe('As many replicas on every member as the app has.') }),
    z.strictObject({ type: z.literal('aggregated').describe('Divided over as few members as can hold them.') }),
    z.strictObject({ type: z.literal('dynamic').describe('Divided in proportion to what each member has free.') }),
    z.strictObject({
      type: z.literal('weighted').describe('Divided by fixed weights.'),
      weights: z
        .array(weight)
        .min(1, 'must have at least one weight, or be left out for equal shares')
        .optional()
        .describe('Members and their weight. Default: all the same.'),
    }),
  ])
  .describe('How replicas are shared out. Default: duplicated.');

const workloadAffinity = z
  .strictObject({
    affinity: labelKey.optional().describe('Label key: apps with the same value of it go to the same members.'),
    antiAffinity: labelKey.optional().describe('Label key: apps with the same value of it go to different members.'),
  })
  .superRefine(({ affinity, antiAffinity }, context) => {
    if (affinity === undefined && antiAffinity === undefined) {
      context.addIssue({ code: 'custom', message: "must have 'affinity', 'antiAffinity' or both" });
    } else if (affinity === antiAffinity) {
      context.addIssue({
        code: 'custom',
        path: ['antiAffinity'],
        message: "must be another label key than 'affinity'",
      });
    }
  });

/** Where an app or other resources go. Nothing at all means every member. */
export const placement = z
  .strictObject({
    ...affinityShape,
    groups: z
      .array(group)
      .min(1, 'must name at least one group, or be left out')
      .optional()
      .describe(
        'Groups of members: the first that the app fits into is taken. Instead of clusters, exclude, labels and fields.',
      ),
    tolerations: z.array(toleration).optional().describe("Taints of members that don't keep the app away."),
    spread: z
      .array(spreadConstraint)
      .optional()
      .describe('How many members or regions to use. Default: all that are selected.'),
    replicas: replicas.optional(),
    workloadAffinity: workloadAffinity.optional().describe('Keeps apps of a namespace together or apart.'),
  })
  .superRefine((value, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { groups = [], replicas, spread = [] } = value;
    if (groups.length > 0) {
      for (const key of Object.keys(affinityShape)) {
        if ((value as Record<string, unknown>)[key] !== undefined)
          fault([key], "can't go with 'groups', move it into a group");
      }
    }
    const names = new Set<string>();
    groups.forEach((group, i) => {
      if (names.has(group.name))
        fault(['groups', i, 'name'], `is used already, group '${group.name}' needs another name`);
      names.add(group.name);
      if (group.overflow && replicas?.type !== 'aggregated' && replicas?.type !== 'dynamic') {
        fault(
          ['groups', i, 'overflow'],
          "needs replicas that are divided by what is free: set placement.replicas.type to 'aggregated' or 'dynamic'",
        );
      }
    });
    const fields = spread.map(({ by }) => by);
    if (new Set(fields).size < fields.length) fault(['spread'], 'must name each field once');
    if (fields.includes('region') && !fields.includes('cluster')) {
      fault(['spread'], 'must have a constraint by cluster beside the one by region');
    }
    // One member of each region is taken, whatever the other constraint says (select_clusters_by_region.go).
    const regions = spread.find(({ by }) => by === 'region')?.min ?? 1;
    const clusters = spread.findIndex(({ by, max }) => by === 'cluster' && max !== undefined && max < regions);
    if (clusters >= 0) {
      fault(['spread', clusters, 'max'], `must not be lower than the min by region, which is ${regions}`);
    }
    // pkg/scheduler/core/spreadconstraint/select_clusters.go, shouldIgnoreSpreadConstraint.
    if (fields.length > 0 && replicas?.type === 'weighted') {
      fault(['spread'], "has no effect on replicas of type 'weighted', leave one of them out");
    }
  })
  // That groups and a direct choice exclude each other is checked above; from here on the type says so.
  .transform((value) => value as Placement);

/**
 * A namespace whose objects Karmada propagates: its detector skips `kube-*` and what Karmada uses itself
 * (pkg/detector/detector.go, EventFilter).
 */
export const propagatedNamespace = dnsLabel.refine(
  (name) => !/^(kube-.*|karmada-system|karmada-cluster|karmada-es-.*)$/.test(name),
  'must be another namespace: Karmada propagates nothing from kube-*, karmada-system, karmada-cluster and karmada-es-*',
);
