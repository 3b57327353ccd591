/** What Argo CD calls the cluster that it runs on, unless somebody has renamed it. */
export const IN_CLUSTER = 'in-cluster';

/** What Argo CD calls the Karmada API server, which is no cluster but looks like one. */
export { KARMADA_CLUSTER } from '../names.ts';

/** On an Application: `false` when no other one waits for its health. `health/application.lua` reads it. */
export const WAITED_FOR = 'serverless-federation.io/waited-for';

/** The project that Argo CD makes itself, for Applications that name none. */
export const ARGOCD_PROJECT = 'default';
