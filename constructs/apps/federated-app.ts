import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { OverridePolicy } from '../policy/override-policy.ts';
import type { Placement } from '../policy/placement.ts';
import { type PropagationOptions, PropagationPolicy } from '../policy/propagation-policy.ts';
import type { ResourceSelector } from '../policy/resource-selector.ts';
import {
  AppDeployment,
  type AppDeploymentProps,
  type PodDependency,
  podDependencyOf,
  servicePortOf,
} from './app-deployment.ts';
import { type AppOverrideRule, appOverrides, type ContainerForm } from './app-overrides.ts';
import {
  AppIngress,
  type AppIngressSettings,
  MultiClusterService,
  type MultiClusterServiceSettings,
} from './exposure.ts';
import { FederatedScaling, type LoadScaling, MemberAutoscaler, type Scaling } from './scaling.ts';
import { SpinKubeApp, type SpinKubeAppProps } from './spinkube-app.ts';

/** Properties for `FederatedApp`. */
export interface FederatedAppProps extends Omit<AppDeploymentProps, 'autoscaled' | 'scaledByMembers'> {
  /**
   * `deployment`: a Deployment. `spinapp`: a SpinApp, for members with SpinKube's operator; it needs
   * `SpinAppInterpreter` and `SpinKubeKinds` in the Karmada API and an executor of the name in `spin`, and knows no
   * settings of containers, nodes and ports.
   *
   * @default 'deployment'
   */
  readonly form?: 'deployment' | 'spinapp';
  /**
   * What only the form `spinapp` has.
   *
   * @default - the executor is called as the RuntimeClass.
   */
  readonly spin?: SpinSettings;
  /**
   * Runs as an ordinary container on these members.
   *
   * @default - the app is the same everywhere.
   */
  readonly container?: ContainerForm;
  /**
   * Members where the app goes.
   *
   * @default - every member.
   */
  readonly placement?: Placement;
  /**
   * How Karmada treats the copies. `propagateDeps` is on where the app names Secrets, ConfigMaps or a ServiceAccount,
   * and the policy waits for the app's own overrides.
   *
   * @default - as Karmada does.
   */
  readonly propagation?: PropagationOptions;
  /**
   * What differs on some members.
   *
   * @default - nothing.
   */
  readonly overrides?: readonly AppOverrideRule[];
  /**
   * Scaling over all members or on each of them, of the form `deployment`.
   *
   * @default - the number of replicas stays.
   */
  readonly scaling?: Scaling;
  /**
   * An address of its own on every member where it runs.
   *
   * @default - none.
   */
  readonly ingress?: AppIngressSettings;
  /**
   * One Service for all members.
   *
   * @default - a Service on every member.
   */
  readonly multiClusterService?: MultiClusterServiceSettings;
}

/** What only a SpinApp has. */
export interface SpinSettings
  extends Partial<
    Pick<SpinKubeAppProps, 'executor' | 'runtimeConfigSecret' | 'components' | 'memoryLimit' | 'autoscaled'>
  > {
  /**
   * An autoscaler on each member, which sets the replicas there.
   *
   * @default - none; with `autoscaled` the members have their own.
   */
  readonly autoscaler?: LoadScaling;
}

/**
 * Defines an app of the federation: its workload, where it goes, how it differs from member to member, how it scales and
 * where it is reached.
 */
export class FederatedApp extends Construct {
  constructor(scope: Construct, id: string, props: FederatedAppProps) {
    super(scope, id);
    const { name, namespace, placement, propagation = {}, scaling, ingress, multiClusterService } = props;
    // Declared first, and so applied first: what is there before its policy is claimed and stays without a binding until
    // it changes, where policies are lazy.
    const policies = new Construct(this, 'Policies');
    const spinKube = props.form === 'spinapp';
    const { app, objects: made } = spinKube ? this.spinApp(props) : this.deployment(props);
    const [workload, ...others] = made;
    if (!workload) throw new Error(`app '${name}' has no workload`);
    const servicePort = spinKube ? 80 : (props.service?.port ?? 80);
    if (multiClusterService && spinKube) {
      throw new Error(`'multiClusterService' of '${name}' needs a Deployment, whose Service is in the Karmada API`);
    }
    if ((ingress || multiClusterService) && !spinKube && props.port === undefined) {
      throw new Error(`'ingress' and 'multiClusterService' of '${name}' need a Service, give it 'port'`);
    }

    const objects = [workload];
    // Karmada takes a Service that all members share to them itself.
    if (multiClusterService) {
      new MultiClusterService(this, 'MultiClusterService', {
        ...multiClusterService,
        name,
        namespace,
        port: servicePort,
      });
    } else {
      objects.push(...others);
    }
    if (ingress) {
      new AppIngress(this, 'Ingress', { ...ingress, name, namespace, servicePort });
      objects.push({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name });
    }
    if (scaling) {
      if (spinKube) throw new Error(`'scaling' of '${name}' needs a Deployment, a SpinApp has no scale subresource`);
      const { max } = scaling;
      if (scaling.per !== 'member') {
        new FederatedScaling(this, 'Scaling', { ...scaling, name, namespace });
      } else if (max === undefined) {
        throw new Error(`'scaling' of '${name}' needs 'max' with 'per: member'`);
      } else {
        objects.push(...new MemberAutoscaler(this, 'Autoscaler', { ...scaling, max, name, namespace }).objects);
      }
    }

    const rules = appOverrides(props, () => ApiObject.of(app).toJson());
    const overrides: string[] = [];
    if (rules.length > 0) {
      new OverridePolicy(policies, 'Overrides', { name, namespace, resources: [workload], rules });
      overrides.push(name);
    }
    const ports = multiClusterService ? undefined : ownNodePorts(policies, objects, props);
    if (ports) overrides.push(ports);
    const dependentOverrides = [...overrides, ...(propagation.dependentOverrides ?? [])];
    new PropagationPolicy(policies, 'Placement', {
      ...propagation,
      name,
      namespace,
      resources: objects,
      placement,
      propagateDeps: propagation.propagateDeps ?? (dependencyOf(props) === undefined ? undefined : true),
      dependentOverrides: dependentOverrides.length > 0 ? dependentOverrides : undefined,
    });
  }

  private deployment(props: FederatedAppProps): Workload {
    const { scaling } = props;
    const app = new AppDeployment(this, 'App', {
      ...props,
      autoscaled: scaling !== undefined,
      scaledByMembers: scaling?.per === 'member',
    });
    return { app, objects: app.objects };
  }

  private spinApp(props: FederatedAppProps): Workload {
    const { name, runtimeClassName, service, spin } = props;
    const executor = spin?.executor ?? runtimeClassName;
    if (executor === undefined) throw new Error(`SpinApp '${name}' needs 'spin.executor' or 'runtimeClassName'`);
    const autoscaler = spin?.autoscaler;
    const app = new SpinKubeApp(this, 'App', {
      ...props,
      ...spin,
      autoscaled: spin?.autoscaled || autoscaler !== undefined,
      executor,
      serviceAnnotations: service?.annotations,
    });
    if (!autoscaler) return { app, objects: app.objects };
    const { objects } = new MemberAutoscaler(this, 'Autoscaler', { ...autoscaler, name, namespace: props.namespace });
    return { app, objects: [...app.objects, ...objects] };
  }
}

/**
 * Lets every member choose the node ports of an app's Service. Karmada's API server gives it some, as every API server
 * does, and Karmada would ask all members for the same numbers, which others may have there.
 *
 * @returns the name of the override policy, where one is needed.
 */
function ownNodePorts(scope: Construct, objects: readonly ResourceSelector[], props: FederatedAppProps) {
  const { name, namespace, service } = props;
  const resource = objects.find(({ kind }) => kind === 'Service');
  if (!resource || !service?.type || service.type === 'ClusterIP') return undefined;
  const policy = `${name}.service`;
  const value = [{ ...servicePortOf(service), protocol: 'TCP' }];
  new OverridePolicy(scope, 'ServicePorts', {
    name: policy,
    namespace,
    resources: [resource],
    rules: [{ plaintext: [{ path: '/spec/ports', operator: 'replace', value }] }],
  });
  return policy;
}

/** The construct of a workload, and what a policy has to propagate: the workload first. */
interface Workload {
  readonly app: Construct;
  readonly objects: readonly ResourceSelector[];
}

/**
 * The first setting of an app that makes objects go along with it, or nothing. A SpinApp always takes its executor
 * along.
 */
export function dependencyOf(
  props: Pick<FederatedAppProps, 'form' | 'volumes' | PodDependency> & { ingress?: AppIngressSettings },
) {
  if (props.form === 'spinapp') return 'form';
  const { tlsSecret, issuer } = props.ingress ?? {};
  return podDependencyOf(props) ?? (tlsSecret === undefined || issuer ? undefined : 'ingress');
}
