import { Federation } from '../../federation.ts';
import { certificatesOf } from '../../karmada/certificates/plan.ts';
import { OPTIONAL_COMPONENTS, PARTS, VERSION_CONFIG_MAP } from '../../karmada/names.ts';
import { staticResources } from '../../karmada/static-resources/static-resources.ts';
import type { Manifests } from '../../manifests.ts';
import { HOST_CLUSTER } from '../../names.ts';
import { type OwnObject, ownIdentityOf } from '../../own-objects.ts';
import { apiGroup, CLUSTER_GROUPS, KARMADA_GROUPS } from '../../policy/scopes.ts';
import { type Path, quote, type Report, suggestName } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { kindFault } from '../kinds.ts';
import { Reach } from '../reach.ts';
import { hasShape, shapeFaults } from '../shapes.ts';

/** The file's own objects: whether the API server that each is for can take it, beside all that is made here. */
export function checkManifests(spec: FederationSpec, report: Report): void {
  const reach = Reach.of(spec);
  const targets = reach.ownObjects();
  checkSearch(spec, targets.get('karmada') ?? [], report);
  if (spec.manifests.length === 0) return;
  checkTargets(spec, reach, report);
  const identities = composed(spec, [...targets.keys()]);
  if (!identities) return;
  const reported = new Set<string>();
  for (const [target, objects] of targets) {
    checkNamespaces(target, objects, identities.get(target), reported, report);
    checkKinds(target, objects, reported, report);
    const defined = new Set(objects.map(({ object }) => definedGroup(object)));
    const made = new Map([...madeByJobs(spec, target), ...(identities.get(target) ?? [])]);
    const own = new Set<string>();
    if (target === 'karmada') checkShapes(objects, report);
    for (const { object, path } of objects) {
      const place = path.join('.');
      const fault = misplaced(object, target, defined) ?? taken(object, target, made, own);
      own.add(ownIdentityOf(object));
      // An object that is for many members is wrong once.
      if (fault === undefined || reported.has(place)) continue;
      reported.add(place);
      report([...path, ...fault.at], fault.message);
    }
  }
}

/**
 * What is made for targets without the file's own objects, by its identity; nothing of a file whose other faults stand in
 * the way.
 */
function composed(
  spec: FederationSpec,
  targets: readonly string[],
): ReadonlyMap<string, ReturnType<Manifests['identities']>> | undefined {
  try {
    const { manifests } = new Federation({ ...spec, manifests: [], argocd: undefined });
    return new Map(targets.map((target) => [target, manifests.identities(target)]));
  } catch {
    // The checks before this one have said why, or else the synth itself will.
    return undefined;
  }
}

/** What Jobs make on a target, beside the objects of `dist/`: by its identity, the file that the Job is in. */
function madeByJobs({ controlPlane: { karmada } }: FederationSpec, target: string): [string, string][] {
  const { namespace, clusterDomain, certificates } = karmada;
  if (target === 'karmada') {
    const { first, last } = staticResources({ namespace, clusterDomain, components: OPTIONAL_COMPONENTS });
    const version = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: VERSION_CONFIG_MAP, namespace } };
    return [...first, ...last, version].map((object) => [ownIdentityOf(object), STATIC_RESOURCES]);
  }
  if (target !== HOST_CLUSTER || certificates.source === 'existing') return [];
  return certificatesOf({ ...karmada, components: OPTIONAL_COMPONENTS, hosts: [] }).map(({ secretName: name }) => [
    ownIdentityOf({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } }),
    CERTIFICATES,
  ]);
}

const STATIC_RESOURCES = `${HOST_CLUSTER}/${PARTS.staticResources}.yaml`;
const CERTIFICATES = `${HOST_CLUSTER}/${PARTS.certificates}.yaml`;

/** A search that finds nothing, for it caches what ResourceRegistries name. */
function checkSearch({ controlPlane }: FederationSpec, own: readonly { object: OwnObject }[], report: Report): void {
  const { search } = controlPlane.karmada;
  if (!search || own.some(({ object: { kind, apiVersion } }) => isRegistry(apiVersion, kind))) return;
  report.warn(
    ['spec', 'controlPlane', 'karmada', 'search'],
    "finds nothing without a ResourceRegistry, which says what to cache of which members: add one to 'spec.manifests' with the target 'karmada'",
  );
}

function isRegistry(apiVersion: string, kind: string): boolean {
  return apiGroup(apiVersion) === 'search.karmada.io' && kind === 'ResourceRegistry';
}

/** Namespaces that nothing of the file brings to a cluster. In the Karmada API they are made. */
function checkNamespaces(
  target: string,
  objects: readonly { readonly object: OwnObject; readonly path: Path }[],
  made: ReadonlyMap<string, string> = new Map(),
  reported: Set<string>,
  report: Report,
): void {
  if (target === 'karmada') return;
  const isNamespace = ({ apiVersion, kind }: OwnObject) => apiVersion === 'v1' && kind === 'Namespace';
  const own = new Set(objects.flatMap(({ object }) => (isNamespace(object) ? [object.metadata.name] : [])));
  for (const { object, path } of objects) {
    const { namespace } = object.metadata;
    if (namespace === undefined || OF_KUBERNETES.includes(namespace) || own.has(namespace)) continue;
    if (made.has(ownIdentityOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))) continue;
    const place = `${path.slice(0, 3).join('.')} ${namespace}`;
    if (reported.has(place)) continue;
    reported.add(place);
    report.warn(
      [...path, 'metadata', 'namespace'],
      `names ${quote(namespace)}, which the file does not bring to ${target}: add the Namespace to the objects, unless it is there before`,
    );
  }
}

/** Namespaces that each cluster has. */
const OF_KUBERNETES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Kinds of Kubernetes' own that it does not have; a cluster that exists already may be old enough to have some more. */
function checkKinds(
  target: string,
  objects: readonly { readonly object: OwnObject; readonly path: Path }[],
  reported: Set<string>,
  report: Report,
): void {
  for (const { object, path } of objects) {
    const fault = kindFault(object.apiVersion, object.kind);
    const place = path.join('.');
    if (!fault || reported.has(place)) continue;
    reported.add(place);
    const isSure = fault.unserved === 'never' || (fault.unserved === 'now' && target === 'karmada');
    (isSure ? report : report.warn)([...path, fault.field], fault.message);
  }
}

/** Policies that Karmada's API server would refuse, as far as where things go depends on them. */
function checkShapes(objects: readonly { readonly object: OwnObject; readonly path: Path }[], report: Report): void {
  for (const { object, path } of objects) {
    if (!hasShape(object)) continue;
    for (const fault of shapeFaults(object)) report([...path, ...fault.path], fault.message);
  }
}

interface Found {
  readonly at: readonly string[];
  readonly message: string;
}

/** Entries that are for a member that is not there, or for none. */
function checkTargets(spec: FederationSpec, reach: Reach, report: Report): void {
  const names = spec.members.map(({ name }) => name);
  for (const [i, manifest] of spec.manifests.entries()) {
    const path = ['spec', 'manifests', i, 'target'];
    const { target } = manifest;
    const member = typeof target === 'string' ? /^members\/(.+)$/.exec(target)?.[1] : undefined;
    if (member !== undefined && !names.includes(member)) {
      report(path, `names the member ${quote(member)}, which spec.members does not have${suggestName(member, names)}`);
    } else if (reach.targets(manifest).length === 0) {
      report(path, 'selects no member');
    }
  }
}

/** The group whose kinds a CustomResourceDefinition brings. */
function definedGroup({ kind, spec }: OwnObject): unknown {
  return kind === 'CustomResourceDefinition' ? (spec as { group?: unknown } | undefined)?.group : undefined;
}

/** A kind that the target's API server does not have. */
function misplaced({ apiVersion, kind }: OwnObject, target: string, defined: ReadonlySet<unknown>): Found | undefined {
  const group = apiGroup(apiVersion);
  if (defined.has(group)) return undefined;
  if (target !== 'karmada' && KARMADA_GROUPS.includes(group)) {
    return { at: ['kind'], message: `is a kind of the Karmada API, give it the target 'karmada', not '${target}'` };
  }
  if (target === 'karmada' && (CLUSTER_GROUPS.includes(group) || (group === '' && kind === 'Node'))) {
    return {
      at: ['kind'],
      message: `is no kind of the Karmada API, give it a target that has it, such as 'host' or 'members/NAME', or bring its CustomResourceDefinition`,
    };
  }
  if (group === 'cluster.karmada.io' && kind === 'Cluster') {
    return { at: ['kind'], message: "is made when a member joins, from its entry in 'spec.members'" };
  }
  return undefined;
}

/** A name that is there already. */
function taken(
  object: OwnObject,
  target: string,
  made: ReadonlyMap<string, string>,
  own: ReadonlySet<string>,
): Found | undefined {
  const name = ownIdentityOf(object);
  const there = made.get(name);
  // Namespaces of apps are made where the file has none of that name.
  const isOfApps = target === 'karmada' && object.kind === 'Namespace' && there !== STATIC_RESOURCES;
  const file = isOfApps ? undefined : there;
  if (file === undefined && !own.has(name)) return undefined;
  const other = own.has(name) ? "another object of 'spec.manifests'" : `what is made in ${file}`;
  return {
    at: ['metadata', 'name'],
    message: `is that of ${other}, give this ${object.kind} a name of its own, not ${quote(object.metadata.name)}`,
  };
}
