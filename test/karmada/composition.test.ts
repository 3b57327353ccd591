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

describe('the list of Secrets that somebody has to make', () => {
  const secrets = (karmada: string) =>
    find(
      objectsIn(synth(`{ controlPlane: { address: karmada.example.com, karmada: ${karmada} } }`), 'bootstrap'),
      'ConfigMap',
      'secrets',
    ).data;
  const existing = 'certificates: { source: existing, secretNames: { adminClient: ours }, hosts: [198.51.100.9] }';

  test('says of each certificate that is brought along what it has to be', () => {
    const list = secrets(`{ ${existing} }`);
    expect(list['host_karmada-system_ours']).toBe(
      [
        'kubernetes.io/tls',
        'tls.crt the certificate of CN=system:admin, O=system:masters for client auth',
        'tls.key its private key',
        'ca.crt the certificate of the CA that signed it',
        '',
      ].join('\n'),
    );
    const server = list['host_karmada-system_karmada-apiserver-server'];
    expect(server).toContain('tls.crt the certificate of CN=karmada-apiserver for server auth, valid for ');
    for (const name of ['karmada-apiserver.karmada-system.svc', 'karmada.example.com', '198.51.100.9']) {
      expect(server).toMatch(new RegExp(`[ ,]${name.replaceAll('.', '\\.')}(,|$)`, 'm'));
    }
  });

  test('asks for no CA whose key nothing signs with, nor for the CA of a key', () => {
    const list = secrets(`{ ${existing} }`);
    const signing = Object.keys(list).filter((place) => /ca$|service-account$/.test(place));
    expect(signing).toEqual(['host_karmada-system_karmada-ca', 'host_karmada-system_karmada-service-account']);
    for (const place of signing) expect(list[place]).not.toContain('ca.crt');
  });

  test('asks for every certificate that is mounted', () => {
    const parts = 'descheduler: {}, search: {}, metricsAdapter: {}, schedulerEstimator: { members: [{ name: edge }] }';
    const files = synth(`{ controlPlane: { karmada: { ${existing}, ${parts} } }, members: [{ name: edge }] }`);
    const listed = Object.keys(find(objectsIn(files, 'bootstrap'), 'ConfigMap', 'secrets').data);
    const mounted = workloads(objectsIn(files, 'host'))
      .flatMap(({ spec }) => spec.template.spec.volumes)
      .flatMap(({ secret }: Manifest) => secret?.secretName ?? [])
      // By scripts/join.sh.
      .filter((name: string) => name !== 'edge-kubeconfig');
    expect(new Set(listed)).toEqual(new Set(mounted.map((name: string) => `host_karmada-system_${name}`)));
  });

  test('asks for the pull secrets of all components, each once, and for those of agents on their members', () => {
    const files = synth(`{
      controlPlane: {
        address: karmada.example.com,
        karmada: {
          imagePullSecrets: [a],
          apiserver: { service: { type: LoadBalancer } },
          scheduler: { imagePullSecrets: [b, a] },
          search: { imagePullSecrets: [c] },
          agent: { imagePullSecrets: [d] },
        },
      },
      members: [{ name: far, registration: pull }, { name: near }],
    }`);
    const list = find(objectsIn(files, 'bootstrap'), 'ConfigMap', 'secrets').data;
    expect(Object.keys(list).sort()).toEqual([
      'far_karmada-system_d',
      ...['a', 'b', 'c'].map((name) => `host_karmada-system_${name}`),
    ]);
  });
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

  test('has certificates of 43800 hours, and unlike it CAs that outlast them', () => {
    const lines: string[] = find(host, 'ConfigMap', 'karmada-certificates').data.plan.trim().split('\n');
    const life = (secret: string) =>
      Number(
        lines
          .find((line) => line.startsWith(`${secret} `))
          ?.split(' ')
          .at(-1),
      );
    expect(life('karmada-apiserver-server')).toBe(43_800 / 24);
    expect(life('karmada-ca')).toBe(3650);
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
