/** What overriders make of an object, in Karmada's order: pkg/util/overridemanager/*.go. */
import { dump, load } from 'js-yaml';
import { at, isFields, list } from '../interpret/values.ts';
import type {
  CommandArgsOverrider,
  FieldOverrider,
  FieldPatch,
  ImageOverrider,
  LabelAnnotationOverrider,
  Overriders,
} from '../karmada.ts';
import type { KubeObject } from '../kubernetes.ts';
import { lookup } from '../lookup.ts';
import { overrideImage } from './image.ts';
import { applyPatches, decodeKey, type Patch, PatchError } from './json-patch.ts';

/**
 * The object once all overriders of one rule are applied: images, commands, arguments, labels, annotations, fields of
 * embedded documents, and plain patches last. Throws a PatchError when one does not apply: then the member gets nothing.
 */
export function applyOverriders(object: KubeObject, overriders: Overriders): KubeObject {
  let result = object;
  const patch = (patches: readonly Patch[]) => {
    result = withKind(applyPatches(result, patches));
  };
  for (const overrider of overriders.imageOverrider ?? []) patch(imagePatches(result, overrider));
  for (const overrider of overriders.commandOverrider ?? []) patch(argumentPatches(result, 'command', overrider));
  for (const overrider of overriders.argsOverrider ?? []) patch(argumentPatches(result, 'args', overrider));
  for (const overrider of overriders.labelsOverrider ?? []) result = withMetadata(result, 'labels', overrider);
  for (const overrider of overriders.annotationsOverrider ?? [])
    result = withMetadata(result, 'annotations', overrider);
  for (const overrider of overriders.fieldOverrider ?? []) result = withField(result, overrider);
  patch((overriders.plaintext ?? []).map(({ path, operator, value }) => ({ op: operator, path, value })));
  return result;
}

function withKind(value: unknown): KubeObject {
  if (!isFields(value) || !value.kind) throw new PatchError('the object has no kind any more');
  return value as KubeObject;
}

/** Where the containers of the kinds stand that overriders know. CronJobs are not among them. */
export function containersPath({ kind }: KubeObject): readonly string[] | undefined {
  if (kind === 'Pod') return ['spec', 'containers'];
  const templated = ['ReplicaSet', 'Deployment', 'DaemonSet', 'Job', 'StatefulSet'].includes(kind);
  return templated ? ['spec', 'template', 'spec', 'containers'] : undefined;
}

/** Without a predicate all containers change, init containers do not. */
function imagePatches(object: KubeObject, overrider: ImageOverrider): readonly Patch[] {
  const { predicate } = overrider;
  if (predicate) {
    const image = overrideImage(valueAt(object, predicate.path), overrider);
    return [{ op: 'replace', path: predicate.path, value: image }];
  }
  const path = containersPath(object);
  if (path === undefined) return [];
  return list(at(object, ...path)).map((container, index) => ({
    op: 'replace',
    path: `/${path.join('/')}/${index}/image`,
    value: overrideImage(typeof container.image === 'string' ? container.image : '', overrider),
  }));
}

/** The image at a predicate's path, which Karmada walks without decoding `~1`; it must be a field, not an item of a list. */
function valueAt(object: KubeObject, path: string): string {
  if (!path.startsWith('/')) throw new PatchError(`${path} must start with a slash`);
  const keys = path.replace(/^\/+|\/+$/g, '').split('/');
  const field = keys.pop() ?? '';
  let holder: unknown = object;
  for (const key of keys) {
    if (Array.isArray(holder)) holder = holder[Number(key)];
    else holder = isFields(holder) ? lookup(holder, key) : undefined;
  }
  const value = isFields(holder) ? lookup(holder, field) : undefined;
  if (typeof value !== 'string') throw new PatchError(`${path} is not there, or no text`);
  return value;
}

/** Adds to, or removes from, the command or the arguments of the containers with that name; a missing list becomes one. */
function argumentPatches(
  object: KubeObject,
  field: 'command' | 'args',
  { containerName, operator, value = [] }: CommandArgsOverrider,
): readonly Patch[] {
  const path = containersPath(object);
  if (path === undefined) return [];
  return list(at(object, ...path)).flatMap((container, index): Patch[] => {
    if (container.name !== containerName) return [];
    const have = Array.isArray(container[field]) ? container[field].map(String) : [];
    const next =
      operator === 'add'
        ? [...have, ...value]
        : operator === 'remove'
          ? have.filter((word) => !value.includes(word))
          : have;
    const isThere = container[field] !== undefined && container[field] !== null;
    return [{ op: isThere ? 'replace' : 'add', path: `/${path.join('/')}/${index}/${field}`, value: next }];
  });
}

/** `remove` and `replace` of what is not there do nothing. */
function withMetadata(
  object: KubeObject,
  field: 'labels' | 'annotations',
  { operator, value = {} }: LabelAnnotationOverrider,
): KubeObject {
  const have = stringMap(object.metadata[field]);
  const entries = Object.entries(value).filter(
    ([key]) => operator === 'add' || (have !== undefined && Object.hasOwn(have, key)),
  );
  if (entries.length === 0) return object;
  const next: Record<string, string> = { ...have };
  for (const [key, text] of entries) {
    if (operator === 'remove') delete next[key];
    else next[key] = text;
  }
  return { ...object, metadata: { ...object.metadata, [field]: next } };
}

/** Labels or annotations as Karmada reads them: where one value is no text, it reads none at all. */
export function stringMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isFields(value) || Object.values(value).some((text) => typeof text !== 'string')) return undefined;
  return value as Readonly<Record<string, string>>;
}

/** Patches a YAML or JSON document inside a field, as those of ConfigMaps. */
function withField(object: KubeObject, { fieldPath, yaml = [], json = [] }: FieldOverrider): KubeObject {
  const text = fieldText(object, fieldPath);
  const patched =
    yaml.length > 0
      ? dump(
          applyPatches(
            parsed(() => load(text), fieldPath, 'YAML'),
            yaml.map(fieldPatch),
          ),
          YAML_STYLE,
        )
      : json.length > 0
        ? goJson(
            applyPatches(
              parsed(() => JSON.parse(text), fieldPath, 'JSON'),
              json.map(fieldPatch),
            ),
          )
        : '';
  return withKind(applyPatches(object, [{ op: 'replace', path: fieldPath, value: patched }]));
}

function fieldPatch({ subPath, operator, value }: FieldPatch): Patch {
  return { op: operator, path: subPath, value };
}

function fieldText(object: KubeObject, fieldPath: string): string {
  if (!fieldPath.startsWith('/')) throw new PatchError(`${JSON.stringify(fieldPath)} must start with a slash`);
  let value: unknown = object;
  for (const key of fieldPath.split('/').slice(1).map(decodeKey)) {
    value = Array.isArray(value) ? value[Number(key)] : isFields(value) ? lookup(value, key) : undefined;
    if (value === undefined) throw new PatchError(`${fieldPath} is not there`);
  }
  if (typeof value !== 'string') throw new PatchError(`${fieldPath} holds no text`);
  return value;
}

function parsed(parse: () => unknown, path: string, language: string): unknown {
  try {
    return parse();
  } catch {
    throw new PatchError(`${path} holds no ${language}`);
  }
}

/** As sigs.k8s.io/yaml writes: keys sorted, lists not indented, no folded lines. */
const YAML_STYLE = { sortKeys: true, seqNoIndent: true, lineWidth: -1, quoteStyle: 'double', noRefs: true } as const;

/** As Go writes JSON: without what HTML would read as markup. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
