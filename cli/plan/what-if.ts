import type { z } from 'zod';
import { clusterName, labelKey, labelValue } from '../../constructs/spec/primitives.ts';
import type { Cluster } from '../../simulation/karmada.ts';
import { Misuse } from '../misuse.ts';

/** Fields of a member that `--with` sets by these names; every other name is a label's. */
const FIELDS = ['provider', 'region', 'zone'] as const;

/**
 * The members, with one added or relabelled as `--with NAME,key=value…` says. A key with nothing behind `=` takes a
 * label or field away.
 *
 * @throws Misuse where the text is of no such form, or names what Kubernetes and Karmada don't take.
 */
export function withMember(members: readonly Cluster[], text: string): Cluster[] {
  const [name = '', ...pairs] = text.split(',');
  if (name === '') throw new Misuse(`--with must be NAME,key=value…, got '${text}'`, 'plan');
  const need = (type: z.ZodType, value: string) => {
    const fault = type.safeParse(value).error?.issues[0]?.message;
    if (fault !== undefined) throw new Misuse(`--with names '${value}', which ${fault}, in '${text}'`, 'plan');
  };
  need(clusterName, name);
  const known = members.find(({ metadata }) => metadata.name === name);
  const labels: Record<string, string> = { ...known?.metadata.labels };
  const spec: Record<string, unknown> = { ...known?.spec };
  for (const pair of pairs) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    if (key === '') throw new Misuse(`--with must be NAME,key=value…, got '${pair}' in '${text}'`, 'plan');
    if (key === 'zone') spec.zones = value === '' ? [] : [value];
    else if ((FIELDS as readonly string[]).includes(key)) spec[key] = value;
    else if (value === '') delete labels[key];
    else {
      need(labelKey, key);
      need(labelValue, value);
      labels[key] = value;
    }
  }
  const member = { ...(known ?? BLANK), metadata: { ...known?.metadata, name, labels }, spec };
  return known ? members.map((other) => (other === known ? member : other)) : [...members, member];
}

const BLANK = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster' };
