import { lookup } from '../../simulation/lookup.ts';
import { type ClusterAffinity, fieldExpressions } from '../policy/placement.ts';
import { list, quote, suggest } from './faults.ts';
import type { Member } from './federation.ts';

/**
 * Why an affinity selects nobody, as `: no member has …`: the first label or place that it asks for and that is no
 * member's. Nothing where each is some member's, and only all of them together are nobody's.
 */
export function whyNobody(affinity: ClusterAffinity, members: readonly Member[]): string {
  const { labels = {}, labelExpressions = [] } = affinity;
  const asked = [
    ...Object.entries(labels).map(([key, value]) => ({ key, values: [value] })),
    ...labelExpressions.flatMap(({ key, operator, values }) =>
      operator === 'In' || operator === 'Exists' ? [{ key, values }] : [],
    ),
  ];
  const keys = new Set(members.flatMap((member) => Object.keys(member.labels)));
  for (const { key, values } of asked) {
    const there = known(members.map((member) => lookup(member.labels, key)));
    if (there.length === 0) return `: no member has the label ${quote(key)}${suggest(key, keys)}`;
    if (values && !values.some((value) => there.includes(value)))
      return none(`the label ${quote(key)} with`, values, there);
  }
  for (const { key, operator, values } of fieldExpressions(affinity)) {
    const there = known(members.flatMap((member) => (key === 'zone' ? member.zones : [member[key]])));
    if (operator === 'In' && !values.some((value) => there.includes(value))) return none(`the ${key}`, values, there);
  }
  return '';
}

function known(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values)].filter((value) => value !== undefined && value !== '') as string[];
}

function none(what: string, values: readonly string[], there: readonly string[]): string {
  const choice = there.length > 0 ? `, known are ${list(there)}` : '';
  const meant = values.length === 1 ? suggest(values[0] ?? '', there) : '';
  return `: no member has ${what} ${values.map(quote).join(' or ')}${meant || choice}`;
}
