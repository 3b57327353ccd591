import { z } from 'zod';
import { IMAGE_NAME, IMAGE_TAG } from '../../simulation/override/image.ts';
import { KUBERNETES_KINDS } from '../policy/scopes.ts';
import { nearest, quote } from './faults.ts';
import { mapping } from './free-keys.ts';

/*
 * Values that Kubernetes, k3s and Karmada check themselves, each with a message that shows a right one.
 * Every message completes the sentence "PATH: …".
 */

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?';

/** An object or node name: a DNS label, RFC 1123. */
export const dnsLabel = z
  .string()
  .max(63, 'must have at most 63 characters')
  .regex(new RegExp(`^${DNS_LABEL}$`), "must be a lower case DNS label, such as 'edge-1'");

/** A DNS name of one or more labels: names of most Kubernetes objects, host names. */
export const dnsName = z
  .string()
  .max(253, 'must have at most 253 characters')
  .regex(new RegExp(`^${DNS_LABEL}(\\.${DNS_LABEL})*$`), "must be a lower case DNS name, such as 'edge-1.example.com'");

/** Names that are no DNS names: those of RBAC, which may hold a colon. */
export const pathSegment = z
  .string()
  .min(1)
  .max(253, 'must have at most 253 characters')
  .regex(/^(?!\.{1,2}$)[^/%]+$/, "must be a name without '/' and '%'");

/** Name of a cluster in Karmada, which allows 48 characters (pkg/util/validation of Karmada). */
export const clusterName = dnsLabel.max(
  48,
  'must have at most 48 characters, for Karmada takes no longer cluster name',
);

export const port = z.int().min(1, 'must be a port, 1 to 65535').max(65535, 'must be a port, 1 to 65535');

/** A name with an optional DNS prefix (IsQualifiedName of apimachinery). */
const qualifiedName = (prefix: string) =>
  z
    .string()
    .max(317, 'must have at most 253 characters, a slash and 63 more')
    .regex(new RegExp(`^(${prefix}/)?${LABEL_NAME}$`), "must be a label key, such as 'example.com/tier'")
    .refine((key) => (key.split('/').at(-1)?.length ?? 0) <= 63, 'must have at most 63 characters after the prefix')
    .refine(
      (key) => !key.includes('/') || dnsName.safeParse(key.split('/')[0]?.toLowerCase()).success,
      "must have a DNS name before the slash, such as 'example.com/tier'",
    );

/** Key of a label, a taint or a resource. */
export const labelKey = qualifiedName('[a-z0-9]([-a-z0-9.]*[a-z0-9])?');

/** Key of an annotation, whose prefix may have capitals (ValidateAnnotations of apimachinery). */
const annotationKey = qualifiedName('[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?');

export const labelValue = z
  .string()
  .max(63, 'must have at most 63 characters')
  .regex(
    new RegExp(`^(${LABEL_NAME})?$`),
    'must be a label value: letters, digits, -, _ and ., beginning and ending with a letter or digit',
  );

export const labels = mapping(labelKey, labelValue);

/** Prefixes of what this project and Karmada mark objects with, but for what Karmada reads from its users. */
const MARKS = /^([^/]*\.)?(serverless-federation|karmada)\.io\//;
const FOR_USERS = ['namespace.karmada.io/skip-auto-propagation', 'resourcetemplate.karmada.io/deletion-protected'];

/** Refuses keys that are others' to set. */
const leaves = (marks: RegExp) => (value: Record<string, string>, context: z.core.$RefinementCtx) => {
  for (const key of Object.keys(value)) {
    if (!marks.test(key) || FOR_USERS.includes(key)) continue;
    const message = 'is set by the federation itself, which finds its objects by it: take a domain of your own';
    context.addIssue({ code: 'custom', path: [key], message });
  }
};

const leavesOurs = leaves(/^([^/]*\.)?serverless-federation\.io\//);

/** Labels of an object that stands in the file as it is, and of a member: they may well be some of Karmada's. */
export const ownObjectLabels = labels.superRefine(leavesOurs);

/** Labels to put on objects. */
export const objectLabels = labels.superRefine(leaves(MARKS));

/** Label keys of Kubernetes' own that a kubelet may set on its node: pkg/apis/well_known_labels.go of k8s.io/kubelet. */
const KUBELET_LABEL =
  /^([^/]*\.)?(kubelet|node)\.kubernetes\.io\/|^(topology\.kubernetes\.io\/(region|zone)|(beta\.)?kubernetes\.io\/(arch|os)|kubernetes\.io\/hostname|failure-domain\.beta\.kubernetes\.io\/(region|zone)|beta\.kubernetes\.io\/instance-type)$/;

/** Labels that a node gets when it registers. The kubelet does not start with others under Kubernetes' own domains. */
export const nodeLabels = ownObjectLabels.superRefine((value, context) => {
  for (const key of Object.keys(value)) {
    if (/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key) && !KUBELET_LABEL.test(key)) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message:
          "is a label that a node may not give itself, take one of a domain of your own or of 'node.kubernetes.io'",
      });
    }
  }
});

/** Together no longer than Kubernetes takes: TotalAnnotationSizeLimitB of apimachinery's pkg/api/validation. */
export const annotations = mapping(annotationKey, z.string()).refine((value) => {
  const size = Object.entries(value).reduce(
    (sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text),
    0,
  );
  return size <= 256 * 1024;
}, 'must have at most 256 KiB together');

/** Annotations of an object that stands in the file as it is. */
export const ownObjectAnnotations = annotations.superRefine(leavesOurs);

/** Annotations to put on objects. */
export const objectAnnotations = annotations.superRefine(leaves(MARKS));

/**
 * Annotations of pods, of which Kubernetes reads some itself (ValidatePodSpecificAnnotations of pkg/apis/core/validation).
 */
export const podAnnotations = objectAnnotations.superRefine((value, context) => {
  const cost = value[DELETION_COST];
  if (cost === undefined || (/^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) < 2 ** 31)) return;
  const message = "must be an integer of 32 bits in quotes, such as '100'";
  context.addIssue({ code: 'custom', path: [DELETION_COST], message });
});
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** The annotation of a Service that the field `loadBalancerSourceRanges` has replaced. */
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Refuses an annotation that Kubernetes takes on a Service of type LoadBalancer alone (ValidateService, likewise). */
export function checkServiceAnnotations(
  { type, annotations = {} }: { type: string; annotations?: Record<string, string> | undefined },
  context: z.core.$RefinementCtx,
): void {
  if (type === 'LoadBalancer' || annotations[SOURCE_RANGES] === undefined) return;
  const message = "needs 'type: LoadBalancer', for Kubernetes refuses it on any other Service";
  context.addIssue({ code: 'custom', path: ['annotations', SOURCE_RANGES], message });
}

/** `key=value:Effect` or `key:Effect`, as kubectl and k3s write taints. */
export const taint = z
  .string()
  .regex(
    /^[A-Za-z0-9][-A-Za-z0-9_./]*(=[-A-Za-z0-9_.]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/,
    "must be a taint, such as 'CriticalAddonsOnly=true:NoExecute'",
  )
  .refine((text) => {
    const [key = '', value = ''] = (text.split(':')[0] ?? '').split('=');
    return labelKey.safeParse(key).success && labelValue.safeParse(value).success;
  }, 'must have a key and a value as labels have them');

/** Taints of a node or a member, which has one of each key and effect. */
export const taints = z.array(taint).superRefine((value, context) => {
  const known = new Set<string>();
  for (const [i, text] of value.entries()) {
    const [, key = '', effect = ''] = /^([^=:]*).*:(.*)$/.exec(text) ?? [];
    if (known.has(`${key}:${effect}`)) {
      const message = `is the second with the key '${key}' and the effect '${effect}', of which there can be one`;
      context.addIssue({ code: 'custom', path: [i], message });
    }
    known.add(`${key}:${effect}`);
  }
});

/** An integer that Kubernetes stores in 32 bits. */
export const int32 = z.int().max(2147483647);

/** A number that stays what it is: what is read beyond these loses its last digits, and is an integer no API takes. */
export function isKept(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 64;
}
export const NOT_KEPT = `must not be a number beyond ${Number.MAX_SAFE_INTEGER}, which loses its last digits here: put it in quotes where a text is taken`;

/** Seconds, as probes and the like count them. */
export const seconds = int32.min(0);

/** A key of a Secret or a ConfigMap (IsConfigMapKey of apimachinery). */
export const dataKey = z
  .string()
  .max(253, 'must have at most 253 characters')
  .regex(/^[-._a-zA-Z0-9]+$/, "must be a key of a Secret or ConfigMap, such as 'password'")
  .refine((key) => key !== '.' && !key.startsWith('..'), "must not be '.' or begin with '..'");

/**
 * An image pinned by tag or digest. A mutable tag (`latest`, or none) is refused: a synth must mean the same image
 * tomorrow.
 */
export const image = z
  .string()
  .regex(
    new RegExp(`^${IMAGE_NAME}(:${IMAGE_TAG})?(@sha256:[0-9a-f]{64})?$`),
    "must be an image, such as 'ghcr.io/example/app:v1'",
  )
  .refine(isFixed, "must name a fixed tag or a digest, such as ':v1'");

/** Whether an image is the same tomorrow: it has a digest, or a tag that nobody moves. */
export function isFixed(image: string): boolean {
  return /@|:(?!latest$)[A-Za-z0-9_][-A-Za-z0-9_.]*$/.test(image);
}

/** A registry or a path in one, without scheme: `registry.example.com:5000/mirror`. */
export const registry = z
  .string()
  .regex(
    /^[a-zA-Z0-9][-a-zA-Z0-9.]*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
    "must be a registry, such as 'registry.example.com:5000/mirror'",
  );

/** A Kubernetes quantity: `500m`, `20Gi`. */
export const quantity = z
  .union([z.string(), z.number()], { error: "must be a quantity, such as '20Gi' or '500m'" })
  .transform(String)
  .refine(
    (value) => /^\+?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([KMGTPE]i|[numkMGTPE]|[eE][-+]?\d{1,2})?$/.test(value),
    "must be a quantity, such as '20Gi' or '500m'",
  );

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity as a number, for comparing: `500m` is 0.5. */
export function quantityValue(value: string): number {
  const [, number = '0', suffix = ''] = /^\+?([\d.]+(?:[eE][-+]?\d+)?)([A-Za-z]*)$/.exec(value) ?? [];
  return Number(number) * (SUFFIXES[suffix] ?? 1);
}

/** A quantity of something that there must be some of. */
export const positiveQuantity = quantity.refine((value) => quantityValue(value) > 0, 'must be more than 0');

/** How many pods a workload has. */
export const replicas = int32.min(0);

/** A text that a process gets: its end, for the kernel, is where the character 0 stands. */
export const processText = z
  .string()
  .refine((value) => !value.includes('\0'), 'must not hold the character U+0000, which no process can be given');

/** Name of an environment variable, as every release of Kubernetes takes it (IsEnvVarName of apimachinery). */
export const envName = z
  .string()
  .regex(
    /^(?!\.\.|\.$)[-._A-Za-z][-._A-Za-z0-9]*$/,
    "must be the name of an environment variable, such as 'LOG_LEVEL' or 'logging.level'",
  );

/** Name of a Spin variable: Spin allows lower case letters, digits and underscores between them. */
export const variableName = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/,
    'must be the name of a Spin variable: lower case letters, digits and single underscores',
  );

/** Group and version of an API: `apps/v1`, `v1`. */
export const apiVersion = z.string().regex(/^([a-z0-9.-]+\/)?v[0-9a-z]+$/, "must be an API version, such as 'apps/v1'");

/** When a node pulls the image of a container. */
export const imagePullPolicy = z.enum(['IfNotPresent', 'Always', 'Never']);

/** A kind of objects. */
export const kind = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, {
  error: ({ input }) => {
    const near = nearest(String(input), [...KUBERNETES_KINDS.values()].flat());
    return `must be a kind, such as ${quote(near ?? 'Deployment')}`;
  },
});

/** A k3s release, such as `v1.35.6+k3s1`. */
export const k3sVersion = z
  .string()
  .regex(/^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$/, "must be a k3s release, such as 'v1.35.6+k3s1'");

/** A release tag, such as `v1.18.2`. */
export const releaseTag = z
  .string()
  .regex(/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "must be a release tag, such as 'v1.18.2'");

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 checksum: 64 lower case hexadecimal digits');

/** An https URL without user name and password: what is secret does not belong in the file. */
export const httpsUrl = z.string().refine((value) => {
  if (!/^https:\/\/[^\s"'`$\\]+$/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.username === '' && url.password === '';
}, "must be an https URL without user name or password, such as 'https://headscale.example.com'");
