import { describe, expect, test } from 'vitest';
import { withRoom } from '../../cli/outlook.ts';
import { checkNames } from '../../cli/plan/names.ts';
import { withMember } from '../../cli/plan/what-if.ts';
import type { Cluster } from '../../simulation/karmada.ts';

const cluster = (name: string, fields: Partial<Cluster> = {}): Cluster => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { tier: 'edge' } },
  spec: { region: 'no' },
  ...fields,
});
const MEMBERS = [cluster('oslo'), cluster('bern')];

describe('--with', () => {
  test('adds a member with its labels and fields', () => {
    const [, , added] = withMember(MEMBERS, 'lyon,region=fr,zone=fr-1,tier=cloud');
    expect(added).toMatchObject({
      metadata: { name: 'lyon', labels: { tier: 'cloud' } },
      spec: { region: 'fr', zones: ['fr-1'] },
    });
  });

  test('relabels a member, keeps what it does not name, and takes away what is set to nothing', () => {
    const [oslo, bern] = withMember(MEMBERS, 'oslo,team=a,tier=');
    expect(oslo?.metadata.labels).toEqual({ team: 'a' });
    expect(oslo?.spec).toEqual({ region: 'no' });
    expect(bern).toBe(MEMBERS[1]);
    expect(MEMBERS[0]?.metadata.labels).toEqual({ tier: 'edge' });
  });

  test.each(['oslo,tier', 'oslo,=x', 'oslo,', ''])('refuses %j with the form that it takes', (text) => {
    expect(() => withMember(MEMBERS, text)).toThrow('--with must be NAME,key=value…');
  });
});

test.each([
  ['Oslo', "'Oslo', which must be a lower case DNS label"],
  ['a'.repeat(49), 'which must have at most 48 characters'],
  ['oslo,a b=c', "'a b', which must be a label key"],
  ['oslo,tier=a b', "'a b', which must be a label value"],
  [`oslo,tier=${'a'.repeat(64)}`, 'which must have at most 63 characters'],
])('--with refuses %j, which no cluster can have', (text, fault) => {
  expect(() => withMember(MEMBERS, text)).toThrow(fault);
});

test('--room gives members the status of the Cluster of their name, and leaves the others as they are', () => {
  const status = { resourceSummary: { allocatable: { cpu: '4' } } };
  const [oslo, bern] = withRoom(MEMBERS, [cluster('oslo', { status, metadata: { name: 'oslo', labels: {} } })]);
  expect(oslo).toMatchObject({ status, metadata: { labels: { tier: 'edge' } } });
  expect(bern).toBe(MEMBERS[1]);
});

test('a name that no member bears is refused, with the names that there are', () => {
  expect(() => checkNames('--lost', ['osol'], MEMBERS)).toThrow(
    "--lost names 'osol', which is not a member: there are oslo, bern",
  );
});
