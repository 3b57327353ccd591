import { basename, dirname } from 'node:path';
import {
  ApiObject,
  App,
  Chart,
  type ChartProps,
  type IResolver,
  NumberStringUnionResolver,
  type ResolutionContext,
} from 'cdk8s';
import { TARGET_LABEL } from './names.ts';
import { toYaml } from './output/yaml.ts';
import { apiGroup } from './policy/scopes.ts';

/** An object as an API server takes it: plain data, as JSON has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * The files of `dist/`, each a chart.
 *
 * Every chart has an App of its own: cdk8s resolves the dependencies of a whole App anew for each of its charts, so
 * one App with a chart per application costs the square of their number.
 */
export class Manifests {
  private readonly charts = new Map<string, Chart>();
  /** What fills the files that have no chart yet. */
  private readonly fillings = new Map<string, (chart: Chart) => void>();
  /** What `objects` has computed, by file; the charts of these are gone. */
  private readonly computed = new Map<string, readonly Manifest[]>();

  constructor(private readonly props: ChartProps = {}) {}

  /**
   * The chart that becomes `<target>/<name>.yaml`. Files apply in the order of their names.
   *
   * @param target folder of the API server, such as `host` or `members/edge-1`.
   * @param name file name without ending, such as `00-namespaces`.
   */
  file(target: string, name: string): Chart {
    const path = pathOf(target, name);
    if (this.computed.has(path)) throw new Error(`the objects of ${path} have been computed, it takes no more`);
    const chart = this.chartOf(path);
    this.charts.set(path, chart);
    this.fillings.delete(path);
    return chart;
  }

  /**
   * As `file`, for a file that there are thousands of: its constructs are there only while its objects are computed, and
   * not all of them at a time.
   *
   * @param fill adds the constructs to the chart; where objects are computed again, it is called again.
   */
  later(target: string, name: string, fill: (chart: Chart) => void): void {
    const path = pathOf(target, name);
    if ([this.charts, this.fillings, this.computed].some((files) => files.has(path))) fill(this.file(target, name));
    else this.fillings.set(path, fill);
  }

  /** What the charts of a target have in common: the labels of all, and the target's own. */
  propsOf(target: string): ChartProps {
    return { ...this.props, labels: { ...this.props.labels, [TARGET_LABEL]: target.replace('/', '.') } };
  }

  /** The charts of all files so far, by target, in the order of their names. */
  targets(): Map<string, Chart[]> {
    const targets = new Map<string, Chart[]>();
    for (const path of [...this.charts.keys(), ...this.fillings.keys()].sort()) {
      const target = dirname(path);
      const chart = this.file(target, basename(path, ENDING));
      const charts = targets.get(target);
      if (charts) charts.push(chart);
      else targets.set(target, [chart]);
    }
    return targets;
  }

  /** What tells apart the objects that a target holds so far, each with its file. */
  identities(target: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const path of [...this.charts.keys(), ...this.fillings.keys()]) {
      if (dirname(path) !== target) continue;
      for (const node of this.chartOf(path).node.findAll()) {
        if (!ApiObject.isApiObject(node)) continue;
        const { apiVersion, kind, name, metadata } = node;
        found.set(identityOf({ apiVersion, kind, name, namespace: metadata.namespace }), path);
      }
    }
    return found;
  }

  /** All objects of a target, in the order in which they apply. Nothing can be added to its files afterwards. */
  objects(target: string): Manifest[] {
    return this.paths()
      .filter((path) => dirname(path) === target)
      .flatMap((path) => {
        const objects = this.objectsOf(path);
        this.computed.set(path, objects);
        this.charts.delete(path);
        this.fillings.delete(path);
        return objects;
      });
  }

  /**
   * All files with their text, in the order of their names, each made when it is asked for; a chart without objects
   * makes no file.
   *
   * @throws Error when two files of a target hold the same object.
   */
  *files(): Generator<[path: string, text: string]> {
    let target = '';
    let places = new Map<string, string>();
    for (const path of this.paths()) {
      const objects = this.objectsOf(path);
      if (objects.length === 0) continue;
      if (dirname(path) !== target) {
        target = dirname(path);
        places = new Map();
      }
      for (const { apiVersion, kind, metadata } of objects) {
        const identity = identityOf({ apiVersion, kind, ...metadata });
        const other = places.get(identity);
        if (other) throw new Error(`${kind} '${metadata.name}' is in ${path} and in ${other}, give one another name`);
        places.set(identity, path);
      }
      yield [path, toYaml(...objects)];
    }
  }

  /** As `files`, all at once. */
  render(): Map<string, string> {
    return new Map(this.files());
  }

  private paths(): string[] {
    return [...this.charts.keys(), ...this.fillings.keys(), ...this.computed.keys()].sort();
  }

  /** The chart of a file that is not computed: the one that is there, or a new one. */
  private chartOf(path: string): Chart {
    const known = this.charts.get(path);
    if (known) return known;
    const target = dirname(path);
    const chart = new Chart(new PlainApp({ outdir: target }), basename(path, ENDING), this.propsOf(target));
    this.fillings.get(path)?.(chart);
    return chart;
  }

  private objectsOf(path: string): readonly Manifest[] {
    const computed = this.computed.get(path);
    if (computed) return computed;
    const chart = this.chartOf(path);
    return (App.of(chart) as PlainApp).names.restore(toJson(chart));
  }
}

const ENDING = '.yaml';

function pathOf(target: string, name: string): string {
  return `${target}/${name}${ENDING}`;
}

/** What tells an object from all others of an API server, whatever version it is written in. */
export function identityOf({ apiVersion, kind, name, namespace = '' }: ObjectName): string {
  return `${apiGroup(apiVersion)}/${kind} ${namespace}/${name}`;
}

interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The objects of a chart, in the order of their declaration where none depends on another. */
function toJson(chart: Chart): Manifest[] {
  const nodes = chart.node.findAll();
  // What cdk8s does before it renders a chart takes longer than to render one of a few objects.
  if (nodes.some(({ node }) => node.dependencies.length > 0 || node.validate().length > 0)) return chart.toJson();
  return nodes.filter(ApiObject.isApiObject).map(manifestOf);
}

/**
 * An object as an API server takes it, its keys in alphabetical order.
 *
 * The `toJson` of cdk8s makes the same, and takes twice as long: it copies an object once to look in every field for
 * lazy values and tokens, of which the typed kinds have none here, and once to sort it.
 */
function manifestOf(object: ApiObject): Manifest {
  const { manifest } = object.constructor as Partial<Kind>;
  const { props, patches } = object as unknown as Contents;
  if (!manifest || patches.length > 0) return object.toJson();
  const fields = plain(manifest({ ...props, metadata: metadataOf(object) }));
  const { apiVersion, kind, metadata } = fields;
  return Object.assign({ apiVersion, kind, metadata }, fields);
}

/** The metadata as its own `toJson` makes it, which copies it twice to look for lazy values and tokens. */
function metadataOf({ metadata }: ApiObject): object {
  const { _additionalAttributes, name, namespace, labels, annotations, finalizers, ownerReferences } =
    metadata as unknown as MetadataContents;
  return {
    ..._additionalAttributes,
    name,
    namespace,
    labels: unlessEmpty(labels),
    annotations: unlessEmpty(annotations),
    finalizers: unlessEmpty(finalizers),
    ownerReferences: unlessEmpty(ownerReferences),
  };
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}

/** What `cdk8s import` makes of a kind: it names the fields as they go over the wire. */
interface Kind {
  manifest(props: object): Manifest;
}

/** What an object of cdk8s was made of; it says so to nobody but itself. */
interface Contents {
  readonly props: object;
  readonly patches: readonly unknown[];
}

/** What its metadata was made of and has been given since. */
interface MetadataContents {
  /** What it was made of, and what has been added that has no field of its own. */
  readonly _additionalAttributes: object;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels: object;
  readonly annotations: object;
  readonly finalizers: readonly unknown[];
  readonly ownerReferences: readonly unknown[];
}

/** The same data without what is not there, maps in alphabetical order. */
function plain<T>(data: T): T;
function plain(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data ?? undefined;
  if (Array.isArray(data)) return data.map(plain);
  const sorted: Record<string, unknown> = {};
  for (const key of sortedKeys(data)) {
    const value = plain((data as Record<string, unknown>)[key]);
    if (value === undefined) continue;
    // An assignment would set the prototype; for all other keys it is the fastest.
    if (key === '__proto__') Object.defineProperty(sorted, key, { value, enumerable: true });
    else sorted[key] = value;
  }
  return sorted;
}

/** The keys in alphabetical order. Most maps have them so: to see that takes less than to sort them again. */
function sortedKeys(data: object): string[] {
  const keys = Object.keys(data);
  return keys.some((key, i) => i > 0 && key < (keys[i - 1] as string)) ? keys.sort() : keys;
}

/**
 * An App with the one of cdk8s's resolvers that there is something for: no construct here makes lazy values or tokens,
 * and to look for them in every field takes longer than all else about an object.
 */
class PlainApp extends App {
  readonly names = new AwkwardKeys();

  constructor(props: { outdir: string }) {
    super(props);
    this.resolvers.splice(0, this.resolvers.length, this.names, new NumberStringUnionResolver());
  }
}

/**
 * Gives keys another name while cdk8s works on objects: it asks each object for its `constructor` to tell plain data from
 * instances, and takes a label of that name for it; and what it sets as `__proto__` becomes the prototype.
 */
class AwkwardKeys implements IResolver {
  private readonly keys = ['constructor', '__proto__'];
  private readonly mark = '\0';
  private met = false;

  resolve(context: ResolutionContext): void {
    const { value } = context;
    if (typeof value !== 'object' || value === null || !this.keys.some((key) => Object.hasOwn(value, key))) return;
    this.met = true;
    const entries = Object.entries(value).map(([key, inner]) => [
      this.keys.includes(key) ? key + this.mark : key,
      inner,
    ]);
    context.replaceValue(Object.fromEntries(entries));
  }

  /** The same data with the keys as they were. */
  restore<T>(data: T): T {
    if (!this.met) return data;
    const restore = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(restore);
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(([key, inner]) => [
        this.keys.find((one) => key === one + this.mark) ?? key,
        restore(inner),
      ]);
      return Object.fromEntries(entries);
    };
    return restore(data) as T;
  }
}
