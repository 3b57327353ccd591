import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { CronFederatedHpa } from '../../imports/cronfederatedhpa-autoscaling.karmada.io.ts';
import {
  FederatedHpa,
  type FederatedHpaSpecMetrics,
  type FederatedHpaSpecScaleTargetRef,
} from '../../imports/federatedhpa-autoscaling.karmada.io.ts';
import type { ResourceSelector } from '../policy/resource-selector.ts';

/** What to set at a time: replicas, or the bounds of scaling by load. */
export interface ScalingSchedule {
  /** Name of the rule, unique in the app. */
  readonly name: string;
  /** Cron expression of five fields, such as `0 8 * * 1-5`. */
  readonly cron: string;
  /**
   * Replicas to set, where nothing scales by load.
   *
   * @default - the bounds are set.
   */
  readonly replicas?: number;
  /**
   * New lower bound of scaling by load.
   *
   * @default - it stays.
   */
  readonly min?: number;
  /**
   * New upper bound of scaling by load.
   *
   * @default - it stays.
   */
  readonly max?: number;
  /**
   * Such as `Europe/Berlin`.
   *
   * @default - UTC.
   */
  readonly timeZone?: string;
  /**
   * Whether the rule rests.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/** Between which numbers of replicas to stay, and by what load. */
export interface LoadScaling {
  /**
   * At least so many.
   *
   * @default 1
   */
  readonly min?: number;
  /** At most so many. */
  readonly max: number;
  /**
   * Average CPU to aim at: a number in per cent of what the pods request, or a quantity such as `500m`.
   *
   * @default - 80, where nothing else is given to scale by.
   */
  readonly cpu?: number | string;
  /**
   * Average memory to aim at: a number in per cent of what the pods request, or a quantity such as `200Mi`.
   *
   * @default - it does not count.
   */
  readonly memory?: number | string;
  /**
   * Metrics of the pods, which an adapter on the members serves.
   *
   * @default - none.
   */
  readonly pods?: readonly PodsMetric[];
  /**
   * Metrics of other objects, which an adapter on the members serves.
   *
   * @default - none.
   */
  readonly objects?: readonly ObjectMetric[];
  /**
   * Seconds for which load must stay low before replicas go.
   *
   * @default 300
   */
  readonly stabilizationSeconds?: number;
}

/** A metric that pods have themselves, such as requests per second. */
export interface PodsMetric {
  readonly metric: string;
  /** Quantity to aim at, on average over the pods. */
  readonly average: string;
  /**
   * Labels of the metric's series.
   *
   * @default - all series.
   */
  readonly selector?: { readonly [key: string]: string };
}

/** A metric of an object in the namespace of the app; either `value` or `average`. */
export interface ObjectMetric {
  readonly metric: string;
  readonly object: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  /** Quantity to aim at. */
  readonly value?: string;
  /** Quantity to aim at, divided by the number of pods. */
  readonly average?: string;
  /**
   * Labels of the metric's series.
   *
   * @default - all series.
   */
  readonly selector?: { readonly [key: string]: string };
}

/** When to change the number of replicas. */
export interface Scaling extends Partial<LoadScaling> {
  /**
   * `federation`: counted over all members. `member`: each scales its copy by itself, by load alone.
   *
   * @default 'federation'
   */
  readonly per?: 'federation' | 'member';
  /**
   * At most so many.
   *
   * @default - load changes nothing.
   */
  readonly max?: number;
  /**
   * What to set at which time.
   *
   * @default - none.
   */
  readonly schedules?: readonly ScalingSchedule[];
}

/** Properties for `FederatedScaling`. */
export interface FederatedScalingProps extends Scaling {
  /** Name of the Deployment, and of what scales it. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
}

/**
 * Defines how a Deployment scales over all members: a FederatedHPA by load, a CronFederatedHPA by time. Both act on the
 * template in the Karmada API, and the placement divides what they set, so that with `aggregated` replicas and overflow
 * the clouds take what the edge can't. Scaling by load needs the component karmada-metrics-adapter, and a metrics server
 * on every member.
 */
export class FederatedScaling extends Construct {
  constructor(scope: Construct, id: string, props: FederatedScalingProps) {
    super(scope, id);
    const { name, namespace = 'default', min = 1, max, schedules = [] } = props;
    if (max === undefined && schedules.length === 0) {
      throw new Error(`'scaling' of '${name}' scales nothing, give it 'max' or 'schedules'`);
    }
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name };
    if (max !== undefined) {
      if (max < min) throw new Error(`'max' of '${name}' must not be lower than min '${min}', got '${max}'`);
      new FederatedHpa(this, 'Load', {
        metadata: { name, namespace },
        spec: {
          scaleTargetRef: deployment satisfies FederatedHpaSpecScaleTargetRef,
          minReplicas: min,
          maxReplicas: max,
          metrics: metrics(props),
          behavior: behavior(props),
        },
      });
    }
    if (schedules.length > 0) {
      const byLoad = max !== undefined;
      new CronFederatedHpa(this, 'Schedules', {
        metadata: { name, namespace },
        spec: {
          scaleTargetRef: byLoad
            ? { apiVersion: 'autoscaling.karmada.io/v1alpha1', kind: 'FederatedHPA', name }
            : deployment,
          rules: schedules.map((rule) => toRule(rule, byLoad)),
        },
      });
    }
  }
}

/** Properties for `MemberAutoscaler`. */
export interface MemberAutoscalerProps extends LoadScaling {
  /** Name of the Deployment on the members, and of what scales it. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
}

/**
 * Defines an autoscaler that goes to members with its app, and scales it by load on each of them by itself: a Deployment
 * whose replicas Karmada leaves to the members (`AppDeploymentProps.scaledByMembers`), or one that only the members have,
 * as SpinKube's operator makes it. Needs a metrics server on every member.
 */
export class MemberAutoscaler extends Construct {
  /** The objects that a policy has to propagate. */
  readonly objects: readonly ResourceSelector[];

  constructor(scope: Construct, id: string, props: MemberAutoscalerProps) {
    super(scope, id);
    const { name, namespace = 'default', min = 1, max } = props;
    if (max < min) throw new Error(`'max' of '${name}' must not be lower than min '${min}', got '${max}'`);
    new k8s.KubeHorizontalPodAutoscalerV2(this, 'Resource', {
      metadata: { name, namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: min,
        maxReplicas: max,
        metrics: metrics(props),
        behavior: behavior(props),
      },
    });
    this.objects = [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name }];
  }
}

function behavior({ stabilizationSeconds }: Partial<LoadScaling>) {
  return stabilizationSeconds === undefined
    ? undefined
    : { scaleDown: { stabilizationWindowSeconds: stabilizationSeconds } };
}

/** What to scale by of CPU and memory: percentages of the requests as numbers, averages as quantities. */
export function scalesBy({ cpu, memory, pods, objects }: Partial<LoadScaling>): {
  [resource: string]: number | string;
} {
  const targets = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  return Object.keys(targets).length > 0 || pods || objects ? targets : { cpu: 80 };
}

/** The same metrics for a FederatedHPA and an HPA, whose API Karmada takes over. */
function metrics(load: Partial<LoadScaling>): FederatedHpaSpecMetrics[] {
  const { pods = [], objects = [] } = load;
  const named = ({ metric, selector }: PodsMetric | ObjectMetric) => ({
    name: metric,
    selector: selector && { matchLabels: { ...selector } },
  });
  return [
    ...Object.entries(scalesBy(load)).map(([name, target]) => ({
      type: 'Resource',
      resource: {
        name,
        target:
          typeof target === 'number'
            ? { type: 'Utilization', averageUtilization: target }
            : { type: 'AverageValue', averageValue: k8s.Quantity.fromString(target) },
      },
    })),
    ...pods.map((metric) => ({
      type: 'Pods',
      pods: {
        metric: named(metric),
        target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString(metric.average) },
      },
    })),
    ...objects.map((metric) => ({
      type: 'Object',
      object: {
        describedObject: { ...metric.object },
        metric: named(metric),
        target:
          metric.value === undefined
            ? { type: 'AverageValue', averageValue: metric.average && k8s.Quantity.fromString(metric.average) }
            : { type: 'Value', value: k8s.Quantity.fromString(metric.value) },
      },
    })),
  ] as unknown as FederatedHpaSpecMetrics[];
}

/** Karmada's webhook wants bounds for a FederatedHPA, and replicas for anything else. */
function toRule({ name, cron, replicas, min, max, timeZone, suspend }: ScalingSchedule, byLoad: boolean) {
  if (
    byLoad ? replicas !== undefined || (min ?? max) === undefined : replicas === undefined || (min ?? max) !== undefined
  ) {
    const [right, wrong] = byLoad ? ["'min' or 'max'", "'replicas'"] : ["'replicas'", "'min' and 'max'"];
    throw new Error(`schedule '${name}' must set ${right}, and not ${wrong}`);
  }
  return {
    name,
    schedule: cron,
    targetReplicas: replicas,
    targetMinReplicas: min,
    targetMaxReplicas: max,
    timeZone,
    suspend,
  };
}
