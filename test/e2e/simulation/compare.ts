import { isDeepStrictEqual } from 'node:util';
import type { PlacementSpec } from '../../../simulation/karmada.ts';
import type { KubeObject, ObjectRef } from '../../../simulation/kubernetes.ts';
import type { Input, Placed, Placement, Result, Share } from '../../../simulation/model.ts';
import { simulate } from '../../../simulation/simulate.ts';
import type { Obj } from '../harness/api.ts';

/** What Karmada has done with one object. */
export interface Observed {
  readonly policy?: ObjectRef;
  readonly group?: string;
  /** The placement that it was scheduled by last. */
  readonly placement: PlacementSpec | null;
  readonly members: readonly Share[];
  /** Members that get it along with others, whether or not it is placed there itself. */
  readonly along: readonly string[];
  /** Members from which it is being evicted. */
  readonly leaving: readonly string[];
  /** What each member gets, as the Work holds it. */
  readonly manifests: ReadonlyMap<string, Obj>;
}

const PERMANENT_ID = ['resourcebinding.karmada.io/permanent-id', 'clusterresourcebinding.karmada.io/permanent-id'];

/** What Karmada has done with each object that has a binding, by `kind/name`. */
export function observe(bindings: readonly Obj[], works: readonly Obj[]): Map<string, Observed> {
  const ofBinding = new Map<string, Obj[]>();
  for (const work of works) {
    const id = idOf(work.metadata.labels);
    ofBinding.set(id, [...(ofBinding.get(id) ?? []), work]);
  }
  return new Map(
    bindings.map((binding) => {
      const { resource, clusters = [], requiredBy = [], gracefulEvictionTasks = [] } = binding.spec;
      const own = ofBinding.get(idOf(binding.metadata.labels)) ?? [];
      return [
        `${resource.kind}/${resource.name}`,
        {
          policy: policyOf(binding.metadata.annotations),
          group: binding.status?.schedulerObservingAffinityName,
          placement: JSON.parse(binding.metadata.annotations?.['policy.karmada.io/applied-placement'] ?? 'null'),
          members: clusters.map(({ name, replicas }: Obj) => ({
            name,
            // Go leaves out a zero, and so a member without a share looks like one of what has no replicas.
            replicas: replicas ?? (binding.spec.replicas > 0 ? 0 : null),
          })),
          along: requiredBy.flatMap(({ clusters = [] }: Obj) => clusters.map(({ name }: Obj) => name)),
          leaving: gracefulEvictionTasks.map(({ fromCluster }: Obj) => fromCluster),
          manifests: new Map(
            own.map(({ metadata, spec }) => [
              metadata.namespace.replace('karmada-es-', ''),
              stripped(spec.workload.manifests[0]),
            ]),
          ),
        },
      ] as const;
    }),
  );
}

const idOf = (labels: Obj = {}): string => PERMANENT_ID.map((key) => labels[key]).find(Boolean) ?? '';

function policyOf(annotations: Obj = {}): ObjectRef | undefined {
  const name = annotations['propagationpolicy.karmada.io/name'];
  const namespace = annotations['propagationpolicy.karmada.io/namespace'];
  if (name) return { kind: 'PropagationPolicy', namespace, name };
  const wide = annotations['clusterpropagationpolicy.karmada.io/name'];
  return wide ? { kind: 'ClusterPropagationPolicy', name: wide } : undefined;
}

/** What is placed, as the simulation takes it for the next step. */
export function asBefore(templates: readonly Obj[], observed: ReadonlyMap<string, Observed>): Placed[] {
  return templates.flatMap(({ apiVersion, kind, metadata }) => {
    const one = observed.get(`${kind}/${metadata.name}`);
    if (!one) return [];
    const { policy, group, members, leaving } = one;
    const placement = one.placement ?? undefined;
    const { name, namespace } = metadata;
    return [{ apiVersion, kind, name, namespace, policy, group, placement, members, evicting: leaving }];
  });
}

/** What goes into the simulation for one step. */
export interface Question {
  readonly input: Input;
  /** The templates as a file holds them: without UIDs, and without what the API server adds. */
  readonly written: readonly KubeObject[];
  /** Members that are lost at this step. @default - none */
  readonly lost?: readonly string[];
}

/** Tells where Karmada has not done what is computed, in sentences, and adds to a tally what it has compared. */
export interface Comparison {
  (observed: ReadonlyMap<string, Observed>, tally: Tally): string[];
  /** Whether a quota refuses some of it; whom, hangs on who comes first. */
  readonly exceeded: boolean;
}

/**
 * Computes a step once, to compare it as often as needed with what Karmada has done until then. It is computed twice: from
 * objects as the API server holds them, which must give the very manifests; and from the same as a file holds them,
 * where the UID is not known yet, and the API server adds to what is computed.
 */
export function comparison(question: Question): Comparison {
  const { input, written, lost } = question;
  const policies = input.objects.filter(({ apiVersion }) => apiVersion.startsWith('policy.karmada.io/'));
  const held = computed(input, lost);
  const planned = computed({ ...input, objects: [...policies, ...written] }, lost);
  for (const result of [held, planned]) {
    if (!(result instanceof Error)) continue;
    return Object.assign(() => [`the simulation has failed: ${result.stack}`], { exceeded: false });
  }
  const compared = (observed: ReadonlyMap<string, Observed>, tally: Tally) =>
    written.flatMap(({ apiVersion, kind, metadata: { namespace, name } }) => {
      const one = observed.get(`${kind}/${name}`);
      const compared = (result: Result | Error, from: 'server' | 'file') => {
        const placement = (result as Result).of({ apiVersion, kind, namespace, name });
        return placement ? compareOne(placement, one, from, tally) : ['the simulation has no placement of it'];
      };
      const asHeld = compared(held, 'server').map((line) => `${kind} ${name}: ${line}`);
      return asHeld.length > 0
        ? asHeld
        : compared(planned, 'file').map((line) => `${kind} ${name}, from its file: ${line}`);
    });
  const exceeded = (held as Result).placements.some(({ errors }) =>
    errors.some(({ code, member }) => code === 'QuotaExceeded' && member === undefined),
  );
  if (!exceeded) return Object.assign(compared, { exceeded });
  const refused: Comparison = Object.assign(
    (observed: ReadonlyMap<string, Observed>, tally: Tally) =>
      compared(observed, tally).length > 0
        ? []
        : ['Karmada has placed everything, though more is asked for than a quota allows'],
    { exceeded },
  );
  return refused;
}

function computed(input: Input, lost: readonly string[] | undefined): Result | Error {
  try {
    const result = simulate(input);
    return lost ? result.whenLost(lost) : result;
  } catch (error) {
    return error as Error;
  }
}

/** How much was compared. */
export interface Tally {
  placements: number;
  uncertain: number;
  manifests: number;
  overridden: number;
}

export const noTally = (): Tally => ({ placements: 0, uncertain: 0, manifests: 0, overridden: 0 });

function compareOne(placement: Placement, one: Observed | undefined, from: 'server' | 'file', tally: Tally): string[] {
  const found: string[] = [];
  const say = (what: string, karmada: unknown, simulation: unknown) =>
    found.push(`${what}\n    Karmada:    ${text(karmada)}\n    simulation: ${text(simulation)}`);

  if (from === 'server') tally.placements++;
  const karmada = shares(everywhere(one));
  const answers = [placement.members, ...(placement.uncertain?.answers ?? [])].map(shares);
  if (placement.uncertain) tally.uncertain++;
  if (!answers.some((answer) => isDeepStrictEqual(answer, karmada))) {
    say('members', karmada, placement.uncertain ? answers : answers[0]);
  }
  const policy = placement.isClaimed ? placement.policy : undefined;
  if (nameOf(one?.policy) !== nameOf(policy)) say('policy', nameOf(one?.policy), nameOf(policy));
  if (one?.members.length && placement.group !== undefined && one.group !== placement.group) {
    say('group', one.group, placement.group);
  }

  const wanted = new Set(everywhere(one).map(({ name }) => name));
  for (const member of from === 'file' && placement.uncertain ? [] : wanted) {
    const { object, applied, fault } = placement.manifestFor(member);
    const manifest = one?.manifests.get(member);
    if (from === 'server') {
      tally.manifests++;
      tally.overridden += applied.length;
    }
    if (fault) {
      if (manifest) say(`manifest for ${member}`, 'there is one', fault.message);
    } else if (!manifest) {
      say(`manifest for ${member}`, 'there is none', 'there is one');
    } else {
      const more = from === 'file';
      for (const { path, left, right } of unequal(manifest, stripped(object), more)) {
        say(`manifest for ${member}, ${path}`, left, right);
      }
    }
  }
  for (const member of one?.manifests.keys() ?? []) {
    if (!wanted.has(member) && !one?.leaving.includes(member))
      say(`manifest for ${member}`, 'there is one', 'there is none');
  }
  return found;
}

/** The members that get an object, be it placed there itself or only needed there by others. */
function everywhere(one: Observed | undefined): Share[] {
  const { members = [], along = [] } = one ?? {};
  const others = [...new Set(along)].filter((name) => !members.some((share) => share.name === name));
  return [...members, ...others.map((name) => ({ name, replicas: null }))];
}

const shares = (members: readonly Share[]): Record<string, number | null> =>
  Object.fromEntries(
    [...members].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, replicas }) => [name, replicas]),
  );

const nameOf = (policy: ObjectRef | null | undefined): string =>
  policy ? `${policy.kind} ${policy.namespace ? `${policy.namespace}/` : ''}${policy.name}` : 'none';

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The object without what Karmada writes onto it to find its way back. */
export function stripped(object: Obj): Obj {
  const without = (entries: Obj | undefined) => {
    const kept = Object.entries(entries ?? {}).filter(([key]) => !key.includes('karmada.io/'));
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  };
  const { labels, annotations, ...metadata } = object.metadata;
  return JSON.parse(
    JSON.stringify({
      ...object,
      metadata: { ...metadata, labels: without(labels), annotations: without(annotations) },
    }),
  );
}

/** Where two values are not equal. @param more Whether the left one may have more fields. */
function unequal(
  left: unknown,
  right: unknown,
  more: boolean,
  path = '',
): { path: string; left: unknown; right: unknown }[] {
  if (isDeepStrictEqual(left, right)) return [];
  if (!isPlain(left) || !isPlain(right)) return [{ path: path || '/', left: left ?? 'none', right: right ?? 'none' }];
  const both = more && !Array.isArray(left) ? [right] : [left, right];
  const keys = new Set(both.flatMap(Object.keys));
  return [...keys].flatMap((key) => unequal(left[key], right[key], more, `${path}/${key}`));
}

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
