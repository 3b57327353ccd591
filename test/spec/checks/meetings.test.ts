import { describe, expect, test } from 'vitest';
import { policyFile } from '../../../constructs/names.ts';
import { faultsOf } from './faults.ts';

const MEMBERS = '  controlPlane: { address: k.example.com }\n  members: [{ name: edge }]\n';
const policy = (fields: string) =>
  `{ type: propagation, ${fields}, resources: [{ apiVersion: v1, kind: ConfigMap, name: x }] }`;

describe('names that come to the same are a fault:', () => {
  test.each([
    [
      'two policies in one file',
      `${MEMBERS}  policies: [${policy('name: b.c')}, ${policy('name: c, namespace: b')}]\n`,
      /^spec\.policies\[1\]\.name: comes to the same file as spec\.policies\[0\], 'karmada\/09-b\.c-propagation\.yaml'/,
    ],
    [
      'a policy and that of an app',
      `${MEMBERS}  apps: [{ name: a, image: "x:v1" }]\n  policies: [${policy('name: a, namespace: default')}]\n`,
      /^spec\.policies\[0\]\.name: is the name of an app, whose own policies bear it/,
    ],
    [
      'two hosts',
      `  controlPlane: { address: k.example.com }
  members:
    - { name: a-b, hosts: [{ name: c, publicIp: 192.0.2.1 }] }
    - { name: a, hosts: [{ name: b-c, publicIp: 192.0.2.2 }] }
`,
      /^spec\.members\[1\]\.hosts\[0\]\.name: comes to the same Job as spec\.members\[0\]\.hosts\[0\], 'bootstrap-a-b-c'/,
    ],
    [
      'a Secret of the bootstrap and that of SSH',
      '  ssh: { secret: a-token }\n  controlPlane: { address: k.example.com }\n  members: [{ name: a, hosts: [{ name: h, publicIp: 192.0.2.1 }] }]\n',
      /^spec\.ssh\.secret: names the Secret 'a-token', which the bootstrap of 'a' makes/,
    ],
  ])('%s', (_, spec, message) => {
    expect(faultsOf(spec)).toContainEqual(expect.stringMatching(message));
  });
});

describe('namespaces of ours are not for others:', () => {
  test.each([
    ['metallb-system', 'MetalLB'],
    ['ingress-nginx', 'ingress-nginx'],
  ])('Karmada is not put into %s', (namespace, owner) => {
    expect(
      faultsOf(
        `  controlPlane: { address: k.example.com, karmada: { namespace: ${namespace} } }\n  members: [{ name: edge }]\n`,
      ),
    ).toEqual([
      `spec.controlPlane.karmada.namespace: must be a namespace of its own, and '${namespace}' is that of ${owner}`,
    ]);
  });

  test.each([
    ['system-upgrade', "k3s's upgrade controller"],
    ['karmada-system', 'Karmada'],
  ])('Argo CD is not put into %s', (namespace, owner) => {
    const argocd = `{ repository: "https://git.example.com/x.git", namespace: ${namespace} }`;
    expect(faultsOf(`${MEMBERS}  argocd: ${argocd}\n`)).toEqual([
      `spec.argocd.namespace: must be another namespace, '${namespace}' is that of ${owner}`,
    ]);
  });

  test.each([
    ['serverless-federation', 'the federation itself'],
    ['wasm-shims', 'the installer of Wasm shims'],
  ])('an app is not put into %s', (namespace, owner) => {
    expect(faultsOf(`${MEMBERS}  apps: [{ name: a, namespace: ${namespace}, image: "x:v1" }]\n`)).toEqual([
      `spec.apps[0].namespace: must be another namespace, '${namespace}' is that of ${owner}`,
    ]);
  });
});

test('a member does not get the rights of what sets up agents by its name', () => {
  expect(faultsOf('  controlPlane: { address: k.example.com }\n  members: [{ name: rbac-generator }]\n')).toEqual([
    expect.stringMatching(/^spec\.members\[0\]\.name: must not be 'rbac-generator'/),
  ]);
});

test('the file of a policy has a name that file systems take, and one of its own', () => {
  const name = (last: string) => [...Array(4).fill('a'.repeat(60)), last].join('.');
  const files = ['b', 'c'].map((last) => policyFile({ type: 'propagation', namespace: 'shop', name: name(last) }));
  expect(files.map((file) => file.length)).toEqual([200, 200]);
  expect(new Set(files).size).toBe(2);
});
