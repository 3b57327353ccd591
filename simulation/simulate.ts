import { dependenciesOf, Templates } from './along.ts';
import { bind } from './bind.ts';
import { overridePolicy, propagationPolicy, withNamespace } from './defaults.ts';
import { evictionOf, lost } from './failover.ts';
import { type Gates, gatesOf } from './gates.ts';
import { interpretersOf } from './interpret/interpreters.ts';
import type { PropagationPolicy } from './karmada.ts';
import { describe, type KubeObject, type ObjectRef } from './kubernetes.ts';
import { Members } from './members.ts';
import type { Failover, Input, Placed as PlacedBefore, Reason, Result } from './model.ts';
import { Overrides } from './override/policies.ts';
import { type Facts, Placed, type World } from './placement.ts';
import { Policies, sameRef } from './policies.ts';
import { quotasOf } from './quotas.ts';
import { type Binding, targetsOf } from './schedule/binding.ts';
import { Neighbours } from './schedule/neighbours.ts';
import { roomOf } from './schedule/room.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { skippedNamespace, skipper } from './skipped.ts';

/**
 * What Karmada 1.18 does with these objects and members: which policy claims each object, where it is placed and with
 * how many replicas, and what each member gets. A pure function: the same input gives the same result; nothing of the
 * input is changed.
 */
export function simulate(input: Input): Result {
  return new Simulation(input);
}

const POLICY_GROUP = 'policy.karmada.io/';
const POLICY_KINDS = ['PropagationPolicy', 'ClusterPropagationPolicy'];
const OVERRIDE_KINDS = ['OverridePolicy', 'ClusterOverridePolicy'];
const NO_TEMPLATES = [...POLICY_KINDS, ...OVERRIDE_KINDS, 'ClusterTaintPolicy', 'Cluster'];

class Simulation implements Result {
  readonly placements: readonly Placed[];
  private readonly byName: ReadonlyMap<string, readonly Placed[]>;
  private readonly gates: Gates;
  private readonly objects: readonly KubeObject[];
  private readonly losses = new Map<string, Simulation>();

  constructor(private readonly input: Input) {
    this.gates = gatesOf(input.gates);
    this.objects = input.objects.map(withNamespace);
    this.placements = place(input, this.objects, this.gates, (placement, member) => this.failover(placement, member));
    this.byName = groupBy(this.placements, ({ ref }) => nameOf(ref));
  }

  of(ref: ObjectRef): Placed | undefined {
    return this.byName.get(nameOf(ref))?.find((placement) => sameRef(placement.ref, ref));
  }

  /** Members do not answer: they are tainted, what does not tolerate that is evicted, and all is scheduled again. */
  whenLost(names: readonly string[]): Simulation {
    const key = [...names].sort().join(' ');
    const known = this.losses.get(key);
    if (known) return known;
    const taintPolicies = this.objects.filter(({ kind }) => kind === 'ClusterTaintPolicy');
    const members = this.input.members.map((cluster) =>
      names.includes(cluster.metadata.name) ? lost(cluster, taintPolicies) : cluster,
    );
    const gone = members.filter(({ metadata }) => names.includes(metadata.name));
    const before = asBefore(this).map((placed): PlacedBefore => {
      const evicting = gone
        .filter(({ metadata }) => placed.members.some(({ name }) => name === metadata.name))
        .filter((cluster) => evictionOf(cluster, placed.placement ?? {}, this.eviction()).evicted)
        .map(({ metadata }) => metadata.name);
      return evicting.length === 0
        ? placed
        : { ...placed, evicting, members: placed.members.filter(({ name }) => !evicting.includes(name)) };
    });
    const result = new Simulation({ ...this.input, members, before });
    this.losses.set(key, result);
    return result;
  }

  private eviction() {
    return { failover: this.gates.Failover, evicts: this.input.evictsNoExecute ?? false };
  }

  private failover(placement: Placed, name: string): Failover {
    const stays = (reason: Reason): Failover => ({ member: name, evicted: false, reason, members: placement.members });
    if (!placement.members.some((share) => share.name === name)) {
      return stays({ code: 'NotThere', message: `${describe(placement.ref)} is not on ${name}` });
    }
    const after = this.whenLost([name]);
    const cluster = after.input.members.find(({ metadata }) => metadata.name === name);
    if (cluster === undefined || placement.binding === undefined) {
      return stays({
        code: 'Tolerated',
        message: 'it is not placed by a policy of its own, so failover does not move it',
      });
    }
    const { evicted, code, message } = evictionOf(cluster, placement.binding.placement, this.eviction());
    if (!evicted) return stays({ code, message });
    const then = after.of(placement.ref);
    const members = then?.members ?? [];
    const why = then?.unplaced?.message ?? 'its replicas go to other members';
    return members.length === 0
      ? {
          member: name,
          evicted,
          reason: { code: 'Lost', message: `${message}; ${why}, so it runs nowhere any more` },
          members,
        }
      : { member: name, evicted, reason: { code: 'Moved', message: `${message}; ${why}` }, members };
  }
}

/**
 * A result of `simulate` as what is placed already, for the next simulation. What a policy has claimed is among it even
 * if it has no members: the claim stays.
 */
export function asBefore(result: Result): readonly PlacedBefore[] {
  return (result.placements as readonly Placed[])
    .filter(
      ({ binding, targets, object }) => binding !== undefined || (targets.length > 0 && object.kind !== 'Namespace'),
    )
    .map(({ ref, policy, group, targets, answers, binding }) => ({
      ...ref,
      ...(policy ? { policy } : {}),
      ...(group === undefined ? {} : { group }),
      members: targets,
      ...(answers ? { answers } : {}),
      ...(binding ? { placement: binding.placement } : {}),
    }));
}

function place(
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
  const neighbours = new Neighbours();
  const world: World = {
    members,
    overrides,
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
  for (const { binding } of drafts) if (binding) neighbours.note(binding, binding.before);

  const namespaces = everyNamespace(input, members);
  const placements = drafts.map((facts): Placed => {
    const { object, binding } = facts;
    const schedule = binding && scheduler.schedule(binding);
    if (binding && schedule) neighbours.note(binding, schedule.targets);
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
      placement?.required.push({ by: sender.ref, targets: sender.targets });
    }
  }
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ?? ''}/${name}`;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known) known.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
