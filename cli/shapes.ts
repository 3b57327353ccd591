import { formatPath } from '../constructs/spec/faults.ts';
import { hasShape, shapeFaults } from '../constructs/spec/shapes.ts';
import { describe, type KubeObject } from '../simulation/kubernetes.ts';
import { Failure } from './failure.ts';

/**
 * Makes sure that a value is an object as an API server could hold it.
 *
 * @param file where it is from, for messages.
 * @returns it, without what is null in metadata and in Karmada's own kinds.
 * @throws Failure that tells all that is wrong with it, a line each.
 */
export function asObject(value: unknown, file: string): KubeObject {
  const faults = shapeFaults(value);
  if (faults.length === 0) {
    const object = value as KubeObject;
    return hasShape(object) ? withoutNulls(object) : withPlainMetadata(object);
  }
  const { kind } = Object(value) as Partial<KubeObject>;
  const name = (value as Partial<KubeObject> | null)?.metadata?.name;
  const what = typeof kind === 'string' && typeof name === 'string' ? describe({ kind, name }) : 'an object';
  const lines = faults.map(({ path, message }) =>
    [`${file}: ${what}`, ...(path.length > 0 ? [formatPath(path)] : []), message].join(': '),
  );
  throw new Failure(lines.join('\n'));
}

function withPlainMetadata(object: KubeObject): KubeObject {
  return { ...object, metadata: withoutNulls(object.metadata) };
}

/** A value without the fields that are null; what a patch of an override sets is as it is. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (typeof value !== 'object' || value === null) return value;
  const isPatch = 'path' in value || 'subPath' in value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (isPatch && key === 'value') return [[key, inner]];
      return inner === null ? [] : [[key, withoutNulls(inner)]];
    }),
  ) as T;
}
