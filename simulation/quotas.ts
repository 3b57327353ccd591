/**
 * What FederatedResourceQuotas refuse: their static assignments become ResourceQuotas on members
 * (pkg/controllers/federatedresourcequota; Kubernetes' admission plugin ResourceQuota), and with the gate
 * FederatedQuotaEnforcement nothing is placed beyond `overall` (pkg/webhook/resourcebinding/validating.go).
 */

import { requirementsOf } from './interpret/pods.ts';
import { at, type Fields, fields, list, text, wholeNumber } from './interpret/values.ts';
import type { KubeObject, ObjectRef, Quantity } from './kubernetes.ts';
import type { Fault, Share } from './model.ts';
import type { Placed } from './placement.ts';
import { nanos } from './quantity.ts';

interface Assignment {
  readonly policy: ObjectRef;
  /** How messages name it. */
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
  let ranges: readonly Placed[] | undefined;
  return (placement) => {
    const pod = podOf(placement.object);
    const { namespace } = placement.ref;
    if (namespace === undefined || placement.members.length === 0) return [];
    usage ??= usageOf(all());
    ranges ??= all().filter(({ object }) => object.apiVersion === 'v1' && object.kind === 'LimitRange');
    const used = usage;
    const near = ranges.filter(({ ref }) => ref.namespace === namespace);
    const isGiven = (member: string) => (counted: string) =>
      near.some(({ object, members }) => members.some(({ name }) => name === member) && gives(object, counted));
    const of = (where: string) => assignments.get(`${namespace} ${where}`) ?? [];
    return [
      ...(replicasOf(placement.members) === 0n ? [] : of(EVERYWHERE)).flatMap((assignment) =>
        exceeded(assignment, used, namespace, undefined, placement.object),
      ),
      ...placement.members.flatMap(({ name }) =>
        of(name).flatMap((assignment) => [
          ...(pod === undefined ? [] : unsaid(assignment, pod, name, isGiven(name))),
          ...exceeded(assignment, used, namespace, name, placement.object),
        ]),
      ),
    ];
  };
}

function assignmentsOf(objects: readonly KubeObject[], enforced: boolean): Assignments {
  const assignments = new Map<string, Assignment[]>();
  for (const { kind, metadata, spec } of objects.filter((object) => object.kind === 'FederatedResourceQuota')) {
    const { namespace, name } = metadata;
    const policy: ObjectRef = { kind, name, ...(namespace !== undefined && { namespace }) };
    const quota = `${kind} ${namespace}/${name}`;
    const add = (where: string | undefined, hard: unknown) => {
      const key = `${namespace} ${where}`;
      assignments.set(key, [...(assignments.get(key) ?? []), { policy, quota, hard: fields(hard) }]);
    };
    if (enforced) add(EVERYWHERE, at(spec, 'overall'));
    for (const assignment of list(at(spec, 'staticAssignments'))) add(text(assignment.clusterName), assignment.hard);
  }
  return assignments;
}

/** Where a quota counts a resource, each container must say how much of it it wants, unless a LimitRange does for it. */
function unsaid(
  { policy, quota, hard }: Assignment,
  pod: Fields,
  member: string,
  isGiven: (counted: string) => boolean,
): readonly Fault[] {
  const containers = [...list(pod.initContainers), ...list(pod.containers)];
  return Object.keys(hard).flatMap((counted): readonly Fault[] => {
    const { field, resource } = countedOf(counted);
    if (resource === undefined || isGiven(counted)) return [];
    const says = ({ resources }: Fields) =>
      at(resources, 'limits', resource) !== undefined ||
      (field !== 'limits' && at(resources, 'requests', resource) !== undefined);
    if (containers.every(says)) return [];
    const missing = `${field ?? 'requests'}.${resource}`;
    return [
      {
        code: 'QuotaUnsatisfied',
        member,
        policy,
        resource: counted,
        ...about(
          `counts ${counted} by ${quota}, so every container must say ${missing}, or a LimitRange there for it; without it no pod starts there`,
          member,
        ),
      },
    ];
  });
}

function countedOf(counted: string): { readonly field?: string | undefined; readonly resource?: string | undefined } {
  const [, field, resource] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(counted) ?? [];
  return { field, resource };
}

/**
 * Whether a LimitRange says for containers what a quota counts. Bounds do so, too, for the API server takes them as the
 * defaults that are missing (SetDefaults_LimitRangeItem of Kubernetes' pkg/apis/core/v1/defaults.go).
 */
export function gives({ spec }: KubeObject, counted: string): boolean {
  const { field, resource = '' } = countedOf(counted);
  const sources = ['default', 'max', ...(field === 'limits' ? [] : ['defaultRequest', 'min'])];
  return list(at(spec, 'limits')).some(
    (item) => item.type === 'Container' && sources.some((source) => at(item, source, resource) !== undefined),
  );
}

/** Without a member, about all of them. Which of the objects has no more room depends on who comes last. */
function exceeded(
  { policy, quota, hard }: Assignment,
  usage: ReadonlyMap<string, bigint>,
  namespace: string,
  member: string | undefined,
  object: KubeObject,
): readonly Fault[] {
  const own = member === undefined ? requestsOf(object) : { ...amountsOf(object), ...countsOf(object) };
  return Object.entries(hard).flatMap(([counted, limit]): readonly Fault[] => {
    const resource = member === undefined ? counted : counted.replace(/^requests\./, '');
    const used = usage.get(`${namespace} ${member ?? EVERYWHERE} ${resource}`) ?? 0n;
    if (!Object.hasOwn(own, resource) || used <= nanos(limit as Quantity)) return [];
    if (member !== undefined && Object.hasOwn(countsOf(object), resource)) {
      return [
        {
          code: 'QuotaExceeded',
          member,
          policy,
          resource: counted,
          ...about(`gets more ${resource} than ${quota} allows there (${limit})`, member),
        },
      ];
    }
    const more = `more ${resource} than ${quota} allows`;
    if (member !== undefined) {
      return [
        {
          code: 'QuotaExceeded',
          member,
          policy,
          resource: counted,
          ...about(`is asked by all pods together for ${more} there (${limit})`, member),
        },
      ];
    }
    const message = `all pods of ${namespace} together ask for ${more} (${limit}): Karmada does not place the last of them`;
    return [{ code: 'QuotaExceeded', policy, resource: counted, text: message, message }];
  });
}

function about(text: string, member: string): { readonly text: string; readonly message: string } {
  return { text, message: `${member} ${text}` };
}

/**
 * What all pods ask for, by namespace, member and resource: on a member as overrides leave it there, over all as the
 * template says it. And how many objects there are.
 */
function usageOf(placements: readonly Placed[]): ReadonlyMap<string, bigint> {
  const usage = new Map<string, bigint>();
  const add = (namespace: string, where: string, amounts: Fields, times: bigint) => {
    for (const [resource, quantity] of Object.entries(amounts)) {
      const key = `${namespace} ${where} ${resource}`;
      usage.set(key, (usage.get(key) ?? 0n) + nanos(quantity as Quantity) * times);
    }
  };
  for (const placement of placements) {
    const { object, ref, members } = placement;
    const { namespace } = ref;
    if (namespace === undefined) continue;
    const all = amountsOf(object);
    add(namespace, EVERYWHERE, requestsOf(object), replicasOf(members));
    for (const { name, replicas } of members) {
      const there = placement.isOverridden ? (placement.manifestFor(name).object ?? object) : object;
      const own = there === object ? all : amountsOf(there);
      const count = there === object ? undefined : wholeNumber(at(there, 'spec', 'replicas'));
      add(namespace, name, own, BigInt(count ?? replicas ?? 1));
      add(namespace, name, countsOf(object), 1n);
    }
  }
  return usage;
}

/**
 * How often Karmada counts an object (CalculateResourceUsage in pkg/util/helper/binding.go).
 *
 * @param others how often what has no replicas, such as a DaemonSet, counts on each member: for Karmada it does not
 */
export function replicasOf(members: readonly Share[], others = 0n): bigint {
  return members.reduce((sum, { replicas }) => sum + (replicas === null ? others : BigInt(replicas)), 0n);
}

/** What Karmada counts of an object, for one replica. */
export function requestsOf(object: KubeObject): Fields {
  const pod = podOf(object);
  return pod === undefined ? {} : { ...requirementsOf(pod)?.requests };
}

/** What one pod of an object asks for; nothing for what starts none. */
function amountsOf(object: KubeObject): Fields {
  const pod = podOf(object);
  if (pod === undefined) return {};
  const limits = Object.entries(limitsOf(pod)).map(([name, quantity]) => [`limits.${name}`, quantity] as const);
  return { ...requirementsOf(pod)?.requests, ...Object.fromEntries(limits), pods: 1 };
}

/** The sum of the limits of all containers, as far as they have any. */
function limitsOf(pod: Fields): Record<string, Quantity> {
  const limits: Record<string, Quantity> = {};
  for (const resource of ['cpu', 'memory']) {
    const sizes = list(pod.containers).map(({ resources }) => nanos(at(resources, 'limits', resource) as Quantity));
    const sum = sizes.reduce((total, size) => total + size, 0n);
    if (sum > 0n) limits[resource] = `${sum}n`;
  }
  return limits;
}

/** An object under the names that a ResourceQuota counts it by: `count/deployments.apps`, `services`. */
function countsOf({ apiVersion, kind }: KubeObject): Fields {
  const lower = kind.toLowerCase();
  const plural = /(s|x|ch|ss)$/.test(lower) ? `${lower}es` : lower.replace(/y$/, 'ie').concat('s');
  const [group, version] = apiVersion.split('/');
  return version === undefined
    ? { [`count/${plural}`]: 1, ...(CORE_COUNTED.has(plural) && { [plural]: 1 }) }
    : { [`count/${plural}.${group}`]: 1 };
}

const CORE_COUNTED: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'secrets',
  'services',
]);

/** The pods that an object starts. */
function podOf({ kind, spec }: KubeObject): Fields | undefined {
  if (kind === 'Pod') return fields(spec);
  if (kind === 'SpinApp') return { containers: [{ resources: at(spec, 'resources') }] };
  const template = at(spec, 'template', 'spec') ?? at(spec, 'jobTemplate', 'spec', 'template', 'spec');
  return template === undefined ? undefined : fields(template);
}
