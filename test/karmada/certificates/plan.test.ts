import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { Kubeconfig } from '../../../constructs/karmada/certificates/kubeconfig.ts';
import { COMPONENT_CERTIFICATES, certificateVolumes } from '../../../constructs/karmada/certificates/mounts.ts';
import { certificatesOf, SECRETS } from '../../../constructs/karmada/certificates/plan.ts';
import { type Component, ETCD_MAX_MEMBERS, type OptionalComponent } from '../../../constructs/karmada/names.ts';
import { testChart } from '../../chart.ts';

const ALL: OptionalComponent[] = ['etcd', 'schedulerEstimator', 'descheduler', 'search', 'metricsAdapter'];
const all = certificatesOf({ namespace: 'fed', clusterDomain: 'corp.local', hosts: [], components: ALL });
const byPurpose = (purpose: string, certificates = all) => certificates.find((one) => one.purpose === purpose);

test('the API server is valid for its Service, for what pods call it, and for every address from outside', () => {
  const hosts = ['karmada.example.com', '203.0.113.7', '100.64.0.5', 'fd7a::5', '203.0.113.7'];
  const server = byPurpose('apiserverServer', certificatesOf({ namespace: 'fed', hosts, components: [] }));
  expect(server?.dnsNames).toEqual(
    expect.arrayContaining([
      'karmada.example.com',
      'karmada-apiserver.fed.svc',
      'karmada-apiserver.fed.svc.cluster.local',
      'kubernetes.default.svc',
      'localhost',
    ]),
  );
  expect(server?.ipAddresses).toEqual(['127.0.0.1', '203.0.113.7', '100.64.0.5', 'fd7a::5']);
});

test('aggregated API servers and the webhook are valid for the names by which the API server calls them', () => {
  for (const [purpose, service] of [
    ['aggregatedApiserverServer', 'karmada-aggregated-apiserver'],
    ['webhookServer', 'karmada-webhook'],
    ['searchServer', 'karmada-search'],
    ['metricsAdapterServer', 'karmada-metrics-adapter'],
  ] as const) {
    const names = byPurpose(purpose)?.dnsNames;
    expect(names).toContain(`${service}.fed.svc`);
    expect(names).toContain(`${service}.fed.svc.corp.local`);
  }
});

test('etcd members have a name each, by which peers over TLS know them, however many there will be', () => {
  for (const purpose of ['etcdServer', 'etcdPeer']) {
    const certificate = byPurpose(purpose);
    expect(certificate?.usages).toEqual(['server auth', 'client auth']);
    for (let i = 0; i < ETCD_MAX_MEMBERS; i++) {
      expect(certificate?.dnsNames).toContain(`etcd-${i}.etcd.fed.svc.corp.local`);
    }
    expect(certificate?.dnsNames).toContain('etcd-client.fed.svc.corp.local');
  }
});

test('etcd, the Karmada API and the front proxy have a CA each', () => {
  const issued = (issuer: string) => all.filter((one) => one.issuer === issuer).map(({ purpose }) => purpose);
  expect(issued('etcdCa')).toEqual(['etcdServer', 'etcdPeer', 'etcdClient']);
  expect(issued('frontProxyCa')).toEqual(['frontProxyClient']);
  expect(all.filter(({ isCa }) => isCa).map(({ purpose }) => purpose)).toEqual(['ca', 'etcdCa', 'frontProxyCa']);
});

test('a CA comes before what it signs', () => {
  const seen = new Set<string>();
  for (const { purpose, issuer } of all) {
    if (issuer) expect(seen).toContain(issuer);
    seen.add(purpose);
  }
});

test('only the administrator is of system:masters, and no component has that certificate', () => {
  const masters = all.filter(({ organizations }) => organizations.includes('system:masters'));
  expect(masters.map(({ purpose }) => purpose)).toEqual(['adminClient']);
  const holders = Object.entries(COMPONENT_CERTIFICATES).filter(([, mounts]) =>
    Object.values(mounts).some((purpose) => purpose === 'adminClient'),
  );
  expect(holders.map(([component]) => component)).toEqual(['administration']);
});

test('every client is a user of its own', () => {
  const clients = all.filter(({ issuer, usages }) => issuer === 'ca' && usages.includes('client auth'));
  expect(new Set(clients.map(({ commonName }) => commonName)).size).toBe(clients.length);
  for (const { dnsNames, usages } of clients) {
    expect(dnsNames).toEqual([]);
    expect(usages).toEqual(['client auth']);
  }
});

test('only kube-controller-manager has the key of a CA, to sign what agents ask for', () => {
  const holders = Object.entries(COMPONENT_CERTIFICATES).filter(([, mounts]) =>
    Object.values(mounts).some((purpose) => purpose === 'ca' || purpose === 'etcdCa' || purpose === 'frontProxyCa'),
  );
  expect(holders).toEqual([['kubeControllerManager', expect.objectContaining({ ca: 'ca' })]]);
});

test('ServiceAccount tokens have a key of their own, which the API server and kube-controller-manager share', () => {
  const holders = Object.entries(COMPONENT_CERTIFICATES).filter(([, mounts]) =>
    Object.values(mounts).includes('serviceAccount'),
  );
  expect(holders.map(([component]) => component)).toEqual(['apiserver', 'kubeControllerManager']);
});

test('what the components mount is made, and without external etcd nothing else', () => {
  const mounted = new Set(Object.values(COMPONENT_CERTIFICATES).flatMap((mounts) => Object.values(mounts)));
  const made = all.map(({ purpose }) => purpose);
  expect(made).toEqual(expect.arrayContaining([...mounted]));
  const cas = ['etcdCa', 'frontProxyCa'];
  expect(made.filter((purpose) => !mounted.has(purpose))).toEqual(cas);
});

test('an etcd that is there already brings the certificate of its clients along', () => {
  const made = certificatesOf({ namespace: 'fed', components: [] }).map(({ purpose }) => purpose);
  expect(made.filter((purpose) => purpose.startsWith('etcd'))).toEqual([]);
});

test('optional components that are not there have no certificate', () => {
  const made = certificatesOf({ namespace: 'fed', components: ['etcd'] }).map(({ purpose }) => purpose);
  expect(made.filter((purpose) => /^(search|metrics|descheduler|schedulerEst)/.test(purpose))).toEqual([]);
});

test.each(Object.keys(COMPONENT_CERTIFICATES) as Component[])(
  '%s mounts folders, so that renewal reaches it',
  (component) => {
    const { volumes, volumeMounts } = certificateVolumes(component, { adminClient: 'mine' });
    expect(new Set(volumes.map(({ name }) => name))).toEqual(new Set(volumeMounts.map(({ name }) => name)));
    for (const mount of volumeMounts) {
      expect(mount.subPath).toBeUndefined();
      expect(mount.readOnly).toBe(true);
    }
    const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets).toEqual(
      Object.values(COMPONENT_CERTIFICATES[component]).map((purpose) =>
        purpose === 'adminClient' ? 'mine' : SECRETS[purpose],
      ),
    );
  },
);

test('the kubeconfig of the components names files and holds no secret', () => {
  const chart = testChart();
  new Kubeconfig(chart, 'kubeconfig', { namespace: 'fed', clusterDomain: 'corp.local' });
  const [configMap] = Testing.synth(chart);
  const { clusters, users } = JSON.parse(configMap.data.kubeconfig);
  expect(clusters[0].cluster).toEqual({
    server: 'https://karmada-apiserver.fed.svc.corp.local:5443',
    'certificate-authority': '/etc/karmada/client/ca.crt',
  });
  expect(users[0].user).toEqual({
    'client-certificate': '/etc/karmada/client/tls.crt',
    'client-key': '/etc/karmada/client/tls.key',
  });
  expect(JSON.stringify(configMap)).not.toContain('-data');
});
