import { describe, expect, test } from 'vitest';
import { faultsOf } from './checks/faults.ts';

/** What is wrong with an app that has these fields, beside its name and image. */
const app = (fields: string) =>
  faultsOf(
    `  controlPlane: {}\n  members: [{ name: edge }]\n  apps: [{ name: a, image: "example.com/a:v1", port: 80, ${fields} }]\n`,
  ).map((line) => line.replace('spec.apps[0].', ''));

const LONG = 'a'.repeat(64);

describe('what the API server refuses is a fault:', () => {
  test.each([
    ['a prefix that is no DNS name', 'labels: { "a..b/x": y }', /^labels\["a\.\.b\/x"\]: its key must have a DNS name/],
    [
      'a prefix that is too long',
      `labels: { "${`${LONG.slice(1)}.`.repeat(4)}x/y": z }`,
      /its key must have a DNS name/,
    ],
    ['a name that is too long', `labels: { "a/${LONG}": z }`, /its key must have at most 63 characters after/],
    ['a value that is too long', `labels: { a: ${LONG} }`, /^labels\.a: must have at most 63/],
    ['the like in annotations', 'annotations: { "a..b/x": y }', /^annotations/],
    [
      'annotations of more than 256 KiB',
      `annotations: { a: ${'x'.repeat(262_144)} }`,
      /^annotations: must have at most/,
    ],
    [
      'a key of a Secret that begins with two dots',
      'volumes: [{ name: v, mountPath: /v, secret: s, keys: [..a] }]',
      /^volumes\[0\]\.keys\[0\]: must not be '\.' or begin with/,
    ],
    ['the like in node selectors', 'nodeSelector: { "a..b/x": y }', /^nodeSelector/],
    ['replicas beyond 32 bits', 'replicas: 4294967296', /^replicas: must be at most 2147483647, got 4294967296$/],
    ['a user id beyond 32 bits', 'user: 2147483648', /^user: must be at most 2147483647/],
    [
      'a probe beyond 32 bits',
      'probes: { readiness: { path: /, periodSeconds: 3000000000 } }',
      /periodSeconds: must be at/,
    ],
    [
      'several good answers of a probe that restarts',
      'probes: { liveness: { path: /, successThreshold: 2 } }',
      /^probes\.liveness\.successThreshold: must be 1, or be left out/,
    ],
    [
      'seconds of a toleration without NoExecute',
      'tolerations: [{ key: x, operator: Exists, effect: NoSchedule, tolerationSeconds: 5 }]',
      /^tolerations\[0\]\.tolerationSeconds: has a meaning with 'effect: NoExecute' only$/,
    ],
    [
      'a value of a toleration',
      'tolerations: [{ key: x, value: "a b" }]',
      /^tolerations\[0\]\.value: must be a label value/,
    ],
    [
      'a key of a toleration',
      'tolerations: [{ key: "a..b/x", operator: Exists }]',
      /^tolerations\[0\]\.key: must have/,
    ],
    [
      'a resource that nobody knows',
      'resources: { requests: { foo: 1 } }',
      /^resources\.requests\.foo: is no resource/,
    ],
    [
      'a part of a thing',
      'resources: { limits: { nvidia.com/gpu: "0.5" } }',
      /^resources\.limits\["nvidia\.com\/gpu"\]: must be an integer/,
    ],
    [
      'a request for a thing without a limit',
      'resources: { requests: { nvidia.com/gpu: 1 } }',
      /^resources\.requests\["nvidia\.com\/gpu"\]: must be in 'limits' too/,
    ],
    [
      'a request for a thing that differs from its limit',
      'resources: { requests: { nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 2 } }',
      /must be equal to the limit, which is 2/,
    ],
    ['huge pages alone', 'resources: { limits: { hugepages-2Mi: 4Mi } }', /^resources: must have 'cpu' or 'memory'/],
    [
      'a part of a huge page',
      'resources: { limits: { hugepages-2Mi: 3Mi, memory: 1Gi } }',
      /must be a multiple of the size of a page/,
    ],
    [
      'a suffix that is none',
      'resources: { requests: { memory: 1ki } }',
      /^resources\.requests\.memory: must be a quantity/,
    ],
    ['a key of a Secret', 'envFrom: { A: { secret: s, key: .. } }', /^envFrom\.A\.key: must not be '\.' or begin with/],
    ['an address for a host', 'ingress: { host: 192.0.2.1 }', /^ingress\.host: must be a host name/],
    ['a path that leads astray', 'ingress: { host: a.example.com, path: /a/../b }', /^ingress\.path: must not have/],
    [
      'a class of an Ingress by annotation',
      'ingress: { host: a.example.com, annotations: { kubernetes.io/ingress.class: nginx } }',
      /^ingress\.annotations\["kubernetes\.io\/ingress\.class"\]: is refused .* give 'className'/,
    ],
    [
      'a cost of deletion that is no number',
      'annotations: { controller.kubernetes.io/pod-deletion-cost: high }',
      /pod-deletion-cost"\]: must be an integer of 32 bits/,
    ],
    [
      'sources of a load balancer where there is none',
      'service: { annotations: { service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8 } }',
      /load-balancer-source-ranges"\]: needs 'type: LoadBalancer'/,
    ],
    ['a part of a name that is two dots', 'env: { "..A": x }', /^env\["\.\.A"\]: its key must be the name of an env/],
    [
      'scaling by a share of nothing',
      'resources: { requests: { cpu: 0 } }, scaling: { per: member, max: 3 }',
      /^resources: must request more cpu than 0/,
    ],
    [
      'a time that never comes',
      'scaling: { schedules: [{ name: s, cron: "61 * * * *", replicas: 1 }] }',
      /cron: has a field/,
    ],
    [
      'a time zone that is nowhere',
      'scaling: { schedules: [{ name: s, cron: "@daily", replicas: 1, timeZone: Europe/Nowhere }] }',
      /timeZone: must be a name of the time zone database/,
    ],
  ])('%s', (_, fields, message) => {
    expect(app(fields)).toEqual([expect.stringMatching(message)]);
  });
});

test.each([
  'labels: { example.com/tier: edge, app.kubernetes.io/part-of: shop }',
  'resources: { requests: { cpu: 500m, nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 1, memory: 1e9 } }',
  'resources: { requests: { hugepages-2Mi: 4Mi, memory: 1Gi }, limits: { hugepages-2Mi: 4Mi } }',
  'tolerations: [{ key: x, operator: Exists, effect: NoExecute, tolerationSeconds: 5 }]',
  'envFrom: { A: { secret: s, key: .dockerconfigjson } }',
  'env: { logging.level.root: debug, my-name: x }',
  'annotations: { controller.kubernetes.io/pod-deletion-cost: "-5" }',
  'service: { type: LoadBalancer, annotations: { service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8 } }',
  'resources: { limits: { cpu: ".5", memory: 5.Gi, ephemeral-storage: +1Gi } }',
  'resources: { requests: { memory: 1Gi } }, scaling: { per: member, max: 3, memory: 0.5Gi, cpu: "0.25" }',
])('what the API server takes is none: { %s }', (fields) => {
  expect(app(fields)).toEqual([]);
});

test.each([
  ['serverless-federation.io/federation', 'labels'],
  ['serverless-federation.io/target', 'annotations'],
  ['work.karmada.io/name', 'labels'],
])('the mark %s is not to be set in %s', (mark, field) => {
  expect(app(`${field}: { ${mark}: x }`)).toEqual([
    `${field}["${mark}"]: is set by the federation itself, which finds its objects by it: take a domain of your own`,
  ]);
});

test('the label by which pods are found is the name of the app', () => {
  expect(app('labels: { app.kubernetes.io/name: b }')).toEqual([
    'labels["app.kubernetes.io/name"]: is the name of the app, by which its pods are found: leave it out',
  ]);
  expect(app('labels: { app.kubernetes.io/name: a }')).toEqual([]);
});

test.each([
  ['example.com//a:v1', false],
  ['example.com/a..b:v1', false],
  ['example..com/a:v1', false],
  ['a___b:v1', false],
  ['example.com/a__b/c--d/e.f:v1', true],
  ['[2001:db8::1]:5000/a:v1', true],
])('the image %s can be pulled: %s', (image, isRight) => {
  const faults = faultsOf(
    `  controlPlane: {}\n  members: [{ name: edge }]\n  apps: [{ name: a, image: "${image}" }]\n`,
  );
  expect(faults).toEqual(isRight ? [] : [expect.stringMatching(/image: must be an image, such as/)]);
});

test('a quota limits what the API server and Karmada know', () => {
  const quota = (limits: string) =>
    faultsOf(`  controlPlane: {}\n  members: [{ name: edge }]\n  quotas: [{ name: q, overall: ${limits} }]\n`);
  expect(quota('{ cpu: 1, memory: 1Gi }')).toEqual([]);
  expect(quota('{ foo: 1 }')).toEqual([expect.stringMatching(/overall\.foo: is no resource that a quota limits/)]);
});
