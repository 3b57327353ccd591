import { expect, test } from 'vitest';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { simulate } from '../../simulation/simulate.ts';
import { configMap, deployment, member, policy, shares } from './objects.ts';

const members = [member('oslo'), member('rome')];
const to = (...clusterNames: string[]) => ({ clusterAffinity: { clusterNames } });
const of = (kind: string, name: string) => ({ kind, namespace: 'shop', name });

const web = deployment('web', {
  template: {
    spec: {
      serviceAccountName: 'runner',
      imagePullSecrets: [{ name: 'pull' }],
      containers: [{ name: 'web', image: 'x', envFrom: [{ configMapRef: { name: 'settings' } }] }],
      volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'keys' } }] } }],
    },
  },
});

test('what a pod names goes along to the members of its workload, as far as it is there', () => {
  const result = simulate({
    members,
    objects: [web, configMap('settings', { a: 'b' }), policy(to('oslo'), { propagateDeps: true })],
  });
  const placement = result.of(of('Deployment', 'web'))!;
  expect(placement.along.map(({ ref, exists }) => [`${ref.kind} ${ref.name}`, exists])).toEqual([
    ['ConfigMap settings', true],
    ['Secret pull', false],
    ['Secret keys', false],
    ['ServiceAccount runner', false],
  ]);
  const settings = result.of(of('ConfigMap', 'settings'))!;
  expect(shares(settings)).toEqual({ oslo: null });
  expect(settings.unplaced).toBeUndefined();
  expect(settings.requiredBy).toMatchObject([{ kind: 'Deployment', name: 'web' }]);
  expect(settings.verdict('oslo')?.reason.message).toBe('oslo gets it along with Deployment shop/web');
  expect(settings.manifestFor('oslo').object).toEqual(configMap('settings', { a: 'b' }));
});

test('what goes along and has a policy of its own goes to the members of both', () => {
  const selects = { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }] };
  const objects = [
    web,
    configMap('settings', { a: 'b' }),
    policy(to('oslo'), { propagateDeps: true }),
    policy(to('rome'), selects, 'own'),
  ];
  expect(shares(simulate({ members, objects }).of(of('ConfigMap', 'settings'))!)).toEqual({ oslo: null, rome: null });
});

test('without propagateDeps, or without its gate, nothing goes along', () => {
  const objects = (propagateDeps: boolean) => [
    web,
    configMap('settings', { a: 'b' }),
    policy(to('oslo'), { propagateDeps }),
  ];
  expect(simulate({ members, objects: objects(false) }).of(of('ConfigMap', 'settings'))?.members).toEqual([]);
  const gates = { PropagateDeps: false };
  expect(simulate({ members, objects: objects(true), gates }).of(of('ConfigMap', 'settings'))?.members).toEqual([]);
});

const app: KubeObject = {
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    image: 'x',
    replicas: 3,
    executor: 'shim',
    variables: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }],
  },
};
const appPolicy = policy(
  { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } },
  { resourceSelectors: [{ apiVersion: app.apiVersion, kind: 'SpinApp' }], propagateDeps: true },
);
const interpreter = {
  apiVersion: 'config.karmada.io/v1alpha1',
  kind: 'ResourceInterpreterCustomization',
  metadata: { name: 'spinapp' },
  spec: { target: { apiVersion: app.apiVersion, kind: 'SpinApp' } },
};

test('a SpinApp is divided and takes its executor along once Karmada is taught to read it', () => {
  const uid = 'a';
  const spin = { ...app, metadata: { ...app.metadata, uid } };
  const taught = simulate({ members, objects: [spin, configMap('settings', { a: 'b' }), appPolicy, interpreter] }).of(
    of('SpinApp', 'web'),
  )!;
  expect(shares(taught)).toEqual({ oslo: 2, rome: 1 });
  expect(taught.along.map(({ ref }) => ref.kind)).toEqual(['ConfigMap', 'SpinAppExecutor']);
  const plain = simulate({ members, objects: [spin, configMap('settings', { a: 'b' }), appPolicy] }).of(
    of('SpinApp', 'web'),
  )!;
  expect(shares(plain)).toEqual({ oslo: null, rome: null });
});

test('a SpinApp whose members scale it has no replicas to divide', () => {
  const scaled = { ...app, spec: { ...(app.spec as object), enableAutoscaling: true } };
  const placement = simulate({ members, objects: [scaled, appPolicy, interpreter] }).of(of('SpinApp', 'web'))!;
  expect(shares(placement)).toEqual({ oslo: null, rome: null });
  expect(placement.manifestFor('oslo').object?.spec).toEqual(scaled.spec);
});

test('where an object goes is not known, when it goes along with one of which that is not known', () => {
  const three: KubeObject = { ...web, spec: { ...(web.spec as object), replicas: 3 } };
  const weighted = { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' };
  const objects = (...more: KubeObject[]) => [
    three,
    configMap('settings', { a: 'b' }),
    policy({ ...to('oslo', 'rome', 'bern', 'lyon'), replicaScheduling: weighted }, { propagateDeps: true }),
    ...more,
  ];
  const four = [...members, member('bern'), member('lyon')];
  const settings = simulate({ members: four, objects: objects() }).of(of('ConfigMap', 'settings'))!;
  expect(settings.uncertain?.reason.message).toMatch(/^it goes along with Deployment shop\/web, of which this is not/);
  expect(settings.uncertain?.answers.map((answer) => answer.map(({ name }) => name))).toEqual([
    ['oslo', 'bern', 'lyon'],
    ['oslo', 'rome', 'lyon'],
  ]);
  expect(settings.members).toEqual(settings.uncertain?.answers[0]);

  const everywhere = policy({}, { resourceSelectors: [{ apiVersion: 'v1', kind: 'ConfigMap' }] }, 'own');
  const own = simulate({ members: four, objects: objects(everywhere) }).of(of('ConfigMap', 'settings'))!;
  expect(own.uncertain).toBeUndefined();
  const uid = objects().map((object) => ({ ...object, metadata: { ...object.metadata, uid: 'u' } }));
  expect(simulate({ members: four, objects: uid }).of(of('ConfigMap', 'settings'))?.uncertain).toBeUndefined();
});
