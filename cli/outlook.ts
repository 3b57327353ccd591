import type { FederationSpec } from '../constructs/spec/federation.ts';
import type { Cluster } from '../simulation/karmada.ts';
import type { Input } from '../simulation/model.ts';
import { scaled } from '../simulation/scaled.ts';
import { Failure } from './failure.ts';
import { readManifests } from './manifests.ts';
import { Misuse } from './misuse.ts';

/** Options that say what is looked at. */
export interface OutlookOptions {
  readonly room?: string;
  readonly manifests?: string;
  readonly members?: string;
}

/** What Karmada will look at, and the federation that it comes from, if it comes from one. */
export interface FederationOutlook {
  readonly input: Input;
  readonly spec?: FederationSpec;
}

/**
 * Reads what Karmada will look at: what the federation's file comes to, or other manifests.
 *
 * @param command what a user types, for messages.
 * @throws Misuse for options that do not go together.
 * @throws Failure for files that cannot be used.
 */
export async function outlookFor(options: OutlookOptions, command: string): Promise<FederationOutlook> {
  const { manifests, members, room } = options;
  if ((manifests === undefined) !== (members === undefined)) {
    throw new Misuse(
      '--manifests and --members go together: objects for the Karmada API, and the Cluster objects',
      command,
    );
  }
  const outlook =
    manifests === undefined || members === undefined
      ? await federationOutlook(command)
      : { input: { objects: readManifests(manifests), members: clustersIn(members) } };
  const input = { ...outlook.input, objects: scaled(outlook.input.objects) };
  if (room === undefined) return { ...outlook, input };
  return { ...outlook, input: { ...input, members: withRoom(input.members, clustersIn(room)) } };
}

/** What the federation's file comes to. It is loaded only here: cdk8s takes longer than all else. */
async function federationOutlook(command: string): Promise<FederationOutlook> {
  const [{ Federation }, { outlook }, { federationFile, readFederation }] = await Promise.all([
    import('../constructs/federation.ts'),
    import('../constructs/ahead/outlook.ts'),
    import('./federation.ts'),
  ]);
  const spec = readFederation(federationFile(process.cwd(), command));
  return { input: outlook(spec, new Federation(spec).manifests.objects('karmada')), spec };
}

function clustersIn(file: string): Cluster[] {
  const clusters = readManifests(file).filter(
    ({ apiVersion, kind }) => kind === 'Cluster' && apiVersion.startsWith('cluster.karmada.io/'),
  );
  if (clusters.length === 0) throw new Failure(`'${file}' holds no Cluster of cluster.karmada.io`);
  return clusters as Cluster[];
}

/** The members, each with the status (room, kinds that it serves) of the Cluster object of its name. */
export function withRoom(members: readonly Cluster[], clusters: readonly Cluster[]): Cluster[] {
  const known = new Map(clusters.map((cluster) => [cluster.metadata.name, cluster]));
  return members.map((member) => {
    const { status, spec } = known.get(member.metadata.name) ?? {};
    if (!status) return member;
    const models = spec?.resourceModels;
    return { ...member, spec: { ...member.spec, ...(models && { resourceModels: models }) }, status };
  });
}
