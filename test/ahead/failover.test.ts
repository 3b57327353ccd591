import { expect, test } from 'vitest';
import { outlook } from '../../constructs/ahead/outlook.ts';
import { Federation } from '../../constructs/federation.ts';
import { parseFederation } from '../../constructs/spec/load.ts';
import { simulate } from '../../simulation/simulate.ts';

/** What becomes of an app when `oslo` is lost, with failover. */
function afterLoss(placement: object) {
  const file = {
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 't' },
    spec: {
      controlPlane: { address: 'k.example.com', karmada: { failover: true } },
      members: [{ name: 'oslo' }, { name: 'bern' }],
      apps: [{ name: 'w', image: 'registry.example.org/web:v1', placement }],
    },
  };
  const spec = parseFederation(JSON.stringify(file), 't.yaml');
  const result = simulate(outlook(spec, new Federation(spec).manifests.objects('karmada'))).whenLost(['oslo']);
  return result.of({ kind: 'Deployment', namespace: 'default', name: 'w' })?.members.map(({ name }) => name);
}

test('an app that has nowhere else to go stays where it is', () => {
  expect(afterLoss({ clusters: ['oslo'] })).toEqual(['oslo']);
});

test('an app that has another member moves there', () => {
  expect(
    afterLoss({
      groups: [
        { name: 'a', clusters: ['oslo'] },
        { name: 'b', clusters: ['bern'] },
      ],
    }),
  ).toEqual(['bern']);
});

test('an app says for itself how long it stays', () => {
  const tolerations = [
    { key: 'cluster.karmada.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
  ];
  const file = parseFederation(
    JSON.stringify({
      apiVersion: 'serverless-federation.io/v1alpha1',
      kind: 'Federation',
      metadata: { name: 't' },
      spec: {
        controlPlane: { address: 'k.example.com', karmada: { failover: true } },
        members: [{ name: 'oslo' }],
        apps: [{ name: 'w', image: 'registry.example.org/web:v1', placement: { tolerations } }],
      },
    }),
    't.yaml',
  );
  const policy = new Federation(file).manifests.objects('karmada').find(({ kind }) => kind === 'PropagationPolicy');
  expect(policy?.spec).toMatchObject({ placement: { clusterTolerations: [{ tolerationSeconds: 60 }] } });
});
