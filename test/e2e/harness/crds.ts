import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Obj } from './api.ts';
import type { Cluster } from './cluster.ts';
import { until } from './wait.ts';

/** Where definitions of the groups that clusters have from others may lie: one folder a group. */
const crdFolder = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'crds');

/** Groups of `dist/` that the central cluster and members know from k3s and from operators. */
export const clusterGroups = [
  'argoproj.io',
  'cert-manager.io',
  'core.spinkube.dev',
  'helm.cattle.io',
  'metallb.io',
  'operator.tigera.io',
  'projectcalico.org',
  'runtime.spinkube.dev',
  'upgrade.cattle.io',
];

/** Groups of Karmada's own API. */
export const karmadaGroups = [
  'apps.karmada.io',
  'autoscaling.karmada.io',
  'config.karmada.io',
  'multicluster.x-k8s.io',
  'networking.karmada.io',
  'policy.karmada.io',
  'remedy.karmada.io',
  'search.karmada.io',
  'work.karmada.io',
];

/** Whether the definitions of a group are on this machine. */
export function hasDefinitions(group: string): boolean {
  return existsSync(join(crdFolder, group));
}

/** Installs the definitions of these groups, and returns the groups whose definitions are not on this machine. */
export async function installCrds(cluster: Cluster, groups: readonly string[]): Promise<string[]> {
  const there = groups.filter(hasDefinitions);
  const files = there.flatMap((group) =>
    readdirSync(join(crdFolder, group)).map((file) => join(crdFolder, group, file)),
  );
  if (files.length > 0) {
    await cluster.kubectl(['apply', '--server-side', ...files.flatMap((file) => ['--filename', file])]);
    await established(cluster);
  }
  return groups.filter((group) => !there.includes(group));
}

/** Waits until a cluster serves every kind whose definition it has. */
export async function established(cluster: Cluster): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await until('every CRD to be established', async () => {
    const waiting = (await cluster.api.list(path)).filter(
      ({ status }) => !status?.conditions?.some((one: Obj) => one.type === 'Established' && one.status === 'True'),
    );
    if (waiting.length > 0) throw new Error(`not yet: ${waiting.map(({ metadata }) => metadata.name).join(', ')}`);
    return true;
  });
  const definitions = await cluster.api.list(path);
  // What is established is told of by discovery a moment later, and clients go by that.
  await until('discovery to know every kind', async () => {
    const unknown = await Promise.all(
      [...versionsOf(definitions)].map(async ([version, names]) => {
        const known = new Set((await cluster.api.find(`/apis/${version}`))?.resources.map(({ name }: Obj) => name));
        return names.filter((name) => !known.has(name)).map((name) => `${name} of ${version}`);
      }),
    );
    if (unknown.flat().length > 0) throw new Error(`not yet: ${unknown.flat().join(', ')}`);
    return true;
  });
}

/** The plural names of the kinds that are served, by the versions of their groups. */
function versionsOf(definitions: readonly Obj[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { spec } of definitions) {
    for (const { name, served } of spec.versions) {
      const version = `${spec.group}/${name}`;
      if (served) found.set(version, [...(found.get(version) ?? []), spec.names.plural]);
    }
  }
  return found;
}
