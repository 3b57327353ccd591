import {
  ApiObject,
  App,
  Chart,
  type ChartProps,
  type IResolver,
  NumberStringUnionResolver,
  type ResolutionContext,
} from 'cdk8s';
import type { Manifest } from '../manifests.ts';

/** A chart whose objects come out as they went in, with keys that mean something to JavaScript too. */
export function plainChart(target: string, name: string, props: ChartProps): Chart {
  return new Chart(new PlainApp({ outdir: target }), name, props);
}

/** The objects of such a chart, in the order of their declaration where none depends on another. */
export function objectsOf(chart: Chart): Manifest[] {
  return (App.of(chart) as PlainApp).names.restore(toJson(chart));
}

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
