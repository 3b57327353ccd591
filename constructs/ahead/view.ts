import { type Interpreters, interpretersOf } from '../../simulation/interpret/interpreters.ts';
import type { OverridePolicy } from '../../simulation/karmada.ts';
import type { KubeObject, ObjectRef } from '../../simulation/kubernetes.ts';
import { groupBy, nameOf } from '../../simulation/lookup.ts';
import type { Input, Placement, Result } from '../../simulation/model.ts';
import type { Placement as PlacementRules } from '../policy/placement.ts';
import { scopeOf } from '../policy/scopes.ts';
import type { Path } from '../spec/faults.ts';
import type { FederationSpec, Member } from '../spec/federation.ts';
import { Reach } from '../spec/reach.ts';

export type App = FederationSpec['apps'][number];
export type Policy = FederationSpec['policies'][number];

/** What Karmada will do with a federation, beside what its file says: what the checks that look ahead go by. */
export class View {
  /** Members that a placement may choose now or later: groups that come second, and what loses by spread, count. */
  readonly reach: Reach;
  private origins?: ReadonlyMap<string, Origin>;
  private interpreters?: Interpreters;
  private overrides?: ReadonlyMap<string, OverridePolicy>;
  private byKind?: ReadonlyMap<string, readonly Placement[]>;
  private byName?: ReadonlyMap<string, readonly Placement[]>;
  private byPolicy?: ReadonlyMap<string, readonly Placement[]>;

  constructor(
    readonly spec: FederationSpec,
    readonly input: Input,
    readonly result: Result,
  ) {
    this.reach = Reach.of(spec);
  }

  /** Apps with their places in the file. */
  apps(): { app: App; path: Path; workload: Placement }[] {
    return this.spec.apps.flatMap((app, i) => {
      const workload = this.result.of(workloadOf(app));
      return workload ? [{ app, path: ['spec', 'apps', i], workload }] : [];
    });
  }

  /** The placements of apps and policies, with their places in the file. */
  placements(): { placement: PlacementRules; path: Path; app?: App; policy?: Policy }[] {
    const { apps, policies } = this.spec;
    return [
      ...apps.map((app, i) => ({ app, placement: app.placement, path: ['spec', 'apps', i, 'placement'] })),
      ...policies.flatMap((policy, i) =>
        policy.type === 'propagation'
          ? [{ policy, placement: policy.placement, path: ['spec', 'policies', i, 'placement'] }]
          : [],
      ),
    ];
  }

  /** The members among which a placement chooses at one time: all that it may reach, or those of each of its groups. */
  choices(placement: PlacementRules): { name?: string; index?: number; members: readonly Member[] }[] {
    const { groups, tolerations } = placement;
    if (!groups) return [{ members: this.mayReach({ placement }) }];
    return groups.map((group, index) => ({
      name: group.name,
      index,
      members: this.reach.members({ groups: [group], ...(tolerations && { tolerations }) }),
    }));
  }

  /** Where an app may ever run by its own placement. */
  mayReach({ placement }: Pick<App, 'placement'>): readonly Member[] {
    return this.reach.members(placement);
  }

  /** Whether anything that a policy selects has replicas, or is of a kind of which that is not known. */
  mayHaveReplicas({ resources }: Policy): boolean {
    this.interpreters ??= interpretersOf(this.input);
    const interpreters = this.interpreters;
    return resources.some(({ apiVersion, kind }) => {
      const interpreter = interpreters({ apiVersion, kind, metadata: { name: '' } });
      return interpreter?.replicas !== undefined || scopeOf(apiVersion, kind) === undefined;
    });
  }

  /** The names of the members where an object ever goes: by the policy that claims it, now or later, or along with others. */
  everReaches({ policy, members }: Placement): string[] {
    const origin = policy && this.origin(policy);
    const placement = origin?.app?.placement ?? (origin?.policy?.type === 'propagation' ? origin.policy.placement : {});
    const own = origin ? this.mayReach({ placement }) : [];
    return [...own.map(({ name }) => name), ...members.map(({ name }) => name)];
  }

  /** Where in the file a policy of the Karmada API comes from; undefined for what is nobody's there. */
  origin({ kind, namespace = '', name }: ObjectRef): Origin | undefined {
    this.origins ??= originsOf(this.spec);
    return this.origins.get(`${kind.endsWith('OverridePolicy')} ${namespace}/${name}`);
  }

  /** The file's own objects by folder of `dist/`, each with its place in the file. */
  ownObjects(): ReturnType<Reach['ownObjects']> {
    return this.reach.ownObjects();
  }

  /** An override policy of the Karmada API. */
  overridePolicy(ref: ObjectRef): OverridePolicy | undefined {
    this.overrides ??= new Map(
      this.input.objects
        .filter(({ kind }) => kind.endsWith('OverridePolicy'))
        .map((object) => [nameOf({ kind: object.kind, ...object.metadata }), object as OverridePolicy]),
    );
    return this.overrides.get(nameOf(ref));
  }

  /** Placements of objects of one kind, and of one name where that is given, in any namespace. */
  selected({ apiVersion, kind, name }: { apiVersion: string; kind: string; name?: string | undefined }) {
    const { placements } = this.result;
    this.byKind ??= groupBy(placements, ({ object }) => `${object.apiVersion} ${object.kind}`);
    this.byName ??= groupBy(placements, ({ object, ref }) => `${object.apiVersion} ${object.kind} ${ref.name}`);
    const of = `${apiVersion} ${kind}`;
    return (name === undefined ? this.byKind.get(of) : this.byName.get(`${of} ${name}`)) ?? [];
  }

  /** Placements of the objects that a policy of this name claims, in any namespace. */
  claimed(name: string): readonly Placement[] {
    this.byPolicy ??= groupBy(this.result.placements, ({ policy }) => policy?.name ?? '');
    return this.byPolicy.get(name) ?? [];
  }

  /** Objects of the Karmada API of one kind. */
  objects(kind: string): readonly KubeObject[] {
    return this.input.objects.filter((object) => object.kind === kind);
  }
}

/** What of the file a policy is made of, and its place: for an app, that of what it decides about. */
export interface Origin {
  readonly app?: App;
  readonly policy?: Policy;
  readonly path: Path;
}

/** By whether it overrides, namespace and name. A policy of the file may be in no namespace. */
function originsOf({ apps, policies }: FederationSpec): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const [i, app] of apps.entries()) {
    const path = ['spec', 'apps', i];
    origins.set(`false ${app.namespace}/${app.name}`, { app, path: [...path, 'placement'] });
    origins.set(`true ${app.namespace}/${app.name}`, { app, path: [...path, 'overrides'] });
  }
  for (const [i, policy] of policies.entries()) {
    const { type, name, namespace = 'default' } = policy;
    for (const where of ['', namespace]) {
      origins.set(`${type === 'override'} ${where}/${name}`, { policy, path: ['spec', 'policies', i] });
    }
  }
  return origins;
}

/** The object that runs an app. */
export function workloadOf({ form, name, namespace }: App): ObjectRef {
  return { kind: form === 'spinapp' ? 'SpinApp' : 'Deployment', namespace, name };
}

/** Some names of many, in quotes. */
export function listed(names: readonly string[]): string {
  const some = names.slice(0, 5).map((name) => `'${name}'`);
  return names.length > 5 ? `${some.join(', ')} and ${names.length - 5} more` : some.join(', ');
}
