import { expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { parseFederation } from '../../constructs/spec/load.ts';
import { federationOf } from '../spec/checks/faults.ts';

/** The pull policies of all containers in files of these names. */
function policies(karmada: string, files: RegExp): Set<string | undefined> {
  const spec = `
  controlPlane:
    address: karmada.example.com
    karmada: { apiserver: { service: { type: LoadBalancer } }, ${karmada} }
  members: [{ name: far, registration: pull }]
`;
  const rendered = new Federation(parseFederation(federationOf(spec), 'f')).manifests.render();
  const texts = [...rendered].filter(([path]) => files.test(path)).map(([, text]) => text);
  return new Set(texts.flatMap((text) => [...text.matchAll(/imagePullPolicy: (\w+)/g)].map(([, policy]) => policy)));
}

test('images of Karmada are pulled when they are not there, or as the file says, on the members too', () => {
  expect(policies('', /karmada/)).toEqual(new Set(['IfNotPresent']));
  expect(policies('imagePullPolicy: Never', /karmada/)).toEqual(new Set(['Never']));
  expect(policies('imagePullPolicy: Never', /^members\/far/)).toEqual(new Set(['Never']));
});

test('a component may have a policy of its own', () => {
  const own = 'imagePullPolicy: Never, scheduler: { imagePullPolicy: Always }, agent: { imagePullPolicy: Always }';
  expect(policies(own, /karmada-scheduler/)).toContain('Always');
  expect(policies(own, /karmada-webhook/)).toEqual(new Set(['Never']));
  expect(policies(own, /^members\/far/)).toEqual(new Set(['Always']));
});
