import { join } from 'node:path';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { called } from '../called.ts';
import { Failure } from '../failure.ts';
import { entriesIn, foldersIn, isThere, plainFile } from '../files.ts';
import { readManifests } from '../manifests.ts';
import { Misuse } from '../misuse.ts';

/** The API server that each target is for, as `scripts/apply.sh` has it; a member's is its own. */
const CLUSTERS: Readonly<Record<string, string>> = {
  bootstrap: 'management',
  host: 'host',
  karmada: 'karmada',
  argocd: 'argocd',
};

/** A folder of manifests, and the cluster that they are applied to. */
export interface Target {
  /** Such as `members/edge`. */
  readonly name: string;
  /** Such as `edge`. */
  readonly cluster: string;
}

/**
 * The targets of these names, or all that there are.
 *
 * @throws Misuse for a name of no target.
 * @throws Failure for one that there are no manifests of.
 */
export function targetsOf(dist: string, names: readonly string[]): Target[] {
  const members = foldersIn(join(dist, 'members')).map((name) => `members/${name}`);
  const all = ['bootstrap', 'host', ...members, 'karmada', 'argocd'].filter(
    (name) => manifestFiles(dist, name).length > 0,
  );
  if (all.length === 0) throw new Failure(`there are no manifests in '${dist}': "${called('synth')}" makes them`);
  if (names.some((name) => trimmed(name) === 'members') && members.length === 0) {
    throw new Failure(`there is no member in '${join(dist, 'members')}'`);
  }
  const wanted =
    names.length === 0 ? all : names.flatMap((name) => (trimmed(name) === 'members' ? members : trimmed(name)));
  return [...new Set(wanted)].map((name) => {
    const cluster = Object.hasOwn(CLUSTERS, name)
      ? CLUSTERS[name]
      : /^members\/([a-z0-9]([a-z0-9-]*[a-z0-9])?)$/.exec(name)?.[1];
    if (cluster === undefined) {
      const meant = members.includes(`members/${name}`)
        ? `did you mean 'members/${name}'?`
        : 'bootstrap, host, karmada, argocd, members or members/NAME';
      throw new Misuse(`'${name}' is not a target: ${meant}`, 'diff');
    }
    if (!all.includes(name)) {
      if (name.startsWith('members/') && members.length > 0) {
        throw new Misuse(`no member '${cluster}' in '${join(dist, 'members')}'`, 'diff');
      }
      // The mark of a synth.
      const made = isThere(join(dist, 'README.md'));
      const why = made ? ', for this federation needs none there' : `: "${called('synth')}" makes them`;
      throw new Failure(`there are no manifests in '${join(dist, name)}'${why}`);
    }
    return { name, cluster };
  });
}

/** What is applied for a target, in order. Argo CD's own settings come first; its Applications it syncs itself. */
export function objectsOf(dist: string, { name }: Target): KubeObject[] {
  return manifestFiles(dist, name).flatMap((file) => readManifests(plainFile(file)));
}

function manifestFiles(dist: string, target: string): string[] {
  const folders = target === 'argocd' ? ['argocd/settings', 'argocd'] : [target];
  return folders
    .map((folder) => join(dist, folder))
    .flatMap((folder) =>
      entriesIn(folder)
        .filter(({ name }) => name.endsWith('.yaml'))
        .map(({ name }) => join(folder, name)),
    );
}

const trimmed = (name: string) => name.replace(/\/$/, '');
