import { describe, expect, test } from 'vitest';
import { APP, oslo, overridden, said, saidOf, warned } from './said.ts';

test('a federation that does what it says is taken without a word', () => {
  expect(saidOf({ replicas: 2, placement: { labels: { tier: 'edge' } } })).toEqual({ faults: [], warnings: [] });
});

test('an app is refused where there is no member at all', () => {
  expect(said({ members: [], apps: [APP] }).faults).toEqual([
    "spec.apps[0].placement: has no member to run on: 'spec.members' names none",
  ]);
});

describe('choices of members that choose nobody are refused', () => {
  const nobody = { labels: { teir: 'edge' } };

  test.each([
    [
      'groups',
      {
        placement: {
          groups: [
            { name: 'a', labels: { tier: 'edge' } },
            { name: 'b', ...nobody },
          ],
        },
      },
    ],
    [
      'overflow',
      {
        placement: {
          groups: [{ name: 'a', labels: { tier: 'edge' }, overflow: [{ name: 'b', ...nobody }] }],
          replicas: { type: 'aggregated' },
        },
      },
    ],
    ['weights', { placement: { replicas: { type: 'weighted', weights: [{ ...nobody, weight: 2 }] } } }],
    ['target', { overrides: [{ target: nobody, labels: [{ operator: 'add', value: { a: 'b' } }] }] }],
  ])('%s', (field, app) => {
    const { faults } = saidOf(app);
    expect(faults[0]).toMatch(new RegExp(`^spec\\.apps\\[0\\].*\\b${field}\\b.*: selects no member`));
  });

  test('the placement of a policy', () => {
    const policy = { type: 'propagation', name: 'p', resources: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] };
    expect(said({ policies: [{ ...policy, placement: nobody }] }).faults).toEqual([
      "spec.policies[0].placement: fits no member, so that nothing is ever placed by it: no member has the label 'teir', did you mean 'tier'?",
    ]);
  });

  test('weights of members that the placement leaves out', () => {
    const replicas = { type: 'weighted', weights: [{ clusters: ['lyon'], weight: 2 }] };
    expect(saidOf({ placement: { clusters: ['oslo', 'bern'], replicas } }).faults).toEqual([
      'spec.apps[0].placement.replicas.weights: have no weight for a member that the placement selects: Karmada would divide equally',
    ]);
  });
});

test('an override for members where the app never goes is warned of', () => {
  const rule = { target: { clusters: ['lyon'] }, labels: [{ operator: 'add', value: { a: 'b' } }] };
  const { faults, warnings } = saidOf({ placement: { clusters: ['oslo'] }, overrides: [rule] });
  expect(faults).toEqual([]);
  expect(warnings).toEqual([
    "warning: spec.apps[0].overrides[0].target: selects 'lyon', where the placement never takes the app: the override does nothing",
  ]);
});

describe('constraints that cannot be met are refused', () => {
  test('more members than there are candidates', () => {
    const [fault = ''] = saidOf({
      placement: { clusters: ['oslo', 'bern'], spread: [{ by: 'cluster', min: 3 }] },
    }).faults;
    expect(fault).toMatch(/^spec\.apps\[0\]\.placement\.spread: keeps the app off all members: /);
  });

  test('a spread by region, where a candidate has none', () => {
    const { faults } = saidOf({
      placement: {
        spread: [
          { by: 'region', min: 1, max: 2 },
          { by: 'cluster', min: 1 },
        ],
      },
    });
    expect(faults[0]).toMatch(/^spec\.apps\[0\]\.placement\.spread\[0\]\.by: is region, and 'lyon' have none/);
  });

  test('overrides to wait for that are not there', () => {
    const [fault] = saidOf({ propagation: { dependentOverrides: ['nope'] } }).faults;
    expect(fault).toMatch(/^spec\.apps\[0\]\.propagation\.dependentOverrides: .*OverridePolicy default\/nope/);
  });

  test('affinity by a label that the app lacks', () => {
    const placement = { workloadAffinity: { affinity: 'team' } };
    expect(saidOf({ placement }).faults).toEqual([
      "spec.apps[0].placement.workloadAffinity.affinity: groups apps by the label 'team', which this app lacks: add it to 'labels'",
    ]);
    expect(saidOf({ placement, labels: { team: 'a' } }).faults).toEqual([]);
  });
});

describe('overrides that keep an app off a member are refused at their rule', () => {
  test.each([
    ['a path that is not there', { path: '/spec/template/spec/nodeSelector', operator: 'remove' }],
    ['a misspelt path', { path: '/spec/replcias', operator: 'replace', value: 2 }],
    ['a namespace of its own', { path: '/metadata/namespace', operator: 'replace', value: 'other' }],
    ['a name of its own', { path: '/metadata/name', operator: 'replace', value: 'other' }],
  ])('%s', (_, patch) => {
    const [fault = '', ...more] = overridden({ ...oslo, plaintext: [patch] }).faults;
    expect(fault).toMatch(/^spec\.apps\[0\]\.overrides\[0\]: fails on 'oslo', which would never get the object: /);
    expect(more).toEqual([]);
  });

  test('where it is not known what the API server adds, with a warning alone', () => {
    const subjects = [{ kind: 'User', name: 'u' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };
    const named = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' };
    const resources = [{ ...named, name: 'x' }];
    const rules = [{ ...oslo, plaintext: [{ path: '/subjects/0/apiGroup', operator: 'replace', value: 'a' }] }];
    const told = said({
      manifests: [{ target: 'karmada', objects: [{ ...named, metadata: { name: 'x' }, roleRef, subjects }] }],
      policies: [
        { type: 'propagation', name: 'p', resources, placement: {} },
        { type: 'override', name: 'o', resources, rules },
      ],
    });
    expect(warned(told)).toEqual([
      "policies[1].rules[0]: may fail on 'oslo', which would never get the object: OverridePolicy default/o: /subjects/0/apiGroup is not there, unless the API server adds it",
    ]);
  });

  test('the rule that is at fault, among several', () => {
    const right = { path: '/spec/replicas', operator: 'replace', value: 2 };
    const wrong = { path: '/spec/nope/x', operator: 'add', value: 2 };
    const { faults } = saidOf({ overrides: [{ plaintext: [right] }, { ...oslo, plaintext: [wrong] }] });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^spec\.apps\[0\]\.overrides\[1\]: fails on 'oslo'/);
  });
});

describe('policies', () => {
  const all = (rest: object) => ({
    type: 'propagation',
    name: 'all',
    priority: 5,
    resources: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
    ...rest,
  });

  test('that take an app elsewhere are warned of', () => {
    const policies = [all({ placement: { clusters: ['bern'] } })];
    const { faults, warnings } = saidOf({ placement: { clusters: ['oslo'] } }, { policies });
    expect(faults).toEqual([]);
    expect(warnings[0]).toMatch(
      /^warning: spec\.policies\[0\]: takes the app 'w' to 'bern', in place of the app's own/,
    );
  });

  test('that take an app to members without its runtime are refused', () => {
    const members = [{ name: 'oslo' }, { name: 'bern', runtimes: [] }];
    const { faults } = said(
      {
        runtimes: [{ name: 'spin' }],
        apps: [{ ...APP, runtime: 'spin', placement: { clusters: ['oslo'] } }],
        policies: [all({ placement: { clusters: ['bern'] } })],
      },
      members,
    );
    expect(faults[0]).toMatch(/^spec\.policies\[0\]: takes the app 'w' to 'bern', .* 'bern' lack the runtime 'spin'/);
  });

  test.each([
    ['coordination.k8s.io/v1', 'Lease'],
    ['v1', 'Event'],
  ])('for %s %s, which Karmada never propagates, are refused', (apiVersion, kind) => {
    const { faults } = said({
      policies: [{ type: 'propagation', name: 'p', resources: [{ apiVersion, kind, name: 'x' }] }],
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^spec\.policies\[0\]\.resources\[0\]: is never propagated/);
  });

  test('whose spread nothing can satisfy are refused', () => {
    const placement = { clusters: ['oslo'], spread: [{ by: 'cluster', min: 2 }] };
    const resources = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }];
    expect(said({ policies: [{ type: 'propagation', name: 'p', resources, placement }] }).faults[0]).toMatch(
      /^spec\.policies\[0\]\.placement\.spread: places nothing: /,
    );
  });
});

describe('addresses', () => {
  const ingress = { host: 'h.example.com' };
  const two = (second: object) =>
    said({
      apps: [
        { ...APP, port: 80, ingress },
        { ...APP, name: 'v', port: 80, ...second },
      ],
    });

  test('that two apps have on one member are refused', () => {
    expect(two({ ingress }).faults).toEqual([
      "spec.apps[1].ingress: is h.example.com/ on 'oslo', 'bern', 'lyon', where the app 'w' has it already: give one of them another host or path",
    ]);
  });

  test('with another path, or on other members, are taken', () => {
    expect(two({ ingress: { ...ingress, path: '/v' } }).faults).toEqual([]);
    const apps = [
      { ...APP, port: 80, ingress, placement: { clusters: ['oslo'] } },
      { ...APP, name: 'v', port: 80, ingress, placement: { clusters: ['bern'] } },
    ];
    expect(said({ apps }).faults).toEqual([]);
  });

  test('of members that serve what they never run are refused', () => {
    const { faults } = saidOf({
      port: 80,
      placement: { clusters: ['oslo'] },
      multiClusterService: { providers: ['bern'] },
    });
    expect(faults[0]).toMatch(
      /^spec\.apps\[0\]\.multiClusterService\.providers\[0\]: is 'bern', where the placement never/,
    );
  });
});
