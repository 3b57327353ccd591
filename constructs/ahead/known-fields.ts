import { k8s } from 'cdk8s-plus-28';
import type { KubeObject } from '../../simulation/kubernetes.ts';

interface Kind {
  readonly GVK: { readonly apiVersion: string; readonly kind: string };
  manifest(props: unknown): unknown;
}

let kinds: ReadonlyMap<string, Kind> | undefined;

function kindOf({ apiVersion, kind }: KubeObject): Kind | undefined {
  kinds ??= new Map(
    Object.values(k8s as unknown as Record<string, Partial<Kind>>).flatMap((one) =>
      one?.GVK && one.manifest ? [[`${one.GVK.apiVersion} ${one.GVK.kind}`, one as Kind] as const] : [],
    ),
  );
  return kinds.get(`${apiVersion} ${kind}`);
}

export interface KnownFields {
  /** The fields at each place of the object, by JSON pointer. */
  readonly at: ReadonlyMap<string, ReadonlySet<string>>;
  /** A field that takes a list, and has something else. */
  readonly noList?: string | undefined;
}

/**
 * The fields that Kubernetes knows at each place of an object: those that the code for its kind reads. Of a map, such as
 * labels, they are the keys that it has. None for kinds that are not Kubernetes' own.
 */
export function knownFields(object: KubeObject): KnownFields {
  const read = new Map<string, Set<string>>();
  let last = '';
  let noList: string | undefined;
  const watched = (value: unknown, pointer: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, i) => watched(item, `${pointer}/${i}`));
    const names = read.get(pointer) ?? new Set();
    read.set(pointer, names);
    return new Proxy(value as Record<string, unknown>, {
      get(target, name) {
        if (typeof name !== 'string') return undefined;
        names.add(name);
        last = `${pointer}/${name}`;
        return Object.hasOwn(target, name) ? watched(target[name], `${pointer}/${name}`) : undefined;
      },
    });
  };
  const kind = kindOf(object);
  const { apiVersion: _, kind: __, status: ___, ...props } = object as KubeObject & { status?: unknown };
  try {
    kind?.manifest(watched(props, ''));
  } catch {
    // What was read last is no list: what was read until then is known all the same.
    noList = last;
  }
  return { at: new Map([...read].filter(([, names]) => names.size > 0)), noList };
}
