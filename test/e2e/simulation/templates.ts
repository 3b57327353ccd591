import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import { compact, FEDERATION_LABEL, NAME, often, sometimes } from './vocabulary.ts';

/** What there may be to propagate: kind, its API, and the names that objects of it have. */
const KINDS = [
  { kind: 'Deployment', apiVersion: 'apps/v1', names: ['web', 'worker', 'cache'] },
  { kind: 'StatefulSet', apiVersion: 'apps/v1', names: ['store'] },
  { kind: 'Job', apiVersion: 'batch/v1', names: ['batch'] },
  { kind: 'ConfigMap', apiVersion: 'v1', names: ['settings', 'extras'] },
  { kind: 'Service', apiVersion: 'v1', names: ['web'] },
] as const;

const IMAGES = [
  'nginx',
  'nginx:1.27',
  'registry.example.com:5000/team/app:v1',
  'quay.io/team/app',
  `quay.io/app:v2@sha256:${'0'.repeat(64)}`,
];

const requests = often<Obj | undefined>(
  2,
  fc
    .record({
      cpu: fc.constantFrom('100m', '500m', '1', '2500m'),
      memory: sometimes(2, fc.constantFrom('64Mi', '512Mi', '2Gi')),
    })
    .map(compact),
  fc.constantFrom('64Mi', '2Gi').map((memory) => ({ memory })),
  fc.constant(undefined),
);

const podSpec = fc
  .record({
    image: fc.constantFrom(...IMAGES),
    second: sometimes(4, fc.constantFrom(...IMAGES)),
    requests,
    command: sometimes(3, fc.constant(['run', '-v'])),
    args: sometimes(3, fc.constant(['--port=80', '--debug'])),
    settings: sometimes(3, fc.constantFrom('settings', 'extras')),
    nodeSelector: sometimes(5, fc.constant({ disk: 'fast' })),
  })
  .map(({ image, second, requests, command, args, settings, nodeSelector }) =>
    compact({
      nodeSelector,
      containers: [
        compact({
          name: 'main',
          image,
          command,
          args,
          resources: requests && { requests },
          envFrom: settings && [{ configMapRef: { name: settings, optional: true } }],
        }),
        ...(second ? [{ name: 'aside', image: second }] : []),
      ],
    }),
  );

const labels = fc
  .record({ app: fc.constantFrom('one', 'two'), track: sometimes(3, fc.constant('beta')) })
  .map((own) => compact({ ...own, [FEDERATION_LABEL]: NAME }));

export const replicas = often(8, fc.integer({ min: 1, max: 12 }), fc.constant(0));

type Spec = { podSpec: Obj; replicas: number; completions: number | undefined };

/** The fields of each kind, apart from those that all have. */
const FIELDS: Readonly<Record<string, (spec: Spec) => Obj>> = {
  Deployment: ({ podSpec, replicas }) => ({
    spec: {
      replicas,
      selector: { matchLabels: { pods: 'own' } },
      template: { metadata: { labels: { pods: 'own' } }, spec: podSpec },
    },
  }),
  StatefulSet: ({ podSpec, replicas }) => ({
    spec: {
      replicas,
      serviceName: 'store',
      selector: { matchLabels: { pods: 'own' } },
      template: { metadata: { labels: { pods: 'own' } }, spec: podSpec },
    },
  }),
  Job: ({ podSpec, replicas, completions }) => ({
    spec: compact({
      parallelism: replicas,
      completions,
      suspend: true,
      template: { spec: { ...podSpec, restartPolicy: 'Never' } },
    }),
  }),
  ConfigMap: () => ({
    data: { key: 'value', 'app.json': '{"a":1,"b":{"c":[1,2]}}', 'app.yaml': 'a: 1\nb:\n  c: two\n' },
  }),
  Service: ({ replicas }) => ({
    spec: compact({
      type: [undefined, 'NodePort', 'LoadBalancer'][replicas % 3],
      selector: { pods: 'own' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    }),
  }),
  RuntimeClass: () => ({ handler: 'spin' }),
};

const template = (apiVersion: string, kind: string, name: string, namespace?: string): fc.Arbitrary<Obj> =>
  fc
    .record({ labels, podSpec, replicas, completions: sometimes(2, fc.integer({ min: 1, max: 9 })) })
    .map(({ labels, ...spec }) => ({
      apiVersion,
      kind,
      metadata: compact({ name, namespace, labels }),
      ...FIELDS[kind]!(spec),
    }));

const inNamespace = KINDS.flatMap(({ kind, apiVersion, names }) =>
  names.map((name) => template(apiVersion, kind, name, NAME)),
);
const runtimeClass = template('node.k8s.io/v1', 'RuntimeClass', NAME);

/** Between 2 and 7 objects to propagate, not more than one of them without a namespace. */
export const templates: fc.Arbitrary<Obj[]> = fc
  .tuple(fc.subarray(inNamespace, { minLength: 2, maxLength: 6 }), sometimes(3, fc.constant(runtimeClass)))
  .chain(([chosen, more]) => fc.tuple(...chosen, ...(more ? [more] : [])));

/** The field that holds the replicas of a kind, below `spec`. */
export const REPLICAS: Readonly<Record<string, string>> = {
  Deployment: 'replicas',
  StatefulSet: 'replicas',
  Job: 'parallelism',
};
