import type { PlacementSpec, PropagationPolicy } from '../karmada.ts';
import type { KubeObject } from '../kubernetes.ts';
import type { Component, Placed, Reason, Requirements } from '../model.ts';

/** One object with its policy, as Karmada's scheduler sees it (a ResourceBinding). */
export interface Binding {
  readonly object: KubeObject;
  readonly policy: PropagationPolicy;
  readonly placement: PlacementSpec;
  readonly replicas: number;
  readonly requirements?: Requirements;
  readonly components: readonly Component[];
  /** Requirements and components as a text: bindings of equal needs find the same room. */
  readonly needs: string;
  /** Where it is placed already, in Karmada's order; empty at a first placement. */
  readonly before: readonly Target[];
  /** The names of those. */
  readonly runsOn: ReadonlySet<string>;
  readonly placed?: Placed;
  /** How equal members take remainders, by the object's UID; undefined while it has none. */
  readonly order: Order | undefined;
  readonly affinityGroup?: string;
  readonly antiAffinityGroup?: string;
}

/** A member and the replicas that are to run there. */
export interface Target {
  readonly name: string;
  readonly replicas: number;
}

export function targetsOf(members: Placed['members']): readonly Target[] {
  return members.map(({ name, replicas }) => ({ name, replicas: replicas ?? 0 }));
}

/** How equal members take the last replica: by name ascending or descending (see webster.ts). */
export type Order = 'ascending' | 'descending';

/** Either where an object goes, or why it goes nowhere. */
export type Outcome<T> = { readonly ok: T } | { readonly failed: Failure };

export interface Failure extends Reason {
  /** No member passes the filters: then Karmada takes the object from where it was. Other failures leave it there. */
  readonly clears: boolean;
}

export function failed(code: Reason['code'], message: string, clears = false): { readonly failed: Failure } {
  return { failed: { code, message, clears } };
}

/** Whether it runs pods that have to fit somewhere (IsWorkload of pkg/apis/work/v1alpha2). */
export function isWorkload({ replicas, requirements, components }: Binding): boolean {
  return replicas > 0 || requirements !== undefined || components.length > 0;
}

/** What replicas say of a placement: nothing, where the object has none. */
export function hasShares({ replicas, requirements, components }: Binding): boolean {
  return (replicas > 0 || requirements !== undefined) && components.length <= 1;
}

export type Division = 'Duplicated' | 'StaticWeight' | 'DynamicWeight' | 'Aggregated';

/** How replicas are divided (newAssignState of pkg/scheduler/core/assignment.go). */
export function divisionOf({ replicaScheduling }: PlacementSpec): Division | undefined {
  if (replicaScheduling === undefined || replicaScheduling.replicaSchedulingType === 'Duplicated') return 'Duplicated';
  if (replicaScheduling.replicaDivisionPreference === 'Aggregated') return 'Aggregated';
  if (replicaScheduling.replicaDivisionPreference !== 'Weighted') return undefined;
  return replicaScheduling.weightPreference?.dynamicWeight ? 'DynamicWeight' : 'StaticWeight';
}
