import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { plan } from '../../cli/plan/plan.ts';

const MEMBERS = ['oslo', 'bern'];
const file = (members: readonly string[], karmada = {}) =>
  JSON.stringify({
    apiVersion: 'serverless-federation.io/v1alpha1',
    kind: 'Federation',
    metadata: { name: 't' },
    spec: {
      controlPlane: { address: 'k.example.com', karmada },
      members: members.map((name) => ({ name })),
      apps: [{ name: 'web', image: `x.example.com/web:v1@sha256:${'0'.repeat(64)}`, placement: { clusters: members } }],
    },
  });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'));
});
beforeEach(() => {
  vi.stubEnv('INIT_CWD', folder);
  vi.stubEnv('FEDERATION', 'federation.yaml');
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

test('an earlier plan alone shows what the file changes of it', async () => {
  write('federation.yaml', file(MEMBERS));
  write('before.json', await plan({ output: 'json' }));
  expect(await plan({ before: 'before.json' })).toMatch(/^Nothing changes: 1 of 1 object stay/m);
  write('federation.yaml', file(['oslo', 'lyon']));
  expect(await plan({ before: 'before.json' })).toMatch(/^Deployment default\/web +bern 1 → -, lyon - → 1$/m);
  expect(JSON.parse(await plan({ before: 'before.json', output: 'json' })).changes).toHaveLength(1);
  expect(await plan({ before: 'before.json', output: 'markdown' })).toMatch(/\n```\nOBJECT [^`]*\n```\n$/);
  expect(JSON.parse(await plan({ output: 'json' }))).not.toHaveProperty('changes');
});

test('an earlier plan may begin with the mark of an editor, and must be UTF-8', async () => {
  write('federation.yaml', file(MEMBERS));
  const earlier = await plan({ output: 'json' });
  write('before.json', `\ufeff${earlier}`);
  expect(await plan({ before: 'before.json' })).toMatch(/^Nothing changes/m);
  writeFileSync(join(folder, 'before.json'), Buffer.from(`\ufeff${earlier}`, 'utf16le'));
  await expect(plan({ before: 'before.json' })).rejects.toThrow("'before.json' is not UTF-8");
});

test('what a member gets is YAML, or JSON where that is asked for', async () => {
  write('federation.yaml', file(MEMBERS));
  expect(await plan({ member: 'oslo' })).toMatch(/^apiVersion: /);
  const { objects, faults } = JSON.parse(await plan({ member: 'oslo', output: 'json' }));
  expect(objects).toContainEqual(expect.objectContaining({ kind: 'Deployment' }));
  expect(faults).toEqual([]);
  await expect(plan({ member: 'oslo', output: 'markdown' })).rejects.toThrow('as YAML or with -o json');
});

test('a member that is told to be lost twice is lost once', async () => {
  write('federation.yaml', file(MEMBERS));
  expect(await plan({ lost: ['oslo', 'oslo'] })).toBe(await plan({ lost: ['oslo'] }));
});

test('what failover leaves on a lost member is told to be down, and what would move it', async () => {
  write('federation.yaml', file(MEMBERS));
  expect(await plan({ lost: ['oslo'] })).toContain(
    "DOWN WITH ITS MEMBER\n  Deployment default/web: without the gate Failover nothing leaves oslo; 'controlPlane.karmada.failover' turns it on\n",
  );
  expect(JSON.parse(await plan({ lost: ['oslo'], output: 'json' })).stranded).toMatchObject([
    { kind: 'Deployment', name: 'web', member: 'oslo' },
  ]);
  write('federation.yaml', file(MEMBERS, { failover: true }));
  expect(await plan({ lost: ['oslo'] })).not.toContain('turns it on');
});

test('what an earlier plan has and the file has no more is told to be removed, and the rest is counted without it', async () => {
  write('federation.yaml', file(MEMBERS));
  const { placements } = JSON.parse(await plan({ output: 'json' }));
  const others = ['old', 'older'].map((name) => ({ ...placements[0], name }));
  write('before.json', JSON.stringify({ placements: [...placements, ...others] }));
  const text = await plan({ before: 'before.json' });
  expect(text).toMatch(/^Deployment default\/old +oslo 1 → -, bern 1 → - +not in the file any more$/m);
  expect(text).toMatch(/^0 objects change, 0 with nowhere to go, 2 removed, 1 of 1 object stay as they are\.$/m);
  const { changes } = JSON.parse(await plan({ before: 'before.json', output: 'json' }));
  expect(changes.map(({ removed, lost }: { removed?: true; lost?: string }) => [removed, lost])).toEqual([
    [true, undefined],
    [true, undefined],
  ]);
});

test.each([
  'null',
  '{"placements":[null]}',
  '{"placements":[{"kind":"Deployment","name":"web","members":[null]}]}',
  '{"placements":[{"kind":"Deployment","name":"web","members":[],"evicting":{}}]}',
  '{"placements":[{"apiVersion":1,"kind":"Deployment","name":"web","members":[]}]}',
  '{"placements":[{"kind":"Deployment","name":"web","members":[{"replicas":1}]}]}',
  '{"placements":[{"kind":"Deployment","name":"web","members":[{"name":"oslo","replicas":-1}]}]}',
])('an earlier plan that is none is refused: %s', async (text) => {
  write('federation.yaml', file(MEMBERS));
  write('before.json', text);
  await expect(plan({ before: 'before.json' })).rejects.toThrow("'before.json' is not a plan");
});
