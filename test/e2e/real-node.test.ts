import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, onTestFailed, test } from 'vitest';
import type { Obj } from './harness/api.ts';
import { FederationUnderTest } from './harness/federation.ts';
import { manifests } from './harness/project.ts';
import { Stages } from './harness/stages.ts';

/*
 * The control plane on a real node: kubelet, containerd and runc run what is synthesized, unchanged. Each test is a step,
 * and needs those before it.
 */

const federation = new FederationUnderTest({ index: 2, realNode: true });
const stages = new Stages();
let dist = '';

function step(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    onTestFailed(async () => console.error(await federation.explain()));
    await stages.measure(name, work);
  });
}

const podsOf = (object: Obj): Obj[] => (object.spec?.template?.spec ? [object.spec.template.spec] : []);
const containersOf = (pod: Obj): Obj[] => [...(pod.initContainers ?? []), ...pod.containers];

beforeAll(async () => {
  await stages.measure('the host cluster starts', () => federation.start([]));
});

afterAll(async () => {
  await federation.stop();
  console.log(stages.table());
});

step('images of the names in dist/host are given to containerd', async () => {
  dist = await federation.synth('federation');
  const objects = manifests(join(dist, 'host')).flatMap((file) => loadAll(readFileSync(file, 'utf8')) as Obj[]);
  const names = objects
    .flatMap(podsOf)
    .flatMap(containersOf)
    .map(({ image }) => image);
  await federation.host.node!.load(names);
});

step('apply.sh brings the control plane up', async () => {
  await federation.script('apply', ['--dist', dist, 'host'], { seconds: 120 });
});
