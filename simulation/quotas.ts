/**
 * What a FederatedResourceQuota's static assignments, which become ResourceQuotas on members, refuse there
 * (pkg/controllers/federatedresourcequota; Kubernetes' admission plugin ResourceQuota).
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

/** Finds the faults of one placement. `all` is asked late: the placements are made after this function. */
export function quotasOf(
  objects: readonly KubeObject[],
  all: () => readonly Placed[],
): (placement: Placed) => readonly Fault[] {
  const assignments = new Map<string, Assignment[]>();
  for (const { kind, metadata, spec } of objects.filter((object) => object.kind === 'FederatedResourceQuota')) {
    for (const assignment of list(at(spec, 'staticAssignments'))) {
      const key = `${metadata.namespace} ${text(assignment.clusterName)}`;
      const known = assignments.get(key) ?? [];
      assignments.set(key, [
        ...known,
        { quota: `${kind} ${metadata.namespace}/${metadata.name}`, hard: fields(assignment.hard) },
      ]);
    }
  }
  if (assignments.size === 0) return () => [];
  let usage: ReadonlyMap<string, bigint> | undefined;
  return (placement) => {
    const pod = podOf(placement.object);
    const { namespace } = placement.ref;
    if (pod === undefined || namespace === undefined) return [];
    usage ??= usageOf(all());
    const used = usage;
    return placement.members.flatMap(({ name }) =>
      (assignments.get(`${namespace} ${name}`) ?? []).flatMap((assignment) => [
        ...unsaid(assignment, pod, name),
        ...exceeded(assignment, used, `${namespace} ${name}`, name),
      ]),
    );
  };
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

function exceeded(
  { quota, hard }: Assignment,
  usage: ReadonlyMap<string, bigint>,
  place: string,
  member: string,
): readonly Fault[] {
  return Object.entries(hard).flatMap(([counted, limit]): readonly Fault[] => {
    const resource = counted.replace(/^requests\./, '');
    const used = usage.get(`${place} ${resource}`) ?? 0n;
    if (used <= nanos(limit as Quantity)) return [];
    return [
      {
        code: 'QuotaExceeded',
        member,
        ...about(`is asked by all pods together for more ${resource} than ${quota} allows there (${limit})`, member),
      },
    ];
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
        const key = `${ref.namespace} ${name} ${resource}`;
        usage.set(key, (usage.get(key) ?? 0n) + nanos(quantity) * BigInt(replicas ?? 1));
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
