import { expect, test } from 'vitest';
import { outlook } from '../../constructs/ahead/outlook.ts';
import { Federation } from '../../constructs/federation.ts';
import { parseFederation } from '../../constructs/spec/load.ts';
import { simulate } from '../../simulation/simulate.ts';

/** Where an app of two members is once one of them is lost. */
function afterLoss(karmada: object): (string | undefined)[] {
  const spec = parseFederation(
    JSON.stringify({
      apiVersion: 'serverless-federation.io/v1alpha1',
      kind: 'Federation',
      metadata: { name: 't' },
      spec: {
        controlPlane: { address: 'karmada.example.com', karmada },
        members: [{ name: 'oslo' }, { name: 'bern' }],
        apps: [{ name: 'w', image: 'registry.example.org/w:v1', placement: { clusters: ['oslo', 'bern'] } }],
      },
    }),
    't.yaml',
  );
  const ahead = simulate(outlook(spec, new Federation(spec).manifests.objects('karmada')));
  return ahead.whenLost(['oslo']).placements.flatMap(({ members }) => members.map(({ name }) => name));
}

test('apps leave a member that is lost where the file asks for failover, and stay where it does not', () => {
  expect(afterLoss({ failover: true })).toEqual(['bern']);
  expect(afterLoss({})).toEqual(['oslo', 'bern']);
});
