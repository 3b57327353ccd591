/** Every object on its way: the policy that claims it, the scheduler, and what goes along. */
import { dependenciesOf, Templates } from './along.ts';
import { bind } from './bind.ts';
import { overridePolicy, propagationPolicy } from './defaults.ts';
import type { Gates } from './gates.ts';
import { interpretersOf } from './interpret/interpreters.ts';
import type { PropagationPolicy } from './karmada.ts';
import type { KubeObject, ObjectRef } from './kubernetes.ts';
import { groupBy, Latest, nameOf } from './lookup.ts';
import { Members } from './members.ts';
import type { Input, Placed as PlacedBefore, Reason } from './model.ts';
import { Overrides } from './override/policies.ts';
import { type Facts, Placed, type World } from './placement.ts';
import { Policies, sameRef } from './policies.ts';
import { quotasOf } from './quotas.ts';
import { type Binding, targetsOf } from './schedule/binding.ts';
import { Neighbours } from './schedule/neighbours.ts';
import { roomOf } from './schedule/room.ts';
import type { Schedule } from './schedule/schedule.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { skippedNamespace, skipper } from './skipped.ts';

const POLICY_GROUP = 'policy.karmada.io/';
const POLICY_KINDS = ['PropagationPolicy', 'ClusterPropagationPolicy'];
const OVERRIDE_KINDS = ['OverridePolicy', 'ClusterOverridePolicy'];
const NO_TEMPLATES = [...POLICY_KINDS, ...OVERRIDE_KINDS, 'ClusterTaintPolicy', 'Cluster'];

/** The placements of all objects that are no policies, in the order of the input. */
export function place(
  input: Input,
  objects: readonly KubeObject[],
  gates: Gates,
  failover: World['failover'],
): readonly Placed[] {
  const ofGroup = (kinds: readonly string[]) =>
    objects.filter(({ apiVersion, kind }) => apiVersion.startsWith(POLICY_GROUP) && kinds.includes(kind));
  const templates = objects.filter(
    ({ apiVersion, kind }) => !(apiVersion.includes('.karmada.io/') && NO_TEMPLATES.includes(kind)),
  );
  const members = new Members(input.members);
  const overrides = new Overrides(ofGroup(OVERRIDE_KINDS).map(overridePolicy));
  const policies = new Policies(ofGroup(POLICY_KINDS).map(propagationPolicy), gates.PropagationPolicyPreemption);
  const interpreters = interpretersOf(input);
  const neighbours = Neighbours.none();
  const world: World = {
    members,
    overrides,
    works: new Latest(),
    neighbours,
    quotaFaults: quotasOf(objects, gates.FederatedQuotaEnforcement, () => placements),
    failover,
  };
  const bySets = (binding: Binding) => gates.MultiplePodTemplatesScheduling && fitsOnOne(binding);
  const scheduler = new Scheduler({
    members,
    neighbours,
    bySets,
    room: roomOf({ models: gates.CustomizedClusterResourceModeling, bySets }),
    propagatesEmptyWorkloads: input.propagatesEmptyWorkloads ?? false,
  });
  const skip = skipper(input);
  const before = groupBy(input.before ?? [], nameOf);
  const bound = (object: KubeObject, policy: PropagationPolicy, placed: PlacedBefore | undefined) =>
    bind(object, policy, placed, gates, interpreters);

  // What runs already counts for the affinity of workloads, whichever is placed first.
  const drafts = templates.map((object) => draft(object, before, skip, policies, overrides, input, bound));
  for (const { binding } of drafts) if (binding) neighbours.note(binding, binding.before, unsureBefore(binding));

  const namespaces = everyNamespace(input, members);
  const placements = drafts.map((facts): Placed => {
    const { object, binding } = facts;
    const schedule = binding && scheduler.schedule(binding);
    if (binding && schedule) neighbours.note(binding, schedule.targets, schedule.uncertain);
    const everywhere = namespaces(object);
    const all: Facts = {
      ...facts,
      interpreter: interpreters(object),
      ...(schedule && everywhere === undefined ? { schedule } : {}),
      ...(everywhere === undefined ? {} : { stays: everywhere, unplaced: undefined, binding: undefined }),
    };
    return new Placed(all, world);
  });
  if (gates.PropagateDeps) sendAlong(placements, interpreters);
  return placements;
}

/** Whom a policy claims an object for, and what stops it on the way to the scheduler. */
function draft(
  object: KubeObject,
  before: ReadonlyMap<string, readonly PlacedBefore[]>,
  skip: ReturnType<typeof skipper>,
  policies: Policies,
  overrides: Overrides,
  input: Input,
  bound: (object: KubeObject, policy: PropagationPolicy, placed: PlacedBefore | undefined) => Binding,
): Omit<Facts, 'interpreter' | 'schedule'> {
  const ref = { apiVersion: object.apiVersion, kind: object.kind, ...namedIn(object) };
  const placed = before.get(nameOf(ref))?.find((candidate) => sameRef(candidate, ref));
  const stays = targetsOf(placed?.members ?? []);
  const skipped = skip(object);
  const { policy, matches } = policies.claim(object, placed?.policy ?? claimedBy(object));
  if (skipped) return { object, policies: matches, unplaced: skipped };
  if (policy === undefined) {
    const message = stays.length > 0 ? 'no policy selects it any more; it stays where it is' : 'no policy selects it';
    return { object, policies: matches, unplaced: { code: 'NoPolicy', message }, stays };
  }
  const waits = missingOverrides(policy, overrides);
  if (waits) return { object, policies: matches, unplaced: waits, stays };
  const { schedulerName } = policy.spec;
  const own = input.schedulerName ?? 'default-scheduler';
  if ((schedulerName || 'default-scheduler') !== own) {
    const message = `its policy leaves it to the scheduler ${schedulerName}, and the one that runs serves ${own}`;
    return { object, policies: matches, unplaced: { code: 'OtherScheduler', message }, stays };
  }
  return { object, policies: matches, binding: bound(object, policy, placed) };
}

function namedIn({ metadata }: KubeObject): { readonly namespace?: string; readonly name: string } {
  return { ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name: metadata.name };
}

/** What Karmada wrote on an object of a live control plane. */
function claimedBy({ metadata }: KubeObject): ObjectRef | undefined {
  const { annotations = {}, labels = {} } = metadata;
  const namespace = annotations['propagationpolicy.karmada.io/namespace'];
  const near = annotations['propagationpolicy.karmada.io/name'];
  if (namespace && near && labels['propagationpolicy.karmada.io/permanent-id']) {
    return { kind: 'PropagationPolicy', namespace, name: near };
  }
  const wide = annotations['clusterpropagationpolicy.karmada.io/name'];
  return wide && labels['clusterpropagationpolicy.karmada.io/permanent-id']
    ? { kind: 'ClusterPropagationPolicy', name: wide }
    : undefined;
}

/** A policy waits until all overrides are there that it depends on; no other policy takes its place meanwhile. */
function missingOverrides({ kind, metadata, spec }: PropagationPolicy, overrides: Overrides): Reason | undefined {
  const isNear = kind === 'PropagationPolicy';
  const missing = (spec.dependentOverrides ?? []).find(
    (name) =>
      !overrides.has(
        isNear
          ? { kind: 'OverridePolicy', namespace: metadata.namespace ?? '', name }
          : { kind: 'ClusterOverridePolicy', name },
      ),
  );
  if (missing === undefined) return undefined;
  const override = isNear ? `OverridePolicy ${metadata.namespace}/${missing}` : `ClusterOverridePolicy ${missing}`;
  return { code: 'OverridesMissing', message: `its policy waits for ${override}, which is not there` };
}

/** What was not known of an object when it was placed before. */
function unsureBefore({ placed }: Binding): Schedule['uncertain'] {
  const answers = placed?.answers;
  if (answers === undefined) return undefined;
  const message = 'where it runs already is not known';
  return {
    reason: { code: answers.length > 1 ? 'Remainder' : 'RoomUnknown', message },
    answers: answers.map(targetsOf),
  };
}

/** Namespaces go to every member without any policy (pkg/controllers/namespace). */
function everyNamespace(input: Input, members: Members) {
  const skipped = skippedNamespace(input);
  const everywhere = members.all.map(({ name }) => ({ name, replicas: 0 }));
  return ({ apiVersion, kind, metadata }: KubeObject) => {
    if (apiVersion !== 'v1' || kind !== 'Namespace' || metadata.name === 'default' || skipped(metadata.name))
      return undefined;
    const stays = metadata.labels?.['namespace.karmada.io/skip-auto-propagation']?.toLowerCase() === 'true';
    return stays ? undefined : everywhere;
  };
}

/** Whether a set of components must fit onto a single member (isMultiTemplateSchedulingApplicable). */
function fitsOnOne({ components, placement }: Binding): boolean {
  return (
    components.length > 0 &&
    (placement.spreadConstraints ?? []).some(
      ({ spreadByField, minGroups, maxGroups }) => spreadByField === 'cluster' && minGroups === 1 && maxGroups === 1,
    )
  );
}

function sendAlong(placements: readonly Placed[], interpreters: ReturnType<typeof interpretersOf>): void {
  const senders = placements.filter(
    ({ binding, targets, ref }) =>
      binding?.policy.spec.propagateDeps && ref.namespace !== undefined && targets.length > 0,
  );
  if (senders.length === 0) return;
  const templates = new Templates(placements.map(({ object }) => object));
  const byObject = new Map(placements.map((placement) => [placement.object, placement]));
  for (const sender of senders) {
    for (const { ref, object } of dependenciesOf(sender.object, interpreters, templates)) {
      sender.along.push({ ref, members: sender.targets.map(({ name }) => name), exists: object !== undefined });
      const placement = object && byObject.get(object);
      placement?.required.push({ by: sender.ref, targets: sender.targets, uncertain: sender.unsure });
    }
  }
}
