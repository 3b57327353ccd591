import { z } from 'zod';
import { PACKAGED_COMPONENTS } from '../k3s/flags.ts';
import { K3S_VERSION } from '../versions.ts';
import { quote } from './faults.ts';
import { flags } from './k3s-flags.ts';
import { httpsUrl, k3sVersion, sha256 } from './primitives.ts';
import { proxy, registries } from './registries.ts';

/** `spec.k3s`: k3s on the clusters that have hosts. */
export const k3s = z.strictObject({
  version: k3sVersion.default(K3S_VERSION).describe('Release of k3s.'),
  installer: z
    .strictObject({
      url: httpsUrl.optional().describe("Where the installer is fetched. Default: install.sh at the release's tag."),
      sha256: sha256
        .optional()
        .describe(
          "Checksum of the installer; another one is refused. Default: that of the release's own, if it is known and no 'url' is given; otherwise not checked.",
        ),
      releases: httpsUrl
        .optional()
        .describe(
          'Mirror of https://github.com/k3s-io/k3s/releases, which binary and images are fetched from: <releases>/download/<version>/k3s.',
        ),
      images: z
        .boolean()
        .default(false)
        .describe(
          "Whether hosts also get the release's images as an archive, from 'releases', for hosts that reach no registry.",
        ),
      skipDownload: z.boolean().default(false).describe('Whether k3s is on the hosts already, as without internet.'),
    })
    .prefault({})
    .describe("k3s's installer."),
  registries: registries
    .prefault({})
    .describe("Where images are pulled from: k3s's registries.yaml. A change restarts k3s on the hosts."),
  proxy: proxy
    .prefault({})
    .describe('Proxy of k3s, containerd and Helm, and of what the bootstrap downloads. A change restarts k3s.'),
  disable: z
    .array(z.enum(PACKAGED_COMPONENTS))
    .prefault([])
    .describe("Packaged components to leave out, beyond those that 'network' and 'runtimes' replace."),
  kubeconfigMode: z
    .string({
      error: ({ input }) => `must be an octal mode in quotes, such as "0600", got ${quote(input)}`,
    })
    .regex(/^0?[0-7]{3}$/, 'must be an octal mode, such as "0600"')
    .default('0600')
    .describe('Mode of the admin kubeconfig on the servers, octal, in quotes.'),
  secretsEncryption: z.boolean().default(true).describe('Whether Secrets are encrypted in the datastore.'),
  server: flags('server').prefault({}).describe("Further flags of 'k3s server' by name."),
  agent: flags('agent').prefault({}).describe("Further flags of 'k3s agent' by name."),
  readyTimeout: z
    .int()
    .min(1, 'must be at least 1 second')
    .max(3600, 'must be at most 3600 seconds')
    .default(600)
    .describe('Seconds that the bootstrap waits for a node to be Ready.'),
  upgrade: z
    .strictObject({
      by: z
        .enum(['bootstrap', 'plans'])
        .default('bootstrap')
        .describe(
          "Who brings running hosts to another version. bootstrap: its Jobs, all at once; plans: system-upgrade-controller's Plans, node by node. A cluster that exists already has to say 'plans' itself, if it is k3s.",
        ),
      concurrency: z.int().min(1, 'must be at least 1').default(1).describe('Agents that are upgraded at a time.'),
      drain: z.boolean().default(true).describe('Whether an agent is drained before; servers are only cordoned.'),
    })
    .prefault({})
    .describe('How running clusters come to another version.'),
});
export type K3s = z.output<typeof k3s>;
