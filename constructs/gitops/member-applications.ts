import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { toJson_ApplicationSpec } from '../../imports/application-argoproj.io.ts';
import { applicationSpec, compareOptions, type TargetApplicationProps } from './target-application.ts';

/** A member, and how Argo CD reaches it. */
export interface MemberTarget {
  readonly name: string;
  /** What Argo CD calls the member's cluster. */
  readonly cluster: string;
}

/** Properties of `MemberApplications`. */
export interface MemberApplicationsProps
  extends Omit<TargetApplicationProps, 'name' | 'path' | 'cluster' | 'waitedFor' | 'mutated'> {
  /** Name of the federation. */
  readonly federation: string;
  /** Folder of the repository that holds a folder for each member. */
  readonly path: string;
  /** At least one. */
  readonly members: readonly MemberTarget[];
}

/**
 * Defines the ApplicationSet that makes an Application for each member. Its members are listed, so that a reader sees
 * which cluster gets what, and a pull request what a new member changes.
 *
 * Its own health, which Argo CD knows, says that the Applications are there and nothing of how they fare: an edge
 * cluster that is off holds up no other one. What a member got stays when its Application is deleted, and without
 * pruning the Application stays, too.
 */
export class MemberApplications extends Construct {
  constructor(scope: Construct, id: string, props: MemberApplicationsProps) {
    super(scope, id);
    const { federation, namespace, wave, path, members, ...application } = props;
    new ApiObject(this, 'Resource', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: {
        name: `${federation}-members`,
        namespace,
        annotations: { 'argocd.argoproj.io/sync-wave': String(wave) },
      },
      spec: {
        goTemplate: true,
        goTemplateOptions: ['missingkey=error'],
        generators: [{ list: { elements: members.map(({ name, cluster }) => ({ member: name, cluster })) } }],
        syncPolicy: {
          preserveResourcesOnDeletion: true,
          applicationsSync: props.autoSync.prune ? 'sync' : 'create-update',
        },
        template: {
          metadata: {
            name: `${federation}-member-{{ .member }}`,
            annotations: { 'argocd.argoproj.io/compare-options': compareOptions({}) },
          },
          spec: toJson_ApplicationSpec(
            applicationSpec({ ...application, path: `${path}/{{ .member }}`, cluster: '{{ .cluster }}' }),
          ),
        },
      },
    });
  }
}
