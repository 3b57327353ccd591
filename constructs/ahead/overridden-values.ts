import { at } from '../../simulation/interpret/values.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { groupBy, lookup } from '../../simulation/lookup.ts';
import type { Placement } from '../../simulation/model.ts';
import { isImage } from '../../simulation/override/image.ts';
import { encodeKey } from '../../simulation/override/json-patch.ts';
import type { ClusterAffinity } from '../policy/placement.ts';
import { apiGroup, KUBERNETES_KINDS } from '../policy/scopes.ts';
import { type Path, suggest } from '../spec/faults.ts';
import { isFixed } from '../spec/primitives.ts';
import { missedLabel, rightForm, typeOf } from './forms.ts';
import { isLater, knownFields } from './known-fields.ts';
import type { Survey } from './overrides.ts';
import type { View } from './view.ts';

interface Rule {
  readonly target?: ClusterAffinity | undefined;
  readonly plaintext?: readonly { readonly path: string }[] | undefined;
  readonly image?: readonly { readonly path?: string | undefined }[] | undefined;
}

/** A rule of the file that writes to any field of objects, with its place. */
interface Writer {
  readonly path: Path;
  readonly pointers: readonly string[];
  readonly members: ReadonlySet<string>;
  /** Namespace and name of the app that it is for. @default - for what a policy selects */
  readonly app?: string;
  reaches(placement: Placement): boolean;
}

/**
 * Values that overrides write where Kubernetes has others: of another type, or in fields that it does not know. Karmada
 * takes them, and the member refuses the object, or drops them without a word.
 */
export function overriddenValues(view: View): Survey {
  const byApp = groupBy(writersOf(view), ({ app = '' }) => app);
  const found = new Map<string, { path: Path; message: string; isSure: boolean }>();
  return {
    see(placement) {
      const { namespace, name } = placement.ref;
      const near = [...(byApp.get(`${namespace}/${name}`) ?? []), ...(byApp.get('') ?? [])];
      const reaching = near.filter((writer) => writer.reaches(placement));
      const seen = new Set<KubeObject>();
      for (const { name } of placement.members) {
        const there = reaching.filter(({ members }) => members.has(name));
        const { object } = there.length > 0 ? placement.manifestFor(name) : {};
        if (!object || seen.has(object)) continue;
        seen.add(object);
        for (const { pointer, message, isSure } of wrongValues(placement.object, object)) {
          const writer = there.find(({ pointers }) => pointers.some(holds(pointer)));
          const key = `${writer?.path.join('/')} ${message}`;
          if (writer && !found.has(key)) found.set(key, { path: writer.path, message, isSure });
        }
      }
    },
    tell(report) {
      for (const { path, message, isSure } of found.values()) (isSure ? report : report.warn)(path, message);
    },
  };
}

function writersOf({ spec, reach: { candidates } }: View): Writer[] {
  const writer = ({ target = {}, plaintext = [], image = [] }: Rule, more: Omit<Writer, 'pointers' | 'members'>) => {
    if (plaintext.length + image.length === 0) return [];
    const members = new Set(candidates.matching(target).map(({ name }) => name));
    const images = image.flatMap((one) => one.path ?? IMAGES);
    return [{ ...more, pointers: [...plaintext.map((one) => one.path), ...images], members }];
  };
  return [
    ...spec.apps.flatMap(({ name, namespace, overrides }, i) =>
      overrides.flatMap((rule, j) =>
        writer(rule, {
          path: ['spec', 'apps', i, 'overrides', j],
          app: `${namespace}/${name}`,
          reaches: () => true,
        }),
      ),
    ),
    ...spec.policies.flatMap((policy, i) =>
      policy.type === 'override'
        ? policy.rules.flatMap((rule, j) =>
            writer(rule, {
              path: ['spec', 'policies', i, 'rules', j],
              reaches: ({ ref }) =>
                policy.resources.some(
                  ({ kind, name }) => kind === ref.kind && (name === undefined || name === ref.name),
                ),
            }),
          )
        : [],
    ),
  ];
}

/** Where the images of an app are. */
const IMAGES = ['/spec/containers', '/spec/template/spec/containers', '/spec/image'];

/** Whether a pointer that a rule writes to is a place, or around it, or inside it. */
function holds(place: string): (pointer: string) => boolean {
  return (pointer) => {
    const written = pointer.replace(/\/-$/, '');
    return `${place}/`.startsWith(`${written}/`) || `${written}/`.startsWith(`${place}/`);
  };
}

interface Wrong {
  readonly pointer: string;
  readonly message: string;
  /** Not where a later Kubernetes may know the field, nor of kinds that others define. */
  readonly isSure: boolean;
}

/** What an object has in place of what its template has, and Kubernetes would not take. */
function wrongValues(template: KubeObject, object: KubeObject): Wrong[] {
  const wrong: Wrong[] = [];
  const isSure = isDefinedHere(object);
  let known: ReturnType<typeof knownFields> | undefined;
  const fields = (pointer: string) => {
    known ??= knownFields(object);
    return known.at.get(pointer);
  };
  const compare = (before: unknown, after: unknown, pointer: string): void => {
    if (before === after) return;
    const type = typeOf(after);
    const right = rightForm(object, pointer, after);
    if (right !== undefined) {
      const shown = typeof after === 'string' ? `'${after}'` : String(after);
      wrong.push({ pointer, message: `writes ${shown} to ${pointer}, which takes ${right}`, isSure });
    } else if (before !== undefined && typeOf(before) !== type && !isTextOrNumber(pointer)) {
      const what = isSure ? 'which takes' : 'where the object has';
      wrong.push({ pointer, message: `writes a ${type} to ${pointer}, ${what} a ${typeOf(before)}`, isSure });
    } else if (type === 'number' && !Number.isInteger(after) && isSure && !QUANTITY.test(pointer)) {
      wrong.push({ pointer, message: `writes ${after} to ${pointer}, which takes whole numbers`, isSure });
    } else if (type === 'number' && (after as number) < 0 && pointer.endsWith('/replicas')) {
      wrong.push({ pointer, message: `writes ${after} to ${pointer}, which must not be negative`, isSure });
    } else if (type === 'text' && IMAGE.test(pointer)) {
      wrong.push(...wrongImage(before, after as string, pointer, isSure));
    } else if (Array.isArray(after)) {
      if (after.length === 0 && isRequired(object, pointer)) {
        wrong.push({ pointer, message: `leaves ${pointer} empty, which Kubernetes requires`, isSure });
      }
      for (const [i, item] of after.entries()) compare((before as unknown[] | undefined)?.[i], item, `${pointer}/${i}`);
    } else if (type === 'mapping') {
      for (const name of Object.keys((before as object | undefined) ?? {})) {
        const gone = `${pointer}/${name}`;
        if (Object.hasOwn(after as object, name) || !isRequired(object, gone)) continue;
        wrong.push({ pointer: gone, message: `takes away ${gone}, which Kubernetes requires`, isSure });
      }
      for (const [name, value] of Object.entries(after as object)) {
        const old = before !== undefined && Object.hasOwn(before as object, name);
        const was = old ? (before as Record<string, unknown>)[name] : undefined;
        // As most fields are, which need no pointer then.
        if (old && was === value) continue;
        const place = `${pointer}/${encodeKey(name)}`;
        const names = old || (pointer === '' && name === 'status') ? undefined : fields(pointer);
        if (names && !names.has(name) && !isLater(place)) {
          const near = suggest(name, names);
          const message = `writes to ${place}, a field that Kubernetes does not know${near || ' and would drop'}`;
          wrong.push({ pointer: place, message, isSure: near !== '' });
        } else {
          compare(was, value, place);
        }
      }
    }
  };
  compare(template, object, '');
  if (known?.noList !== undefined) {
    const pointer = known.noList;
    wrong.push({ pointer, message: `writes to ${pointer} what is no list, which it takes`, isSure: true });
  }
  const missed = missedLabel(object);
  if (missed) {
    const message = `leaves /spec/selector and /spec/template/metadata/labels apart: pods must have the label '${missed}', which the selector asks for`;
    const pointers = ['/spec/selector', '/spec/template/metadata/labels'];
    wrong.push(...pointers.map((pointer) => ({ pointer, message, isSure })));
  }
  return wrong;
}

/** Whether it is known here what objects of a kind take: of Kubernetes' own, and of SpinApps. */
function isDefinedHere({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'SpinApp' || KUBERNETES_KINDS.has(apiGroup(apiVersion));
}

/** What no object of its kind can be without, as far as workloads and Services have it. */
function isRequired(object: KubeObject, pointer: string): boolean {
  const isPortless = at(object, 'spec', 'clusterIP') === 'None' || at(object, 'spec', 'type') === 'ExternalName';
  if (!isDefinedHere(object) || (object.kind === 'Service' && isPortless)) return false;
  return lookup(REQUIRED, object.kind)?.test(pointer) ?? false;
}

const MADE_PODS = /^\/spec\/(selector|template(\/spec(\/containers(\/\d+\/(name|image))?)?)?)$/;
const REQUIRED: Readonly<Record<string, RegExp>> = {
  Deployment: MADE_PODS,
  ReplicaSet: MADE_PODS,
  StatefulSet: MADE_PODS,
  DaemonSet: MADE_PODS,
  Job: /^\/spec\/template(\/spec(\/containers(\/\d+\/(name|image))?)?)?$/,
  Pod: /^\/spec\/containers(\/\d+\/(name|image))?$/,
  Service: /^\/spec\/ports$/,
  SpinApp: /^\/spec\/image$/,
};

const IMAGE = /^\/spec\/(image|(template\/spec\/)?(init)?[cC]ontainers\/\d+\/image)$/;

/** An image that no node could pull, or that is no longer the same tomorrow. */
function wrongImage(before: unknown, after: string, pointer: string, isSure: boolean): Wrong[] {
  if (!isImage(after)) {
    return [{ pointer, message: `makes '${after}' of ${pointer}, which is no image`, isSure }];
  }
  if (isFixed(after) || (typeof before === 'string' && !isFixed(before))) return [];
  const message = `makes '${after}' of ${pointer}, which has no fixed tag and no digest: it may be another image tomorrow`;
  return [{ pointer, message, isSure: false }];
}

/** Whether a field takes numbers as well as texts: a quantity, or what is an amount or a share, a number or a name. */
function isTextOrNumber(pointer: string): boolean {
  return QUANTITY.test(pointer) || AMOUNT_OR_SHARE.test(pointer) || PORT.test(pointer);
}

const QUANTITY =
  /\/(requests|limits|hard|capacity|overhead|podFixed)\/[^/]*$|\/limits\/\d+\/\w+\/[^/]*$|\/(sizeLimit|divisor)$|\/target\/(averageValue|value)$/;
const AMOUNT_OR_SHARE = /\/(maxSurge|maxUnavailable|minAvailable)$/;
const PORT = /\/(targetPort|(httpGet|tcpSocket)\/port|(in|e)gress\/\d+\/ports\/\d+\/port)$/;
