import { join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { FEDERATION_LABEL } from '../../constructs/names.ts';
import type { Cluster } from '../../simulation/karmada.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Input } from '../../simulation/model.ts';
import { called } from '../called.ts';
import { Failure } from '../failure.ts';
import { foldersIn, isThere, plainFile } from '../files.ts';
import { readManifests } from '../manifests.ts';
import { asObject } from '../shapes.ts';
import { settingsOf } from './settings.ts';

/** What the folder of manifests says how the federation is to be. */
export interface Desired {
  readonly federation: string;
  /** Objects for the Karmada API. */
  readonly objects: readonly KubeObject[];
  readonly members: readonly Cluster[];
  /** How Karmada is set, as far as placements depend on it. */
  readonly settings: Omit<Input, 'objects' | 'members'>;
}

/**
 * Reads it.
 *
 * @throws Failure where there are no manifests, or others than a synth makes.
 */
export function desiredIn(dist: string): Desired {
  const host = join(dist, 'host');
  const hostObjects = isThere(host) ? readManifests(host) : [];
  if (hostObjects.length === 0) {
    throw new Failure(`there are no manifests in '${host}': "${called('synth')}" makes them`);
  }
  const federation = hostObjects.find(({ metadata }) => metadata.labels?.[FEDERATION_LABEL])?.metadata.labels?.[
    FEDERATION_LABEL
  ];
  if (federation === undefined) throw new Failure(`'${host}' does not say whose federation it is`);
  const karmada = join(dist, 'karmada');
  return {
    federation,
    objects: isThere(karmada) ? readManifests(karmada) : [],
    members: membersIn(dist),
    settings: settingsOf(hostObjects),
  };
}

/** The names of the members that it holds. */
export const memberNames = (dist: string): string[] => foldersIn(join(dist, 'members'));

/** Each member's own manifests hold what Karmada is told of it. */
function membersIn(dist: string): Cluster[] {
  return memberNames(dist)
    .map((name) => join(dist, 'members', name, '00-member.yaml'))
    .map((file) => {
      const record = readManifests(plainFile(file)).find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'member',
      );
      const text = (record?.data as Readonly<Record<string, string>> | undefined)?.['cluster.yaml'];
      if (text === undefined) throw new Failure(`'${file}' does not say what Karmada is told of the member`);
      return asObject(load(text, { schema: CORE_SCHEMA }), `${file}, cluster.yaml`) as Cluster;
    });
}
