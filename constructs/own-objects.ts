import { ApiObject, type ApiObjectProps, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { identityOf } from './manifests.ts';
import { scopeOf } from './policy/scopes.ts';

/** A Kubernetes object of any kind, as its manifest has it. */
export interface OwnObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** @default - `default`, for a kind that is known to live in a namespace. */
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Properties for `OwnObjects`. */
export interface OwnObjectsProps {
  /** The objects, in the order of their application. */
  readonly objects: readonly OwnObject[];
}

/** A recommended label that is the user's where they set it: it says what an object is a part of for them. */
const PART_OF = 'app.kubernetes.io/part-of';

/** Adds objects that somebody else has written, with the labels by which all that is made here is known. */
export class OwnObjects extends Construct {
  constructor(scope: Construct, id: string, props: OwnObjectsProps) {
    super(scope, id);
    const ours = Object.entries(Chart.of(this).labels).filter(([key]) => key !== PART_OF);
    for (const [i, { metadata, ...object }] of props.objects.entries()) {
      const namespace = namespaceOf({ metadata, ...object });
      const labels = { ...metadata.labels, ...Object.fromEntries(ours) };
      new ApiObject(this, `${i}`, {
        ...object,
        metadata: { ...metadata, labels, ...(namespace && { namespace }) } as ApiObjectProps['metadata'],
      });
    }
  }
}

/** The namespace that an object is applied to; none for one that lives in none. */
export function namespaceOf({
  apiVersion,
  kind,
  metadata,
}: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
}): string | undefined {
  return metadata.namespace ?? (scopeOf(apiVersion, kind) === 'Namespaced' ? 'default' : undefined);
}

/** What tells it from all others of its API server, as `identityOf` says it. */
export function ownIdentityOf(object: Pick<OwnObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  const { apiVersion, kind, metadata } = object;
  return identityOf({ apiVersion, kind, name: metadata.name, namespace: namespaceOf(object) });
}

/** Whether others of the same target need it to be there before they are applied. */
export function comesFirst({ apiVersion, kind }: OwnObject): boolean {
  return (
    (apiVersion === 'v1' && kind === 'Namespace') ||
    (apiVersion.startsWith('apiextensions.k8s.io/') && kind === 'CustomResourceDefinition')
  );
}
