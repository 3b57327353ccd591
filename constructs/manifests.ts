import { basename } from 'node:path';
import { ApiObject, type Chart, type ChartProps } from 'cdk8s';
import { TARGET_LABEL } from './names.ts';
import { objectsOf, plainChart } from './output/objects.ts';
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
  /** The files of each target, by their names. */
  private readonly byTarget = new Map<string, Map<string, File>>();

  constructor(private readonly props: ChartProps = {}) {}

  /**
   * The chart that becomes `<target>/<name>.yaml`. Files apply in the order of their names.
   *
   * @param target folder of the API server, such as `host` or `members/edge-1`.
   * @param name file name without ending, such as `00-namespaces`.
   */
  file(target: string, name: string): Chart {
    return this.keepChart(target, name + ENDING);
  }

  /**
   * As `file`, for a file that there are thousands of: its constructs are there only while its objects are computed, and
   * not all of them at a time.
   *
   * @param fill adds the constructs to the chart; where objects are computed again, it is called again.
   */
  later(target: string, name: string, fill: (chart: Chart) => void): void {
    const files = this.filesOf(target);
    if (files.has(name + ENDING)) fill(this.file(target, name));
    else files.set(name + ENDING, { fill });
  }

  /** What the charts of a target have in common: the labels of all, and the target's own. */
  propsOf(target: string): ChartProps {
    return { ...this.props, labels: { ...this.props.labels, [TARGET_LABEL]: target.replace('/', '.') } };
  }

  /** The charts of all files so far, by target, in the order of their names. */
  targets(): Map<string, Chart[]> {
    const charts = this.sortedTargets().map((target) => {
      const open = sortedFiles(this.filesOf(target)).filter(([, file]) => !('objects' in file));
      return [target, open.map(([name]) => this.keepChart(target, name))] as const;
    });
    return new Map(charts.filter(([, ofTarget]) => ofTarget.length > 0));
  }

  /** What tells apart the objects that a target holds so far, each with its file. */
  identities(target: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const [name, file] of this.filesOf(target)) {
      if ('objects' in file) continue;
      for (const node of this.chartOf(target, name, file).node.findAll()) {
        if (!ApiObject.isApiObject(node)) continue;
        const { apiVersion, kind, metadata } = node;
        found.set(
          identityOf({ apiVersion, kind, name: node.name, namespace: metadata.namespace }),
          `${target}/${name}`,
        );
      }
    }
    return found;
  }

  /** All objects of a target, in the order in which they apply. Nothing can be added to its files afterwards. */
  objects(target: string): Manifest[] {
    const files = this.filesOf(target);
    return sortedFiles(files).flatMap(([name, file]) => {
      const objects = this.objectsOf(target, name, file);
      files.set(name, { objects });
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
    for (const target of this.sortedTargets()) {
      const places = new Map<string, string>();
      for (const [name, file] of sortedFiles(this.filesOf(target))) {
        const objects = this.objectsOf(target, name, file);
        if (objects.length === 0) continue;
        const path = `${target}/${name}`;
        for (const { apiVersion, kind, metadata } of objects) {
          const identity = identityOf({ apiVersion, kind, ...metadata });
          const other = places.get(identity);
          if (other) throw new Error(`${kind} '${metadata.name}' is in ${path} and in ${other}, give one another name`);
          places.set(identity, path);
        }
        yield [path, toYaml(...objects)];
      }
    }
  }

  /** As `files`, all at once. */
  render(): Map<string, string> {
    return new Map(this.files());
  }

  private filesOf(target: string): Map<string, File> {
    const files = this.byTarget.get(target) ?? new Map<string, File>();
    this.byTarget.set(target, files);
    return files;
  }

  /** In the order of the paths of their files. */
  private sortedTargets(): string[] {
    return [...this.byTarget.keys()].sort((one, other) => (`${one}/` < `${other}/` ? -1 : 1));
  }

  /** The chart of a file, which can be added to from now on. */
  private keepChart(target: string, name: string): Chart {
    const files = this.filesOf(target);
    const file = files.get(name);
    if (file && 'objects' in file) {
      throw new Error(`the objects of ${target}/${name} have been computed, it takes no more`);
    }
    const chart = this.chartOf(target, name, file);
    files.set(name, { chart });
    return chart;
  }

  /** The chart of a file: the one that is there, or a new one. */
  private chartOf(target: string, name: string, file?: OpenFile): Chart {
    if (file && 'chart' in file) return file.chart;
    const chart = plainChart(target, basename(name, ENDING), this.propsOf(target));
    file?.fill(chart);
    return chart;
  }

  private objectsOf(target: string, name: string, file: File): readonly Manifest[] {
    return 'objects' in file ? file.objects : objectsOf(this.chartOf(target, name, file));
  }
}

/** A file that takes more objects: its chart, or what fills it when there is one. */
type OpenFile = { readonly chart: Chart } | { readonly fill: (chart: Chart) => void };

/** A file that does, or what has been computed from one. */
type File = OpenFile | { readonly objects: readonly Manifest[] };

function sortedFiles(files: ReadonlyMap<string, File>): [name: string, file: File][] {
  return [...files].sort(([one], [other]) => (one < other ? -1 : 1));
}

const ENDING = '.yaml';

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
