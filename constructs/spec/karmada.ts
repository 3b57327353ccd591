import { z } from 'zod';
import { DEFAULT_SERVICE_CIDR } from '../karmada/apiserver.ts';
import { DEFAULT_ETCD_STORAGE, type EtcdSettings, type ExternalEtcd } from '../karmada/etcd.ts';
import { DEFAULT_CLUSTER_DOMAIN, DEFAULT_NAMESPACE, ETCD_MAX_MEMBERS } from '../karmada/names.ts';
import { KARMADA_VERSION } from '../versions.ts';
import { cidr } from './addresses.ts';
import { certificates, crds } from './certificates.ts';
import { mapping } from './free-keys.ts';
import {
  checkServiceAnnotations,
  clusterName,
  dataKey,
  dnsLabel,
  dnsName,
  httpsUrl,
  image,
  imagePullPolicy,
  int32,
  labels,
  objectAnnotations,
  objectLabels,
  podAnnotations,
  port,
  positiveQuantity,
  processText,
  quantity,
  releaseTag,
} from './primitives.ts';
import { proxyUrl } from './registries.ts';
import { resources } from './resources.ts';
import { podAffinity } from './scheduling.ts';
import { toleration } from './toleration.ts';

const flag = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be a flag without dashes before it, such as 'v'");

const gates = mapping(
  z.string().regex(/^[A-Z][A-Za-z0-9]*$/, "must be a feature gate, such as 'MultiClusterService'"),
  z.boolean(),
);

const share = z
  .union([int32.min(0), z.string().regex(/^([0-9]|[1-9][0-9]|100)%$/)], {
    error: "must be a number or a share, such as 1 or '50%'",
  })
  .optional();

const secretKey = z.strictObject({
  name: dnsName.describe("Name of a Secret in Karmada's namespace."),
  key: dataKey.describe('Key in it.'),
});

/** Labels of pods, without those by which their workload finds them. */
const podLabels = (...selector: string[]) =>
  objectLabels.superRefine((value, context) => {
    for (const key of selector.filter((label) => Object.hasOwn(value, label))) {
      const message = 'is how the workload finds its pods, leave it out';
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

/** What every component takes. */
const componentShape = {
  image: image.optional().describe("Image with its tag, used as it stands. Default: the release's own."),
  imagePullPolicy: imagePullPolicy.optional().describe('When nodes pull its image. Default: as for all.'),
  imagePullSecrets: z
    .array(dnsName)
    .optional()
    .describe("Further Secrets of Karmada's namespace to pull its image with. Default: none."),
  resources: resources.optional().describe('CPU and memory. Default: requests that fit a small federation, no limits.'),
  nodeSelector: labels.optional().describe('Labels of the nodes that it may run on. Default: those of all.'),
  tolerations: z.array(toleration).optional().describe('Node taints that it bears. Default: those of all.'),
  affinity: podAffinity.optional().describe("Kubernetes' affinity. Default: replicas spread over nodes."),
  podLabels: podLabels('app').optional().describe("Labels of its pods, besides 'app'. Default: none."),
  podAnnotations: podAnnotations.optional().describe('Annotations of its pods. Default: none.'),
  priorityClassName: dnsName.optional().describe('PriorityClass of its pods. Default: system-node-critical.'),
  podDisruptionBudget: z
    .strictObject({
      minAvailable: share.describe('Replicas that must stay: a number or a share.'),
      maxUnavailable: share.describe('Replicas that may be away: a number or a share.'),
    })
    .refine((value) => value.minAvailable === undefined || value.maxUnavailable === undefined, {
      error: "must have 'minAvailable' or 'maxUnavailable', not both",
    })
    .optional()
    .describe('What evictions may take away, of two replicas or more. Default: one replica.'),
  extraArgs: mapping(
    flag,
    z.union([processText, z.number(), z.boolean()], { error: 'must be a string, a number, true or false' }),
  )
    .refine((args) => args['feature-gates'] === undefined, {
      error: "must not hold 'feature-gates', give them as 'featureGates'",
    })
    .optional()
    .describe('Flags by name, without dashes; one that is set already takes this value. Default: none.'),
};
const replicas = int32.min(1).optional();
const one = { replicas: replicas.describe('Replicas. Default: 1.') };
const two = { replicas: replicas.describe('Replicas. Default: 2.') };
const gated = {
  featureGates: gates.optional().describe("Feature gates of this component alone. Default: those of 'karmada'."),
};

const component = z.strictObject({ ...one, ...componentShape, ...gated });

const apiserver = z.strictObject({
  ...one,
  ...componentShape,
  featureGates: gates.optional().describe("Kubernetes' feature gates. Default: none."),
  service: z
    .strictObject({
      type: z
        .enum(['ClusterIP', 'NodePort', 'LoadBalancer'])
        .default('ClusterIP')
        .describe('How members and users outside the central cluster reach it; ClusterIP: not at all.'),
      nodePort: port
        .optional()
        .describe(
          'Port of the nodes, for NodePort and LoadBalancer. Default: Kubernetes takes one, and nobody knows the address before it has.',
        ),
      annotations: objectAnnotations.optional().describe('Annotations of the Service. Default: none.'),
      loadBalancerClass: z
        .string()
        .min(1)
        .optional()
        .describe("Who provides the load balancer. Default: the cluster's own."),
      loadBalancerSourceRanges: z
        .array(cidr)
        .optional()
        .describe('Networks that may connect to the load balancer. Default: any.'),
    })
    .superRefine(({ type, nodePort, loadBalancerClass, loadBalancerSourceRanges }, context) => {
      const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
      if (nodePort !== undefined && type === 'ClusterIP') {
        fault('nodePort', "needs 'type: NodePort' or 'type: LoadBalancer'");
      }
      if (type !== 'LoadBalancer') {
        if (loadBalancerClass !== undefined) fault('loadBalancerClass', "needs 'type: LoadBalancer'");
        if (loadBalancerSourceRanges !== undefined) fault('loadBalancerSourceRanges', "needs 'type: LoadBalancer'");
      }
    })
    .superRefine(checkServiceAnnotations)
    .prefault({})
    .describe('How it is reached from outside the central cluster.'),
  serviceCidr: cidr
    .default(DEFAULT_SERVICE_CIDR)
    .describe('Network of the addresses that Services have in the Karmada API; nobody connects to them.'),
  encryption: secretKey
    .optional()
    .describe("Key of a Secret with Kubernetes' EncryptionConfiguration. Default: Secrets are not encrypted in etcd."),
  oidcCa: secretKey.optional().describe("CA of the OIDC issuer that 'extraArgs' name. Default: the CAs of the image."),
});

const etcd = z
  .strictObject({
    replicas: z
      .int()
      .min(1)
      .max(ETCD_MAX_MEMBERS)
      .refine((count) => count % 2 === 1, 'must be odd, for etcd keeps its quorum so: 1, 3 or 5')
      .optional()
      .describe("Members, an odd number; more of them later need 'etcdctl member add' for each. Default: 1."),
    ...componentShape,
    storage: positiveQuantity
      .optional()
      .describe(`Size of the persistent volume of each member. Default: ${DEFAULT_ETCD_STORAGE.size}.`),
    storageClass: dnsName.optional().describe("StorageClass of the volume. Default: the cluster's default class."),
    hostPath: z
      .string()
      .regex(/^(\/[A-Za-z0-9_][-A-Za-z0-9_.]*)+$/, "must be an absolute path, such as '/var/lib/karmada-etcd'")
      .optional()
      .describe('Folder of the node to keep data in, in place of a volume; for one replica, bound to its node.'),
    memory: quantity
      .optional()
      .describe('Keeps data in memory, at most so much, in place of a volume: all is lost with the pod. For trials.'),
    external: z
      .strictObject({
        endpoints: z
          .array(
            z
              .string()
              .regex(
                /^https:\/\/([a-z0-9]([-a-z0-9.]*[a-z0-9])?|\[[0-9a-f:]+\]):\d{1,5}$/,
                "must be the URL of an etcd member, such as 'https://10.0.0.11:2379'",
              ),
          )
          .min(1)
          .describe('URLs of its members.'),
        secret: dnsName.describe("Secret of Karmada's namespace with ca.crt, and tls.crt and tls.key of a client."),
        prefix: z
          .string()
          .regex(/^(\/[A-Za-z0-9_][-A-Za-z0-9_.]*)+$/, "must be a key of etcd, such as '/registry/karmada'")
          .optional()
          .describe('Key that the Karmada API keeps everything under. Default: /registry.'),
      })
      .optional()
      .describe('An etcd that is there already, in place of one of its own.'),
  })
  .transform((value, context): EtcdSettings | { external: ExternalEtcd } => {
    const { storage, storageClass, hostPath, memory, external, ...rest } = value;
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (external) {
      for (const key of Object.keys(value)) {
        if (key !== 'external') fault(key, "is for an etcd of its own: leave it out, or leave out 'external'");
      }
      const { endpoints, secret, prefix } = external;
      return { external: { endpoints, secretName: secret, prefix } };
    }
    const kinds = Object.entries({ storage: storage ?? storageClass, hostPath, memory }).filter(([, given]) => given);
    if (kinds.length > 1) {
      const names = kinds.map(([key]) => `'${key}'`).join(' and ');
      fault(kinds[1]?.[0] ?? 'storage', `excludes others, got ${names}: give one of them`);
    }
    if ((hostPath || memory) && (rest.replicas ?? 1) > 1) {
      fault('replicas', "must be 1 with 'hostPath' and 'memory': take 'storage', which follows a member to any node");
    }
    if (hostPath && Object.keys(rest.nodeSelector ?? {}).length === 0) {
      fault('nodeSelector', "is required: name the node of 'hostPath', such as 'kubernetes.io/hostname: cplane-1'");
    }
    if (hostPath) return { ...rest, storage: { type: 'hostPath', path: hostPath } };
    if (memory) return { ...rest, storage: { type: 'memory', size: memory } };
    return {
      ...rest,
      storage: {
        type: 'persistent',
        size: storage ?? DEFAULT_ETCD_STORAGE.size,
        ...(storageClass && { storageClass }),
      },
    };
  });

/** `spec.controlPlane.karmada`: the Karmada control plane. */
export const karmada = z.strictObject({
  version: releaseTag
    .refine((tag) => /^v(1\.(1[89]|[2-9]\d)|[2-9])\./.test(tag), {
      error: 'must be v1.18.0 or newer, whose flags and objects are used here',
    })
    .default(KARMADA_VERSION)
    .describe('Release of Karmada, of v1.18: a later minor is taken with a warning.'),
  namespace: dnsLabel
    .refine((name) => !/^(default$|kube-|karmada-cluster$|karmada-es-)/.test(name), {
      error: "must be a namespace of its own, such as 'karmada-system'",
    })
    .default(DEFAULT_NAMESPACE)
    .describe('Namespace of the control plane, on the central cluster and in the Karmada API.'),
  clusterDomain: dnsName.default(DEFAULT_CLUSTER_DOMAIN).describe('DNS domain of the central cluster.'),
  toolsImage: image
    .optional()
    .describe(
      "Image of Jobs and of the containers that wait, used as it stands: bash, kubectl, curl, openssl 3, tar, gzip, GNU date. Default: a pinned one, from 'registry'.",
    ),
  imagePullPolicy: imagePullPolicy
    .default('IfNotPresent')
    .describe(
      'When nodes pull the images of the control plane and of agents: IfNotPresent, Always, or Never, as for images that are on the nodes.',
    ),
  imagePullSecrets: z
    .array(dnsName)
    .prefault([])
    .describe("Secrets of Karmada's namespace to pull images with; they must be there."),
  nodeSelector: labels
    .optional()
    .describe('Labels of the nodes that all pods may run on, where a component says nothing else. Default: any node.'),
  tolerations: z
    .array(toleration)
    .optional()
    .describe('Node taints that all pods bear, where a component says nothing else. Default: none.'),
  featureGates: gates
    .prefault({})
    .describe("Feature gates of Karmada, for all its components. Default: Karmada's own, and what the file needs."),
  failover: z
    .boolean()
    .default(false)
    .describe('Whether apps move away from a member that fails, unless they tolerate it.'),
  certificates: certificates.prefault({}).describe('Certificates of the control plane.'),
  crds: crds.prefault({}).describe("Where Karmada's CRDs come from. Default: its release."),
  etcd: etcd.prefault({}).describe('Where the Karmada API keeps its objects.'),
  apiserver: apiserver.prefault({}).describe('karmada-apiserver.'),
  aggregatedApiserver: component.prefault({}).describe('karmada-aggregated-apiserver.'),
  kubeControllerManager: component
    .extend({ featureGates: gates.optional().describe("Kubernetes' feature gates. Default: none.") })
    .prefault({})
    .describe('karmada-kube-controller-manager.'),
  controllerManager: component.prefault({}).describe('karmada-controller-manager.'),
  scheduler: component.prefault({}).describe('karmada-scheduler.'),
  webhook: component.prefault({}).describe('karmada-webhook.'),
  schedulerEstimator: component
    .extend({
      podLabels: podLabels('app', 'cluster')
        .optional()
        .describe("Labels of its pods, besides 'app' and 'cluster'. Default: none."),
      members: z
        .array(
          z.strictObject({
            name: clusterName.describe('Name of the member.'),
            replicas: int32.min(1).optional().describe("Replicas of its estimator. Default: the 'replicas' of all."),
          }),
        )
        .min(1, 'must name a member')
        .optional()
        .describe('Members that get an estimator. Default: every member.'),
    })
    .optional()
    .describe(
      'karmada-scheduler-estimator, which tells how much fits into a member; {} is one for every member. Default: none.',
    ),
  agent: z
    .strictObject({
      ...one,
      ...componentShape,
      nodeSelector: labels.optional().describe('Labels of the nodes that it may run on. Default: any node.'),
      tolerations: z.array(toleration).optional().describe('Node taints that it bears. Default: none.'),
      imagePullSecrets: z
        .array(dnsName)
        .optional()
        .describe('Secrets of the namespace karmada-system on the member to pull its image with. Default: none.'),
      members: z
        .array(
          z
            .strictObject({
              name: clusterName.describe("Name of a member with 'registration: pull'."),
              apiEndpoint: httpsUrl
                .optional()
                .describe(
                  'URL of its API server as the control plane reaches it, for looking into it. Default: it is not reached.',
                ),
              proxy: proxyUrl.optional().describe("Proxy through which 'apiEndpoint' is reached. Default: none."),
              reportCredentials: z
                .boolean()
                .optional()
                .describe(
                  'Whether the control plane gets all rights on it, which karmada-search and karmada-metrics-adapter need. Default: false.',
                ),
            })
            .superRefine(({ apiEndpoint, proxy, reportCredentials }, context) => {
              if (apiEndpoint !== undefined) return;
              for (const [path, given] of Object.entries({ proxy, reportCredentials })) {
                const message = "needs 'apiEndpoint', where the control plane reaches the member";
                if (given) context.addIssue({ code: 'custom', path: [path], message });
              }
            }),
        )
        .prefault([])
        .describe('What holds for single members.'),
    })
    .prefault({})
    .describe("karmada-agent, on each member with 'registration: pull'."),
  descheduler: z
    .strictObject({ ...two, ...componentShape })
    .optional()
    .describe('karmada-descheduler, which needs estimators; {} takes it as it is. Default: none.'),
  search: z
    .strictObject({ ...two, ...componentShape })
    .optional()
    .describe('karmada-search; {} takes it as it is. Default: none.'),
  metricsAdapter: z
    .strictObject({ ...one, ...componentShape })
    .optional()
    .describe('karmada-metrics-adapter, which FederatedHPAs need; {} takes it as it is. Default: none.'),
});

type Parsed = z.output<typeof karmada>;
type Estimator = NonNullable<Parsed['schedulerEstimator']>;

/** What the file says, once it is known which members there are to get an estimator. */
export type Karmada = Omit<Parsed, 'schedulerEstimator'> & {
  readonly schedulerEstimator?: Estimator & Required<Pick<Estimator, 'members'>>;
};
