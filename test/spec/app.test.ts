import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { app } from '../../constructs/spec/app.ts';
import { explain, faultsOf } from '../../constructs/spec/explain.ts';
import { formatPath } from '../../constructs/spec/faults.ts';

/** An app with these settings, written as YAML, or its faults. */
function parse(settings: string) {
  const data = { name: 'a', image: 'example.com/a:v1', ...(load(settings) as object) };
  const result = app.safeParse(data, { error: explain, reportInput: true });
  return result.success
    ? { app: result.data, faults: [] }
    : {
        app: undefined,
        faults: faultsOf(result.error.issues, data).map((one) => `${formatPath(one.path)}: ${one.message}`),
      };
}

test('an app needs a name and an image, and gets the rest', () => {
  expect(parse('{}').app).toEqual({
    name: 'a',
    namespace: 'default',
    form: 'deployment',
    image: 'example.com/a:v1',
    strategy: 'RollingUpdate',
    labels: {},
    annotations: {},
    spin: { autoscaled: false },
    placement: {},
    propagation: {},
    overrides: [],
  });
});

test('quantities may be written as numbers', () => {
  expect(parse('{ resources: { requests: { cpu: 1, memory: 64Mi } } }').app?.resources).toEqual({
    requests: { cpu: '1', memory: '64Mi' },
  });
});

test.each<[string, string[]]>([
  ['{ name: Web }', ["name: must be a lower case DNS label, such as 'edge-1', got 'Web'"]],
  ['{ image: example.com/a }', ["image: must name a fixed tag or a digest, such as ':v1'"]],
  ['{ imagee: x }', ["imagee: unknown field, and 'image' is set already: remove it"]],
  ['{ strateggy: x }', ["strateggy: unknown field, did you mean 'strategy'?"]],
  [
    '{ namespace: karmada-system }',
    [
      'namespace: must be another namespace: Karmada propagates nothing from kube-*, karmada-system, karmada-cluster and karmada-es-*',
    ],
  ],
  ['{ replicas: -1 }', ['replicas: must be at least 0, got -1']],
  ['{ port: 70000 }', ['port: must be a port, 1 to 65535']],
  ['{ name: 1a, port: 80 }', ['name: must begin with a letter, for its Service bears it too']],
  [
    '{ probes: { readiness: { path: / } }, service: {}, ingress: { host: a.example.com } }',
    [
      "port: is required, 'service' needs it",
      "port: is required, 'probes' needs it",
      "port: is required, 'ingress' needs it",
    ],
  ],
  [
    '{ env: { 1A: x } }',
    ["env[\"1A\"]: its key must be the name of an environment variable, such as 'LOG_LEVEL' or 'logging.level'"],
  ],
  [
    '{ env: { A: "a\\0b" }, args: ["\\0"] }',
    [
      'args[0]: must not hold the character U+0000, which no process can be given',
      'env.A: must not hold the character U+0000, which no process can be given',
    ],
  ],
  ['{ env: { A: x }, envFrom: { A: { secret: s, key: k } } }', ["envFrom.A: is in 'env' too, leave one out"]],
  ['{ envFrom: { A: { key: k } } }', ["envFrom.A: must have either 'secret' or 'configMap'"]],
  ['{ variables: { a: b } }', ['runtime: is required, only Wasm apps have Spin variables']],
  [
    '{ runtime: spin, variables: { a: b }, env: { SPIN_VARIABLE_A: c } }',
    ["variables.a: is given as environment variable 'SPIN_VARIABLE_A' too, leave one out"],
  ],
  [
    "{ container: { image: 'example.com/a:v1' } }",
    ['container: has no Wasm form to stand in for: give it a runtime, or make its image the image'],
  ],
  [
    '{ resources: { requests: { cpu: 2 }, limits: { cpu: 1500m } } }',
    ['resources.requests.cpu: must not be more than the limit, which is 1500m'],
  ],
  [
    '{ form: spinapp, runtime: spin, port: 80, env: { A: b }, probes: { startup: { path: / } } }',
    [
      "env: is no setting of a SpinApp, leave it out or use the form 'deployment'",
      "port: is no setting of a SpinApp, leave it out or use the form 'deployment'",
      "probes.startup: is no setting of a SpinApp, leave it out or use the form 'deployment'",
    ],
  ],
  [
    '{ form: spinapp, runtime: spin, multiClusterService: {} }',
    [
      "multiClusterService: needs a Service in the Karmada API, and that of a SpinApp is on its members alone: use the form 'deployment'",
    ],
  ],
  [
    '{ spin: { memoryLimit: 64Mi } }',
    ["spin.memoryLimit: is a setting of a SpinApp alone, leave it out or use the form 'spinapp'"],
  ],
  ['{ form: spinapp }', ['runtime: is required, a SpinApp runs on a Wasm runtime']],
  [
    '{ form: spinapp, runtime: spin, replicas: 0 }',
    ["replicas: must be at least 1 for a SpinApp, unless 'spin.autoscaler' leaves them to the members"],
  ],
  [
    '{ form: spinapp, runtime: spin, resources: { limits: { memory: 64Mi } }, spin: { memoryLimit: 1Gi } }',
    ['spin.memoryLimit: must not be more than the app itself has, which is 64Mi'],
  ],
  [
    '{ form: spinapp, runtime: spin, scaling: { schedules: [{ name: a, cron: "@daily", replicas: 1 }] } }',
    [
      "scaling: can't scale a SpinApp, which has no scale subresource: use the form 'deployment', or one on each member with 'spin.autoscaler'",
    ],
  ],
  [
    '{ form: spinapp, runtime: spin, resources: { limits: { cpu: 1 } }, spin: { autoscaler: { min: 3, max: 2 } } }',
    ['spin.autoscaler.max: must not be lower than min, which is 3'],
  ],
  [
    '{ form: spinapp, runtime: spin, spin: { autoscaler: { max: 2 } } }',
    ['resources: must request cpu, which the scaling measures against'],
  ],
  ['{ scaling: {} }', ["scaling: scales nothing, give it 'max', 'schedules' or both"]],
  ['{ scaling: { max: 3 } }', ['resources: must request cpu, which the scaling measures against']],
  [
    '{ scaling: { min: 4, max: 3, memory: 80 }, resources: { requests: { memory: 1Mi } } }',
    ['scaling.max: must not be lower than min, which is 4'],
  ],
  [
    '{ scaling: { schedules: [{ name: a, cron: daily, replicas: 2 }] } }',
    ["scaling.schedules[0].cron: must be a cron expression of five fields, such as '0 8 * * 1-5', got 'daily'"],
  ],
  [
    '{ scaling: { schedules: [{ name: a, cron: "@daily", min: 2 }, { name: a, cron: "@daily", replicas: 2 }] } }',
    [
      "scaling.schedules[0]: changes bounds of a scaling by load, which needs 'scaling.max'; or give it 'replicas'",
      "scaling.schedules[1].name: is used already, schedule 'a' needs another name",
    ],
  ],
])('what Kubernetes, Karmada or SpinKube would refuse is a fault: %s', (settings, faults) => {
  expect(parse(settings).faults).toEqual(faults);
});
