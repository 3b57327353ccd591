import { z } from 'zod';
import { lookup } from '../../simulation/lookup.ts';
import { propagatedNamespace } from './placement.ts';
import { clusterName, dnsLabel, quantityValue } from './primitives.ts';
import { quotaAmounts } from './resources.ts';

/** Quantities by resource name, such as `cpu` or `memory`; for a member also `pods` or `count/deployments.apps`. */
const limits = quotaAmounts.refine((value) => Object.keys(value).length > 0, 'must limit at least one resource');

/**
 * Whether Karmada counts a resource over all members: what the pods of apps request, under the names that pods have
 * (CalculateResourceUsage in pkg/util/helper/binding.go). The names that only a ResourceQuota has it stores, and counts
 * nothing.
 */
const isCounted = (resource: string) =>
  ['cpu', 'memory', 'ephemeral-storage'].includes(resource) ||
  resource.startsWith('hugepages-') ||
  (resource.includes('/') && !/^(requests\.|limits\.|count\/)/.test(resource));

/** An entry of `spec.quotas`: what a namespace may use over all members. */
export const quota = z
  .strictObject({
    name: dnsLabel.describe('Name of the quota, unique in its namespace.'),
    namespace: propagatedNamespace.default('default').describe('Namespace that it limits.'),
    overall: limits.describe(
      'Limits for what apps request on all members together, such as { cpu: 20, memory: 40Gi }. Apps that request nothing are not counted.',
    ),
    members: z
      .array(
        z.strictObject({
          name: clusterName.describe('Name of the member.'),
          limits: limits.describe('Its part of the limits.'),
        }),
      )
      .prefault([])
      .describe('Parts that go to members, each a ResourceQuota there. Default: members limit nothing.'),
  })
  .superRefine(({ overall, members }, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [i, { name, limits: part }] of members.entries()) {
      if (members.findIndex((other) => other.name === name) < i) {
        fault(['members', i, 'name'], 'is given twice, put its limits together');
      }
      for (const resource of Object.keys(part)) {
        if (!Object.hasOwn(overall, resource)) {
          fault(['members', i, 'limits', resource], "must be in 'overall' too, as the limit for all members together");
        }
      }
    }
    for (const [resource, limit] of Object.entries(overall)) {
      if (!isCounted(resource) && members.every(({ limits: part }) => lookup(part, resource) === undefined)) {
        const counted = resource.replace(/^(requests|limits)\./, '');
        fault(
          ['overall', resource],
          `limits nothing: Karmada counts what pods request, ${isCounted(counted) ? `so take '${counted}'` : "such as 'cpu'"}, or give 'members' their parts`,
        );
      }
      const given = members.reduce((sum, { limits: part }) => sum + quantityValue(lookup(part, resource) ?? '0'), 0);
      if (given > quantityValue(limit))
        fault(['overall', resource], 'must not be less than what the members get of it together');
    }
  });
export type Quota = z.output<typeof quota>;
