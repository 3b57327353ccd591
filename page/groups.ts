import type { Cluster } from '../simulation/karmada.ts';
import { lookup } from '../simulation/lookup.ts';
import type { MemberView } from './outlook.ts';

/** Something that members can be grouped by. */
export interface Grouping {
  /** What it is chosen by: `region`, `label tier`. */
  readonly name: string;
  readonly value: (cluster: Cluster) => string | undefined;
}

export interface Group {
  /** `de`, or `without region`. */
  readonly title: string;
  readonly members: readonly MemberView[];
}

/** Which groups show their members. */
export interface Folds {
  isOpen(group: Group): boolean;
  toggle(group: Group): void;
}

/** Groups beyond these part nothing that a reader can survey. */
const MOST_GROUPS = 60;

/** All that parts these members, and by none. */
export function groupings(members: readonly MemberView[]): Grouping[] {
  const labels = new Set(members.flatMap(({ earlier }) => Object.keys(earlier.metadata.labels ?? {})));
  const all: Grouping[] = [
    { name: 'region', value: ({ spec }) => spec?.region },
    { name: 'provider', value: ({ spec }) => spec?.provider },
    { name: 'zone', value: ({ spec }) => spec?.zones?.[0] },
    ...[...labels]
      .sort()
      .map((key) => ({ name: `label ${key}`, value: ({ metadata }: Cluster) => lookup(metadata.labels, key) })),
  ];
  return all.filter(({ value }) => {
    const values = new Set(members.map(({ earlier }) => value(earlier)));
    return values.size <= MOST_GROUPS && [...values].some((one) => one !== undefined);
  });
}

/** Members in groups, by name; those without a value last. */
export function grouped(members: readonly MemberView[], grouping: Grouping | undefined): Group[] {
  if (grouping === undefined) return members.length === 0 ? [] : [{ title: 'all members', members }];
  const byValue = new Map<string, MemberView[]>();
  for (const member of members) {
    const value = grouping.value(member.cluster) || '';
    const known = byValue.get(value);
    if (known) known.push(member);
    else byValue.set(value, [member]);
  }
  return [...byValue]
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1))
    .map(([value, group]) => ({ title: value === '' ? `without ${grouping.name}` : value, members: group }));
}

/** Whether a member is meant by what was typed into a search: by name, label, region and the like; all words must be there. */
export function matches({ name, cluster: { metadata, spec } }: MemberView, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const text = [name, spec?.region, spec?.provider, ...(spec?.zones ?? []), ...labels].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
