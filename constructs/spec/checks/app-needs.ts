import { identityOf } from '../../manifests.ts';
import { namespaceOf } from '../../own-objects.ts';
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
}

/**
 * What apps name and the file does not bring: without it their pods do not start. Somebody may have made it in the
 * Karmada API, so these are warnings. Secrets are not among them, `scripts/secrets.sh` makes them.
 */
export function checkAppNeeds(spec: FederationSpec, report: Report): void {
  const objects = Reach.of(spec).ownObjects().get('karmada') ?? [];
  const there = new Set(
    objects.map(({ object }) => identityOf({ ...object, name: object.metadata.name, namespace: namespaceOf(object) })),
  );
  for (const [i, app] of spec.apps.entries()) {
    for (const { at, ...need } of needsOf(app)) {
      if (there.has(identityOf({ ...need, namespace: app.namespace }))) continue;
      report.warn(
        ['spec', 'apps', i, ...at],
        `names the ${need.kind} ${quote(need.name)}, which is nowhere in the file: add it to 'spec.manifests' with the target 'karmada', or make it in the Karmada API in the namespace ${quote(app.namespace)}`,
      );
    }
  }
}

function needsOf({ envFrom = {}, variablesFrom = {}, volumes = [], serviceAccount }: App): Need[] {
  const configMap = (name: string, at: Path): Need => ({ apiVersion: 'v1', kind: 'ConfigMap', name, at });
  const values = Object.entries({ envFrom, variablesFrom }).flatMap(([key, sources]) =>
    Object.entries(sources).flatMap(([variable, { configMap: name, optional }]) =>
      name === undefined || optional ? [] : [configMap(name, [key, variable, 'configMap'])],
    ),
  );
  return [
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
