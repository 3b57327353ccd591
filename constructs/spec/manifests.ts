import { z } from 'zod';
import type { OwnObject } from '../own-objects.ts';
import { scopeOf } from '../policy/scopes.ts';
import { quote } from './faults.ts';
import { fileBeside } from './files.ts';
import { mapping, openObject } from './free-keys.ts';
import { affinity } from './placement.ts';
import {
  apiVersion,
  dataKey,
  dnsLabel,
  dnsName,
  isKept,
  kind,
  NOT_KEPT,
  ownObjectAnnotations,
  ownObjectLabels,
  pathSegment,
} from './primitives.ts';

/*
 * Objects of any kind, for what has no field of its own in the file.
 */

const metadata = openObject({
  name: pathSegment.describe('Name of the object.'),
  namespace: dnsLabel
    .optional()
    .describe(
      "Namespace of the object. Default: 'default', for kinds of Kubernetes and of the projects used here; of other kinds none.",
    ),
  labels: ownObjectLabels.optional().describe('Labels of the object, beside those that all objects made here have.'),
  annotations: ownObjectAnnotations.optional().describe('Annotations of the object.'),
  finalizers: z.array(z.string()).optional().describe('Finalizers of the object.'),
  ownerReferences: z.array(openObject({})).optional().describe('Owners of the object on the same server.'),
});

const object = openObject({
  apiVersion: apiVersion.describe("API version, such as 'v1'."),
  kind: kind.describe("Kind, such as 'ConfigMap'."),
  metadata: metadata.describe('Its name, and where it has them its namespace, labels and annotations.'),
})
  .superRefine((value, context) => {
    const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { name, namespace } = value.metadata;
    const scope = scopeOf(value.apiVersion, value.kind);
    if (value.kind.endsWith('List') && Array.isArray(value.items)) {
      fault(['kind'], 'must be that of a single object: write each item of the list as an object of its own');
    }
    if (!value.apiVersion.startsWith('rbac.authorization.k8s.io/')) {
      const isLabel = value.apiVersion === 'v1' && (value.kind === 'Namespace' || value.kind === 'Service');
      const issue = (isLabel ? dnsLabel : dnsName).safeParse(name).error?.issues[0];
      if (issue) fault(['metadata', 'name'], `${issue.message}, got ${quote(name)}`);
    }
    if (value.metadata.generateName !== undefined) {
      fault(['metadata', 'generateName'], "must be left out: what is applied again and again has a 'name'");
    }
    if (scope === 'Cluster' && namespace !== undefined) {
      fault(['metadata', 'namespace'], `must be left out, ${value.kind} is cluster-scoped`);
    }
    if (value.apiVersion === 'v1' && value.kind === 'Secret') {
      for (const key of ['data', 'stringData']) {
        if (Object.keys(value[key] ?? {}).length === 0) continue;
        fault(
          [key],
          'would be in the open: make the Secret with kubectl on the server, or write an object of an operator that makes it, such as an ExternalSecret or a SealedSecret',
        );
      }
    }
    for (const { path, message } of unwritable(value)) fault(path, message);
    if (value.apiVersion === 'v1' && value.kind === 'ConfigMap') checkContents(value, context);
  })
  .transform((value) => value as OwnObject);

/** What a ConfigMap holds, by field. */
const CONTENTS = {
  data: mapping(dataKey, z.string()),
  // Lines are no matter to Go's encoding/base64, nor to what counts the bytes below.
  binaryData: mapping(
    dataKey,
    z.string().refine((text) => z.base64().safeParse(text.replace(/[\r\n]/g, '')).success, 'must be in base64'),
  ),
};

/** What all of a ConfigMap may hold together: MaxSecretSize of Kubernetes' pkg/apis/core/types.go. */
const MOST_BYTES = 1024 * 1024;

function checkContents(object: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  let bytes = 0;
  for (const [field, contents] of Object.entries(CONTENTS)) {
    const { data, error } = contents.safeParse(object[field] ?? {}, { reportInput: true });
    for (const [key, text] of Object.entries(data ?? {})) {
      bytes += field === 'data' ? Buffer.byteLength(text) : Buffer.from(text, 'base64').length;
      if (seen.has(key)) {
        context.addIssue({ code: 'custom', path: [field, key], message: "is in 'data', too: a key is in one of them" });
      }
      seen.add(key);
    }
    for (const { message, ...issue } of error?.issues ?? []) {
      // A wrong type is told in the words of all others, which know what the file has there.
      const told = issue.code === 'invalid_type' ? {} : { message };
      context.addIssue({ ...issue, ...told, path: [field, ...issue.path] } as z.core.$ZodRawIssue);
    }
  }
  if (bytes > MOST_BYTES) {
    const message = `must hold at most 1 MiB, as a ConfigMap does, and holds ${bytes} bytes: make several of it`;
    context.addIssue({ code: 'custom', path: [], message });
  }
}

const LEFT_OUT =
  'must not be null or infinite, which manifests leave out: write the value, {} or [], or leave the field out';

/** Values that JSON lacks, nulls, which do not reach a manifest, and numbers that would reach it as others. */
function unwritable(value: unknown): { readonly path: PropertyKey[]; readonly message: string }[] {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value)))
    return [{ path: [], message: LEFT_OUT }];
  if (typeof value === 'number' && !isKept(value)) return [{ path: [], message: NOT_KEPT }];
  if (typeof value !== 'object') return [];
  const keys = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
  return keys.flatMap((key) =>
    unwritable((value as never)[key]).map(({ path, message }) => ({ path: [key, ...path], message })),
  );
}

const TARGET = /^(karmada|host|members(\/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?)$/;

const RIGHT_TARGET =
  "must be 'karmada', 'host', 'members', 'members/NAME', or a mapping that selects members, such as { labels: { tier: edge } }";

/** An entry of `spec.manifests`: objects for one API server, or for those of several members. */
export const manifest = z
  .strictObject({
    target: z
      .union([z.string().regex(TARGET, RIGHT_TARGET), affinity], { error: RIGHT_TARGET })
      .describe(
        'API server that takes the objects: karmada, the Karmada API, from where policies take them to members; host, the central cluster; members/NAME, one member; members, all of them; or a mapping that selects members as placements do.',
      ),
    objects: z
      .array(object)
      .prefault([])
      .describe(
        'Kubernetes objects, as their manifests have them, in the order of their application. Namespaces and CustomResourceDefinitions come before everything else of the target.',
      ),
    files: z
      .array(fileBeside)
      .optional()
      .describe(
        'Files in the folder of this one or below that hold such objects, or folders of .yaml files; they follow those above.',
      ),
  })
  .superRefine(({ objects, files = [] }, context) => {
    // Files that hold none have a fault of their own.
    if (objects.length === 0 && files.length === 0)
      context.addIssue({
        code: 'custom',
        path: ['objects'],
        message: "must hold at least one object, or 'files' some",
      });
  });
export type Manifest = z.output<typeof manifest>;
