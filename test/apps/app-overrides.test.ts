import { JsonPatch, Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import type { AppOverrideRule } from '../../constructs/apps/app-overrides.ts';
import { FederatedApp, type FederatedAppProps } from '../../constructs/apps/federated-app.ts';
import type { PlaintextOverrider } from '../../constructs/policy/override-policy.ts';
import { testChart } from '../chart.ts';

/** The workload as members get it to whom these rules of the app apply, and the rules that were made. */
function overridden(
  props: Partial<FederatedAppProps>,
  overrides: AppOverrideRule[],
  applied = overrides.map((_, i) => i),
) {
  const chart = testChart();
  new FederatedApp(chart, 'app', { name: 'web', image: 'registry.example.com/web:v1', ...props, overrides });
  const objects = Testing.synth(chart);
  const { overrideRules } = objects.find(({ kind }) => kind === 'OverridePolicy')?.spec ?? {};
  // Rules without a target come first, made for those that need them; the app's own rules are the last ones.
  const own = overrideRules.length - overrides.length;
  const patches = (overrideRules as { overriders: { plaintext?: PlaintextOverrider[] } }[])
    .filter((_, i) => i < own || applied.includes(i - own))
    .flatMap(({ overriders }) => overriders.plaintext ?? [])
    .map(({ operator, path, value }) =>
      operator === 'remove' ? JsonPatch.remove(path) : JsonPatch[operator](path, value),
    );
  const app = objects.find(({ kind }) => kind === 'Deployment' || kind === 'SpinApp');
  const workload = JsonPatch.apply(app, ...patches);
  return { workload, rules: overrideRules, container: workload.spec.template?.spec.containers[0] };
}

const first = { clusters: ['first'] };
const second = { clusters: ['second'] };

test('a variable is set by its name, wherever it stands in the list', () => {
  const props = {
    runtimeClassName: 'spin',
    port: 8080,
    env: { A: 'a', SHOP: 'none' },
    variables: { greeting: 'hi' },
    envFrom: { TOKEN: { secret: 'api', key: 'token' } },
  };
  const { container } = overridden(props, [
    { target: first, env: { SHOP: 'shop-7', TOKEN: '', NEW: 'n' }, variables: { greeting: 'hej' } },
  ]);
  expect(container.env).toEqual([
    { name: 'SPIN_HTTP_LISTEN_ADDR', value: '0.0.0.0:8080' },
    { name: 'SPIN_VARIABLE_GREETING', value: 'hej' },
    { name: 'A', value: 'a' },
    { name: 'SHOP', value: 'shop-7' },
    { name: 'TOKEN', value: '' },
    { name: 'NEW', value: 'n' },
  ]);
});

test('several rules may add variables and resources to an app that has none', () => {
  const rules: AppOverrideRule[] = [
    { target: first, env: { A: '1' }, resources: { requests: { cpu: '1', 'nvidia.com/gpu': '1' } } },
    { target: second, env: { B: '2' }, resources: { requests: { cpu: '2' }, limits: { memory: '1Gi' } } },
  ];
  expect(overridden({}, rules).container).toMatchObject({
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
    resources: { requests: { cpu: '2', 'nvidia.com/gpu': '1' }, limits: { memory: '1Gi' } },
  });
  expect(overridden({}, rules, [1]).container).toMatchObject({
    env: [{ name: 'B', value: '2' }],
    resources: { requests: { cpu: '2' }, limits: { memory: '1Gi' } },
  });
});

test('members that no rule is for get nothing new where one rule alone makes it', () => {
  const { rules } = overridden({}, [{ target: first, env: { A: '1' } }]);
  expect(rules).toHaveLength(1);
});

test('replicas and single resources take the place of those of the app', () => {
  const { workload, container } = overridden(
    { replicas: 3, resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } } },
    [
      {
        replicas: 0,
        resources: { requests: { cpu: '1' } },
        plaintext: [{ path: '/spec/paused', operator: 'add', value: true }],
      },
    ],
  );
  expect(workload.spec).toMatchObject({ replicas: 0, paused: true });
  expect(container.resources).toEqual({ requests: { cpu: '1', memory: '64Mi' }, limits: { memory: '64Mi' } });
});

test('the container form of an app is overridden in the same places', () => {
  const { container } = overridden(
    {
      runtimeClassName: 'spin',
      args: ['-w'],
      env: { A: 'a' },
      container: { image: 'registry.example.com/web-container:v1', members: ['first'] },
    },
    [{ target: first, env: { A: 'b' } }],
  );
  expect(container).toMatchObject({ image: 'registry.example.com/web-container:v1', env: [{ name: 'A', value: 'b' }] });
  expect(container).not.toHaveProperty('args');
});

test('a SpinApp has its variables, replicas and resources elsewhere', () => {
  const { workload } = overridden({ form: 'spinapp', runtimeClassName: 'spin', variables: { a: 'a', b: 'b' } }, [
    { variables: { b: 'c', d: 'd' }, replicas: 2, resources: { limits: { memory: '1Gi' } } },
  ]);
  expect(workload.spec).toMatchObject({
    variables: [
      { name: 'a', value: 'a' },
      { name: 'b', value: 'c' },
      { name: 'd', value: 'd' },
    ],
    replicas: 2,
    resources: { limits: { memory: '1Gi' } },
  });
});

const PINNED = `registry.example.com/web:v1@sha256:${'a'.repeat(64)}`;
const mirror = { component: 'Registry', operator: 'replace', value: 'mirror.example.com' } as const;

test('an image keeps its digest when another registry is set, which Karmada would drop', () => {
  const { container, rules } = overridden({ image: PINNED }, [{ target: first, image: [mirror] }]);
  expect(container.image).toBe(`mirror.example.com/web:v1@sha256:${'a'.repeat(64)}`);
  expect(rules[0].overriders.imageOverrider).toBeUndefined();
});

test('an image without a digest, or with another tag, is left to Karmada', () => {
  const tag = { component: 'Tag', operator: 'replace', value: 'v2' } as const;
  for (const [image, change] of [
    ['registry.example.com/web:v1', mirror],
    [PINNED, tag],
  ] as const) {
    const { rules } = overridden({ image }, [{ target: first, image: [change] }]);
    expect(rules[0].overriders.imageOverrider).toMatchObject([{ component: change.component, value: change.value }]);
  }
});
