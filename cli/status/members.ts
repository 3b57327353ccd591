import type { Cluster } from '../../simulation/karmada.ts';
import type { Karmada } from './live.ts';
import type { MemberStatus } from './report.ts';

/** The members that dist/ holds, and after them those that Karmada has beside them. */
export function membersOf(declared: readonly Cluster[], { clusters, leases }: Karmada): MemberStatus[] {
  const live = new Map(clusters.map((cluster) => [cluster.metadata.name, cluster]));
  const heard = new Map(leases.map(({ metadata, spec }) => [metadata.name, spec?.renewTime]));
  const names = new Set([...declared, ...clusters].map(({ metadata }) => metadata.name));
  return [...names].map((name): MemberStatus => {
    const cluster = live.get(name);
    const isDeclared = declared.some(({ metadata }) => metadata.name === name);
    if (!cluster) return { name, declared: isDeclared, joined: false };
    const mode = String(cluster.spec?.syncMode ?? 'Push');
    const { kubernetesVersion, conditions = [] } = cluster.status ?? {};
    const ready = conditions.find(({ type }) => type === 'Ready');
    const last = mode === 'Pull' ? heard.get(name) : undefined;
    const why = [ready?.reason, (ready as { message?: string } | undefined)?.message].filter(Boolean).join(', ');
    return {
      name,
      declared: isDeclared,
      joined: true,
      mode,
      ...(typeof kubernetesVersion === 'string' && kubernetesVersion !== '' && { version: kubernetesVersion }),
      ready: ready?.status ?? 'Unknown',
      ...(ready?.status !== 'True' && { why: why || 'Karmada has not looked at it yet' }),
      ...(last && { heard: new Date(last).toISOString() }),
    };
  });
}
