import type { KubeObject } from '../../simulation/kubernetes.ts';
import { nameOf } from '../../simulation/lookup.ts';
import type { Placement } from '../../simulation/model.ts';
import { decodeKey, encodeKey } from '../../simulation/override/json-patch.ts';
import { namespaceOf, type OwnObject, ownIdentityOf } from '../own-objects.ts';
import { apiGroup, KUBERNETES_KINDS } from '../policy/scopes.ts';
import { type Path, quote, type Report, suggest } from '../spec/faults.ts';
import { missedLabel, rightForm, takesNumber } from './forms.ts';
import { isLater, knownFields } from './known-fields.ts';
import { listed, type View } from './view.ts';

/** What comes to members by way of the Karmada API. */
interface Copy {
  /** Who brings it, as messages name that. */
  readonly from: string;
  /** Members that get it. */
  readonly now: ReadonlySet<string>;
  /** Those, and all others that may get it when something changes. */
  readonly ever: ReadonlySet<string>;
  /** What becomes of what is there: it stays, is replaced, or is written over by the operator of what comes. */
  readonly found: 'stays' | 'replaced' | 'operated';
  /** Whether it runs something; what only others use, they may as well find in what is there. */
  readonly runs: boolean;
}

/**
 * Objects that the file brings to members, and that have the names of what comes there from the Karmada API. Karmada
 * leaves alone what others have made (allowUpdate in pkg/util/objectwatcher), so that its own never comes; told to
 * overwrite, it undoes each apply. Of a namespace, all that it wants is that it is there.
 */
export function checkOwnObjects(view: View, report: Report): void {
  const objects = objectsOfMembers(view);
  if (objects.size === 0) return;
  const copies = copiesOf(view, new Set([...objects.keys()].map(ownIdentityOf)));
  for (const [object, { path, members }] of objects) {
    const { kind } = object;
    for (const copy of copies.get(ownIdentityOf(object)) ?? []) {
      const met = members.filter((name) => copy.ever.has(name));
      for (const [isNow, where] of [
        [true, met.filter((name) => copy.now.has(name))],
        [false, met.filter((name) => !copy.now.has(name))],
      ] as const) {
        if (where.length === 0) continue;
        const tell = isNow && copy.runs && copy.found === 'stays' ? report : report.warn;
        const meeting = `is that of the ${kind} that ${copy.from} ${isNow ? 'brings' : 'may bring'} to ${listed(where)}`;
        tell([...path, 'metadata', 'name'], `${meeting}, ${followsFrom(copy, kind)}`);
      }
    }
  }
}

/** What runs or is reached on members alone, and stays in the Karmada API, where nothing runs, unless a policy takes it. */
export function checkOwnPlaced(view: View, report: Report): void {
  for (const { object, path } of view.ownObjects().get('karmada') ?? []) {
    const { apiVersion, kind, metadata } = object;
    if (!['apps', 'batch'].includes(apiGroup(apiVersion)) && kind !== 'Ingress') continue;
    const { name } = metadata;
    const placement = view.result.of({ apiVersion, kind, namespace: namespaceOf(object), name });
    if (placement?.unplaced?.code !== 'NoPolicy' || placement.members.length > 0) continue;
    report.warn(
      path,
      `is a ${kind} that no policy selects, so that it goes to no member: add a policy to 'spec.policies', or give it the target 'members'`,
    );
  }
}

/**
 * Fields that Kubernetes does not know in the file's own objects of its kinds: kubectl has the API server refuse them, and
 * Argo CD drops them.
 */
export function checkOwnFields(view: View, report: Report): void {
  const seen = new Set<OwnObject>();
  for (const { object, path } of [...view.ownObjects().values()].flat()) {
    if (seen.has(object)) continue;
    seen.add(object);
    const { at, noList } = knownFields(object);
    if (noList !== undefined) report([...path, ...placeIn(noList)], 'must be a list, for Kubernetes takes one here');
    const missed = KUBERNETES_KINDS.has(apiGroup(object.apiVersion)) ? missedLabel(object) : undefined;
    if (missed !== undefined) {
      report(
        [...path, 'spec', 'selector', 'matchLabels'],
        `asks for '${missed}', which the template's labels do not have: Kubernetes refuses that`,
      );
    }
    const look = (value: unknown, pointer: string): void => {
      if (typeof value !== 'object' || value === null) {
        const isOther = takesNumber(object, pointer) && !Number.isInteger(value);
        const right = isOther ? 'a whole number' : rightForm(object, pointer, value);
        if (right !== undefined) report([...path, ...placeIn(pointer)], `must be ${right}, got ${quote(value)}`);
        return;
      }
      const names = at.get(pointer);
      for (const [name, inner] of Object.entries(value)) {
        const place = `${pointer}/${encodeKey(name)}`;
        if (names && !names.has(name) && !OF_ALL.test(place) && !isLater(place)) {
          const near = suggest(name, names);
          const tell = near ? report : report.warn;
          tell([...path, ...placeIn(place)], `is a field that Kubernetes does not know${near}`);
        } else {
          look(inner, place);
        }
      }
    };
    look(object, '');
  }
}

/** What every object may have beside the fields of its kind. */
const OF_ALL = /^\/(apiVersion|kind|status)$/;

function placeIn(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : decodeKey(part)));
}

/** The file's own objects for members, each with its place in the file and the members that it is for. */
function objectsOfMembers(view: View): ReadonlyMap<OwnObject, { readonly path: Path; readonly members: string[] }> {
  const found = new Map<OwnObject, { path: Path; members: string[] }>();
  for (const [target, entries] of view.ownObjects()) {
    if (!target.startsWith('members/')) continue;
    const member = target.replace('members/', '');
    for (const { object, path } of entries) {
      if (object.apiVersion === 'v1' && object.kind === 'Namespace') continue;
      const known = found.get(object);
      if (known) known.members.push(member);
      else found.set(object, { path, members: [member] });
    }
  }
  return found;
}

function followsFrom(copy: Copy, kind: string): string {
  if (copy.found === 'stays') return neverComes(copy);
  return copy.found === 'replaced' ? replaced(kind) : OPERATED;
}

const OPERATED = "where SpinKube's operator writes over this one, or fails to: give this one a name of its own";

function neverComes({ runs }: Copy): string {
  const wayOut = runs ? '' : ", or change the member's copy by overrides";
  return `where Karmada leaves alone what it finds, so that its own never comes: give this one a name of its own${wayOut}`;
}

function replaced(kind: string): string {
  const wayOut = kind === 'RuntimeClass' ? ", or name it in 'ownRuntimeClasses' of the member" : '';
  return `where it takes the place of this one: leave this one out${wayOut}, or give it a name of its own`;
}

/** What goes to members under these names. */
function copiesOf(view: View, names: ReadonlySet<string>): ReadonlyMap<string, readonly Copy[]> {
  const copies = new Map<string, Copy[]>();
  const add = (name: string, copy: Copy) => copies.set(name, [...(copies.get(name) ?? []), copy]);
  const overwriting = overwritingPolicies(view);
  for (const placement of view.result.placements) {
    const { object, policy } = placement;
    const own = ownIdentityOf(object);
    const made = operated(object).map(ownIdentityOf);
    if (![own, ...made].some((name) => names.has(name))) continue;
    const asked = object.metadata.annotations?.['work.karmada.io/conflict-resolution'];
    const isAsked = asked === undefined ? policy !== undefined && overwriting.has(nameOf(policy)) : asked === OVERWRITE;
    const isLeft = (name: string) => placement.verdict(name)?.reason.code === 'Suspended';
    const now = placement.members.map(({ name }) => name).filter((name) => !isLeft(name));
    const ever = view.everReaches(placement).filter((name) => !isLeft(name));
    const runs = placement.members.some(({ replicas }) => replicas !== null);
    const copy = { from: bringer(view, placement), now: new Set(now), ever: new Set(ever), runs };
    add(own, { ...copy, found: isAsked ? 'replaced' : 'stays' });
    for (const name of made) add(name, { ...copy, found: 'operated' });
  }
  for (const { app } of view.apps()) {
    if (!app.multiClusterService) continue;
    const name = ownIdentityOf(objectOf('v1', 'Service', app));
    const all = view.spec.members.map((member) => member.name);
    const { providers = all, consumers = all } = app.multiClusterService;
    const members = new Set([...providers, ...consumers]);
    // Karmada takes the Service from the app's policy (propagateService in pkg/controllers/multiclusterservice).
    copies.delete(name);
    add(name, { from: `the app ${quote(app.name)}`, now: members, ever: members, found: 'replaced', runs: false });
  }
  for (const quota of view.spec.quotas) {
    const parts = new Set(quota.members.map(({ name }) => name));
    const from = `the quota ${quote(quota.name)}`;
    add(ownIdentityOf(objectOf('v1', 'ResourceQuota', quota)), {
      from,
      now: parts,
      ever: parts,
      found: 'stays',
      runs: false,
    });
  }
  return copies;
}

const OVERWRITE = 'overwrite';

/** The policies that say that their objects take the place of others. */
function overwritingPolicies(view: View): ReadonlySet<string> {
  const policies = ['PropagationPolicy', 'ClusterPropagationPolicy'].flatMap((kind) => view.objects(kind));
  return new Set(
    policies
      .filter(({ spec }) => (spec as { conflictResolution?: string }).conflictResolution?.toLowerCase() === OVERWRITE)
      .map(({ kind, metadata }) => nameOf({ kind, ...metadata })),
  );
}

/**
 * What an operator makes of an object on its member. It applies it by force, whoever has made what is there: which fails
 * where a Deployment selects other pods (reconcileDeployment in internal/controller/spinapp_controller.go of spin-operator).
 */
function operated({ kind, metadata }: KubeObject): Named[] {
  return kind === 'SpinApp' ? [objectOf('apps/v1', 'Deployment', metadata), objectOf('v1', 'Service', metadata)] : [];
}

type Named = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

function objectOf(apiVersion: string, kind: string, { name, namespace }: Named['metadata']): Named {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

function bringer(view: View, { policy, object }: Placement): string {
  const origin = policy && view.origin(policy);
  if (origin?.app) return `the app ${quote(origin.app.name)}`;
  if (origin === undefined && object.kind === 'RuntimeClass') return `the runtime ${quote(object.metadata.name)}`;
  return policy ? `the policy ${quote(policy.name)}` : 'Karmada';
}
