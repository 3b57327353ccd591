import { describe, expect, test } from 'vitest';
import { APP, said, saidOf, warned } from './said.ts';

const byMember = { scaling: { per: 'member', max: 3, cpu: '200m' } };
const schedules = (...rules: object[]) => rules.map((rule, i) => ({ name: `s${i}`, cron: '0 8 * * *', ...rule }));

test('an app that is divided, and that each member scales, is warned of', () => {
  const placement = { replicas: { type: 'aggregated' } };
  const [warning = '', ...more] = warned(saidOf({ ...byMember, placement }));
  expect(warning).toMatch(
    /^apps\[0\]\.scaling\.per: is 'member', and 'placement\.replicas' \(aggregated\) divides the app/,
  );
  expect(more).toEqual([]);
  expect(warned(saidOf(byMember))).toEqual([]);
});

test('a division of replicas that autoscalers of SpinKube set is warned of', () => {
  const app = { form: 'spinapp', runtime: 'spin', placement: { replicas: { type: 'weighted' } } };
  const of = (spin: object) => warned(saidOf({ ...app, spin }, { runtimes: [{ name: 'spin' }] }));
  expect(of({ autoscaled: true })).toEqual([
    "apps[0].placement.replicas: (weighted) divides nothing: 'spin.autoscaled' leaves the replicas to the members",
  ]);
  expect(of({ autoscaler: { max: 3, cpu: '200m' } })).toHaveLength(1);
});

test('a policy that writes the replicas of a scaled app is warned of', () => {
  const resources = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' }];
  const rules = [{ plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 2 }] }];
  expect(warned(saidOf(byMember, { policies: [{ type: 'override', name: 'o', resources, rules }] }))).toEqual([
    "policies[0].rules[0].plaintext[0]: writes the replicas of the app 'w', which are set by what scales it",
  ]);
});

describe('schedules', () => {
  const karmada = { controlPlane: { address: 'k.example.com', karmada: { metricsAdapter: {} } } };

  test('with bounds that Karmada refuses are warned of', () => {
    const scaled = (...rules: object[]) =>
      warned(saidOf({ scaling: { min: 2, max: 3, cpu: '200m', schedules: schedules(...rules) } }, karmada));
    const place = 'apps[0].scaling.schedules';
    expect(scaled({ min: 5 })).toEqual([
      `${place}[0].min: is more than 'max' ever is, which is 3: Karmada refuses that when the time comes`,
    ]);
    expect(scaled({ max: 1 })).toEqual([
      `${place}[0].max: is less than 'min' ever is, which is 2: Karmada refuses that when the time comes`,
    ]);
    expect(scaled({ min: 5 }, { max: 9, cron: '0 7 * * *' })).toEqual([]);
  });

  test('of which one undoes another, or none ever comes, are warned of', () => {
    const scaled = (...rules: object[]) => warned(saidOf({ scaling: { schedules: schedules(...rules) } }));
    expect(scaled({ replicas: 3 }, { replicas: 1 })).toEqual([
      "apps[0].scaling.schedules[1].cron: is that of 's0', too: which of them has the last word is chance",
    ]);
    expect(scaled({ replicas: 3 }, { replicas: 1, timeZone: 'Europe/Oslo' })).toEqual([]);
    expect(scaled({ replicas: 3, suspend: true })).toEqual([
      'apps[0].scaling: scales nothing: each of its schedules is suspended',
    ]);
  });
});

describe('an autoscaler among the own objects', () => {
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'w' }, maxReplicas: 3 };
  const metadata = { name: 'x', namespace: 'default' };
  const objects = [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec }];
  const manifests = [{ target: { clusters: ['oslo'] }, objects }];

  test('is warned of beside the scaling of the app, and where Karmada sets replicas back', () => {
    expect(warned(saidOf(byMember, { manifests }))).toEqual([
      "manifests[0].objects[0]: scales the app 'w', as 'scaling' of the app does: leave one of them out",
    ]);
    expect(warned(saidOf({}, { manifests }))).toEqual([
      "manifests[0].objects[0]: scales the app 'w' on 'oslo', where Karmada sets its replicas back: give the app 'scaling' with 'per: member'",
    ]);
    expect(warned(said({ manifests }))).toEqual([]);
  });
});

test('load that no metrics server measures is warned of', () => {
  const members = (disable: string[]) => [
    { name: 'edge', hosts: [{ name: 'n1', publicIp: '192.168.1.1' }], k3s: { disable } },
  ];
  const of = (app: object, disable: string[]) => warned(said({ apps: [{ ...APP, ...app }] }, members(disable)));
  expect(of(byMember, [])).toEqual([]);
  expect(of(byMember, ['metrics-server'])).toEqual([
    "apps[0].scaling: needs the load on 'edge', whose metrics server is left out by 'k3s.disable': have it, unless you bring one",
  ]);
  const pods = { scaling: { per: 'member', max: 3, pods: [{ metric: 'requests', average: 5 }] } };
  expect(of(pods, ['metrics-server'])).toEqual([]);
});

test.each([
  ['0 8 31 2 *', true],
  ['0 8 30-31 2 *', true],
  ['0 8 31 4,6,9,11 *', true],
  ['0 8 29 2 *', false],
  ['0 8 31 1,2 *', false],
  ['0 8 31 2 1', false],
  ['0 8 31 * *', false],
  ['0 8 */2 2 *', false],
  ['@monthly', false],
])('a day that never comes is warned of: %s', (cron, isWarned) => {
  expect(warned(saidOf({ scaling: { schedules: schedules({ cron, replicas: 2 }) } }))).toEqual(
    isWarned ? ['apps[0].scaling.schedules[0].cron: is a day that no such month has: it never comes'] : [],
  );
});

test.each([
  [{ cpu: '70' }, {}, 'cpu: is 70 CPUs for each pod: write a percentage without quotes'],
  [{ cpu: '500m' }, { limits: { cpu: '250m' } }, "cpu: is '500m', more than a pod may use (250m): it never scales up"],
  [
    { memory: '1Gi' },
    { limits: { memory: '512Mi' } },
    "memory: is '1Gi', more than a pod may use (512Mi): it never scales up",
  ],
  [{ cpu: '2' }, {}, undefined],
  [{ cpu: 70 }, { requests: { cpu: '100m' } }, undefined],
  [{ cpu: '200m' }, { limits: { cpu: '250m' } }, undefined],
])('an average that no pod reaches is warned of: %j %j', (load, resources, message) => {
  expect(warned(saidOf({ resources, scaling: { per: 'member', max: 3, ...load } }))).toEqual(
    message === undefined ? [] : [`apps[0].scaling.${message}`],
  );
});
