import { Construct } from 'constructs';
import { AppProject } from '../../imports/appproject-argoproj.io.ts';
import type { GroupKind } from './content.ts';

/** Where a project's Applications may write. */
export interface Destination {
  /** What Argo CD calls the cluster. */
  readonly cluster: string;
  readonly namespaces: readonly string[];
}

/** Properties of `Project`. */
export interface ProjectProps {
  readonly name: string;
  /** Namespace of Argo CD. */
  readonly namespace: string;
  /** One line for whoever finds it in Argo CD. */
  readonly description: string;
  /** The only Git repository that its Applications may take manifests from. */
  readonly repository: string;
  readonly destinations: readonly Destination[];
  /**
   * Kinds without namespace that may be written.
   *
   * @default - none
   */
  readonly clusterKinds?: readonly GroupKind[];
  /** Kinds with a namespace that may be written. */
  readonly namespacedKinds: readonly GroupKind[];
}

/**
 * Defines an AppProject: what its Applications may read and write, and nothing beyond it. It is applied by whoever
 * administers Argo CD and never synced from the repository that it restrains.
 */
export class Project extends Construct {
  constructor(scope: Construct, id: string, props: ProjectProps) {
    super(scope, id);
    const { name, namespace, description, repository, destinations, clusterKinds = [], namespacedKinds } = props;
    new AppProject(this, 'Resource', {
      metadata: { name, namespace },
      spec: {
        description,
        sourceRepos: [repository],
        destinations: destinations.flatMap(({ cluster, namespaces }) =>
          namespaces.map((allowed) => ({ name: cluster, namespace: allowed })),
        ),
        clusterResourceWhitelist: [...clusterKinds],
        // A list that is missing would allow every kind.
        namespaceResourceWhitelist: [...namespacedKinds],
      },
    });
  }
}
