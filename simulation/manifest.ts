/** The object that a member gets: ensureWork of pkg/controllers/binding/common.go, pkg/controllers/ctrlutil/work.go. */

import { UNKNOWN_PORT, withApiDefaults } from './api-defaults.ts';
import { same } from './equality.ts';
import { at, fields, isFields, list, withValue } from './interpret/values.ts';
import { describe, type KubeObject, type ObjectRef, refOf } from './kubernetes.ts';
import type { Member } from './members.ts';
import type { Interpreter } from './model.ts';
import { stringMap } from './override/overriders.ts';
import type { LeavesOut, ObjectOverrides } from './override/policies.ts';

export interface Work {
  readonly object: KubeObject;
  readonly interpreter: Interpreter | undefined;
  /** The replicas that it runs there; null for what has none. */
  readonly replicas: number | null;
  /** The completions of a Job that are its share; undefined where they are not divided. */
  readonly completions?: number | undefined;
}

/** What a member gets, or why it gets nothing. */
export type Made = { readonly object: KubeObject; readonly applied: readonly ObjectRef[] } | Failed;

export interface Failed {
  readonly policy: ObjectRef;
  /** To be read after `no Work for NAME: `. */
  readonly text: string;
  readonly applied: readonly ObjectRef[];
}

/**
 * Revises replicas, then the completions of a Job, then applies overrides, and last drops what is the template's alone.
 * Where an override points to what the manifest does not say, it is tried on what the API server makes of that.
 */
export function make(work: Work, member: Member, overrides: ObjectOverrides | undefined, leavesOut?: LeavesOut): Made {
  const revised = revise(work);
  if (overrides === undefined) return { object: prune(revised), applied: [] };
  const plain = overrides.apply(revised, member, leavesOut);
  const made = 'object' in plain ? plain : overrides.apply(withApiDefaults(revised), member, leavesOut);
  return 'object' in made ? { ...made, object: prune(made.object) } : made;
}

function revise({ object, interpreter, replicas, completions }: Work): KubeObject {
  const revised =
    replicas === null || interpreter?.revise === undefined ? object : interpreter.revise(object, replicas);
  return completions === undefined ? revised : withValue(revised, ['spec', 'completions'], completions);
}

/**
 * Says where overrides give the copy another identity, to be read after the member's name: then the Work is about another
 * object than the template.
 */
export function changedIdentity(template: KubeObject, made: Made): string | undefined {
  if (!('object' in made) || same(refOf(template), refOf(made.object))) return undefined;
  const after = `${describe(refOf(made.object))} of ${made.object.apiVersion}`;
  return `gets ${after} in place of ${describe(refOf(template))}: overrides must leave apiVersion, kind, name and namespace as they are`;
}

/** Metadata that the API server writes (pkg/resourceinterpreter/default/native/prune/prune.go). */
const SERVER_METADATA = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
  'ownerReferences',
  'finalizers',
];

/** Without what belongs to the template, and without the labels and annotations that Karmada adds to keep its books. */
function prune(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object;
  const metadata: Record<string, unknown> = omit(rest.metadata, SERVER_METADATA);
  for (const field of ['labels', 'annotations']) {
    if (metadata[field] === undefined) continue;
    const map = stringMap(metadata[field]);
    if (map === undefined || Object.keys(map).length === 0) delete metadata[field];
  }
  return pruneKind({ ...rest, metadata: metadata as KubeObject['metadata'] } as KubeObject);
}

function pruneKind(object: KubeObject): KubeObject {
  switch (object.kind) {
    case 'Deployment':
      return withoutAnnotations(object, [
        'deployment.kubernetes.io/revision',
        'deployment.kubernetes.io/revision-history',
      ]);
    case 'Job':
      return pruneJob(object);
    case 'Secret':
      return object.type === 'kubernetes.io/service-account-token'
        ? { ...withoutAnnotations(object, ['kubernetes.io/service-account.uid']), data: null }
        : object;
    case 'ServiceAccount':
      return Array.isArray(object.secrets)
        ? {
            ...object,
            secrets: list(object.secrets).filter(
              ({ name }) => !String(name).startsWith(`${object.metadata.name}-token-`),
            ),
          }
        : object;
    case 'Service':
      return pruneService(object);
    case 'PersistentVolumeClaim':
      return withoutAnnotations(object, ['volume.kubernetes.io/selected-node']);
    default:
      return object;
  }
}

/** Addresses are the template's own; so are ports of nodes that nobody knows yet. */
function pruneService(object: KubeObject): KubeObject {
  const address = at(object, 'spec', 'clusterIP');
  const isOwn = Boolean(address) && address !== 'None';
  const ports = list(at(object, 'spec', 'ports'));
  const isUnknown = ports.some(({ nodePort }) => nodePort === UNKNOWN_PORT);
  if (!isOwn && !isUnknown) return object;
  const spec = omit(fields(object.spec), isOwn ? ['clusterIP', 'clusterIPs'] : []);
  const known = ports.map((port) => (port.nodePort === UNKNOWN_PORT ? omit(port, ['nodePort']) : port));
  return { ...object, spec: isUnknown ? { ...spec, ports: known } : spec };
}

/** The time to live works on the template alone; labels that the Job controller makes would clash on a member. */
function pruneJob(object: KubeObject): KubeObject {
  let result: KubeObject = { ...object, spec: omit(fields(object.spec), ['ttlSecondsAfterFinished']) };
  if (at(object, 'spec', 'manualSelector') === true) return result;
  for (const { path, labels } of JOB_LABELS) {
    const map = at(object, ...path);
    if (isFields(map)) result = withValue(result, path, omit(map, labels));
  }
  return result;
}

const UID_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid'];
const JOB_LABELS = [
  { path: ['spec', 'selector', 'matchLabels'], labels: UID_LABELS },
  {
    path: ['spec', 'template', 'metadata', 'labels'],
    labels: [...UID_LABELS, 'job-name', 'batch.kubernetes.io/job-name'],
  },
] as const;

function withoutAnnotations(object: KubeObject, keys: readonly string[]): KubeObject {
  const { annotations } = object.metadata;
  if (annotations === undefined || !keys.some((key) => Object.hasOwn(annotations, key))) return object;
  return { ...object, metadata: { ...object.metadata, annotations: omit(annotations, keys) } };
}

function omit<T extends object>(map: T, keys: readonly string[]): T {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key))) as T;
}
