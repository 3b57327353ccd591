import { Construct } from 'constructs';
import {
  Application,
  type ApplicationSpec,
  type ApplicationSpecIgnoreDifferences,
} from '../../imports/application-argoproj.io.ts';
import type { ForeignField } from './content.ts';
import { WAITED_FOR } from './names.ts';

/** What Argo CD does by itself. */
export interface AutoSync {
  /** Whether it syncs at all without being told. */
  readonly enabled: boolean;
  /** Whether a sync deletes what left the repository. */
  readonly prune: boolean;
  /** Whether changes made in the cluster are undone. */
  readonly selfHeal: boolean;
}

/** Properties of `TargetApplication`. */
export interface TargetApplicationProps {
  readonly name: string;
  /** Namespace of Argo CD. */
  readonly namespace: string;
  readonly project: string;
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** Folder of the repository with the manifests of the target. */
  readonly path: string;
  /** What Argo CD calls the cluster that the manifests are for. */
  readonly cluster: string;
  /** A namespace of that cluster in which the project may write. */
  readonly clusterNamespace: string;
  readonly autoSync: AutoSync;
  /** Place in the order of the Applications: the lower first. */
  readonly wave: number;
  /**
   * Whether Applications of later waves wait until this one is healthy.
   *
   * @default true
   */
  readonly waitedFor?: boolean;
  /**
   * Whether admission webhooks of the cluster change objects on their way in, as Karmada's do.
   *
   * @default false
   */
  readonly mutated?: boolean;
  /**
   * Fields that something else in the cluster writes.
   *
   * @default - none
   */
  readonly foreignFields?: readonly ForeignField[];
}

/**
 * Defines the Application that keeps the manifests of one API server in sync. It has no finalizer: when it is deleted,
 * what it synced stays.
 */
export class TargetApplication extends Construct {
  constructor(scope: Construct, id: string, props: TargetApplicationProps) {
    super(scope, id);
    new Application(this, 'Resource', {
      metadata: {
        name: props.name,
        namespace: props.namespace,
        annotations: {
          'argocd.argoproj.io/sync-wave': String(props.wave),
          'argocd.argoproj.io/compare-options': compareOptions(props),
          ...(props.waitedFor === false && { [WAITED_FOR]: 'false' }),
        },
      },
      spec: applicationSpec(props),
    });
  }
}

/** How an Application finds out what differs: the API server says what an apply would change, its defaults included. */
export function compareOptions({ mutated = false }: Pick<TargetApplicationProps, 'mutated'>): string {
  return `ServerSideDiff=true${mutated ? ',IncludeMutationWebhook=true' : ''}`;
}

/** What syncs a target, and how. */
export function applicationSpec(
  props: Omit<TargetApplicationProps, 'name' | 'namespace' | 'wave' | 'waitedFor' | 'mutated'>,
): ApplicationSpec {
  const { autoSync, foreignFields = [] } = props;
  return {
    project: props.project,
    source: { repoUrl: props.repository, targetRevision: props.revision, path: props.path },
    destination: { name: props.cluster, namespace: props.clusterNamespace },
    syncPolicy: {
      automated: autoSync.enabled ? { prune: autoSync.prune, selfHeal: autoSync.selfHeal } : undefined,
      syncOptions: [
        'ServerSideApply=true',
        // CRDs that a chart installs, and CRDs of an operator, come later than objects of their kinds.
        'SkipDryRunOnMissingResource=true',
        'ApplyOutOfSyncOnly=true',
        'PruneLast=true',
        ...(foreignFields.length > 0 ? ['RespectIgnoreDifferences=true'] : []),
      ],
      // About an hour, for what is being built up elsewhere; each try takes the newest commit.
      retry: { limit: 15, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
    },
    ignoreDifferences: foreignFields.length > 0 ? foreignFields.map(ignored) : undefined,
  };
}

/**
 * What Argo CD does not compare. A sync makes it the owner of what it found in such a field, so that the dry run that it
 * compares with, which lacks the field or has another value, changes it. That shows in the generation, too, of which no
 * sync could get rid.
 */
function ignored({ group, jsonPointers = [], ...field }: ForeignField): ApplicationSpecIgnoreDifferences {
  return { ...(group && { group }), ...field, jsonPointers: [...jsonPointers, '/metadata/generation'] };
}
