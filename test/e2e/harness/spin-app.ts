import type { Obj } from './api.ts';
import type { FederationUnderTest } from './federation.ts';
import { until } from './wait.ts';

/** Path of a SpinApp in the namespace `default`. */
export const spinApp = (name: string) => `/apis/core.spinkube.dev/v1alpha1/namespaces/default/spinapps/${name}`;

/**
 * Waits until a SpinApp in the Karmada API is as ready as its copies are together, and each of them is healthy.
 * @param replicas Of each member's copy.
 */
export async function healthySpinApp(
  { karmada }: FederationUnderTest,
  name: string,
  replicas: Readonly<Record<string, number>>,
): Promise<void> {
  const all = Object.values(replicas).reduce((sum, one) => sum + one);
  await until(`${all} ready replicas of ${name} in the Karmada API`, async () => {
    const { status } = await karmada.call('GET', spinApp(name));
    return status?.readyReplicas === all;
  });
  const wanted = Object.keys(replicas).map((member) => `${member} Healthy`);
  const binding = `/apis/work.karmada.io/v1alpha2/namespaces/default/resourcebindings/${name}-spinapp`;
  await until(`the copies of ${name} to be healthy`, async () => {
    const { status } = await karmada.call('GET', binding);
    const health = status.aggregatedStatus?.map((one: Obj) => `${one.clusterName} ${one.health}`) ?? [];
    return health.sort().join() === wanted.sort().join();
  });
}
