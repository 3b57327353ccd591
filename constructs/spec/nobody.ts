import { lookup } from '../../simulation/lookup.ts';
import { type ClusterAffinity, fieldExpressions } from '../policy/placement.ts';
import { list, quote, suggest } from './faults.ts';
import type { Member } from './federation.ts';

/**
 * Why an affinity selects nobody, as `: no member has …`: the first label or place that it asks for and that is no
 * member's, of those that it names. Nothing where each is some member's, and only all of them together are nobody's.
 */
export function whyNobody(affinity: ClusterAffinity, all: readonly Member[]): string {
  const { clusters, exclude = [], labels = {}, labelExpressions = [] } = affinity;
  const members = all.filter(({ name }) => (clusters?.includes(name) ?? true) && !exclude.includes(name));
  if (members.length === 0) return '';
  const nobody =
    members.length === all.length ? 'no member has' : `of ${list(members.map(({ name }) => name))} none has`;
  const asked = [
    ...Object.entries(labels).map(([key, value]) => ({ key, values: [value] })),
    ...labelExpressions.flatMap(({ key, operator, values }) =>
      operator === 'In' || operator === 'Exists' ? [{ key, values }] : [],
    ),
  ];
  const keys = new Set(members.flatMap((member) => Object.keys(member.labels)));
  for (const { key, values } of asked) {
    const there = known(members.map((member) => lookup(member.labels, key)));
    if (there.length === 0) return `: ${nobody} the label ${quote(key)}${suggest(key, keys)}`;
    if (values && !meet(values, there)) return `: ${nobody} the label ${quote(key)} with ${instead(values, there)}`;
  }
  for (const { key, operator, values } of fieldExpressions(affinity)) {
    const there = known(members.flatMap((member) => (key === 'zone' ? member.zones : [member[key]])));
    if (operator === 'In' && !meet(values, there)) return `: ${nobody} the ${key} ${instead(values, there)}`;
  }
  return '';
}

function known(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values)].filter((value) => value !== undefined && value !== '') as string[];
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((value) => others.includes(value));
}

/** What is asked for, and what there is instead. */
function instead(values: readonly string[], there: readonly string[]): string {
  const meant = values.length === 1 ? suggest(values[0] ?? '', there) : '';
  return `${values.map(quote).join(' or ')}${meant || (there.length > 0 ? `, known are ${list(there)}` : '')}`;
}
