import type { Chart } from 'cdk8s';
import { lookup } from '../../simulation/lookup.ts';
import { FEDERATION_NAMESPACE } from '../names.ts';
import { contentOf, type ForeignField, type GroupKind, guard, order } from './content.ts';
import { HealthChecks } from './health-checks.ts';
import { MemberApplications, type MemberTarget } from './member-applications.ts';
import { IN_CLUSTER, KARMADA_CLUSTER } from './names.ts';
import { type Destination, Project } from './project.ts';
import { type AutoSync, TargetApplication } from './target-application.ts';

/** How Argo CD reaches the manifests and what it does with them. */
export interface ArgocdSettings {
  /** Git repository that holds the manifests. */
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Folder of the repository that holds the targets. */
  readonly path: string;
  /** Namespace of Argo CD. */
  readonly namespace: string;
  /**
   * Name of the AppProject.
   *
   * @default - the federation's name
   */
  readonly project?: string;
  /** What Argo CD calls a cluster, by `host`, `karmada` or the member's name, where it is not that. */
  readonly clusters: Readonly<Record<string, string>>;
  readonly autoSync: AutoSync;
  /** Whether to add to Argo CD's health checks. */
  readonly healthChecks: boolean;
  /** Whether the target `bootstrap` is synced, too. */
  readonly bootstrap: boolean;
}

/** Members come beside the Karmada API: neither needs the other to be there. */
const MEMBERS_WAVE = 1;

/** Where a target goes, and when. */
interface Place {
  /** Name of the member that the target is for. */
  readonly member?: string;
  readonly cluster: string;
  readonly wave: number;
  /** Whether what comes later needs it. */
  readonly waitedFor: boolean;
}

/**
 * Makes the manifests by which Argo CD keeps all others in sync:
 *
 * - `argocd/`: the projects, and an Application that syncs `argocd/applications/`;
 * - `argocd/applications/`: an Application for each target, in the order of their waves; those of the members come from
 *   one ApplicationSet;
 * - `argocd/settings/`: keys of Argo CD's own ConfigMap.
 *
 * Argo CD must be 3.2 or newer, which takes the newest commit when it tries again.
 *
 * Marks objects of the targets, too, so this comes after everything else has been made.
 *
 * @param file makes the chart of a file, as `Manifests.file` does.
 * @param federation name of the federation.
 * @param targets the charts by folder: `bootstrap`, `host`, `karmada`, `members/<name>`.
 */
export function syncByArgocd(
  file: (target: string, name: string) => Chart,
  federation: string,
  settings: ArgocdSettings,
  targets: ReadonlyMap<string, readonly Chart[]>,
): void {
  const { namespace, repository, revision, autoSync, project = federation } = settings;
  const common = { namespace, repository, revision, autoSync };
  const destinations: Destination[] = [];
  const kinds = { cluster: new Map<string, GroupKind>(), namespaced: new Map<string, GroupKind>() };
  const members: MemberTarget[] = [];
  const membersFields = new Map<string, ForeignField>();

  for (const [path, charts] of targets) {
    const place = placeOf(path, settings);
    if (!place) continue;
    guard(charts);
    if (path === 'karmada') order(charts);
    const content = contentOf(charts);
    for (const one of content.clusterKinds) kinds.cluster.set(`${one.group}/${one.kind}`, one);
    for (const one of content.namespacedKinds) kinds.namespaced.set(`${one.group}/${one.kind}`, one);
    const namespaces = content.namespaces.length > 0 ? content.namespaces : ['default'];
    destinations.push({ cluster: place.cluster, namespaces });
    if (place.member !== undefined) {
      members.push({ name: place.member, cluster: place.cluster });
      for (const field of content.foreignFields) membersFields.set(JSON.stringify(field), field);
      continue;
    }
    const name = `${federation}-${path}`;
    new TargetApplication(file('argocd/applications', `${place.wave + 1}0-${path}`), name, {
      ...common,
      name,
      project,
      path: `${settings.path}/${path}`,
      cluster: place.cluster,
      clusterNamespace: namespaces[0] as string,
      wave: place.wave,
      waitedFor: place.waitedFor,
      mutated: path === 'karmada',
      foreignFields: content.foreignFields,
    });
  }
  if (members.length > 0) {
    new MemberApplications(file('argocd/applications', `${MEMBERS_WAVE + 1}0-members`), 'members', {
      ...common,
      federation,
      project,
      path: `${settings.path}/members`,
      members,
      // Every member has it: its record is there.
      clusterNamespace: FEDERATION_NAMESPACE,
      wave: MEMBERS_WAVE,
      foreignFields: [...membersFields.values()],
    });
  }

  const projects = file('argocd', '00-projects');
  new Project(projects, 'targets', {
    name: project,
    namespace,
    description: `What the federation ${federation} needs on its clusters`,
    repository,
    destinations,
    clusterKinds: sorted(kinds.cluster),
    namespacedKinds: sorted(kinds.namespaced),
  });
  // Whoever writes Applications can name any project in them: this one is apart, and holds nothing else.
  const applications = `${project}-applications`;
  new Project(projects, 'applications', {
    name: applications,
    namespace,
    description: `The Applications of the federation ${federation}`,
    repository,
    destinations: [{ cluster: IN_CLUSTER, namespaces: [namespace] }],
    namespacedKinds: [
      { group: 'argoproj.io', kind: 'Application' },
      ...(members.length > 0 ? [{ group: 'argoproj.io', kind: 'ApplicationSet' }] : []),
    ],
  });
  new TargetApplication(file('argocd', '10-applications'), 'applications', {
    ...common,
    name: federation,
    project: applications,
    path: `${settings.path}/argocd/applications`,
    cluster: IN_CLUSTER,
    clusterNamespace: namespace,
    wave: 0,
  });
  if (settings.healthChecks) new HealthChecks(file('argocd/settings', '00-health'), 'health', { namespace });
}

function placeOf(path: string, { clusters, bootstrap }: ArgocdSettings): Place | undefined {
  const member = /^members\/(.+)$/.exec(path)?.[1];
  if (member) return { member, cluster: lookup(clusters, member) ?? member, wave: MEMBERS_WAVE, waitedFor: false };
  switch (path) {
    case 'bootstrap':
      // Jobs of the management cluster, which is where Argo CD runs.
      return bootstrap ? { cluster: IN_CLUSTER, wave: -1, waitedFor: true } : undefined;
    case 'host':
      return { cluster: clusters.host ?? 'host', wave: 0, waitedFor: true };
    case 'karmada':
      return { cluster: clusters.karmada ?? KARMADA_CLUSTER, wave: 1, waitedFor: false };
    default:
      throw new Error(`'${path}' is no target that Argo CD could sync`);
  }
}

function sorted(kinds: ReadonlyMap<string, GroupKind>): GroupKind[] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}
