import { expect, test } from 'vitest';
import { grouped, groupings, matches } from '../../page/groups.ts';
import type { MemberView } from '../../page/outlook.ts';
import { member } from '../simulation/objects.ts';

function view(name: string, region?: string, labels: Record<string, string> = {}): MemberView {
  const cluster = member(name, { labels, ...(region && { spec: { region } }) });
  return {
    name,
    cluster,
    earlier: cluster,
    state: 'there',
    facts: { name, vpn: false, runtimes: [] },
    changed: false,
    live: undefined,
  };
}

const MEMBERS = [view('oslo', 'no', { tier: 'edge' }), view('bern', 'ch', { tier: 'cloud' }), view('rome')];

test('members are grouped by region, provider, zone or a label, those without it last', () => {
  const choices = groupings(MEMBERS);
  expect(choices.map(({ name }) => name)).toEqual(['region', 'label tier']);
  const groups = grouped(MEMBERS, choices[0]).map(({ title, members }) => [title, members.map(({ name }) => name)]);
  expect(groups).toEqual([
    ['ch', ['bern']],
    ['no', ['oslo']],
    ['without region', ['rome']],
  ]);
});

test('a label that is another one on each of many members is nothing to group by', () => {
  const members = Array.from({ length: 100 }, (_, i) => view(`m${i}`, 'no', { serial: String(i) }));
  expect(groupings(members).map(({ name }) => name)).toEqual(['region']);
});

test('a search finds members by name, region and label, all words of it', () => {
  const found = (search: string) => MEMBERS.filter((one) => matches(one, search)).map(({ name }) => name);
  expect(found('')).toEqual(['oslo', 'bern', 'rome']);
  expect(found('OS')).toEqual(['oslo']);
  expect(found('tier=')).toEqual(['oslo', 'bern']);
  expect(found('tier=cloud ch')).toEqual(['bern']);
  expect(found('tier=cloud no')).toEqual([]);
});
