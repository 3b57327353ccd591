import { expect, test } from 'vitest';
import { faultsOf } from './faults.ts';

/** What is wrong with an app that scales by load, over a member that is called and one that calls. */
function faults(placement: string, agent = '{}'): string[] {
  return faultsOf(`
  controlPlane:
    address: karmada.example.com
    karmada:
      metricsAdapter: {}
      agent: ${agent}
      apiserver: { service: { type: NodePort, nodePort: 32443 } }
  members: [{ name: called }, { name: calling, registration: pull }]
  apps:
    - name: web
      image: 'example.com/web:v1'
      resources: { requests: { cpu: 100m } }
      scaling: { max: 5 }
      placement: ${placement}
`);
}

test('an app does not scale by the load on a member whose metrics Karmada cannot read', () => {
  expect(faults('{}')).toEqual([
    expect.stringMatching(/^spec\.apps\[0\]\.scaling: needs the load on 'calling', too, .* 'reportCredentials: true'/),
  ]);
});

test('it scales where the member gives credentials, and where the app keeps away from it', () => {
  const agent = '{ members: [{ name: calling, apiEndpoint: "https://10.0.0.9:6443", reportCredentials: true }] }';
  expect(faults('{}', agent)).toEqual([]);
  expect(faults('{ clusters: [called] }')).toEqual([]);
});
