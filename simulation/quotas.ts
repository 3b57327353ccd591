/**
 * What FederatedResourceQuotas refuse: their static assignments become ResourceQuotas on members
 * (pkg/controllers/federatedresourcequota; Kubernetes' admission plugin ResourceQuota), and with the gate
 * FederatedQuotaEnforcement nothing is placed beyond `overall` (pkg/webhook/resourcebinding/validating.go).
 */

import { requirementsOf } from './interpret/pods.ts';
import { at, type Fields, fields, list, text } from './interpret/values.ts';
import type { KubeObject, Quantity } from './kubernetes.ts';
import type { Fault } from './model.ts';
import type { Placed } from './placement.ts';
import { nanos } from './quantity.ts';

interface Assignment {
  readonly quota: string;
  readonly hard: Fields;
}

/** Limits by place: a namespace and a member, or a namespace and all of them. */
type Assignments = ReadonlyMap<string, readonly Assignment[]>;

const EVERYWHERE = '*';

/**
 * Finds the faults of one placement.
 * @param enforced whether the gate FederatedQuotaEnforcement is on
 * @param all asked late: the placements are made after this function
 */
export function quotasOf(
  objects: readonly KubeObject[],
  enforced: boolean,
  all: () => readonly Placed[],
): (placement: Placed) => readonly Fault[] {
  const assignments = assignmentsOf(objects, enforced);
  if (assignments.size === 0) return () => [];
  let usage: ReadonlyMap<string, bigint> | undefined;
  return (placement) => {
    const pod = podOf(placement.object);
    const { namespace } = placement.ref;
    if (pod === undefined || namespace === undefined || placement.members.length === 0) return [];
    usage ??= usageOf(all());
    const used = usage;
    const of = (where: string) => assignments.get(`${namespace} ${where}`) ?? [];
    return [
      ...of(EVERYWHERE).flatMap((assignment) => exceeded(assignment, used, namespace, undefined)),
      ...placement.members.flatMap(({ name }) =>
        of(name).flatMap((assignment) => [
          ...unsaid(assignment, pod, name),
          ...exceeded(assignment, used, namespace, name),
        ]),
      ),
    ];
  };
}

function assignmentsOf(objects: readonly KubeObject[], enforced: boolean): Assignments {
  const assignments = new Map<string, Assignment[]>();
  for (const { kind, metadata, spec } of objects.filter((object) => object.kind === 'FederatedResourceQuota')) {
    const quota = `${kind} ${metadata.namespace}/${metadata.name}`;
    const add = (where: string | undefined, hard: unknown) => {
      const key = `${metadata.namespace} ${where}`;
      assignments.set(key, [...(assignments.get(key) ?? []), { quota, hard: fields(hard) }]);
    };
    if (enforced) add(EVERYWHERE, at(spec, 'overall'));
    for (const assignment of list(at(spec, 'staticAssignments'))) add(text(assignment.clusterName), assignment.hard);
  }
  return assignments;
}

/** Where a quota counts a resource, each container must say how much of it it wants. */
function unsaid({ quota, hard }: Assignment, pod: Fields, member: string): readonly Fault[] {
  const containers = [...list(pod.initContainers), ...list(pod.containers)];
  return Object.keys(hard).flatMap((counted): readonly Fault[] => {
    const [, field, resource] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(counted) ?? [];
    if (resource === undefined) return [];
    const says = ({ resources }: Fields) =>
      at(resources, 'limits', resource) !== undefined ||
      (field !== 'limits' && at(resources, 'requests', resource) !== undefined);
    if (containers.every(says)) return [];
    const missing = `${field ?? 'requests'}.${resource}`;
    return [
      {
        code: 'QuotaUnsatisfied',
        member,
        ...about(
          `counts ${counted} by ${quota}, so every container must say ${missing}; without it no pod starts there`,
          member,
        ),
      },
    ];
  });
}

/** Without a member, about all of them. Which of the objects has no more room depends on who comes last. */
function exceeded(
  { quota, hard }: Assignment,
  usage: ReadonlyMap<string, bigint>,
  namespace: string,
  member: string | undefined,
): readonly Fault[] {
  return Object.entries(hard).flatMap(([counted, limit]): readonly Fault[] => {
    const resource = counted.replace(/^requests\./, '');
    const used = usage.get(`${namespace} ${member ?? EVERYWHERE} ${resource}`) ?? 0n;
    if (used <= nanos(limit as Quantity)) return [];
    const more = `more ${resource} than ${quota} allows`;
    if (member !== undefined) {
      return [
        {
          code: 'QuotaExceeded',
          member,
          ...about(`is asked by all pods together for ${more} there (${limit})`, member),
        },
      ];
    }
    const message = `all pods of ${namespace} together ask for ${more} (${limit}): Karmada does not place the last of them`;
    return [{ code: 'QuotaExceeded', text: message, message }];
  });
}

function about(text: string, member: string): { readonly text: string; readonly message: string } {
  return { text, message: `${member} ${text}` };
}

/** Requests of all pods, by namespace, member and resource. */
function usageOf(placements: readonly Placed[]): ReadonlyMap<string, bigint> {
  const usage = new Map<string, bigint>();
  for (const { object, ref, members } of placements) {
    const pod = podOf(object);
    if (pod === undefined) continue;
    const requests = { ...requirementsOf(pod)?.requests, pods: 1 };
    for (const { name, replicas } of members) {
      for (const [resource, quantity] of Object.entries(requests)) {
        const size = nanos(quantity) * BigInt(replicas ?? 1);
        for (const where of [name, EVERYWHERE]) {
          const key = `${ref.namespace} ${where} ${resource}`;
          usage.set(key, (usage.get(key) ?? 0n) + size);
        }
      }
    }
  }
  return usage;
}

/** The pods that an object starts. */
function podOf({ kind, spec }: KubeObject): Fields | undefined {
  if (kind === 'Pod') return fields(spec);
  if (kind === 'SpinApp') return { containers: [{ resources: at(spec, 'resources') }] };
  const template = at(spec, 'template', 'spec') ?? at(spec, 'jobTemplate', 'spec', 'template', 'spec');
  return template === undefined ? undefined : fields(template);
}
