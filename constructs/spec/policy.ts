import { z } from 'zod';
import { apiGroup, NEVER_PROPAGATED, scopeOf } from '../policy/scopes.ts';
import { quote } from './faults.ts';
import { kindFault } from './kinds.ts';
import { overrideRule } from './override.ts';
import { labelExpressions, placement, propagatedNamespace } from './placement.ts';
import {
  apiVersion,
  clusterName,
  dnsLabel,
  dnsName,
  int32,
  kind,
  labelKey,
  labels,
  pathSegment,
} from './primitives.ts';

/*
 * Propagation policies of Karmada, and the objects that policies are for. What its webhooks refuse is refused here:
 * pkg/webhook/{propagationpolicy,overridepolicy} and pkg/util/validation of Karmada 1.18.
 */

const statePreservation = z
  .array(
    z.strictObject({
      aliasLabelName: labelKey.describe('Label that carries the value into the new copy.'),
      jsonPath: z
        .string()
        .regex(/^\{.+\}$/, "must be a JSONPath template below .status, such as '{.availableReplicas}'")
        .describe("JSONPath template, read from the object's status."),
    }),
  )
  .min(1, 'must have at least one rule, or be left out')
  .describe('Values of the status that go along to the new member. Needs the gate StatefulFailoverInjection.');

const applicationFailover = z
  .strictObject({
    tolerationSeconds: int32.min(0).default(300).describe('Seconds that an app may be unhealthy before it moves.'),
    purgeMode: z
      .enum(['Directly', 'Gracefully', 'Never'])
      .default('Gracefully')
      .describe('When the old copy goes: at once, once the new one is healthy, or by hand.'),
    gracePeriodSeconds: int32
      .min(1)
      .optional()
      .describe('Seconds to wait for the new copy, for Gracefully. Default: 600.'),
    statePreservation: statePreservation.optional(),
  })
  .superRefine(({ purgeMode, gracePeriodSeconds }, context) => {
    if (gracePeriodSeconds !== undefined && purgeMode !== 'Gracefully') {
      context.addIssue({
        code: 'custom',
        path: ['gracePeriodSeconds'],
        message: "has an effect with purgeMode 'Gracefully' only",
      });
    }
  });

const failover = z.strictObject({
  application: applicationFailover.optional().describe('Moves the app off a member where it stays unhealthy.'),
  cluster: z
    .strictObject({
      purgeMode: z
        .enum(['Directly', 'Gracefully'])
        .default('Gracefully')
        .describe(
          'Gracefully: the old copy goes once the new one is healthy. Directly: the new one starts once the old one is gone, which is not before a member that is out of reach comes back.',
        ),
      statePreservation: statePreservation.optional(),
    })
    .optional()
    .describe('Moves the app off a member that is gone. Needs the gate Failover.'),
});

const propagationShape = {
  propagateDeps: z
    .boolean()
    .optional()
    .describe(
      'Whether ConfigMaps, Secrets and the like that the app names go along. Default for apps: where they name any.',
    ),
  priority: z
    .int()
    .min(-2147483648)
    .max(2147483647)
    .optional()
    .describe('The policy with the highest one gets the resource. Default: 0.'),
  preemption: z
    .enum(['Always', 'Never'])
    .optional()
    .describe(
      'Whether to take resources from policies of lower priority. Always needs the gate PropagationPolicyPreemption. Default: Never.',
    ),
  conflictResolution: z
    .enum(['Abort', 'Overwrite'])
    .optional()
    .describe('What to do with an object of the same name that the member has already. Default: Abort.'),
  activationPreference: z
    .literal('Lazy')
    .optional()
    .describe("Lazy: a change of the policy waits for the resource's next change. Default: at once."),
  suspension: z
    .union([z.literal('all'), z.array(clusterName).min(1)], { error: "must be 'all' or a list of members" })
    .optional()
    .describe('Members whose copies are left as they are: all, or a list.'),
  preserveResourcesOnDeletion: z
    .boolean()
    .optional()
    .describe('Whether copies stay on the members when the resource is deleted. Default: false.'),
  schedulePriority: dnsName
    .optional()
    .describe(
      'PriorityClass in the Karmada API by which the scheduler orders. Needs the gate PriorityBasedScheduling.',
    ),
  schedulerName: dnsLabel
    .optional()
    .describe('Scheduler to use; it can not be changed later. Default: default-scheduler.'),
  dependentOverrides: z
    .array(dnsName)
    .optional()
    .describe('Override policies that must exist before this policy acts.'),
  failover: failover.optional().describe('When to move to another member.'),
};

/** How Karmada treats the copies, beside where they go. */
export const propagation = z.strictObject(propagationShape).superRefine(refinePropagation);

function refinePropagation(
  value: { propagateDeps?: boolean | undefined; failover?: z.output<typeof failover> | undefined },
  context: z.core.$RefinementCtx,
): void {
  if (value.failover?.application && value.propagateDeps === false) {
    context.addIssue({
      code: 'custom',
      path: ['propagateDeps'],
      message: "must be true for 'failover.application', so that what the app needs moves with it",
    });
  }
}

const selectorShape = {
  apiVersion: apiVersion.describe("API version, such as 'apps/v1'."),
  kind: kind.describe("Kind, such as 'Deployment'."),
  namespace: propagatedNamespace
    .optional()
    .describe('Namespace of the objects, in a policy that is not in one itself. Default: every namespace.'),
  name: z.string().min(1).max(253).optional().describe('Name. Default: every object of the kind.'),
  labels: labels.optional().describe('Labels that the object carries, where no name is given.'),
  labelExpressions: labelExpressions.optional().describe("Further requirements on the object's labels."),
  scope: z
    .enum(['Namespaced', 'Cluster'])
    .optional()
    .describe('Whether the kind lives in a namespace; needed for kinds of API groups that are not known.'),
};

/** Why no object can have a name, of which none is selected then: names are no patterns. Those of RBAC are almost free. */
function objectName(apiVersion: string, name: string): string | undefined {
  const isFree = apiGroup(apiVersion) === 'rbac.authorization.k8s.io';
  if ((isFree ? pathSegment : dnsName).safeParse(name).success) return undefined;
  const all = name.includes('*') ? ", and no pattern: take 'labels', or leave it out for all" : '';
  return `must be the name of one object, such as 'settings'${all}, got ${quote(name)}`;
}

/** Selects objects in the Karmada API. */
const resourceSelector = z
  .strictObject(selectorShape)
  .superRefine(({ apiVersion, kind, name, labels, labelExpressions, scope }, context) => {
    const known = scopeOf(apiVersion, kind);
    const unserved = kindFault(apiVersion, kind);
    if (unserved && unserved.unserved !== 'perhaps') {
      context.addIssue({ code: 'custom', path: [unserved.field], message: unserved.message });
    } else if (NEVER_PROPAGATED.includes(apiGroup(apiVersion))) {
      context.addIssue({
        code: 'custom',
        path: ['apiVersion'],
        message: `is a group of Karmada's own, whose objects are never propagated`,
      });
    } else if (!known && !scope) {
      context.addIssue({
        code: 'custom',
        path: ['scope'],
        message: `is required: kind '${kind}' is not known, say whether it is 'Namespaced' or 'Cluster'`,
      });
    } else if (known && scope && known !== scope) {
      context.addIssue({ code: 'custom', path: ['scope'], message: `must be '${known}', for that is what ${kind} is` });
    }
    const issue = name === undefined ? undefined : objectName(apiVersion, name);
    if (issue !== undefined) context.addIssue({ code: 'custom', path: ['name'], message: issue });
    if (name !== undefined && (labels !== undefined || labelExpressions !== undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['name'],
        message: "can't go with labels, for Karmada then ignores these",
      });
    }
  });

const policyShape = {
  name: dnsName.describe('Name of the policy.'),
  namespace: propagatedNamespace
    .optional()
    .describe('Namespace of policy and resources. Default: default, or none with scope Cluster.'),
  scope: z
    .enum(['Namespaced', 'Cluster'])
    .optional()
    .describe('Cluster: for cluster-scoped kinds, or for several namespaces. Default: what the resources need.'),
  resources: z.array(resourceSelector).min(1, 'must select at least one resource').describe('What it is for.'),
};

/** An entry of `spec.policies`: a policy for resources that are no apps. */
export const policy = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('propagation').describe('Says where resources go.'),
        ...policyShape,
        placement: placement.prefault({}).describe('Where they go. Default: every member.'),
        ...propagationShape,
      })
      .superRefine(refinePropagation),
    z.strictObject({
      type: z.literal('override').describe('Changes resources on their way to members.'),
      ...policyShape,
      rules: z.array(overrideRule).min(1, 'must have at least one rule').describe('What to change where.'),
    }),
  ])
  .superRefine((value, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const inNamespace = value.scope === 'Namespaced' || value.namespace !== undefined;
    if (value.scope === 'Cluster' && value.namespace !== undefined)
      fault(['namespace'], "can't go with scope 'Cluster'");
    value.resources.forEach(({ apiVersion, kind, scope, namespace }, i) => {
      if ((scope ?? scopeOf(apiVersion, kind)) === 'Cluster') {
        if (inNamespace) {
          fault(
            ['resources', i, 'kind'],
            `is cluster-scoped, which a policy in a namespace never matches: leave out the policy's namespace and scope`,
          );
        }
        if (namespace !== undefined)
          fault(['resources', i, 'namespace'], `must be left out, for ${kind} is cluster-scoped`);
      } else if (inNamespace && namespace !== undefined && namespace !== (value.namespace ?? 'default')) {
        fault(['resources', i, 'namespace'], "must be the policy's namespace, or the policy's scope 'Cluster'");
      }
    });
    if (value.type === 'propagation' && value.preemption === 'Always') {
      value.resources.forEach(({ name }, i) => {
        if (name === undefined)
          context.addIssue({
            code: 'custom',
            path: ['resources', i, 'name'],
            message: "must be given with preemption 'Always'",
          });
      });
    }
  });
export type Policy = z.output<typeof policy>;
