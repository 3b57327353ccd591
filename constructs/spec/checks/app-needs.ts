import { identityOf } from '../../manifests.ts';
import { ownIdentityOf } from '../../own-objects.ts';
import { type Path, quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { Reach } from '../reach.ts';

type App = FederationSpec['apps'][number];

/** An object that an app names, and that goes along with it from the Karmada API. */
interface Need {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly at: Path;
  /** Whether members must have it, to which it does not go along. @default false */
  readonly onMembers?: boolean;
}

/**
 * What apps name and the file brings neither to the Karmada API nor to each of their members: without it their pods do not
 * start. Somebody may have made it, so these are warnings. Secrets are not among them, `scripts/secrets.sh` makes them.
 */
export function checkAppNeeds(spec: FederationSpec, report: Report): void {
  const reach = Reach.of(spec);
  const needs = spec.apps.flatMap((app, i) =>
    needsOf(app)
      .filter(({ name }) => name !== ROOT_CA)
      .map(({ at, ...need }) => ({
        ...need,
        app,
        path: ['spec', 'apps', i, ...at],
        id: identityOf({ ...need, namespace: need.kind === 'PriorityClass' ? undefined : app.namespace }),
      })),
  );
  if (needs.length === 0) return;
  const targets = targetsOf(reach, new Set(needs.map(({ id }) => id)));
  for (const { app, path, id, kind, name, onMembers } of needs) {
    const there = targets.get(id);
    const isOn = ({ name }: { readonly name: string }) => there?.has(`members/${name}`) === true;
    if (there?.has('karmada') || (there && reach.members(app.placement).every(isOn))) continue;
    const where = there ? 'the file brings to some other place alone' : 'is nowhere in the file';
    const [target, otherwise] = onMembers
      ? ['members', 'make it there']
      : [
          'karmada',
          `make it in the Karmada API${kind === 'PriorityClass' ? '' : ` in the namespace ${quote(app.namespace)}`}`,
        ];
    report.warn(
      path,
      `names the ${kind} ${quote(name)}, which ${where}: add it to 'spec.manifests' with the target '${target}', or ${otherwise}`,
    );
  }
}

/** Kubernetes has it in each namespace of each cluster. */
const ROOT_CA = 'kube-root-ca.crt';

/** PriorityClasses that each cluster has. */
const OF_KUBERNETES = ['system-cluster-critical', 'system-node-critical'];

/** Folders of `dist/` that have objects of the file with these names. */
function targetsOf(reach: Reach, names: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const targets = new Map<string, Set<string>>();
  for (const [target, objects] of reach.ownObjects()) {
    for (const { object } of objects) {
      const id = ownIdentityOf(object);
      if (names.has(id)) targets.set(id, (targets.get(id) ?? new Set()).add(target));
    }
  }
  return targets;
}

function needsOf({ envFrom = {}, variablesFrom = {}, volumes = [], serviceAccount, ...app }: App): Need[] {
  const configMap = (name: string, at: Path): Need => ({ apiVersion: 'v1', kind: 'ConfigMap', name, at });
  const values = Object.entries({ envFrom, variablesFrom }).flatMap(([key, sources]) =>
    Object.entries(sources).flatMap(([variable, { configMap: name, optional }]) =>
      name === undefined || optional ? [] : [configMap(name, [key, variable, 'configMap'])],
    ),
  );
  const priority = (name: string | undefined, at: Path, onMembers: boolean): Need[] =>
    name === undefined || OF_KUBERNETES.includes(name)
      ? []
      : [{ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', name, at, onMembers }];
  return [
    ...priority(app.priorityClass, ['priorityClass'], true),
    ...priority(app.propagation.schedulePriority, ['propagation', 'schedulePriority'], false),
    ...values,
    ...volumes.flatMap(({ configMap: name, optional, claim }, i) => [
      ...(name === undefined || optional ? [] : [configMap(name, ['volumes', i, 'configMap'])]),
      ...(claim === undefined
        ? []
        : [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim, at: ['volumes', i, 'claim'] }]),
    ]),
    ...(serviceAccount === undefined || serviceAccount === 'default'
      ? []
      : [{ apiVersion: 'v1', kind: 'ServiceAccount', name: serviceAccount, at: ['serviceAccount'] }]),
  ];
}
