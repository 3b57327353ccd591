import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { ResourceSelector } from '../policy/resource-selector.ts';
import { type AppVolume, toVolumes } from './volumes.ts';

/** A value in a Secret or a ConfigMap of the app's namespace: exactly one of the two. */
export interface ValueSource {
  readonly secret?: string;
  readonly configMap?: string;
  /** Key in it. */
  readonly key: string;
  /**
   * Whether the app starts without it.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** An HTTP probe on the app's port; a status of 200 to 399 is good. */
export interface HttpProbe {
  /** Path to GET, such as `/healthz`. */
  readonly path: string;
  /** @default 0 */
  readonly initialDelaySeconds?: number;
  /** @default 10 */
  readonly periodSeconds?: number;
  /** @default 1 */
  readonly timeoutSeconds?: number;
  /** @default 1 */
  readonly successThreshold?: number;
  /** @default 3 */
  readonly failureThreshold?: number;
}

/** What a container asks for, and may use at most: quantities by resource. */
export interface Resources {
  readonly requests?: { readonly [resource: string]: string };
  readonly limits?: { readonly [resource: string]: string };
}

/** Properties for `AppDeployment`. */
export interface AppDeploymentProps {
  /** Name of Deployment, Service and container, and value of the label `app`. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
  /** Image, with a tag or digest. */
  readonly image: string;
  /**
   * RuntimeClass of the pods.
   *
   * @default - none: the image is run as an ordinary container.
   */
  readonly runtimeClassName?: string;
  /**
   * @default - `['/']` with a RuntimeClass, for Wasm images name no program; else the image's own.
   */
  readonly command?: readonly string[];
  /**
   * @default - the image's own.
   */
  readonly args?: readonly string[];
  /**
   * Environment variables.
   *
   * @default - none.
   */
  readonly env?: { readonly [name: string]: string };
  /**
   * Environment variables from Secrets and ConfigMaps.
   *
   * @default - none.
   */
  readonly envFrom?: { readonly [name: string]: ValueSource };
  /**
   * Spin variables, which reach Spin as `SPIN_VARIABLE_<NAME>`.
   *
   * @default - none.
   */
  readonly variables?: { readonly [name: string]: string };
  /**
   * Spin variables from Secrets and ConfigMaps.
   *
   * @default - none.
   */
  readonly variablesFrom?: { readonly [name: string]: ValueSource };
  /**
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Whether an autoscaler sets the replicas; the manifest then names no number, so that applying it again undoes none.
   *
   * @default false
   */
  readonly autoscaled?: boolean;
  /**
   * Whether it is members that set the replicas: Karmada then leaves the number of each as it is.
   *
   * @default false
   */
  readonly scaledByMembers?: boolean;
  /**
   * @default 'RollingUpdate'
   */
  readonly strategy?: 'RollingUpdate' | 'Recreate';
  /**
   * Port that the app listens on. With a RuntimeClass, Spin is told so by `SPIN_HTTP_LISTEN_ADDR`.
   *
   * @default - not known: Spin listens on 80, and there is no Service.
   */
  readonly port?: number;
  /**
   * The Service, where there is a port.
   *
   * @default - port 80, of type ClusterIP.
   */
  readonly service?: {
    /** @default 80 */
    readonly port?: number;
    /** @default 'ClusterIP' */
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
    /** @default - none. */
    readonly annotations?: { readonly [key: string]: string };
  };
  /**
   * @default - nothing is reserved, nothing limited.
   */
  readonly resources?: Resources;
  /**
   * Need a port.
   *
   * @default - none.
   */
  readonly probes?: { readonly readiness?: HttpProbe; readonly liveness?: HttpProbe; readonly startup?: HttpProbe };
  /**
   * Labels of all objects and of the pods, beside `app`.
   *
   * @default - none.
   */
  readonly labels?: { readonly [key: string]: string };
  /**
   * Annotations of the pods.
   *
   * @default - none.
   */
  readonly annotations?: { readonly [key: string]: string };
  /**
   * ServiceAccount of the pods, whose token they then get.
   *
   * @default - the namespace's default one, without its token.
   */
  readonly serviceAccount?: string;
  /**
   * User id to run as, other than root. The Spin shim writes files into the root folder of the container, which must
   * then belong to that user.
   *
   * @default - the image's own user; Wasm images have none, which means root, here without any capability.
   */
  readonly user?: number;
  /**
   * When nodes pull the image.
   *
   * @default - Kubernetes' own: `IfNotPresent` for a tag other than `latest`, and for a digest.
   */
  readonly imagePullPolicy?: 'IfNotPresent' | 'Always' | 'Never';
  /**
   * Secrets to pull the image with.
   *
   * @default - none.
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Directories and files from outside the image.
   *
   * @default - none.
   */
  readonly volumes?: readonly AppVolume[];
  /**
   * PriorityClass of the pods.
   *
   * @default - the cluster's default.
   */
  readonly priorityClass?: string;
  /**
   * Labels of the nodes to run on, beside those that the RuntimeClass asks for.
   *
   * @default - any node.
   */
  readonly nodeSelector?: { readonly [key: string]: string };
  /**
   * Node taints that the pods bear.
   *
   * @default - none.
   */
  readonly tolerations?: readonly k8s.Toleration[];
}

/** Label of a template by which Karmada retains the replicas that members have (pkg/util/constants.go of Karmada 1.18). */
const RETAIN_REPLICAS = 'resourcetemplate.karmada.io/retain-replicas';

/** Where Spin listens unless it is told otherwise (containerd-shim-spin, constants.rs). */
const SPIN_PORT = 80;

/**
 * Defines an app as a Deployment, with a Service where it has a port: a Spin app, another Wasm app, or an ordinary
 * container. Unlike SpinKube's SpinApp it needs no operator on the members and leaves all scheduling fields open.
 *
 * Its security context is the strictest that the Spin shim runs with: no capability but to listen on low ports, no way to
 * gain any, the runtime's seccomp filter. What the `restricted` standard asks for beyond that the shim can't bear: it writes
 * `/spin.json` and its cache below `/` (source.rs and issue 123 of spinframework/containerd-shim-spin), so the root
 * file system must be writable, and for its owner, root.
 */
export class AppDeployment extends Construct {
  /** The objects that a policy has to propagate. */
  readonly objects: readonly ResourceSelector[];

  constructor(scope: Construct, id: string, props: AppDeploymentProps) {
    super(scope, id);
    const { name, namespace = 'default', port } = props;
    const wasm = props.runtimeClassName !== undefined;
    const { readiness, liveness, startup } = props.probes ?? {};
    if (port === undefined && (readiness || liveness || startup)) {
      throw new Error(`'probes' of '${name}' need a port to go to, give it 'port'`);
    }
    const selector = { app: name };
    const labels = { ...props.labels, ...selector };
    const objectLabels = { ...props.labels, 'app.kubernetes.io/name': name };
    const { volumes, volumeMounts } = toVolumes(props.volumes);

    new k8s.KubeDeployment(this, 'Resource', {
      metadata: {
        name,
        namespace,
        labels: { ...objectLabels, ...(props.scaledByMembers && { [RETAIN_REPLICAS]: 'true' }) },
      },
      spec: {
        replicas: props.autoscaled || props.scaledByMembers ? undefined : (props.replicas ?? 1),
        strategy: { type: props.strategy ?? 'RollingUpdate' },
        selector: { matchLabels: selector },
        template: {
          metadata: { name, labels, annotations: nonEmpty(props.annotations) },
          spec: {
            runtimeClassName: props.runtimeClassName,
            serviceAccountName: props.serviceAccount,
            automountServiceAccountToken: props.serviceAccount !== undefined,
            imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
            priorityClassName: props.priorityClass,
            nodeSelector: nonEmpty(props.nodeSelector),
            tolerations: props.tolerations && [...props.tolerations],
            securityContext: {
              runAsNonRoot: props.user === undefined ? undefined : true,
              runAsUser: props.user,
              runAsGroup: props.user,
              seccompProfile: { type: 'RuntimeDefault' },
              // Users other than root need leave for a port below 1024. k3s gives it to all pods, other clusters may
              // not; Kubernetes counts this sysctl among the safe ones.
              sysctls:
                wasm && (port ?? SPIN_PORT) < 1024
                  ? [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }]
                  : undefined,
            },
            containers: [
              {
                name,
                image: props.image,
                imagePullPolicy: props.imagePullPolicy,
                command: props.command ? [...props.command] : wasm ? ['/'] : undefined,
                args: props.args && [...props.args],
                env: environment(props, wasm),
                ports: port === undefined ? undefined : [{ name: 'http', containerPort: port }],
                resources: props.resources && toResources(props.resources),
                volumeMounts,
                readinessProbe: readiness && toProbe(readiness),
                livenessProbe: liveness && toProbe(liveness),
                startupProbe: startup && toProbe(startup),
                securityContext: {
                  allowPrivilegeEscalation: false,
                  // Of an empty set, shims made with runwasi's library (youki's libcontainer 0.6) take no notice, and
                  // leave all capabilities; of one that the `restricted` standard allows, they do.
                  capabilities: { drop: ['ALL'], ...(wasm && { add: ['NET_BIND_SERVICE'] }) },
                },
              },
            ],
            volumes,
          },
        },
      },
    });
    const objects: ResourceSelector[] = [{ apiVersion: 'apps/v1', kind: 'Deployment', name }];

    if (port !== undefined) {
      const { type = 'ClusterIP', annotations } = props.service ?? {};
      new k8s.KubeService(this, 'Service', {
        metadata: { name, namespace, labels: objectLabels, annotations: nonEmpty(annotations) },
        spec: {
          type,
          selector,
          ports: [{ ...servicePortOf(props.service), targetPort: k8s.IntOrString.fromString('http') }],
        },
      });
      objects.push({ apiVersion: 'v1', kind: 'Service', name });
    }

    this.objects = objects;
  }
}

/** The port of an app's Service, as its manifest says it. */
export function servicePortOf({ port = 80 }: { readonly port?: number } = {}) {
  return { name: 'http', port, targetPort: 'http' };
}

const POD_DEPENDENCIES = ['serviceAccount', 'imagePullSecrets', 'envFrom', 'variablesFrom'] as const;

/** A setting of a pod that names an object which has to be propagated along with it. */
export type PodDependency = (typeof POD_DEPENDENCIES)[number];

/** The first such setting, or nothing. */
export function podDependencyOf(
  props: Pick<AppDeploymentProps, PodDependency | 'volumes'>,
): PodDependency | 'volumes' | undefined {
  // An empty list or mapping has no entries; a text, its characters.
  const named = POD_DEPENDENCIES.find((key) => Object.keys(props[key] ?? {}).length > 0);
  return named ?? (props.volumes?.some(({ emptyDir }) => !emptyDir) ? 'volumes' : undefined);
}

type Environment = Pick<AppDeploymentProps, 'env' | 'envFrom' | 'variables' | 'variablesFrom' | 'port'>;

/** Names of the environment variables that a Deployment of the app has. */
export function environmentNames(
  props: Environment & Pick<AppDeploymentProps, 'runtimeClassName'>,
): ReadonlySet<string> {
  return new Set(environment(props, props.runtimeClassName !== undefined)?.map(({ name }) => name));
}

/** The environment: what Spin needs first, then what is given, each in its order. */
function environment(props: Environment, wasm: boolean): k8s.EnvVar[] | undefined {
  const { env = {}, envFrom = {}, variables = {}, variablesFrom = {}, port } = props;
  const listen: Record<string, string> = wasm && port !== undefined ? { SPIN_HTTP_LISTEN_ADDR: `0.0.0.0:${port}` } : {};
  const values = {
    ...listen,
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [spinVariable(name), value])),
    ...env,
  };
  const sources = {
    ...Object.fromEntries(Object.entries(variablesFrom).map(([name, source]) => [spinVariable(name), source])),
    ...envFrom,
  };
  const all = [
    ...Object.entries(values)
      .filter(([name]) => !Object.hasOwn(sources, name))
      .map(([name, value]) => ({ name, value })),
    ...Object.entries(sources).map(([name, source]) => ({ name, valueFrom: toValueFrom(name, source) })),
  ];
  return all.length > 0 ? all : undefined;
}

/** The environment variable by which Spin learns a variable of an app. */
export function spinVariable(name: string): string {
  return `SPIN_VARIABLE_${name.toUpperCase()}`;
}

/** Kubernetes' form of a value that stands elsewhere. */
export function toValueFrom(name: string, { secret, configMap, key, optional }: ValueSource): k8s.EnvVarSource {
  if (secret !== undefined && configMap === undefined) return { secretKeyRef: { name: secret, key, optional } };
  if (configMap !== undefined && secret === undefined) return { configMapKeyRef: { name: configMap, key, optional } };
  throw new Error(`'${name}' must come from either a 'secret' or a 'configMap'`);
}

function toProbe({ path, ...times }: HttpProbe): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('http') }, ...times };
}

function toResources({ requests, limits }: Resources): k8s.ResourceRequirements {
  const quantities = (values?: { readonly [resource: string]: string }) =>
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));
  return { requests: quantities(requests), limits: quantities(limits) };
}

/** A map, or nothing where it has no entries. */
export function nonEmpty(map: { readonly [key: string]: string } = {}): { [key: string]: string } | undefined {
  return Object.keys(map).length > 0 ? { ...map } : undefined;
}
