import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { Federation } from '../../constructs/federation.ts';
import { loadFederation, parseFederation } from '../../constructs/spec/load.ts';
import { find, flags, type Manifest, workloads } from './objects.ts';

/*
 * What becomes of `controlPlane.karmada` of a federation file, and of what else there concerns Karmada.
 */

const objectsIn = (files: ReadonlyMap<string, string>, target: string) =>
  [...files].filter(([path]) => path.startsWith(`${target}/`)).flatMap(([, text]) => loadAll(text) as Manifest[]);

/** The files of a federation whose `spec` is this, in YAML. */
function synth(spec: string): ReadonlyMap<string, string> {
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } };
  const text = `${JSON.stringify(head).slice(0, -1)}, spec: ${spec} }`;
  return new Federation(parseFederation(text, 'federation.yaml')).manifests.render();
}

test("the certificate of the Karmada API is valid for every address that the central cluster has, and the file's", () => {
  const files = synth(`{
    vpn: { provider: headscale, server: https://headscale.example.com },
    controlPlane: {
      address: karmada.example.com,
      hosts: [
        { name: central-1, publicIp: 203.0.113.1, vpnIp: 100.64.0.1 },
        { name: central-2, role: agent, vpnIp: 100.64.0.2 },
      ],
      karmada: { certificates: { hosts: [lb.example.com, 198.51.100.9] } },
    },
  }`);
  const requests = find(objectsIn(files, 'host'), 'ConfigMap', 'karmada-certificates').data;
  const names = [...requests['karmada-apiserver-server.cnf'].matchAll(/^(?:DNS|IP)\.\d+ = (.*)$/gm)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(
    expect.arrayContaining([
      'karmada.example.com',
      '203.0.113.1',
      '100.64.0.1',
      '100.64.0.2',
      'lb.example.com',
      '198.51.100.9',
    ]),
  );
});

test.each([true, false])('failover: %s is one switch for the gate, the flags and the taints', (failover) => {
  const files = synth(`{ controlPlane: { karmada: { failover: ${failover} } } }`);
  const host = objectsIn(files, 'host');
  const manager = flags(find(host, 'Deployment', 'karmada-controller-manager'));
  const webhook = flags(find(host, 'Deployment', 'karmada-webhook'));
  const taints = objectsIn(files, 'karmada').map(({ kind }) => kind);
  expect(manager['feature-gates']).toBe(failover ? 'Failover=true' : undefined);
  expect(manager['enable-no-execute-taint-eviction']).toBe(failover ? 'true' : undefined);
  expect(webhook['allow-no-execute-taint-policy']).toBe(failover ? 'true' : undefined);
  expect(taints).toEqual(failover ? ['ClusterTaintPolicy'] : []);
});

test('an agent is as the file says of all of them, and of that of its member', () => {
  const files = synth(`{
    controlPlane: {
      address: karmada.example.com,
      karmada: {
        apiserver: { service: { type: NodePort, nodePort: 32443 } },
        agent: {
          replicas: 2,
          tolerations: [{ key: edge, operator: Exists }],
          members: [{ name: far, apiEndpoint: "https://10.20.0.1:6443", proxy: "http://10.0.0.1:3128", reportCredentials: true }],
        },
      },
    },
    members: [{ name: far, registration: pull, region: de }, { name: other, registration: pull }],
  }`);
  const agent = (member: string) => find(objectsIn(files, `members/${member}`), 'Deployment', 'karmada-agent');
  for (const member of ['far', 'other']) {
    expect(agent(member).spec.replicas).toBe(2);
    expect(agent(member).spec.template.spec.tolerations).toEqual([{ key: 'edge', operator: 'Exists' }]);
  }
  expect(flags(agent('far'))).toMatchObject({
    'cluster-name': 'far',
    'cluster-region': 'de',
    'cluster-api-endpoint': 'https://10.20.0.1:6443',
    'proxy-server-address': 'http://10.0.0.1:3128',
    'report-secrets': 'KubeCredentials,KubeImpersonator',
  });
  expect(flags(agent('other'))).not.toHaveProperty('cluster-api-endpoint');
  expect(flags(agent('other'))['report-secrets']).toBe('KubeImpersonator');
});

describe('the published federation', () => {
  const files = new Federation(loadFederation(join(import.meta.dirname, '../../federation.yaml'))).manifests.render();
  const host = objectsIn(files, 'host');

  test('keeps etcd on 20Gi of the default StorageClass', () => {
    const [claim] = find(host, 'StatefulSet', 'etcd').spec.volumeClaimTemplates;
    expect(claim.spec).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } });
  });

  test('has one of each component and no optional one, reached inside the cluster', () => {
    const controlPlane = workloads(host).filter(
      ({ kind, metadata }) => kind !== 'Job' && metadata.namespace === 'karmada-system',
    );
    expect(controlPlane.map(({ metadata, spec }) => [metadata.name, spec.replicas])).toEqual([
      ['etcd', 1],
      ['karmada-apiserver', 1],
      ['karmada-aggregated-apiserver', 1],
      ['karmada-kube-controller-manager', 1],
      ['karmada-controller-manager', 1],
      ['karmada-scheduler', 1],
      ['karmada-webhook', 1],
    ]);
    expect(find(host, 'Service', 'karmada-apiserver').spec.type).toBe('ClusterIP');
  });

  test('runs Karmada 1.18.2', () => {
    const images = workloads(host).flatMap(({ spec }) =>
      spec.template.spec.containers.map(({ image }: Manifest['metadata'] & { image: string }) => image),
    );
    const karmada = images.filter((image) => image.startsWith('docker.io/karmada/'));
    expect(karmada).toHaveLength(4);
    for (const image of karmada) expect(image).toMatch(/:v1\.18\.2$/);
  });
});
