import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { App, Chart, type ChartProps, Yaml } from 'cdk8s';
import { TARGET_LABEL } from './names.ts';

/** The API servers that manifests are for: the folders of `dist/`. */
export const TARGETS = ['bootstrap', 'host', 'members', 'karmada', 'argocd'] as const;

/**
 * The files of `dist/`, each a chart.
 *
 * Every chart has an App of its own: cdk8s resolves the dependencies of a whole App anew for each of its charts, so
 * one App with a chart per application costs the square of their number.
 */
export class Manifests {
  private readonly charts = new Map<string, Chart>();

  constructor(private readonly props: ChartProps = {}) {}

  /**
   * The chart that becomes `<target>/<name>.yaml`. Files apply in the order of their names.
   *
   * @param target folder of the API server, such as `host` or `members/edge-1`.
   * @param name file name without ending, such as `00-namespaces`.
   */
  file(target: string, name: string): Chart {
    const path = `${target}/${name}.yaml`;
    let chart = this.charts.get(path);
    if (!chart) {
      chart = new Chart(new App({ outdir: target }), name, this.propsOf(target));
      this.charts.set(path, chart);
    }
    return chart;
  }

  /** What the charts of a target have in common: the labels of all, and the target's own. */
  propsOf(target: string): ChartProps {
    return { ...this.props, labels: { ...this.props.labels, [TARGET_LABEL]: target.replace('/', '.') } };
  }

  /** The charts of all files so far, by target, in the order of their names. */
  targets(): Map<string, Chart[]> {
    const targets = new Map<string, Chart[]>();
    for (const [path, chart] of this.sorted()) {
      const target = dirname(path);
      const charts = targets.get(target);
      if (charts) charts.push(chart);
      else targets.set(target, [chart]);
    }
    return targets;
  }

  private sorted(): [path: string, chart: Chart][] {
    return [...this.charts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * All files with their text, in the order of their names; a chart without objects makes no file.
   *
   * @throws Error when two files of a target hold the same object.
   */
  render(): Map<string, string> {
    const files = new Map<string, string>();
    const places = new Map<string, string>();
    for (const [path, chart] of this.sorted()) {
      const objects = chart.toJson();
      if (objects.length === 0) continue;
      for (const { apiVersion, kind, metadata } of objects) {
        const identity = `${dirname(path)}: ${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
        const other = places.get(identity);
        if (other) throw new Error(`${kind} '${metadata.name}' is in ${path} and in ${other}, give one another name`);
        places.set(identity, path);
      }
      files.set(path, Yaml.stringify(...objects));
    }
    return files;
  }
}

/**
 * Makes a folder hold these files and nothing else. It is written beside the old one and then takes its place, so the
 * old one stays whole when this fails or is killed.
 *
 * @throws Error when the folder holds what no synth made.
 */
export function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  const target = existsSync(folder) ? realpathSync(folder) : folder;
  const foreign = existsSync(target)
    ? readdirSync(target).filter((name) => !TARGETS.some((known) => known === name))
    : [];
  if (foreign.length > 0) {
    throw new Error(
      `${folder} holds '${foreign[0]}', which no synth made: name another output folder, or empty this one`,
    );
  }
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  sweep(parent, basename(target));
  const staging = join(parent, `.${basename(target)}-${process.pid}`);
  const [fresh, old] = [join(staging, 'new'), join(staging, OLD)];
  try {
    for (const [path, text] of files) {
      mkdirSync(join(fresh, dirname(path)), { recursive: true });
      writeFileSync(join(fresh, path), text);
    }
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

const OLD = 'old';

/** Clears what a killed synth left, and puts the old folder back where it died between taking it away and the new one. */
function sweep(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const pid = entry.startsWith(`.${name}-`) ? Number(entry.slice(name.length + 2)) : Number.NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const old = join(parent, entry, OLD);
    if (existsSync(old) && !existsSync(join(parent, name))) renameSync(old, join(parent, name));
    rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
