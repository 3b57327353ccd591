import { expect, test } from 'vitest';
import { parseFederation } from '../../constructs/spec/load.ts';
import { requiredSecrets } from '../../constructs/spec/secrets.ts';
import { faultsOf, federationOf } from './checks/faults.ts';

/** A federation with an app of these settings, and a member that Karmada cannot measure. */
const spec = (app: string) => `
  controlPlane: { address: karmada.example.com, karmada: { apiserver: { service: { type: LoadBalancer } } } }
  members: [{ name: far, registration: pull }]
  apps: [{ name: a, image: "a:v1", port: 80, ${app} }]
`;
const requests = 'resources: { requests: { memory: 64Mi } }';

test.each([
  [
    'neither percentage nor quantity',
    'scaling: { max: 2, cpu: lots }',
    "scaling.cpu: must be a percentage such as 70, or an average such as '500m'",
  ],
  ['half a percentage', 'scaling: { max: 2, cpu: 0.5 }', 'scaling.cpu: must be a percentage such as 70'],
  [
    'two targets of one metric',
    'scaling: { max: 2, objects: [{ metric: m, object: { apiVersion: v1, kind: Service, name: a }, value: 1, average: 1 }] }',
    "scaling.objects[0]: must have either 'value' or 'average'",
  ],
  [
    'nothing to aim at',
    'scaling: { max: 2, pods: [{ metric: m, average: 0 }] }',
    'scaling.pods[0].average: must be more than 0',
  ],
  [
    'metrics without a bound',
    'scaling: { schedules: [{ name: d, cron: "@daily", replicas: 1 }], pods: [{ metric: m, average: 1 }] }',
    "scaling.pods: needs 'max' beside it",
  ],
  [
    'schedules of each member',
    'scaling: { per: member, max: 2, schedules: [{ name: d, cron: "@daily", min: 1 }] }',
    "scaling.schedules: are for 'per: federation' alone",
  ],
  ['no bound on each member', 'scaling: { per: member }', 'scaling'],
  ['a share of nothing', 'scaling: { per: member, max: 2, memory: 70 }', 'resources: must request memory'],
  [
    'two sources of a volume',
    'volumes: [{ name: v, mountPath: /v, secret: s, configMap: c }]',
    "volumes[0]: must have one of 'emptyDir', 'configMap', 'secret' or 'claim'",
  ],
  [
    'keys of an empty folder',
    'volumes: [{ name: v, mountPath: /v, emptyDir: {}, keys: [a] }]',
    'volumes[0].keys: is for a ConfigMap or a Secret',
  ],
  [
    'a way out of the volume',
    'volumes: [{ name: v, mountPath: /v, emptyDir: {}, subPath: ../etc }]',
    'volumes[0].subPath: must be a relative path inside the volume',
  ],
  [
    'two volumes of one name',
    'volumes: [{ name: v, mountPath: /v, emptyDir: {} }, { name: v, mountPath: /w, emptyDir: {} }]',
    'volumes[1].name: is that of another volume of the app',
  ],
  [
    'two volumes at one place',
    'volumes: [{ name: v, mountPath: /v, emptyDir: {} }, { name: w, mountPath: /v, emptyDir: {} }]',
    'volumes[1].mountPath: is where another volume of the app is mounted',
  ],
])('%s is refused', (_, app, message) => {
  expect(faultsOf(spec(app))).toContainEqual(expect.stringContaining(`spec.apps[0].${message}`));
});

test('members that scale by themselves need no metrics adapter, and quantities no requests', () => {
  expect(faultsOf(spec(`scaling: { per: member, max: 2, memory: 70 }, ${requests}`))).toEqual([]);
  expect(faultsOf(spec('scaling: { per: member, max: 2, memory: 100Mi, pods: [{ metric: m, average: 5 }] }'))).toEqual(
    [],
  );
});

test('Secrets are asked for by the keys that a volume takes, and not where cert-manager makes them', () => {
  const app = `volumes: [{ name: v, mountPath: /v, secret: s, keys: [a, b] }, { name: w, mountPath: /w, secret: t }],
    ingress: { host: a.example.com, issuer: { name: letsencrypt }, tlsSecret: own }`;
  const secrets = requiredSecrets(parseFederation(federationOf(spec(app)), 'f')).filter(
    ({ cluster }) => cluster === 'karmada',
  );
  expect(secrets).toEqual([
    { cluster: 'karmada', namespace: 'default', name: 's', keys: { a: '/v/a of the app a', b: '/v/b of the app a' } },
  ]);
});
