import { Construct } from 'constructs';
import {
  SpinAppSpecResourcesLimits as Limit,
  SpinAppSpecResourcesRequests as Request,
  SpinApp as SpinAppResource,
  type SpinAppSpec,
} from '../../imports/spinapp-core.spinkube.dev.ts';
import type { ResourceSelector } from '../policy/resource-selector.ts';
import { type HttpProbe, nonEmpty, type Resources, toValueFrom, type ValueSource } from './app-deployment.ts';
import { SPINKUBE_API } from './spinkube.ts';
import { type AppVolume, toVolumes } from './volumes.ts';

/** Properties for `SpinKubeApp`. */
export interface SpinKubeAppProps {
  /** Name of the SpinApp, and of the Deployment and Service that the operator makes. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
  /** Image, with a tag or digest. */
  readonly image: string;
  /** SpinAppExecutor in the same namespace. */
  readonly executor: string;
  /**
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Whether autoscalers on the members set the replicas of the Deployment.
   *
   * @default false
   */
  readonly autoscaled?: boolean;
  /**
   * Spin variables.
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
   * @default - none.
   */
  readonly probes?: { readonly readiness?: HttpProbe; readonly liveness?: HttpProbe };
  /**
   * @default - nothing is reserved, nothing limited.
   */
  readonly resources?: Resources;
  /**
   * Secret with the key `runtime-config.toml`.
   *
   * @default - Spin's own configuration.
   */
  readonly runtimeConfigSecret?: string;
  /**
   * Components to run.
   *
   * @default - all.
   */
  readonly components?: readonly string[];
  /**
   * Memory that one invocation may use, as a quantity.
   *
   * @default - no limit.
   */
  readonly memoryLimit?: string;
  /**
   * Labels of the SpinApp and of its pods.
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
   * Annotations of the Service.
   *
   * @default - none.
   */
  readonly serviceAnnotations?: { readonly [key: string]: string };
  /**
   * @default - the namespace's default one.
   */
  readonly serviceAccount?: string;
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
}

/**
 * Defines a SpinApp of SpinKube, from which the operator on each member makes a Deployment and a Service on port 80.
 * Needs `SpinAppInterpreter` in the Karmada API, and an executor in its namespace.
 */
export class SpinKubeApp extends Construct {
  /** The objects that a policy has to propagate. */
  readonly objects: readonly ResourceSelector[];

  constructor(scope: Construct, id: string, props: SpinKubeAppProps) {
    super(scope, id);
    const { name, namespace = 'default', replicas = 1, autoscaled = false } = props;
    if (!autoscaled && replicas < 1) {
      throw new Error(
        `'replicas' of SpinApp '${name}' must be at least 1, for its operator takes no fewer, got '${replicas}'`,
      );
    }
    const { readiness, liveness } = props.probes ?? {};
    new SpinAppResource(this, 'Resource', {
      metadata: { name, namespace, labels: { ...props.labels, 'app.kubernetes.io/name': name } },
      spec: {
        image: props.image,
        executor: props.executor,
        // The operator refuses the one beside the other.
        ...(autoscaled ? { enableAutoscaling: true } : { replicas }),
        variables: variables(props),
        checks: readiness || liveness ? { readiness: check(readiness), liveness: check(liveness) } : undefined,
        resources: props.resources && {
          requests: quantities(props.resources.requests, Request.fromString),
          limits: quantities(props.resources.limits, Limit.fromString),
        },
        runtimeConfig:
          props.runtimeConfigSecret === undefined ? undefined : { loadFromSecret: props.runtimeConfigSecret },
        components: props.components && [...props.components],
        invocationLimits: props.memoryLimit === undefined ? undefined : { memory: props.memoryLimit },
        podLabels: nonEmpty(props.labels),
        podAnnotations: nonEmpty(props.annotations),
        serviceAnnotations: nonEmpty(props.serviceAnnotations),
        serviceAccountName: props.serviceAccount,
        imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
        // The importer makes types of its own of Kubernetes' volumes; they have the same fields.
        ...(toVolumes(props.volumes) as Pick<SpinAppSpec, 'volumes' | 'volumeMounts'>),
      },
    });
    this.objects = [{ apiVersion: SPINKUBE_API, kind: 'SpinApp', name }];
  }
}

function variables({ variables = {}, variablesFrom = {} }: SpinKubeAppProps): SpinAppSpec['variables'] {
  const all = [
    ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ...Object.entries(variablesFrom).map(([name, source]) => ({ name, valueFrom: toValueFrom(name, source) })),
  ];
  return all.length > 0 ? all : undefined;
}

function check(probe: HttpProbe | undefined) {
  if (!probe) return undefined;
  const { path, ...times } = probe;
  // The operator's webhook writes null where there is no list, which the API server then refuses (spin-operator v0.6.1).
  return { httpGet: { path, httpHeaders: [] }, ...times };
}

function quantities<Quantity>(
  values: { readonly [resource: string]: string } | undefined,
  toQuantity: (value: string) => Quantity,
): { [resource: string]: Quantity } | undefined {
  return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toQuantity(value)]));
}
