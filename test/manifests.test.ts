import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Manifests, replaceFolder } from '../constructs/manifests.ts';

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
});

describe('replaceFolder', () => {
  let root: string;
  let dist: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dist-'));
    dist = join(root, 'dist');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('makes the folder hold these files and nothing else', () => {
    replaceFolder(
      dist,
      new Map([
        ['host/a.yaml', 'one'],
        ['karmada/b.yaml', 'two'],
      ]),
    );
    replaceFolder(dist, new Map([['host/a.yaml', 'three']]));
    expect(readdirSync(dist)).toEqual(['host']);
    expect(readFileSync(join(dist, 'host/a.yaml'), 'utf8')).toBe('three');
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('leaves the old folder whole when writing fails', () => {
    replaceFolder(dist, new Map([['host/a.yaml', 'one']]));
    // A path below a file cannot be written.
    const bad = new Map([
      ['host/b.yaml', 'two'],
      ['host/b.yaml/c.yaml', 'three'],
    ]);
    expect(() => replaceFolder(dist, bad)).toThrow();
    expect(readdirSync(join(dist, 'host'))).toEqual(['a.yaml']);
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('refuses a folder with things that no synth made, and touches nothing in it', () => {
    mkdirSync(dist);
    writeFileSync(join(dist, 'thesis.tex'), 'years of work');
    expect(() => replaceFolder(dist, new Map([['host/a.yaml', 'one']]))).toThrow("'thesis.tex', which no synth made");
    expect(readFileSync(join(dist, 'thesis.tex'), 'utf8')).toBe('years of work');
  });

  test('puts the old folder back where a run was killed while it changed them, and clears what that run left', () => {
    const dead = spawnSync('true').pid;
    mkdirSync(join(root, `.dist-${dead}/old/host`), { recursive: true });
    writeFileSync(join(root, `.dist-${dead}/old/host/a.yaml`), 'one');
    expect(() =>
      replaceFolder(
        dist,
        new Map([
          ['x', 'y'],
          ['x/z', 'fails'],
        ]),
      ),
    ).toThrow();
    expect(readFileSync(join(dist, 'host/a.yaml'), 'utf8')).toBe('one');
    expect(readdirSync(root)).toEqual(['dist']);
  });

  test('leaves alone what a run that is still going on has written', async () => {
    const other = spawn('sleep', ['60']);
    try {
      mkdirSync(join(root, `.dist-${other.pid}/new`), { recursive: true });
      replaceFolder(dist, new Map([['host/a.yaml', 'one']]));
      expect(existsSync(join(root, `.dist-${other.pid}/new`))).toBe(true);
    } finally {
      other.kill();
    }
  });
});
