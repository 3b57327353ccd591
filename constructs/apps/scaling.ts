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
   * Average CPU to aim at, in per cent of what the pods request.
   *
   * @default - 80, where `memory` is not given.
   */
  readonly cpu?: number;
  /**
   * Average memory to aim at, in per cent of what the pods request.
   *
   * @default - it does not count.
   */
  readonly memory?: number;
  /**
   * Seconds for which load must stay low before replicas go.
   *
   * @default 300
   */
  readonly stabilizationSeconds?: number;
}

/** When to change the number of replicas, counted over all members. */
export interface Scaling extends Partial<LoadScaling> {
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
 * Defines an autoscaler that goes to members with its app, and scales it by load on each of them by itself: for a
 * Deployment that only the members have, as SpinKube's operator makes it. Needs a metrics server on every member.
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

function metrics({ cpu, memory }: Partial<LoadScaling>): FederatedHpaSpecMetrics[] {
  const targets = { cpu: cpu ?? (memory === undefined ? 80 : undefined), memory };
  return Object.entries(targets).flatMap(([name, averageUtilization]) =>
    averageUtilization === undefined
      ? []
      : [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }],
  );
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
