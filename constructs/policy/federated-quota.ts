import { Construct } from 'constructs';
import {
  FederatedResourceQuota,
  FederatedResourceQuotaSpecStaticAssignmentsHard as Hard,
  FederatedResourceQuotaSpecOverall as Overall,
} from '../../imports/federatedresourcequota-policy.karmada.io.ts';
import { lookup } from '../../simulation/lookup.ts';

/** What a namespace may use: quantities by resource, such as `cpu`, `memory` or `pods`. */
export interface ResourceLimits {
  readonly [resource: string]: string;
}

/** Properties for `FederatedQuota`. */
export interface FederatedQuotaProps {
  /** Name of the quota, at most 63 characters. */
  readonly name: string;
  /**
   * Namespace that it limits.
   *
   * @default 'default'
   */
  readonly namespace?: string;
  /** What the namespace may use in all members together. Needs the gate `FederatedQuotaEnforcement`. */
  readonly overall: ResourceLimits;
  /**
   * Parts of it that go to members, as a ResourceQuota of each.
   *
   * @default - none: members don't limit the namespace.
   */
  readonly members?: readonly { readonly name: string; readonly limits: ResourceLimits }[];
}

/** Defines what the apps of a namespace may use over all members, and how much of it on which. */
export class FederatedQuota extends Construct {
  constructor(scope: Construct, id: string, props: FederatedQuotaProps) {
    super(scope, id);
    const { name, namespace = 'default', overall, members = [] } = props;
    for (const member of members) {
      const unknown = Object.keys(member.limits).find((resource) => lookup(overall, resource) === undefined);
      if (unknown !== undefined) {
        throw new Error(`'members' of quota '${name}' must limit what 'overall' does, got '${unknown}'`);
      }
    }
    new FederatedResourceQuota(this, 'Resource', {
      metadata: { name, namespace },
      spec: {
        overall: map(overall, Overall.fromString),
        staticAssignments:
          members.length > 0
            ? members.map((member) => ({ clusterName: member.name, hard: map(member.limits, Hard.fromString) }))
            : undefined,
      },
    });
  }
}

function map<Quantity>(limits: ResourceLimits, toQuantity: (value: string) => Quantity): { [key: string]: Quantity } {
  return Object.fromEntries(Object.entries(limits).map(([resource, value]) => [resource, toQuantity(value)]));
}
