import type { Taint } from '../simulation/kubernetes.ts';
import { taintText } from '../simulation/tolerations.ts';

/** What somebody typed, read; or what is wrong with it. */
export type Typed<T> = { readonly value: T; readonly fault?: undefined } | { readonly fault: string };

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-\w.]*[A-Za-z0-9])?)?$/;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `tier=edge, zone=a` as labels. */
export function parseLabels(text: string): Typed<Record<string, string>> {
  const labels: [string, string][] = [];
  for (const part of parts(text)) {
    const [key = '', value] = split(part, '=');
    if (value === undefined || !KEY.test(key) || !VALUE.test(value)) {
      return { fault: `a label must be key=value, such as tier=edge, got '${part}'` };
    }
    labels.push([key, value]);
  }
  return { value: Object.fromEntries(labels) };
}

export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** `key=value:NoSchedule, key:NoExecute` as taints. */
export function parseTaints(text: string): Typed<readonly Taint[]> {
  const taints: Taint[] = [];
  for (const part of parts(text)) {
    const [pair = '', effect = ''] = split(part, ':');
    const [key = '', value] = split(pair, '=');
    if (!EFFECTS.includes(effect) || !KEY.test(key) || !VALUE.test(value ?? '')) {
      return { fault: `a taint must be key=value:Effect, such as gpu=true:NoSchedule, got '${part}'` };
    }
    taints.push({ key, ...(value && { value }), effect });
  }
  return { value: taints };
}

export function taintsText(taints: readonly Taint[]): string {
  return taints.map(taintText).join(', ');
}

/** `a, b` as a list. */
export function parts(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function split(text: string, by: string): [string, string?] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
