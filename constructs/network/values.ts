/** Values of a Helm chart: plain data. */
export interface HelmValues {
  readonly [key: string]: unknown;
}

/** Values with others merged in, as Helm does it: mappings key by key, all else is replaced. */
export function mergeValues(base: HelmValues, over: HelmValues): HelmValues {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const old = merged.get(key);
    merged.set(key, isMapping(old) && isMapping(value) ? mergeValues(old, value) : value);
  }
  return Object.fromEntries(merged);
}

function isMapping(value: unknown): value is HelmValues {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
