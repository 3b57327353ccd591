import { describe, expect, test } from 'vitest';
import { answer, keyOf, NO_QUESTION, type Question, replicasOf } from '../../page/what-if.ts';
import type { Input } from '../../simulation/model.ts';
import { simulate } from '../../simulation/simulate.ts';
import { deployment, member, policy } from '../simulation/objects.ts';

const EVEN = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } };
const EDGE = { clusterAffinity: { labelSelector: { matchLabels: { tier: 'edge' } } } };

/** Where the Deployment runs, once this is asked of the federation. */
function shares(input: Input, question: Partial<Question>) {
  const result = answer(input, simulate(input), { ...NO_QUESTION, ...question });
  const placement = result.placements.find(({ ref }) => ref.kind === 'Deployment');
  return Object.fromEntries(placement?.members.map(({ name, replicas }) => [name, replicas]) ?? []);
}

function federation(placement: object, rest: Partial<Input> = {}): Input {
  const members = ['oslo', 'bern', 'rome'].map((name) => member(name, { labels: { tier: 'edge' } }));
  return { objects: [deployment('web', { replicas: 6 }), policy(placement)], members, ...rest };
}

describe('what if', () => {
  test('a member is taken away: its replicas go to the others', () => {
    const input = federation(EVEN);
    expect(shares(input, {})).toEqual({ oslo: 2, bern: 2, rome: 2 });
    expect(shares(input, { members: new Map([['bern', { state: 'gone' }]]) })).toEqual({ oslo: 3, rome: 3 });
  });

  test('a member does not answer: it keeps what it has where failover is off, and loses it where it is on', () => {
    const lost = { members: new Map([['bern', { state: 'lost' as const }]]) };
    const taintPolicy = {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'ClusterTaintPolicy',
      metadata: { name: 'not-ready' },
      spec: {
        addOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['False', 'Unknown'] }],
        taints: [{ key: 'not-ready', effect: 'NoExecute' }],
      },
    };
    const off = federation(EVEN);
    expect(shares(off, lost)).toEqual({ oslo: 2, bern: 2, rome: 2 });
    const on = federation(EVEN, {
      objects: [...off.objects, taintPolicy],
      gates: { Failover: true },
      evictsNoExecute: true,
    });
    expect(shares(on, lost)).toEqual({ oslo: 3, rome: 3 });
  });

  test('a member is relabelled: what asks for the label leaves it', () => {
    const relabelled = { members: new Map([['bern', { labels: { tier: 'cloud' } }]]) };
    expect(shares(federation(EDGE), relabelled)).toEqual({ oslo: 6, rome: 6 });
  });

  test('a member is tainted: NoSchedule lets be what runs, NoExecute drives it out where failover is on', () => {
    const tainted = (effect: string) => ({ members: new Map([['bern', { taints: [{ key: 'gpu', effect }] }]]) });
    const input = federation(EVEN, { gates: { Failover: true }, evictsNoExecute: true });
    expect(shares(input, tainted('NoSchedule'))).toEqual({ oslo: 2, bern: 2, rome: 2 });
    expect(shares(input, tainted('NoExecute'))).toEqual({ oslo: 3, rome: 3 });
  });

  test('replicas change: more are added to what runs', () => {
    const input = federation(EVEN);
    const { ref } = simulate(input).placements.find(({ object }) => object.kind === 'Deployment')!;
    expect(shares(input, { replicas: new Map([[keyOf(ref), 9]]) })).toEqual({ oslo: 3, bern: 3, rome: 3 });
  });

  test('all is placed afresh: a new member gets its share, which it does not get of what runs', () => {
    const input = federation({ ...EDGE, ...EVEN });
    const members = [...input.members.slice(0, 2), member('rome')];
    const joined = { members: new Map([['rome', { labels: { tier: 'edge' } }]]) };
    expect(shares({ ...input, members }, joined)).toEqual({ oslo: 3, bern: 3 });
    expect(shares({ ...input, members }, { ...joined, afresh: true })).toEqual({ oslo: 2, bern: 2, rome: 2 });
  });

  test('nothing is asked: the answer is what is', () => {
    const input = federation(EVEN);
    const before = simulate(input);
    expect(answer(input, before, NO_QUESTION)).toBe(before);
  });
});

test('only what runs has replicas to change', () => {
  const input = federation(EVEN);
  expect(input.objects.map((object) => replicasOf(input, object))).toEqual([6, undefined]);
});
