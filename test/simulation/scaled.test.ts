import { expect, test } from 'vitest';
import { scaled } from '../../simulation/scaled.ts';

const deployment = (name: string, replicas?: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { ...(replicas !== undefined && { replicas }) },
});

const scaler = (name: string, bounds: object, kind = 'FederatedHPA') => ({
  apiVersion: 'autoscaling.karmada.io/v1alpha1',
  kind,
  metadata: { name, namespace: 'shop' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, ...bounds },
});

test.each([
  ['below the bounds, such as none said', undefined, { minReplicas: 3, maxReplicas: 9 }, 3],
  ['above them', 12, { minReplicas: 3, maxReplicas: 9 }, 9],
  ['without a lower one', undefined, { maxReplicas: 9 }, undefined],
  ['within them', 5, { minReplicas: 3, maxReplicas: 9 }, 5],
  ['0, which turns scaling off', 0, { minReplicas: 3, maxReplicas: 9 }, 0],
])('what a FederatedHPA scales comes into its bounds: %s', (_, replicas, bounds, expected) => {
  const [app] = scaled([deployment('cart', replicas), scaler('cart', bounds)]);
  expect(app).toEqual(deployment('cart', expected));
});

test('all else is the same', () => {
  const others = [
    deployment('other'),
    { ...deployment('cart'), metadata: { name: 'cart', namespace: 'elsewhere' } },
    scaler('cart', { minReplicas: 3, maxReplicas: 9 }),
    scaler('other', { rules: [] }, 'CronFederatedHPA'),
  ];
  expect(scaled(others)).toEqual(others);
  const none = [deployment('cart')];
  expect(scaled(none)).toBe(none);
});
