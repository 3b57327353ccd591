import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { SpinKubeApp, type SpinKubeAppProps } from '../../constructs/apps/spinkube-app.ts';
import { testChart } from '../chart.ts';

function synth(props: Partial<SpinKubeAppProps> = {}) {
  const chart = testChart();
  const app = new SpinKubeApp(chart, 'app', {
    name: 'hello',
    image: 'example.com/hello:v1',
    executor: 'spin',
    ...props,
  });
  return { app, manifest: Testing.synth(chart)[0] };
}

test('a SpinApp says its image, its executor and how many replicas it wants', () => {
  const { app, manifest } = synth();
  expect(manifest).toEqual({
    apiVersion: 'core.spinkube.dev/v1alpha1',
    kind: 'SpinApp',
    metadata: { name: 'hello', namespace: 'default', labels: { 'app.kubernetes.io/name': 'hello' } },
    spec: { image: 'example.com/hello:v1', executor: 'spin', replicas: 1 },
  });
  expect(app.objects).toEqual([{ apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', name: 'hello' }]);
});

test('every setting reaches the SpinApp', () => {
  const props: Required<Omit<SpinKubeAppProps, 'name' | 'image' | 'executor' | 'autoscaled'>> = {
    namespace: 'apps',
    replicas: 3,
    variables: { greeting: 'hello' },
    variablesFrom: { token: { secret: 'api', key: 'token' } },
    probes: { readiness: { path: '/ready', initialDelaySeconds: 1 }, liveness: { path: '/live' } },
    resources: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } },
    runtimeConfigSecret: 'config',
    components: ['one'],
    memoryLimit: '32Mi',
    labels: { team: 'a' },
    annotations: { note: 'x' },
    serviceAnnotations: { lb: 'y' },
    serviceAccount: 'hello',
    imagePullSecrets: ['registry'],
    volumes: [{ name: 'data', mountPath: '/data', emptyDir: { sizeLimit: '1Gi' } }],
  };
  const { metadata, spec } = synth(props).manifest;
  expect(metadata).toMatchObject({ namespace: 'apps', labels: { team: 'a' } });
  expect(spec).toEqual({
    image: 'example.com/hello:v1',
    executor: 'spin',
    replicas: 3,
    variables: [
      { name: 'greeting', value: 'hello' },
      { name: 'token', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } },
    ],
    checks: {
      readiness: { httpGet: { path: '/ready', httpHeaders: [] }, initialDelaySeconds: 1 },
      liveness: { httpGet: { path: '/live', httpHeaders: [] } },
    },
    resources: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } },
    runtimeConfig: { loadFromSecret: 'config' },
    components: ['one'],
    invocationLimits: { memory: '32Mi' },
    podLabels: { team: 'a' },
    podAnnotations: { note: 'x' },
    serviceAnnotations: { lb: 'y' },
    serviceAccountName: 'hello',
    imagePullSecrets: [{ name: 'registry' }],
    volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  });
});

test('an autoscaled SpinApp names no replicas, which its operator would refuse', () => {
  const { spec } = synth({ autoscaled: true, replicas: 3 }).manifest;
  expect(spec.enableAutoscaling).toBe(true);
  expect(spec).not.toHaveProperty('replicas');
});

test('a SpinApp without replicas is refused, as by its operator', () => {
  expect(() => synth({ replicas: 0 })).toThrow(
    "'replicas' of SpinApp 'hello' must be at least 1, for its operator takes no fewer, got '0'",
  );
});
