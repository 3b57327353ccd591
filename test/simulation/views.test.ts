import { describe, expect, test } from 'vitest';
import { changesOf, type Plan, type PlannedObject } from '../../simulation/plan.ts';
import { planMarkdown } from '../../simulation/views/markdown.ts';
import { changesText, planText } from '../../simulation/views/text.ts';

const MEMBERS = ['oslo', 'bern', 'lyon'];

function object(fields: Partial<PlannedObject> & { name: string }): PlannedObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'shop',
    policy: { kind: 'PropagationPolicy', namespace: 'shop', name: fields.name },
    members: [],
    uncertain: false,
    refused: [],
    along: [],
    errors: [],
    ...fields,
  };
}

const cart = object({
  name: 'cart',
  members: [
    { name: 'oslo', replicas: 2 },
    { name: 'bern', replicas: 1 },
  ],
  uncertain: true,
  answers: [
    [
      { name: 'oslo', replicas: 2 },
      { name: 'bern', replicas: 1 },
    ],
    [
      { name: 'oslo', replicas: 1 },
      { name: 'bern', replicas: 2 },
    ],
  ],
  refused: [{ name: 'lyon', reason: 'lacks the labels' }],
});
const settings = object({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: 'settings',
  members: [{ name: 'lyon', replicas: null }],
});
const PLAN: Plan = { placements: [cart, settings] };
const lines = (text: string) => text.split('\n');

describe('the table of a plan', () => {
  test('has a column for each member, with replicas, and marks what may be otherwise', () => {
    const [head, first, second] = lines(planText(PLAN, MEMBERS)).map((line) => line.split(/ {3,}/));
    expect(head).toEqual(['OBJECT', 'POLICY', 'oslo', 'bern', 'lyon']);
    expect(first).toEqual(['Deployment shop/cart', 'cart', '2?', '1?', '-']);
    expect(second).toEqual(['ConfigMap shop/settings', 'settings', '-', '-', '+']);
  });

  test('marks every number where the room is not known', () => {
    const members = [{ name: 'oslo', replicas: 4 }];
    const roomy = object({ name: 'cart', members, uncertain: true, answers: [members] });
    const text = planText({ placements: [roomy] }, MEMBERS);
    expect(lines(text)[1]).toContain('   4?   ');
    expect(text).toContain('UNCERTAIN\n  Deployment shop/cart: oslo(4), if there is room');
  });

  test('tells for each no why, and every answer where there are several', () => {
    const text = planText(PLAN, MEMBERS);
    expect(text).toContain('NOT ON\n  Deployment shop/cart\n    lyon: lacks the labels');
    expect(text).toContain('UNCERTAIN\n  Deployment shop/cart: oslo(2), bern(1), or oslo(1), bern(2)');
  });

  test('ends with a summary, and tells what is not placed and what fails', () => {
    const failing = object({
      name: 'pay',
      unplaced: 'no member fits',
      errors: [{ code: 'OverrideFailed', message: 'no Work for oslo' }],
    });
    const text = planText({ placements: [cart, failing] }, MEMBERS);
    expect(text).toContain('NOT PLACED\n  Deployment shop/pay: no member fits');
    expect(text).toContain('ERRORS\n  Deployment shop/pay: no Work for oslo');
    expect(lines(text).at(-2)).toBe('1 of 2 objects placed, 1 error.');
  });

  test('lists members in one column where there are too many for one each', () => {
    const many = Array.from({ length: 40 }, (_, i) => `m${i}`);
    const everywhere = object({ name: 'cart', members: many.map((name) => ({ name, replicas: 1 })) });
    expect(lines(planText({ placements: [everywhere] }, many))[1]).toMatch(/ m0\(1\), .*m7\(1\) and 32 others$/);
  });
});

describe('the changes between two plans', () => {
  const after: Plan = {
    placements: [
      { ...cart, members: [{ name: 'bern', replicas: 3 }] },
      { ...settings, members: [], unplaced: 'no member fits' },
    ],
  };

  test('are told member by member, with what has nowhere to go', () => {
    const text = changesText(changesOf(PLAN, after), 2);
    expect(text).toMatch(/Deployment shop\/cart +oslo 2 → -, bern 1 → 3/);
    expect(text).toMatch(/ConfigMap shop\/settings +lyon \+ → - +nowhere: no member fits/);
    expect(text).toContain('1 object changes, 1 with nowhere to go, 0 of 2 objects stay as they are.');
  });

  test('are none between a plan and itself', () => {
    expect(changesOf(PLAN, PLAN)).toEqual([]);
    expect(changesText([], 2)).toBe('Nothing changes: 2 of 2 objects stay as they are.\n');
  });

  test('include what only one of the two holds', () => {
    const changes = changesOf({ placements: [cart] }, { placements: [settings] });
    expect(changes.map(({ object: { name }, members }) => [name, members.length])).toEqual([
      ['settings', 1],
      ['cart', 2],
    ]);
  });
});

describe('the Markdown of a plan', () => {
  test('is a table with a column for each member', () => {
    expect(lines(planMarkdown(PLAN, MEMBERS, 'plan')).slice(0, 4)).toEqual([
      '| object | policy | oslo | bern | lyon |',
      '| --- | --- | --: | --: | --: |',
      '| Deployment shop/cart | cart | 2? | 1? | - |',
      '| ConfigMap shop/settings | settings | - | - | + |',
    ]);
  });

  test('shows names and reasons to the letter', () => {
    const hostile = object({ name: 'x', refused: [{ name: 'lyon', reason: '<b>|`*' }] });
    expect(planMarkdown({ placements: [hostile] }, MEMBERS, 'plan')).toContain('lyon: \\<b\\>\\|\\`\\*');
  });
});
