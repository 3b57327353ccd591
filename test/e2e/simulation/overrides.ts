import fc from 'fast-check';
import type { Obj } from '../harness/api.ts';
import { namespaced, OVERRIDE_NAMES, policyOf, selectorsFor } from './policies.ts';
import { affinity, compact, often, sometimes } from './vocabulary.ts';

const POD = '/spec/template/spec';

/** JSON patches of which some fit a kind, some fit what the API server adds by itself, and some fit nothing. */
const plaintext = fc.constantFrom<Obj>(
  { path: '/spec/replicas', operator: 'replace', value: 7 },
  { path: '/spec/paused', operator: 'add', value: true },
  { path: '/metadata/annotations/note', operator: 'add', value: 'overridden' },
  { path: '/metadata/labels/track', operator: 'replace', value: 'stable' },
  { path: '/metadata/labels/app', operator: 'remove' },
  { path: `${POD}/nodeSelector`, operator: 'add', value: { disk: 'slow' } },
  { path: `${POD}/nodeSelector/disk`, operator: 'replace', value: 'slow' },
  { path: `${POD}/terminationGracePeriodSeconds`, operator: 'replace', value: 5 },
  { path: `${POD}/containers/0/image`, operator: 'replace', value: 'example.com/other:v3' },
  { path: `${POD}/containers/0/resources`, operator: 'remove' },
  { path: `${POD}/containers/0/args/-`, operator: 'add', value: '--more' },
  { path: `${POD}/containers/1`, operator: 'remove' },
  { path: `${POD}/tolerations/-`, operator: 'add', value: { operator: 'Exists' } },
  { path: '/spec/type', operator: 'replace', value: 'NodePort' },
  { path: '/spec/ipFamilyPolicy', operator: 'replace', value: 'PreferDualStack' },
  { path: '/spec/externalTrafficPolicy', operator: 'replace', value: 'Local' },
  { path: '/spec/ports/0/nodePort', operator: 'replace', value: 30_080 },
  { path: '/spec/ports/0/nodePort', operator: 'remove' },
  { path: `${POD}/containers/0/imagePullPolicy`, operator: 'replace', value: 'Never' },
  { path: '/data/key', operator: 'replace', value: 'other' },
  { path: '/data/new', operator: 'add', value: 'more' },
  { path: '/handler', operator: 'replace', value: 'wasmtime' },
);

const image = fc
  .record({
    predicate: sometimes(3, fc.constant({ path: `${POD}/containers/0/image` })),
    component: fc.constantFrom('Registry', 'Repository', 'Tag'),
    operator: fc.constantFrom('add', 'replace', 'remove'),
    value: fc.constantFrom('mirror.example.com', 'v9', `sha256:${'1'.repeat(64)}`, '-suffix'),
  })
  .map(({ value, ...others }) => compact({ ...others, value: others.operator === 'remove' ? undefined : value }));

const words = (...choice: string[]) =>
  fc.record({
    containerName: often(3, fc.constant('main'), fc.constant('aside')),
    operator: fc.constantFrom('add', 'remove'),
    value: fc.subarray(choice, { minLength: 1 }),
  });

const pairs = fc.record({
  operator: fc.constantFrom('add', 'replace', 'remove'),
  value: fc.constantFrom<Obj>({ app: 'three' }, { extra: 'yes' }, { track: 'beta', extra: 'no' }),
});

const embedded = fc.constantFrom<Obj>(
  { fieldPath: '/data/app.json', json: [{ subPath: '/a', operator: 'replace', value: 2 }] },
  { fieldPath: '/data/app.json', json: [{ subPath: '/b/c/0', operator: 'remove' }] },
  { fieldPath: '/data/app.json', json: [{ subPath: '/d', operator: 'add', value: { e: true } }] },
  { fieldPath: '/data/app.yaml', yaml: [{ subPath: '/b/c', operator: 'replace', value: 'three' }] },
  { fieldPath: '/data/app.yaml', yaml: [{ subPath: '/a', operator: 'remove' }] },
);

/** Overriders, more than one kind of them at times. */
const overriders: fc.Arbitrary<Obj> = fc
  .array(
    fc.oneof(
      { arbitrary: plaintext.map((one) => ({ plaintext: [one] })), weight: 3 },
      { arbitrary: image.map((one) => ({ imageOverrider: [one] })), weight: 3 },
      { arbitrary: words('run', '-v', 'sh').map((one) => ({ commandOverrider: [one] })), weight: 1 },
      { arbitrary: words('--debug', '--more').map((one) => ({ argsOverrider: [one] })), weight: 1 },
      { arbitrary: pairs.map((one) => ({ labelsOverrider: [one] })), weight: 1 },
      { arbitrary: pairs.map((one) => ({ annotationsOverrider: [one] })), weight: 1 },
      { arbitrary: embedded.map((one) => ({ fieldOverrider: [one] })), weight: 1 },
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((all) => Object.assign({}, ...all));

const overrideRules = fc.array(
  fc
    .record({ targetCluster: sometimes(2, affinity), overriders })
    .map(({ targetCluster, overriders }) => compact({ targetCluster, overriders })),
  { minLength: 1, maxLength: 2 },
);

const override = (name: string, templates: readonly Obj[]): fc.Arbitrary<Obj> =>
  fc.constantFrom('OverridePolicy', 'ClusterOverridePolicy').chain((kind) => {
    const inNamespace = kind === 'OverridePolicy';
    const selectors = selectorsFor(inNamespace ? namespaced(templates) : templates, 3);
    // Without selectors it is for everything in its namespace; a ClusterOverridePolicy would reach other federations.
    const all = often<Obj[] | undefined>(6, selectors, fc.constant(undefined));
    return fc
      .tuple(inNamespace ? all : selectors, overrideRules)
      .map(([resourceSelectors, overrideRules]) => policyOf(kind, name, compact({ resourceSelectors, overrideRules })));
  });

/** Up to 4 override policies for these objects. */
export const overridePolicies = (templates: readonly Obj[]): fc.Arbitrary<Obj[]> =>
  fc.subarray(OVERRIDE_NAMES).chain((names) => fc.tuple(...names.map((name) => override(name, templates))));
