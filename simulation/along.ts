/** What goes along with an object by `propagateDeps`: pkg/dependenciesdistributor. */
import type { Interpreters } from './interpret/interpreters.ts';
import type { KubeObject, ObjectRef } from './kubernetes.ts';
import { refOf } from './kubernetes.ts';
import type { Dependency } from './model.ts';
import { labelsMatch } from './selectors.ts';

/** Finds templates by kind, namespace and name. */
export class Templates {
  private readonly byName = new Map<string, KubeObject>();
  private readonly byKind = new Map<string, KubeObject[]>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) {
      const { apiVersion, kind, metadata } = object;
      const place = placeOf(apiVersion, kind, metadata.namespace);
      this.byName.set(`${place} ${metadata.name}`, object);
      const known = this.byKind.get(place);
      if (known) known.push(object);
      else this.byKind.set(place, [object]);
    }
  }

  /** The object that a dependency names, or all that it selects. */
  find({ apiVersion, kind, namespace, ...dependency }: Dependency): readonly KubeObject[] {
    const place = placeOf(apiVersion, kind, namespace);
    if (dependency.name !== undefined) {
      const object = this.byName.get(`${place} ${dependency.name}`);
      return object === undefined ? [] : [object];
    }
    return (this.byKind.get(place) ?? []).filter(({ metadata }) =>
      labelsMatch(dependency.labelSelector, metadata.labels),
    );
  }
}

function placeOf(apiVersion: string, kind: string, namespace: string | undefined): string {
  return `${apiVersion} ${kind} ${namespace ?? ''}`;
}

export interface Found {
  readonly ref: ObjectRef;
  /** Undefined when the Karmada API server holds no such object. */
  readonly object?: KubeObject;
}

/** What an object depends on. Only what it names itself: dependencies of dependencies stay behind. */
export function dependenciesOf(object: KubeObject, interpreters: Interpreters, templates: Templates): readonly Found[] {
  const dependencies = interpreters(object)?.dependencies?.(object) ?? [];
  return dependencies.flatMap((dependency): readonly Found[] => {
    const objects = templates.find(dependency);
    if (objects.length > 0) return objects.map((found) => ({ ref: refOf(found), object: found }));
    return dependency.name === undefined ? [] : [{ ref: dependency }];
  });
}
