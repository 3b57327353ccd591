import { expect, test } from 'vitest';
import { APP, said, saidOf, warned } from './said.ts';

const serving = (multiClusterService: object, app: object = { placement: { clusters: ['oslo'] } }) =>
  warned(saidOf({ port: 8080, ...app, multiClusterService }));
const PLACE = 'apps[0].multiClusterService';

test('a Service that others call is taken without a word', () => {
  expect(serving({ providers: ['oslo'] })).toEqual([]);
  expect(serving({ providers: ['oslo'], consumers: ['oslo', 'bern'] })).toEqual([]);
});

test('a Service that only the member calls which serves it is warned of', () => {
  expect(serving({ providers: ['oslo'], consumers: ['oslo'] })).toEqual([
    `${PLACE}: does nothing: 'oslo' is the only member that serves and the only one that calls, and there the app's own Service does`,
  ]);
  expect(serving({ consumers: ['oslo'] })).toHaveLength(1);
});

test('a provider without a share of the replicas is warned of', () => {
  const replicas = { type: 'weighted', weights: [{ clusters: ['oslo'], weight: 1 }] };
  const app = { replicas: 2, placement: { clusters: ['oslo', 'bern'], replicas } };
  expect(serving({ providers: ['oslo', 'bern'] }, app)).toContain(
    `${PLACE}.providers[1]: is 'bern', which gets none of the app's replicas`,
  );
});

test.each([
  ['a class that is the usual one', 'traefik', {}, 1],
  ['one that takes a part of its requests', undefined, { 'nginx.ingress.kubernetes.io/canary': 'true' }, 0],
])('an own Ingress at the address of an app: %s', (_, ingressClassName, annotations, count) => {
  const ingress = { host: 'h.example.com' };
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'y', port: { number: 80 } } } }];
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'x', namespace: 'default', annotations },
    spec: { ...(ingressClassName && { ingressClassName }), rules: [{ ...ingress, http: { paths } }] },
  };
  const resources = [{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'x' }];
  const { faults } = saidOf(
    { port: 80, ingress },
    {
      manifests: [{ target: 'karmada', objects: [object] }],
      policies: [{ type: 'propagation', name: 'p', resources, placement: { clusters: ['bern'] } }],
    },
  );
  const fault =
    "spec.apps[0].ingress: is h.example.com/ on 'bern', where the Ingress 'x' has it already: give one of them another host or path";
  expect(faults).toEqual([fault].slice(0, count));
});

test('a Secret that cert-manager would have to make for two Ingresses is warned of', () => {
  const of = (one: object, other: object, place: object = {}) => {
    const app = (name: string, ingress: object) => ({ ...APP, name, port: 80, ingress });
    return warned(
      said({
        apps: [
          app('v', { host: 'v.example.com', ...one }),
          { ...app('w', { host: 'w.example.com', ...other }), ...place },
        ],
      }),
    );
  };
  const issuer = { name: 'le' };
  const warning = [
    expect.stringMatching(
      /^apps\[1\]\.ingress\.\w+: is for the Secret '[\w-]+' on .*, which the app 'v' has for its own host/,
    ),
  ];
  expect(of({ issuer, tlsSecret: 't' }, { issuer, tlsSecret: 't' })).toEqual(warning);
  expect(of({ issuer }, { tlsSecret: 'v-tls' })).toEqual(warning);
  expect(of({ issuer }, { issuer })).toEqual([]);
  expect(of({ tlsSecret: 't' }, { tlsSecret: 't' })).toEqual([]);
  expect(of({ issuer, tlsSecret: 't' }, { issuer, tlsSecret: 't', host: 'v.example.com', path: '/w' })).toEqual([]);
  const apart = { placement: { clusters: ['bern'] } };
  expect(of({ issuer, tlsSecret: 't' }, { issuer, tlsSecret: 't' }, apart)).toEqual(warning);
  expect(of({ issuer, tlsSecret: 't' }, { issuer, tlsSecret: 't' }, { ...apart, namespace: 'shop' })).toEqual([]);
});
