/** Which policy claims an object: pkg/detector/{policy,compare,preemption}.go of Karmada. */
import type { PropagationPolicy } from './karmada.ts';
import { describe, type KubeObject, type ObjectRef, refOf } from './kubernetes.ts';
import type { PolicyMatch, Reason } from './model.ts';
import { bestFit, Fit } from './selectors.ts';

interface Candidate {
  readonly policy: PropagationPolicy;
  readonly fit: Fit;
  readonly priority: number;
}

export interface Claim {
  /** Undefined when no policy selects the object. */
  readonly policy?: PropagationPolicy;
  readonly matches: readonly PolicyMatch[];
}

/** All propagation policies, laid out so that an object meets only those that may select it. */
export class Policies {
  private readonly index = new Map<string, PropagationPolicy[]>();

  constructor(
    policies: readonly PropagationPolicy[],
    /** Whether the gate PropagationPolicyPreemption is on. */
    private readonly preempts: boolean,
  ) {
    for (const policy of policies) {
      if (policy.metadata.deletionTimestamp) continue;
      for (const key of keysOf(policy)) {
        const known = this.index.get(key);
        if (known) known.push(policy);
        else this.index.set(key, [policy]);
      }
    }
  }

  /**
   * The policy that claims an object. An object that is claimed already stays with its policy as long as that is there
   * and selects it, unless another may preempt it. Otherwise policies of its namespace come before cluster-wide ones;
   * among each, the higher priority wins, then the closer selector, then the name that sorts first.
   */
  claim(object: KubeObject, claimedBy?: ObjectRef | null): Claim {
    const { namespace } = object.metadata;
    const near = namespace === undefined ? [] : ranked(this.policiesFor(object, namespace), object);
    const order = [...near, ...ranked(this.policiesFor(object, ''), object)];
    const held = claimedBy ? order.find(({ policy }) => sameRef(refOf(policy), claimedBy)) : undefined;
    const winner = held === undefined ? order[0] : this.preempting(order, held, object);
    if (winner === undefined) return { matches: [] };
    const losers = order.filter((candidate) => candidate !== winner);
    return {
      policy: winner.policy,
      matches: [
        match(winner, true, whyItWins(winner, losers, held)),
        ...losers.map((loser) => match(loser, false, whyItLoses(loser, winner, held))),
      ],
    };
  }

  private policiesFor({ apiVersion, kind, metadata }: KubeObject, namespace: string): readonly PropagationPolicy[] {
    const key = `${namespace} ${apiVersion} ${kind}`;
    const byKind = this.index.get(key) ?? [];
    const byName = this.index.get(`${key} ${metadata.name}`) ?? [];
    return byKind.length === 0 ? byName : [...new Set([...byKind, ...byName])];
  }

  /**
   * Who holds the object once all have preempted that may: with `preemption: Always`, by name only (Karmada looks
   * templates up by the selector's name), and a higher priority; a policy of the namespace takes from any cluster-wide one.
   */
  private preempting(order: readonly Candidate[], held: Candidate, object: KubeObject): Candidate {
    if (!this.preempts) return held;
    const rivals = order.filter(({ policy }) => policy.spec.preemption === 'Always' && namesTemplate(policy, object));
    return rivals.reduce((holder, rival) => (mayPreempt(rival, holder) ? rival : holder), held);
  }
}

/** Where a policy is found: by its namespace, kinds and, as far as it says, names. */
function keysOf({ kind, metadata, spec }: PropagationPolicy): ReadonlySet<string> {
  const namespace = kind === 'PropagationPolicy' ? metadata.namespace : '';
  return new Set(
    spec.resourceSelectors.map((selector) =>
      [namespace, selector.apiVersion, selector.kind, ...(selector.name ? [selector.name] : [])].join(' '),
    ),
  );
}

function namesTemplate({ spec }: PropagationPolicy, { apiVersion, kind, metadata }: KubeObject): boolean {
  return spec.resourceSelectors.some(
    (selector) =>
      selector.apiVersion === apiVersion &&
      selector.kind === kind &&
      selector.name === metadata.name &&
      (selector.namespace || undefined) === metadata.namespace,
  );
}

function mayPreempt(rival: Candidate, holder: Candidate): boolean {
  const rivalIsNear = rival.policy.kind === 'PropagationPolicy';
  const holderIsNear = holder.policy.kind === 'PropagationPolicy';
  if (rivalIsNear !== holderIsNear) return rivalIsNear;
  return rival.priority > holder.priority;
}

/** The policies that select an object, the strongest first. */
function ranked(policies: readonly PropagationPolicy[], object: KubeObject): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const policy of policies) {
    const fit = bestFit(policy.spec.resourceSelectors, object);
    if (fit !== Fit.None) candidates.push({ policy, fit, priority: policy.spec.priority ?? 0 });
  }
  return candidates.sort(
    (a, b) => b.priority - a.priority || b.fit - a.fit || (a.policy.metadata.name < b.policy.metadata.name ? -1 : 1),
  );
}

const BY: Readonly<Record<Fit, PolicyMatch['by']>> = { 0: 'kind', 1: 'kind', 2: 'labels', 3: 'name' };
const SELECTS: Readonly<Record<PolicyMatch['by'], string>> = {
  name: 'selects it by name',
  labels: 'selects it by labels',
  kind: 'selects every one of its kind',
};

function match({ policy, fit, priority }: Candidate, wins: boolean, reason: Reason): PolicyMatch {
  return { policy: refOf(policy), wins, priority, by: BY[fit], reason };
}

function whyItWins(winner: Candidate, losers: readonly Candidate[], held: Candidate | undefined): Reason {
  const win = (message: string): Reason => ({ code: 'Wins', message });
  const next = losers[0];
  if (held !== undefined && held !== winner) {
    return win(`it preempts ${describe(refOf(held.policy))}`);
  }
  if (held !== undefined) return win('the object is claimed by it already');
  if (next === undefined) return win('no other policy selects the object');
  return win(
    `of all that select the object, ${ADVANTAGE[whyItLoses(next, winner, undefined).code] ?? 'it comes first'}`,
  );
}

/** What the winner has over the one that comes next, by why that loses. */
const ADVANTAGE: Readonly<Partial<Record<Reason['code'], string>>> = {
  ClusterWide: 'it alone is in its namespace',
  LowerPriority: 'it has the highest priority',
  LessSpecific: 'it selects it most closely',
  LaterName: 'its name sorts first',
};

function whyItLoses(loser: Candidate, winner: Candidate, held: Candidate | undefined): Reason {
  const name = describe(refOf(winner.policy));
  if (held === winner) return { code: 'AlreadyClaimed', message: `${name} claimed the object before` };
  if (loser.policy.kind !== winner.policy.kind) {
    return { code: 'ClusterWide', message: `it is cluster-wide, and ${name} is in the object's namespace` };
  }
  if (loser.priority !== winner.priority) {
    return {
      code: 'LowerPriority',
      message: `its priority is ${loser.priority}, and that of ${name} is ${winner.priority}`,
    };
  }
  if (loser.fit !== winner.fit) {
    return { code: 'LessSpecific', message: `it ${SELECTS[BY[loser.fit]]}, and ${name} ${SELECTS[BY[winner.fit]]}` };
  }
  return { code: 'LaterName', message: `its priority is equal, and the name of ${name} sorts first` };
}

export function sameRef(a: ObjectRef, b: ObjectRef): boolean {
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    (a.namespace ?? '') === (b.namespace ?? '') &&
    (a.apiVersion === undefined || b.apiVersion === undefined || a.apiVersion === b.apiVersion)
  );
}
