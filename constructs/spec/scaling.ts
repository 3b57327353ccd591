import { z } from 'zod';
import { scalesBy } from '../apps/scaling.ts';
import { apiVersion, dnsLabel, dnsName, int32, kind, labels, positiveQuantity, replicas } from './primitives.ts';
import { cron, timeZone } from './time.ts';

const schedule = z
  .strictObject({
    name: dnsLabel.max(32, 'must have at most 32 characters').describe('Name of the rule, unique in the app.'),
    cron: cron.describe("When, as a cron expression, such as '0 8 * * 1-5'."),
    replicas: replicas.optional().describe('Replicas to set. Without min and max above.'),
    min: int32.min(1).optional().describe("New lower bound of the app's scaling."),
    max: int32.min(1).optional().describe("New upper bound of the app's scaling."),
    timeZone: timeZone.optional().describe('Time zone of the expression. Default: UTC.'),
    suspend: z.boolean().optional().describe('Whether the rule rests. Default: false.'),
  })
  .superRefine(({ replicas, min, max }, context) => {
    if (replicas === undefined && min === undefined && max === undefined) {
      context.addIssue({ code: 'custom', message: "sets nothing, give it 'replicas', or 'min', 'max' or both" });
    }
    if (min !== undefined && max !== undefined && max < min) {
      context.addIssue({ code: 'custom', path: ['max'], message: `must not be lower than min, which is ${min}` });
    }
  });

/** What pods shall use on average: a share of what they request, or a quantity. */
const average = (sample: string) => {
  const right = `must be a percentage such as 70, or an average such as '${sample}'`;
  return z.union(
    [int32.min(1, right), z.string().regex(/^(?=.*[1-9])(\d+(\.\d*)?|\.\d+)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, right)],
    {
      error: right,
    },
  );
};

const metricName = z.string().regex(/^[^\s/%]+$/, "must be the name of a metric, such as 'http_requests_per_second'");
const metricSelector = labels.optional().describe('Labels of the series of the metric. Default: all of them.');

const podsMetric = z.strictObject({
  metric: metricName.describe('Name of the metric, as the custom metrics API of the members has it.'),
  average: positiveQuantity.describe('Average over the pods to aim at.'),
  selector: metricSelector,
});

const objectMetric = z
  .strictObject({
    metric: metricName.describe('Name of the metric, as the custom metrics API of the members has it.'),
    object: z
      .strictObject({
        apiVersion: apiVersion.describe("API version, such as 'networking.k8s.io/v1'."),
        kind: kind.describe("Kind, such as 'Ingress'."),
        name: dnsName.describe('Name.'),
      })
      .describe("Object in the app's namespace that the metric is of."),
    value: positiveQuantity.optional().describe('Value to aim at.'),
    average: positiveQuantity.optional().describe('Value to aim at, divided by the number of pods.'),
    selector: metricSelector,
  })
  .superRefine(({ value, average }, context) => {
    if ((value === undefined) === (average === undefined)) {
      context.addIssue({ code: 'custom', message: "must have either 'value' or 'average'" });
    }
  });

/** Scaling by load. */
export const loadShape = {
  min: int32.min(1).default(1).describe('At least so many replicas.'),
  max: int32.min(1),
  cpu: average('500m')
    .optional()
    .describe(
      'Average CPU to aim at: in per cent of what is requested, or a quantity such as 500m. Default: 80 per cent, where nothing else is given to scale by.',
    ),
  memory: average('200Mi')
    .optional()
    .describe('Average memory to aim at: in per cent of what is requested, or a quantity such as 200Mi.'),
  pods: z
    .array(podsMetric)
    .min(1)
    .optional()
    .describe('Metrics of the pods themselves, such as requests per second; an adapter on the members serves them.'),
  objects: z
    .array(objectMetric)
    .min(1)
    .optional()
    .describe('Metrics of another object, such as the requests to an Ingress; an adapter on the members serves them.'),
  stabilizationSeconds: z
    .int()
    .min(0)
    .max(3600)
    .optional()
    .describe('Seconds that load must stay low before replicas go. Default: 300.'),
};

export function minBelowMax(
  { min, max }: { min: number; max?: number | undefined },
  context: z.core.$RefinementCtx,
): void {
  if (max !== undefined && max < min) {
    context.addIssue({ code: 'custom', path: ['max'], message: `must not be lower than min, which is ${min}` });
  }
}

/** `scaling` of an app. */
export const scaling = z
  .strictObject({
    per: z
      .enum(['federation', 'member'])
      .default('federation')
      .describe(
        'federation: counted over all members, and divided as the placement says; member: each member scales its copy by itself, with a metrics server of its own, for a Deployment that is copied to all.',
      ),
    ...loadShape,
    min: loadShape.min.describe('At least so many replicas, in all members together or on each.'),
    max: loadShape.max.optional().describe('At most so many. Scaling by load needs it.'),
    schedules: z.array(schedule).optional().describe('What to set at which time, over all members.'),
  })
  .superRefine(minBelowMax)
  .superRefine(({ per, min: _, max, schedules = [], ...load }, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (max === undefined && schedules.length === 0) fault([], "scales nothing, give it 'max', 'schedules' or both");
    if (per === 'member') {
      if (schedules.length > 0) fault(['schedules'], "are for 'per: federation' alone, leave one of them out");
      else if (max === undefined) fault(['max'], "is required with 'per: member'");
    }
    if (max === undefined) {
      for (const [key, value] of Object.entries(load)) if (value !== undefined) fault([key], "needs 'max' beside it");
    }
    const names = new Set<string>();
    schedules.forEach((rule, i) => {
      if (names.has(rule.name))
        fault(['schedules', i, 'name'], `is used already, schedule '${rule.name}' needs another name`);
      names.add(rule.name);
      if (max === undefined && (rule.min !== undefined || rule.max !== undefined)) {
        fault(
          ['schedules', i],
          "changes bounds of a scaling by load, which needs 'scaling.max'; or give it 'replicas'",
        );
      }
      if (max !== undefined && rule.replicas !== undefined) {
        fault(['schedules', i, 'replicas'], "is undone by the scaling by load, give 'min' and 'max' in its place");
      }
    });
  });

/** Resources that pods must request, for their use is measured against that. */
export function measuredRequests(load: Parameters<typeof scalesBy>[0]): string[] {
  return Object.entries(scalesBy(load)).flatMap(([resource, target]) => (typeof target === 'number' ? [resource] : []));
}
