import { describe, expect, test } from 'vitest';
import { Federation } from '../constructs/federation.ts';
import { parseFederation } from '../constructs/spec/load.ts';

const FILE = {
  apiVersion: 'serverless-federation.io/v1alpha1',
  kind: 'Federation',
  metadata: { name: 't' },
  spec: {
    k3s: { upgrade: { by: 'plans' } },
    network: {
      cni: 'calico',
      loadBalancer: 'metallb',
      metallb: { addresses: ['203.0.113.100-203.0.113.110'] },
      ingress: 'ingress-nginx',
    },
    controlPlane: {
      address: 'karmada.example.com',
      karmada: { apiserver: { service: { type: 'NodePort', nodePort: 32443 } } },
    },
    runtimes: [{ name: 'spin', shim: { install: 'installer' } }],
    members: [{ name: 'edge', registration: 'pull', hosts: [{ name: 'e1', publicIp: '203.0.113.2' }] }],
    apps: [{ name: 'w', namespace: 'shop', image: 'registry.example.org/w:v1', runtime: 'spin' }],
  },
};

/** The standard that each namespace of a federation enforces, by target and name. */
function standards(): Record<string, string> {
  const { manifests } = new Federation(parseFederation(JSON.stringify(FILE), 't.yaml'));
  return Object.fromEntries(
    [...manifests.targets()].flatMap(([target, charts]) =>
      charts
        .flatMap((chart) => chart.toJson())
        .filter(({ kind }) => kind === 'Namespace')
        .map(({ metadata }) => [`${target}/${metadata.name}`, metadata.labels['pod-security.kubernetes.io/enforce']]),
    ),
  );
}

describe('Pod Security', () => {
  test('every namespace of ours enforces the highest standard that its pods meet', () => {
    expect(standards()).toEqual({
      'bootstrap/serverless-federation': 'restricted',
      'host/karmada-system': 'restricted',
      'karmada/shop': 'baseline',
      'members/edge/ingress-nginx': 'restricted',
      'members/edge/karmada-system': 'restricted',
      // Speakers of MetalLB, nodes of Calico, Jobs of k3s's upgrades and shim installers work on the nodes themselves.
      'members/edge/metallb-system': 'privileged',
      'members/edge/serverless-federation': 'restricted',
      'members/edge/wasm-shims': 'privileged',
      'members/edge/system-upgrade': 'privileged',
      'members/edge/tigera-operator': 'privileged',
    });
  });
});
