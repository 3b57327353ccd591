import type { Cluster } from '../../simulation/karmada.ts';
import { Misuse } from '../misuse.ts';

/** Fields of a member that `--with` sets by these names; every other name is a label's. */
const FIELDS = ['provider', 'region', 'zone'] as const;

/**
 * The members, with one added or relabelled as `--with NAME,key=value…` says. A key with nothing behind `=` takes a
 * label or field away.
 *
 * @throws Misuse where the text is of no such form.
 */
export function withMember(members: readonly Cluster[], text: string): Cluster[] {
  const [name = '', ...pairs] = text.split(',');
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new Misuse(`--with must be NAME,key=value…, got '${text}'`, 'plan');
  }
  const known = members.find(({ metadata }) => metadata.name === name);
  const labels: Record<string, string> = { ...known?.metadata.labels };
  const spec: Record<string, unknown> = { ...known?.spec };
  for (const pair of pairs) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    if (key === '') throw new Misuse(`--with must be NAME,key=value…, got '${pair}' in '${text}'`, 'plan');
    if (key === 'zone') spec.zones = value === '' ? [] : [value];
    else if ((FIELDS as readonly string[]).includes(key)) spec[key] = value;
    else if (value === '') delete labels[key];
    else labels[key] = value;
  }
  const member = { ...(known ?? BLANK), metadata: { ...known?.metadata, name, labels }, spec };
  return known ? members.map((other) => (other === known ? member : other)) : [...members, member];
}

const BLANK = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster' };

/**
 * Makes sure that names are members'.
 *
 * @throws Misuse for a name that none bears.
 */
export function checkNames(option: string, names: readonly string[], members: readonly Cluster[]): void {
  const known = new Set(members.map(({ metadata }) => metadata.name));
  for (const name of names) {
    if (known.has(name)) continue;
    const some = [...known].slice(0, 10).join(', ');
    throw new Misuse(
      `${option} names '${name}', which is not a member: there are ${some}${known.size > 10 ? ' and others' : ''}`,
      'plan',
    );
  }
}
