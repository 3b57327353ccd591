import type { KubeObject, ObjectRef } from '../../simulation/kubernetes.ts';
import type { Input, Placement, Result } from '../../simulation/model.ts';
import type { Path } from '../spec/faults.ts';
import type { FederationSpec, Member } from '../spec/federation.ts';
import { Reach } from '../spec/reach.ts';

export type App = FederationSpec['apps'][number];
export type Policy = FederationSpec['policies'][number];

/** What Karmada will do with a federation, beside what its file says: what the checks that look ahead go by. */
export class View {
  /** Members that a placement may choose now or later: groups that come second, and what loses by spread, count. */
  readonly reach: Reach;

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

  /** Where an app may ever run by its own placement. */
  mayReach({ placement }: Pick<App, 'placement'>): readonly Member[] {
    return this.reach.members(placement);
  }

  /** Where in the file a policy of the Karmada API comes from; undefined for what is nobody's there. */
  origin({ kind, namespace, name }: ObjectRef): { app?: App; policy?: Policy; path: Path } | undefined {
    const isOverride = kind.endsWith('OverridePolicy');
    for (const [i, policy] of this.spec.policies.entries()) {
      if ((policy.type === 'override') !== isOverride || policy.name !== name) continue;
      if (namespace !== undefined && (policy.namespace ?? 'default') !== namespace) continue;
      return { policy, path: ['spec', 'policies', i] };
    }
    const i = this.spec.apps.findIndex((app) => app.name === name && app.namespace === namespace);
    const app = this.spec.apps[i];
    return app && { app, path: ['spec', 'apps', i, isOverride ? 'overrides' : 'placement'] };
  }

  /** Objects of the Karmada API of one kind. */
  objects(kind: string): readonly KubeObject[] {
    return this.input.objects.filter((object) => object.kind === kind);
  }
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
