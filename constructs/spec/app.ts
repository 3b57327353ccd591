import { isIP } from 'node:net';
import { z } from 'zod';
import { mapping } from './free-keys.ts';
import { appOverrideRule } from './override.ts';
import { placement, propagatedNamespace } from './placement.ts';
import { propagation } from './policy.ts';
import {
  checkServiceAnnotations,
  clusterName,
  dataKey,
  dnsLabel,
  dnsName,
  envName,
  image,
  imagePullPolicy,
  int32,
  labels,
  objectAnnotations,
  objectLabels,
  podAnnotations,
  port,
  processText,
  quantity,
  quantityValue,
  replicas,
  seconds,
  variableName,
} from './primitives.ts';
import { checkResources, resources } from './resources.ts';
import { loadShape, measuredRequests, minBelowMax, scaling } from './scaling.ts';
import { toleration } from './toleration.ts';
import { volume } from './volumes.ts';

/** A value from a Secret or a ConfigMap in the app's namespace. */
const valueSource = z
  .strictObject({
    secret: dnsName.optional().describe('Name of a Secret.'),
    configMap: dnsName.optional().describe('Name of a ConfigMap.'),
    key: dataKey.describe('Key in it.'),
    optional: z.boolean().optional().describe('Whether the app starts without it. Default: false.'),
  })
  .superRefine(({ secret, configMap }, context) => {
    if ((secret === undefined) === (configMap === undefined)) {
      context.addIssue({ code: 'custom', message: "must have either 'secret' or 'configMap'" });
    }
  });

const probeShape = {
  path: z
    .string()
    .regex(/^\/\S*$/, "must be a path, such as '/healthz'")
    .describe('Path to GET; a status of 200 to 399 is good.'),
  initialDelaySeconds: seconds
    .optional()
    .describe('Seconds from the start to the first probe. Default: 0, with SpinApp 10.'),
  periodSeconds: seconds.min(1).optional().describe('Seconds between probes. Default: 10.'),
  timeoutSeconds: seconds.min(1).optional().describe('Seconds until a probe counts as failed. Default: 1.'),
  successThreshold: seconds.min(1).optional().describe('Good probes in a row to be ready again. Default: 1.'),
  failureThreshold: seconds.min(1).optional().describe('Failed probes in a row to act. Default: 3.'),
};

/** A probe may ask for several good answers in a row only where it decides about requests. */
const probe = z.strictObject(probeShape);
const probeToRestart = z.strictObject({
  ...probeShape,
  successThreshold: z.literal(1, 'must be 1, or be left out').optional().describe('Default: 1, the only value.'),
});

const INGRESS_CLASS = 'kubernetes.io/ingress.class';

const ingress = z.strictObject({
  host: dnsName
    .refine((host) => isIP(host) === 0, "must be a host name, such as 'shop.example.com', not an IP address")
    .describe('Host name of the address.'),
  path: z
    .string()
    .regex(/^\/\S*$/, "must be a path, such as '/'")
    .refine(
      (path) => !/\/\/|\/\.\.?(\/|$)|%2f/i.test(path),
      "must not have '//', '/./', '/../' or '%2f' in it, nor end with '/.' or '/..'",
    )
    .default('/')
    .describe('Path below which everything goes to the app.'),
  className: dnsName
    .optional()
    .describe("IngressClass on the members. Default: that of 'spec.network.ingress', so traefik or nginx."),
  tlsSecret: dnsName
    .optional()
    .describe("Secret with the certificate. Default: no TLS, or with an issuer the name of the app and '-tls'."),
  issuer: z
    .strictObject({
      name: dnsName.describe('Name of the issuer, which must be there on each member where the app runs.'),
      kind: z
        .enum(['ClusterIssuer', 'Issuer'])
        .default('ClusterIssuer')
        .describe("Kind of the issuer: that of the cluster, or one in the app's namespace."),
    })
    .optional()
    .describe(
      'Issuer of cert-manager, which makes the Secret on each member, so that nobody has to. Default: the Secret comes from the Karmada API.',
    ),
  annotations: objectAnnotations
    // ValidateIngressCreate of pkg/apis/networking/validation: beside the field it is refused.
    .refine((value) => value[INGRESS_CLASS] === undefined, {
      path: [INGRESS_CLASS],
      error: "is refused by Kubernetes beside the class that each Ingress here has: give 'className' in its place",
    })
    .prefault({})
    .describe('Annotations for the ingress controller.'),
});

const multiClusterService = z
  .strictObject({
    type: z
      .enum(['CrossCluster', 'LoadBalancer'])
      .default('CrossCluster')
      .describe(
        'CrossCluster: reached from pods of other members; LoadBalancer: from outside. It can not be changed later.',
      ),
    providers: z
      .array(clusterName)
      .min(1)
      .optional()
      .describe('Members whose pods serve. Default: all that have the app.'),
    consumers: z.array(clusterName).min(1).optional().describe('Members whose pods may call. Default: all.'),
  })
  .describe('One Service for all members. Needs routes between the pod networks of members.');

const spin = z.strictObject({
  executor: dnsLabel
    .optional()
    .describe('SpinAppExecutor to use, which is made in the namespace of the app. Default: named as the runtime.'),
  runtimeConfigSecret: dnsName
    .optional()
    .describe("Secret with the key runtime-config.toml, Spin's runtime configuration."),
  components: z.array(z.string().min(1)).min(1).optional().describe('Components to run. Default: all.'),
  memoryLimit: quantity.optional().describe('Memory that one invocation may use. Default: no limit.'),
  autoscaled: z.boolean().default(false).describe('Whether autoscalers of your own on the members set the replicas.'),
  autoscaler: z
    .strictObject({ ...loadShape, max: loadShape.max.describe('At most so many.') })
    .superRefine(minBelowMax)
    .optional()
    .describe('An autoscaler on each member, which sets the replicas there by load. Needs a metrics server on each.'),
});

/** An entry of `spec.apps`: a serverless function and where it may run. */
export const app = z
  .strictObject({
    name: dnsLabel.describe('Name of the app, unique in its namespace.'),
    namespace: propagatedNamespace.default('default').describe('Namespace, on the Karmada API and on every member.'),
    form: z
      .enum(['deployment', 'spinapp'])
      .default('deployment')
      .describe(
        "deployment: a Deployment with the runtime's RuntimeClass; spinapp: a SpinApp, for members with SpinKube's operator.",
      ),
    image: image.describe('Image of the app, with a tag or digest.'),
    runtime: dnsLabel
      .optional()
      .describe("Wasm runtime that runs it, a name in 'spec.runtimes'. Default: none, it is an ordinary container."),
    command: z
      .array(processText)
      .min(1)
      .optional()
      .describe("Default: ['/'] with a runtime, for Wasm images have no program to start; else the image's own."),
    args: z.array(processText).min(1).optional().describe("Arguments. Default: the image's own."),
    container: z
      .strictObject({
        image: image.describe('Image of the container, with a tag or digest.'),
        command: z.array(processText).min(1).optional().describe("Default: the image's own."),
        args: z.array(processText).min(1).optional().describe("Default: the image's own."),
      })
      .optional()
      .describe(
        'What runs in place of the Wasm image on members without the runtime. Default: the app must not land there.',
      ),
    env: mapping(envName, processText).optional().describe('Environment variables. No secrets here: see envFrom.'),
    envFrom: mapping(envName, valueSource).optional().describe('Environment variables from Secrets and ConfigMaps.'),
    variables: mapping(variableName, processText)
      .optional()
      .describe('Spin variables. No secrets here: see variablesFrom.'),
    variablesFrom: mapping(variableName, valueSource)
      .optional()
      .describe('Spin variables from Secrets and ConfigMaps.'),
    replicas: replicas
      .optional()
      .describe(
        "Replicas: on every member, or in all together, as 'placement.replicas' says. What scales an app sets them in its place. Default: 1.",
      ),
    strategy: z
      .enum(['RollingUpdate', 'Recreate'])
      .default('RollingUpdate')
      .describe('How a new version replaces the old.'),
    port: port
      .optional()
      .describe('Port that it listens on, which makes a Service. Spin is told to listen there. Default: no Service.'),
    service: z
      .strictObject({
        port: port.default(80).describe('Port of the Service.'),
        type: z
          .enum(['ClusterIP', 'NodePort', 'LoadBalancer'])
          .default('ClusterIP')
          .describe('How each member exposes it.'),
        annotations: objectAnnotations.prefault({}).describe('Annotations of the Service.'),
      })
      .superRefine(checkServiceAnnotations)
      .optional()
      .describe("The app's Service on each member. Default: port 80, inside the cluster."),
    resources: resources
      .optional()
      .describe('CPU and memory to reserve, and limits. Dividing replicas by free capacity counts the requests.'),
    probes: z
      .strictObject({
        readiness: probe.optional().describe('Whether it gets requests.'),
        liveness: probeToRestart.optional().describe('Whether it is started anew.'),
        startup: probeToRestart.optional().describe('Whether it has started; the others wait for it.'),
      })
      .optional()
      .describe('HTTP probes on the port. Default: none.'),
    labels: objectLabels.prefault({}).describe('Labels of its objects and pods.'),
    annotations: podAnnotations.prefault({}).describe('Annotations of its pods.'),
    serviceAccount: dnsName.optional().describe('ServiceAccount of its pods, with its token. Default: none.'),
    user: int32
      .min(1)
      .optional()
      .describe(
        "User id to run as. Default: the image's; Wasm images run as root with no capability but to listen on low ports, for shims write to /.",
      ),
    imagePullPolicy: imagePullPolicy
      .optional()
      .describe(
        "When nodes pull the image: IfNotPresent, Always, as for a tag that moves, or Never, as for images that are on the nodes. Default: Kubernetes' own, IfNotPresent for a tag or digest.",
      ),
    imagePullSecrets: z.array(dnsName).optional().describe('Secrets to pull the image with.'),
    volumes: z
      .array(volume)
      .optional()
      .describe('Directories and files from outside the image, each a volume and where the app finds it.'),
    priorityClass: dnsName.optional().describe('PriorityClass of its pods on the members.'),
    nodeSelector: labels.optional().describe('Labels of the nodes that it may run on, beside those of the runtime.'),
    tolerations: z.array(toleration).optional().describe('Node taints that it bears.'),
    spin: spin.prefault({}).describe("What only the form 'spinapp' has."),
    placement: placement.prefault({}).describe('Members where it goes. Default: every member.'),
    propagation: propagation.prefault({}).describe('How Karmada treats its copies.'),
    overrides: z.array(appOverrideRule).prefault([]).describe('What differs on some members.'),
    scaling: scaling
      .optional()
      .describe(
        "Scaling by load or time, over all members or on each by itself. Over all by load needs 'controlPlane.karmada.metricsAdapter'.",
      ),
    ingress: ingress.optional().describe('Makes it reachable under a host name on each member where it runs.'),
    multiClusterService: multiClusterService.optional(),
  })
  .superRefine((value, context) => {
    const fault = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const given = (key: keyof typeof value) => value[key] !== undefined;
    if (value.form === 'spinapp') {
      for (const key of [
        'command',
        'args',
        'container',
        'env',
        'envFrom',
        'port',
        'user',
        'priorityClass',
        'nodeSelector',
        'tolerations',
        'imagePullPolicy',
      ] as const) {
        if (given(key)) fault([key], "is no setting of a SpinApp, leave it out or use the form 'deployment'");
      }
      if (value.probes?.startup)
        fault(['probes', 'startup'], "is no setting of a SpinApp, leave it out or use the form 'deployment'");
      if (value.service && (value.service.port !== 80 || value.service.type !== 'ClusterIP')) {
        fault(['service'], "of a SpinApp is made by its operator: only 'annotations' can be set");
      }
      if (given('multiClusterService')) {
        fault(
          ['multiClusterService'],
          "needs a Service in the Karmada API, and that of a SpinApp is on its members alone: use the form 'deployment'",
        );
      }
      if (!given('runtime')) fault(['runtime'], 'is required, a SpinApp runs on a Wasm runtime');
      if (!value.spin.autoscaled && !value.spin.autoscaler && (value.replicas ?? 1) < 1) {
        fault(['replicas'], "must be at least 1 for a SpinApp, unless 'spin.autoscaler' leaves them to the members");
      }
      if (value.scaling)
        fault(
          ['scaling'],
          "can't scale a SpinApp, which has no scale subresource: use the form 'deployment', or one on each member with 'spin.autoscaler'",
        );
    } else {
      for (const [key, setting] of Object.entries(value.spin)) {
        if (setting !== undefined && setting !== false)
          fault(['spin', key], "is a setting of a SpinApp alone, leave it out or use the form 'spinapp'");
      }
      if ((given('variables') || given('variablesFrom')) && !given('runtime'))
        fault(['runtime'], 'is required, only Wasm apps have Spin variables');
      for (const key of ['service', 'probes', 'ingress', 'multiClusterService'] as const) {
        if (given(key) && !given('port')) fault(['port'], `is required, '${key}' needs it`);
      }
    }
    if ((given('port') || value.form === 'spinapp') && !/^[a-z]/.test(value.name)) {
      fault(['name'], 'must begin with a letter, for its Service bears it too');
    }
    if (given('container') && !given('runtime'))
      fault(['container'], 'has no Wasm form to stand in for: give it a runtime, or make its image the image');
    for (const [names, others] of [
      ['env', 'envFrom'],
      ['variables', 'variablesFrom'],
    ] as const) {
      for (const name of Object.keys(value[names] ?? {})) {
        if (Object.hasOwn(value[others] ?? {}, name)) fault([others, name], `is in '${names}' too, leave one out`);
      }
    }
    for (const name of Object.keys({ ...value.variables, ...value.variablesFrom })) {
      const env = `SPIN_VARIABLE_${name.toUpperCase()}`;
      if (value.env?.[env] !== undefined || value.envFrom?.[env])
        fault(['variables', name], `is given as environment variable '${env}' too, leave one out`);
    }
    const label = value.labels['app.kubernetes.io/name'];
    if (label !== undefined && label !== value.name) {
      fault(['labels', 'app.kubernetes.io/name'], 'is the name of the app, by which its pods are found: leave it out');
    }
    const { requests = {}, limits = {} } = value.resources ?? {};
    for (const [i, rule] of value.overrides.entries()) {
      const path = ['overrides', i];
      if (rule.env && value.form === 'spinapp')
        fault([...path, 'env'], "is no setting of a SpinApp: give 'variables', or use the form 'deployment'");
      if (rule.variables && !given('runtime'))
        fault([...path, 'variables'], 'are of Wasm apps alone: give it a runtime');
      if (rule.replicas !== undefined && (value.scaling || value.spin.autoscaled || value.spin.autoscaler))
        fault([...path, 'replicas'], 'are set by what scales the app: leave one of them out');
      else if (rule.replicas === 0 && value.form === 'spinapp')
        fault([...path, 'replicas'], 'must be at least 1 for a SpinApp');
      if (rule.resources) {
        const { resources: own } = rule;
        checkResources(
          { requests: { ...requests, ...own.requests }, limits: { ...limits, ...own.limits } },
          (at, message) => fault([...path, 'resources', ...at], message),
        );
      }
    }
    const memory = limits.memory ?? requests.memory;
    if (value.spin.memoryLimit !== undefined && memory !== undefined) {
      if (quantityValue(value.spin.memoryLimit) > quantityValue(memory)) {
        fault(['spin', 'memoryLimit'], `must not be more than the app itself has, which is ${memory}`);
      }
    }
    const load = value.scaling?.max !== undefined ? value.scaling : value.spin.autoscaler;
    for (const resource of load ? measuredRequests(load) : []) {
      const requested = requests[resource] ?? limits[resource];
      if (requested === undefined) {
        fault(['resources'], `must request ${resource}, which the scaling measures against`);
      } else if (quantityValue(requested) === 0) {
        fault(['resources'], `must request more ${resource} than 0, which the scaling measures against`);
      }
    }
    const volumes = value.volumes ?? [];
    for (const [i, { name, mountPath }] of volumes.entries()) {
      const first = (same: (one: (typeof volumes)[number]) => boolean) => volumes.findIndex(same) < i;
      if (first((one) => one.name === name)) fault(['volumes', i, 'name'], 'is that of another volume of the app');
      if (first((one) => folder(one.mountPath) === folder(mountPath)))
        fault(['volumes', i, 'mountPath'], 'is where another volume of the app is mounted');
    }
  });

/** A path without the slashes at its end. */
function folder(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

export type App = z.output<typeof app>;
