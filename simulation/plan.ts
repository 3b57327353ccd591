import type { ObjectRef } from './kubernetes.ts';
import type { Along, Fault, Placement, Reason, Result, Share } from './model.ts';

/**
 * A result as plain data: what `plan -o json` prints, and what another simulation takes as what is placed already
 * (`Input.before`).
 */
export interface Plan {
  readonly placements: readonly PlannedObject[];
}

/** What becomes of one object. */
export interface PlannedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** The policy that places it; null where none does. */
  readonly policy: ObjectRef | null;
  /** The affinity group that it lands in, where its policy has several. */
  readonly group?: string;
  /** Where it runs; `replicas` is null for what has none. */
  readonly members: readonly Share[];
  /** Whether Karmada may decide otherwise; `answers` then holds each possible division. */
  readonly uncertain: boolean;
  readonly answers?: readonly (readonly Share[])[];
  /** Why nothing places it. */
  readonly unplaced?: string;
  /** The members that do not get it, each with why, to be read after its name. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** What goes along with it. */
  readonly along: readonly (Omit<Along, 'ref'> & ObjectRef)[];
  /** What keeps it, or its overrides, from a member. */
  readonly errors: readonly PlanError[];
}

export interface PlanError {
  readonly code: string;
  readonly message: string;
  readonly member?: string;
  readonly policy?: ObjectRef;
}

/**
 * The plain data of a result. Kinds that Karmada never propagates are left out.
 *
 * @param reasons whether to tell why objects are not on the other members: a text for each pair of the two.
 */
export function planOf(result: Result, { reasons = true } = {}): Plan {
  return { placements: result.placements.filter(isPropagated).map((placement) => plannedObject(placement, reasons)) };
}

/** Whether Karmada propagates objects of this kind at all. */
export function isPropagated({ unplaced }: Placement): boolean {
  return unplaced?.code !== 'NeverPropagated';
}

/** Kinds that run something, as apps do. */
export const WORKLOADS: ReadonlySet<string> = new Set([
  'Deployment',
  'SpinApp',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

/** Whether anybody would look for it: namespaces go everywhere, and dependents show once they go along. */
export function isTold(placement: Placement): boolean {
  const { policy, members, errors, unplaced, ref } = placement;
  if (!isPropagated(placement) || ref.kind === 'Namespace') return false;
  return policy !== undefined || members.length > 0 || errors.length > 0 || unplaced === undefined;
}

function plannedObject(placement: Placement, reasons: boolean): PlannedObject {
  const { ref, policy, group, members, uncertain, unplaced, along, errors } = placement;
  return {
    apiVersion: placement.object.apiVersion,
    kind: ref.kind,
    ...(ref.namespace !== undefined && { namespace: ref.namespace }),
    name: ref.name,
    policy: policy ? plainRef(policy) : null,
    ...(group !== undefined && { group }),
    members,
    uncertain: uncertain !== undefined,
    ...(uncertain && { answers: uncertain.answers }),
    ...(unplaced && { unplaced: unplaced.message }),
    refused: reasons ? refusals(placement) : [],
    along: along.map(({ ref: dependency, ...rest }) => ({ ...dependency, ...rest })),
    errors: errors.map(plainError),
  };
}

function refusals(placement: Placement): PlannedObject['refused'] {
  return placement
    .verdicts()
    .filter(({ chosen }) => !chosen)
    .map(({ member, reason }) => ({ name: member, reason: reason.text }));
}

function plainRef({ kind, namespace, name }: ObjectRef): ObjectRef {
  return { kind, ...(namespace !== undefined && { namespace }), name };
}

function plainError({ code, message, member, policy }: Fault & Reason): PlanError {
  return { code, message, ...(member !== undefined && { member }), ...(policy && { policy: plainRef(policy) }) };
}

/** Names an object in a plan, whatever version it is asked for in. */
export function planKey({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const group = apiVersion?.includes('/') ? apiVersion.split('/')[0] : '';
  return `${kind}.${group} ${namespace ?? ''}/${name}`;
}

/** How two plans differ in one object. */
export interface PlanChange {
  readonly object: PlannedObject;
  /** The members where something changes, each with the replicas before and after; undefined for a member without it. */
  readonly members: readonly {
    readonly name: string;
    readonly before: number | null | undefined;
    readonly after: number | null | undefined;
  }[];
  /** Why it is nowhere, where it was somewhere before. */
  readonly lost?: string;
  /** Set where the later plan does not have the object at all. */
  readonly removed?: true;
}

/** What stays on a member that is lost, and why. */
export interface Stranded extends ObjectRef {
  readonly member: string;
  readonly reason: string;
}

/** What a later plan changes. Objects that only one of the two holds are none, or new, in the other. */
export function changesOf(before: Plan, after: Plan): PlanChange[] {
  const earlier = new Map(before.placements.map((object) => [planKey(object), object]));
  const changes: PlanChange[] = [];
  for (const object of after.placements) {
    const old = earlier.get(planKey(object));
    earlier.delete(planKey(object));
    changes.push(...change(object, old?.members ?? [], object.members));
  }
  for (const object of earlier.values()) {
    for (const { lost: _, ...gone } of change(object, object.members, [])) changes.push({ ...gone, removed: true });
  }
  return changes;
}

function change(object: PlannedObject, before: readonly Share[], after: readonly Share[]): PlanChange[] {
  const old = new Map(before.map(({ name, replicas }) => [name, replicas]));
  const now = new Map(after.map(({ name, replicas }) => [name, replicas]));
  const members = [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => ({ name, before: old.get(name), after: now.get(name) }));
  if (members.length === 0) return [];
  const lost = after.length === 0 && before.length > 0 ? (object.unplaced ?? 'no member fits') : undefined;
  return [{ object, members, ...(lost !== undefined && { lost }) }];
}
