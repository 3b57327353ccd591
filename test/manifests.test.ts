import { ApiObject, type Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { describe, expect, test, vi } from 'vitest';
import { Manifests } from '../constructs/manifests.ts';

describe('Manifests', () => {
  test('makes a file of every chart that holds objects, in the order of the names', () => {
    const manifests = new Manifests();
    new k8s.KubeNamespace(manifests.file('karmada', '10-b'), 'b', { metadata: { name: 'b' } });
    new k8s.KubeNamespace(manifests.file('host', '00-a'), 'a', { metadata: { name: 'a' } });
    manifests.file('host', '05-empty');
    expect([...manifests.render().keys()]).toEqual(['host/00-a.yaml', 'karmada/10-b.yaml']);
  });

  test('keeps the order of declaration inside a file', () => {
    const manifests = new Manifests();
    const chart = manifests.file('host', '00-a');
    for (const name of ['zeta', 'alpha']) new k8s.KubeNamespace(chart, name, { metadata: { name } });
    expect(manifests.render().get('host/00-a.yaml')).toMatch(/zeta[\s\S]*alpha/);
  });

  test('puts the labels on every object', () => {
    const manifests = new Manifests({ labels: { 'app.kubernetes.io/part-of': 'edge-cloud' } });
    new k8s.KubeNamespace(manifests.file('host', '00-a'), 'a', { metadata: { name: 'a' } });
    expect(manifests.render().get('host/00-a.yaml')).toContain('app.kubernetes.io/part-of: edge-cloud');
  });

  test("keeps names that JavaScript's objects have", () => {
    const manifests = new Manifests();
    const labels = { constructor: 'a', toString: 'b', value: 'c' } as unknown as Record<string, string>;
    new k8s.KubeNamespace(manifests.file('host', '00-a'), 'a', { metadata: { name: 'a', labels } });
    expect(manifests.render().get('host/00-a.yaml')).toMatch(/constructor: a\n[\s\S]*toString: b\n\s+value: c\n/);
  });

  test('labels every object with its target', () => {
    const manifests = new Manifests();
    for (const target of ['host', 'members/edge-1']) {
      new k8s.KubeNamespace(manifests.file(target, '00-a'), 'a', { metadata: { name: 'a' } });
    }
    expect(manifests.render().get('host/00-a.yaml')).toContain('serverless-federation.io/target: host');
    expect(manifests.render().get('members/edge-1/00-a.yaml')).toContain(
      'serverless-federation.io/target: members.edge-1',
    );
  });

  test('refuses two objects of one identity for one API server', () => {
    const manifests = new Manifests();
    for (const file of ['00-a', '10-b']) {
      new k8s.KubeNamespace(manifests.file('host', file), 'x', { metadata: { name: 'twice' } });
    }
    expect(() => manifests.render()).toThrow("Namespace 'twice' is in host/10-b.yaml and in host/00-a.yaml");
  });

  test('allows the same object for two API servers', () => {
    const manifests = new Manifests();
    for (const target of ['members/a', 'members/b']) {
      new k8s.KubeNamespace(manifests.file(target, '00-a'), 'x', { metadata: { name: 'same' } });
    }
    expect(manifests.render().size).toBe(2);
  });

  test('makes each file when it is asked for', () => {
    const manifests = new Manifests();
    for (const file of ['00-a', '10-b']) {
      new k8s.KubeNamespace(manifests.file('host', file), 'x', { metadata: { name: 'twice' } });
    }
    const files = manifests.files();
    expect(files.next().value?.[0]).toBe('host/00-a.yaml');
    expect(() => files.next()).toThrow('give one another name');
  });

  test('makes of an object what cdk8s makes of it', () => {
    const manifests = new Manifests({ labels: { part: 'test' } });
    const secret = new k8s.KubeSecret(manifests.file('host', '00-a'), 'a', {
      metadata: { name: 'a', namespace: 'b', labels: { own: '1' }, generateName: 'a-' },
      stringData: { z: '1', a: '2' },
    });
    secret.metadata.addAnnotation('note', 'x');
    secret.metadata.addFinalizers('example.org/f');
    secret.metadata.addOwnerReference({ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' });
    secret.metadata.add('selfLink', '/a');
    const bare = new k8s.KubeSecret(manifests.file('host', '00-a'), 'b', { metadata: { name: 'b', annotations: {} } });
    expect(JSON.stringify(manifests.objects('host'))).toBe(JSON.stringify([secret.toJson(), bare.toJson()]));
  });

  test('gives the objects of a target as plain data, which its files then hold', () => {
    const manifests = new Manifests();
    new k8s.KubeNamespace(manifests.file('karmada', '00-a'), 'a', { metadata: { name: 'a' } });
    new k8s.KubeNamespace(manifests.file('karmada', '10-b'), 'b', { metadata: { name: 'b' } });
    new k8s.KubeNamespace(manifests.file('host', '00-a'), 'a', { metadata: { name: 'a' } });
    const computed = vi.spyOn(k8s.KubeNamespace, 'manifest');
    const objects = manifests.objects('karmada');
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Namespace a', 'Namespace b']);
    expect([...manifests.render().keys()]).toEqual(['host/00-a.yaml', 'karmada/00-a.yaml', 'karmada/10-b.yaml']);
    expect(computed).toHaveBeenCalledTimes(3);
    computed.mockRestore();
    expect(() => manifests.file('karmada', '00-a')).toThrow('takes no more');
  });

  describe('files that are made later', () => {
    const namespace = (name: string) => (chart: Chart) => {
      new k8s.KubeNamespace(chart, name, { metadata: { name } });
    };

    test('are filled when their objects are asked for, one after the other', () => {
      const manifests = new Manifests();
      const fills = [vi.fn(namespace('a')), vi.fn(namespace('b'))] as const;
      manifests.later('host', '00-a', fills[0]);
      manifests.later('host', '10-b', fills[1]);
      expect(fills[0]).not.toHaveBeenCalled();
      const files = manifests.files();
      expect(files.next().value?.[0]).toBe('host/00-a.yaml');
      expect(fills.map((fill) => fill.mock.calls.length)).toEqual([1, 0]);
      expect(files.next().value?.[0]).toBe('host/10-b.yaml');
      expect(manifests.render().get('host/00-a.yaml')).toContain('name: a\n');
    });

    test('are among the objects, charts and identities of their target', () => {
      const manifests = new Manifests();
      manifests.later('host', '00-a', namespace('a'));
      expect(manifests.identities('host')).toEqual(new Map([['/Namespace /a', 'host/00-a.yaml']]));
      const [chart] = manifests.targets().get('host') as [Chart];
      expect(chart).toBe(manifests.file('host', '00-a'));
      ApiObject.of(chart.node.children[0] as Chart).metadata.addLabel('marked', 'yes');
      expect(manifests.objects('host')).toMatchObject([{ metadata: { name: 'a', labels: { marked: 'yes' } } }]);
    });

    test('hold what is added at once, too', () => {
      const manifests = new Manifests();
      manifests.later('host', '00-a', namespace('a'));
      manifests.later('host', '00-a', namespace('b'));
      namespace('c')(manifests.file('host', '00-a'));
      manifests.later('host', '00-a', namespace('d'));
      expect(manifests.objects('host').map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd']);
      expect(() => manifests.later('host', '00-a', namespace('e'))).toThrow('takes no more');
    });
  });
});
