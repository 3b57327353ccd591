import type { Path } from '../faults.ts';
import type { Cluster, FederationSpec } from '../federation.ts';

/**
 * Where the file says a setting of a cluster: under the cluster itself, or, where that says nothing else, under what
 * all clusters share.
 */
export function settingPath(
  spec: FederationSpec,
  cluster: Cluster,
  path: Path,
  section: 'k3s' | 'network',
  ...keys: string[]
): Path {
  const isShared = lookUp(spec[section], keys) === lookUp(cluster[section], keys);
  return [...(isShared ? ['spec'] : path), section, ...keys];
}

function lookUp(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
