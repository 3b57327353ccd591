import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { FederatedScaling, MemberAutoscaler, type Scaling } from '../../constructs/apps/scaling.ts';
import { testChart } from '../chart.ts';

function synth(props: Scaling) {
  const chart = testChart();
  new FederatedScaling(chart, 'scaling', { name: 'web', ...props });
  const objects = Testing.synth(chart);
  return { objects, of: (kind: string) => objects.find((object) => object.kind === kind)?.spec };
}

const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const memory = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'Utilization', averageUtilization } },
});
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

test('a maximum makes a FederatedHPA that aims at four fifths of the CPU', () => {
  const { objects, of } = synth({ max: 5 });
  expect(objects).toHaveLength(1);
  expect(of('FederatedHPA')).toEqual({
    scaleTargetRef: deployment,
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [cpu(80)],
  });
});

test.each<[Scaling, object[]]>([
  [{ max: 5, cpu: 50 }, [cpu(50)]],
  [{ max: 5, memory: 70 }, [memory(70)]],
  [{ max: 5, cpu: 60, memory: 70 }, [cpu(60), memory(70)]],
])('load is what the settings name: %o', (scaling, metrics) => {
  expect(synth(scaling).of('FederatedHPA').metrics).toEqual(metrics);
});

test.each<[Scaling, object[]]>([
  [
    { max: 5, cpu: '500m', memory: '200Mi' },
    [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '500m' } } },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '200Mi' } } },
    ],
  ],
  [
    { max: 5, cpu: 60, pods: [{ metric: 'requests', average: '50', selector: { path: 'api' } }] },
    [
      cpu(60),
      {
        type: 'Pods',
        pods: {
          metric: { name: 'requests', selector: { matchLabels: { path: 'api' } } },
          target: { type: 'AverageValue', averageValue: '50' },
        },
      },
    ],
  ],
  [
    {
      max: 5,
      objects: [
        { metric: 'hits', object: { apiVersion: 'v1', kind: 'Service', name: 'web' }, value: '2k' },
        { metric: 'queue', object: { apiVersion: 'v1', kind: 'Service', name: 'web' }, average: '10' },
      ],
    },
    [
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 'web' },
          metric: { name: 'hits' },
          target: { type: 'Value', value: '2k' },
        },
      },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 'web' },
          metric: { name: 'queue' },
          target: { type: 'AverageValue', averageValue: '10' },
        },
      },
    ],
  ],
])('load is counted in quantities, and by metrics of pods and objects: %o', (scaling, metrics) => {
  expect(synth(scaling).of('FederatedHPA').metrics).toEqual(metrics);
});

test('replicas go only after load has been low for a while', () => {
  expect(synth({ max: 5, stabilizationSeconds: 60 }).of('FederatedHPA').behavior).toEqual({
    scaleDown: { stabilizationWindowSeconds: 60 },
  });
});

test('an autoscaler of a member is one of Kubernetes, for the Deployment there', () => {
  const chart = testChart();
  const { objects } = new MemberAutoscaler(chart, 'autoscaler', {
    name: 'web',
    min: 2,
    max: 5,
    memory: 70,
    stabilizationSeconds: 60,
  });
  expect(Testing.synth(chart)).toEqual([
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        scaleTargetRef: deployment,
        minReplicas: 2,
        maxReplicas: 5,
        metrics: [memory(70)],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      },
    },
  ]);
  expect(objects).toEqual([{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'web' }]);
  expect(() => new MemberAutoscaler(testChart(), 'autoscaler', { name: 'web', min: 3, max: 2 })).toThrow(
    "'max' of 'web' must not be lower than min '3', got '2'",
  );
});

test('schedules alone set the replicas of the Deployment', () => {
  const { objects, of } = synth({
    schedules: [
      { name: 'day', cron: '0 8 * * 1-5', replicas: 5, timeZone: 'Europe/Berlin' },
      { name: 'night', cron: '0 20 * * *', replicas: 0, suspend: true },
    ],
  });
  expect(objects).toHaveLength(1);
  expect(of('CronFederatedHPA')).toEqual({
    scaleTargetRef: deployment,
    rules: [
      { name: 'day', schedule: '0 8 * * 1-5', targetReplicas: 5, timeZone: 'Europe/Berlin' },
      { name: 'night', schedule: '0 20 * * *', targetReplicas: 0, suspend: true },
    ],
  });
});

test('schedules beside a maximum move the bounds of the scaling by load', () => {
  const { of } = synth({ max: 5, schedules: [{ name: 'day', cron: '@daily', min: 3, max: 9 }] });
  expect(of('CronFederatedHPA')).toEqual({
    scaleTargetRef: { apiVersion: 'autoscaling.karmada.io/v1alpha1', kind: 'FederatedHPA', name: 'web' },
    rules: [{ name: 'day', schedule: '@daily', targetMinReplicas: 3, targetMaxReplicas: 9 }],
  });
});

test.each<[string, Scaling, string]>([
  ['nothing to scale by', {}, "'scaling' of 'web' scales nothing, give it 'max' or 'schedules'"],
  ['a maximum below the minimum', { min: 3, max: 2 }, "'max' of 'web' must not be lower than min '3', got '2'"],
  [
    'replicas that load would undo',
    { max: 5, schedules: [{ name: 'day', cron: '@daily', replicas: 3 }] },
    "schedule 'day' must set 'min' or 'max', and not 'replicas'",
  ],
  [
    'bounds without scaling by load',
    { schedules: [{ name: 'day', cron: '@daily', min: 3 }] },
    "schedule 'day' must set 'replicas', and not 'min' and 'max'",
  ],
])('refuses %s', (_, scaling, message) => {
  expect(() => synth(scaling)).toThrow(message);
});
