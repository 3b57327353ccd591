import { z } from 'zod';
import { mapping } from './free-keys.ts';
import { clusterName, dnsLabel, dnsName, httpsUrl } from './primitives.ts';

const SSH_REPOSITORY =
  /^(ssh:\/\/([a-z_][-a-z0-9_]*@)?[A-Za-z0-9.-]+(:\d+)?\/|[a-z_][-a-z0-9_]*@[A-Za-z0-9.-]+:)[\w./~-]+$/;

const repository = z
  .string()
  .refine(
    (value) => httpsUrl.safeParse(value).success || SSH_REPOSITORY.test(value),
    "must be a Git repository, such as 'https://git.example.com/team/federation.git' or 'git@git.example.com:team/federation.git'; its credentials belong in a Secret of Argo CD",
  );

const revision = z
  .string()
  .regex(
    /^(?!.*(\.\.|\/\/|\.lock$))[A-Za-z0-9_][-A-Za-z0-9_./+]*$/,
    "must be a branch, a tag or a commit, such as 'main' or 'v1.2.0'",
  );

const path = z
  .string()
  .regex(
    /^(?!(.*\/)?\.\.?(\/|$))[A-Za-z0-9_.][-A-Za-z0-9_.]*(\/[A-Za-z0-9_.][-A-Za-z0-9_.]*)*$/,
    "must be a folder of the repository without '.', '..' or a slash at its ends, such as 'dist'",
  );

/** `spec.argocd`: Argo CD, which syncs what a synth made and somebody committed. */
export const argocd = z.strictObject({
  repository: repository.describe('Git repository that holds the manifests.'),
  revision: revision.default('HEAD').describe('Branch, tag or commit to sync. Default: HEAD, the default branch.'),
  path: path.default('dist').describe('Folder of the repository that holds the manifests.'),
  namespace: dnsLabel.default('argocd').describe('Namespace of Argo CD on the cluster that it runs on.'),
  project: dnsLabel.optional().describe("Name of the AppProject. Default: the federation's name."),
  clusters: mapping(clusterName, dnsName)
    .prefault({})
    .describe(
      "What Argo CD calls clusters, by 'host', 'karmada' or a member's name, such as 'host: in-cluster'. Default: the same names.",
    ),
  autoSync: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Whether Argo CD syncs by itself. Otherwise someone starts each sync.'),
      prune: z
        .boolean()
        .default(false)
        .describe(
          'Whether a sync deletes what left the repository. Namespaces, volumes and CRDs wait for a confirmation.',
        ),
      selfHeal: z.boolean().default(true).describe('Whether changes made in a cluster are undone.'),
    })
    .prefault({})
    .describe('What Argo CD does by itself.'),
  healthChecks: z
    .boolean()
    .default(true)
    .describe("Whether to make keys of Argo CD's ConfigMap argocd-cm that tell it the health of objects it misjudges."),
  bootstrap: z
    .boolean()
    .default(false)
    .describe('Whether the Jobs that bring k3s up on hosts are synced too, on the cluster that Argo CD runs on.'),
});
export type Argocd = z.output<typeof argocd>;
