import { Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { testChart } from '../chart.ts';

/** A Kubernetes object as it goes over the wire. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: of any kind
  readonly [field: string]: any;
}

/** The objects that a construct makes. */
export function synth(add: (scope: Construct) => void): Manifest[] {
  const chart = testChart();
  add(chart);
  return Testing.synth(chart);
}

/** The one object of a kind and name. */
export function find(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects are ${kind} ${name}`);
  return found[0] as Manifest;
}

/** The names of the objects of a kind, in their order. */
export function names(objects: readonly Manifest[], kind: string): string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
}

/** What a workload says of its pods. */
// biome-ignore lint/suspicious/noExplicitAny: of any kind
export function pod(workload: Manifest): any {
  return workload.spec.template.spec;
}

/** Everything that has pods. */
export function workloads(objects: readonly Manifest[]): Manifest[] {
  return objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
}

/** The flags of a workload's first container, by name without dashes. */
export function flags(workload: Manifest): Record<string, string> {
  const { command = [], args = [] } = workload.spec.template.spec.containers[0];
  return Object.fromEntries(
    [...command, ...args]
      .filter((word: string) => word.startsWith('--'))
      .map((word: string) => [word.slice(2).split('=', 1)[0], word.split('=').slice(1).join('=')]),
  );
}
