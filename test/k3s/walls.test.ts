import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { ClusterBootstrap, type ClusterBootstrapProps } from '../../constructs/k3s/bootstrap-job.ts';
import { testChart } from '../chart.ts';

const cluster: ClusterBootstrapProps['cluster'] = {
  name: 'edge',
  vpn: false,
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  hosts: [
    { name: 'one', role: 'server', publicIp: '192.0.2.1' },
    { name: 'two', role: 'agent', address: 'two.example.com', ssh: { jump: 'none' } },
  ],
  k3s: { version: 'v1.35.6+k3s1' },
};
const ssh = { user: 'root', port: 22, secret: 'federation-ssh' };

// biome-ignore lint/suspicious/noExplicitAny: objects as an API server would get them
function synth(k3s: object, login: object = {}): any[] {
  const chart = testChart();
  new ClusterBootstrap(chart, 'bootstrap', {
    cluster: { ...cluster, k3s: { ...cluster.k3s, ...k3s } },
    network: {},
    ssh: { ...ssh, ...login },
  });
  return Testing.synth(chart);
}

function settings(host: string, k3s: object, login?: object): Record<string, string> {
  return synth(k3s, login).find(({ metadata }) => metadata.name === `bootstrap-edge-${host}`).data;
}

describe('registries', () => {
  const registries = {
    mirrors: {
      'docker.io': { endpoints: ['https://m.example.com'], rewrite: { '^rancher/(.*)': 'mirror/$1' } },
      '*': { endpoints: ['https://n.example.com:5000'] },
    },
    configs: {
      'm.example.com': { secret: 'mirror-login', caSecret: 'mirror-ca' },
      'n.example.com:5000': { caSecret: 'other-ca' },
    },
  };

  test('have backslashes and quotes as TOML has them, for k3s puts them there as they are', () => {
    const rewrite = { '^rancher/k3s\\.(\\d+)"': 'a\\b' };
    const mirrors = { 'docker.io': { endpoints: ['https://m.example.com'], rewrite } };
    const { 'registries.yaml': file = '' } = settings('two', { registries: { mirrors, configs: {} } });
    expect((load(file) as { mirrors: object }).mirrors).toEqual({
      'docker.io': {
        endpoint: ['https://m.example.com'],
        rewrite: { '^rancher/k3s\\\\.(\\\\d+)\\"': 'a\\\\b' },
      },
    });
  });

  test("become k3s's file, with marks for what comes from Secrets", () => {
    const { 'registries.yaml': file = '', files } = settings('two', { registries });
    expect(load(file)).toEqual({
      mirrors: {
        'docker.io': { endpoint: ['https://m.example.com'], rewrite: { '^rancher/(.*)': 'mirror/$1' } },
        '*': { endpoint: ['https://n.example.com:5000'] },
      },
      configs: {
        'm.example.com': {
          auth: { username: '@secret:registry-0-username@', password: '@secret:registry-0-password@' },
          tls: { ca_file: '/etc/rancher/k3s/registry-0-ca.crt' },
        },
        'n.example.com:5000': { tls: { ca_file: '/etc/rancher/k3s/registry-1-ca.crt' } },
      },
    });
    // A password may hold what ends a text in single quotes, or a plain one.
    expect(file).toContain('password: "@secret:registry-0-password@"');
    expect(files?.split('\n')).toEqual([
      'host/registries.yaml /etc/rancher/k3s/registries.yaml',
      'secrets/registry-0-ca /etc/rancher/k3s/registry-0-ca.crt',
      'secrets/registry-1-ca /etc/rancher/k3s/registry-1-ca.crt',
      '',
    ]);
  });

  test('have their Secrets mounted by each Job, and told to the script', () => {
    const jobs = synth({ registries }).filter(({ kind }) => kind === 'Job');
    for (const { spec } of jobs) {
      const { projected } = spec.template.spec.volumes.find(({ name }: { name: string }) => name === 'secrets');
      expect(projected.sources.map(({ secret }: { secret: object }) => secret)).toEqual([
        { name: 'mirror-login', items: [{ key: 'username', path: 'registry-0-username' }] },
        { name: 'mirror-login', items: [{ key: 'password', path: 'registry-0-password' }] },
        { name: 'mirror-ca', items: [{ key: 'ca.crt', path: 'registry-0-ca' }] },
        { name: 'other-ca', items: [{ key: 'ca.crt', path: 'registry-1-ca' }] },
      ]);
    }
    expect(settings('one', { registries })).toMatchObject({
      'secret-registry-0-password': 'mirror-login/password',
      'secret-registry-1-ca': 'other-ca/ca.crt',
    });
  });

  test('that are not given leave the hosts as they are', () => {
    expect(settings('one', { registries: { mirrors: {}, configs: {} } })).toEqual(settings('one', {}));
  });
});

describe('a proxy', () => {
  const proxy = { http: 'http://p.example.com:3128', https: 'http://p.example.com:3129', except: ['.example.com'] };

  test("becomes the environment of k3s's service, without what is within the cluster", () => {
    const lines = settings('one', { proxy }).environment?.split('\n') ?? [];
    expect(lines.slice(0, 2)).toEqual([
      'HTTP_PROXY=http://p.example.com:3128',
      'HTTPS_PROXY=http://p.example.com:3129',
    ]);
    expect(lines[2]?.replace('NO_PROXY=', '').split(',')).toEqual([
      'localhost',
      '127.0.0.0/8',
      '::1',
      '.svc',
      '.cluster.local',
      '10.42.0.0/16',
      '10.43.0.0/16',
      '192.0.2.1',
      'two.example.com',
      '.example.com',
    ]);
  });

  test("excepts the cluster's own domain where it has one, and is nothing where none is given", () => {
    const server = { 'cluster-domain': 'edge.internal' };
    expect(settings('one', { proxy, server }).environment).toContain(',.edge.internal,');
    expect(settings('one', { proxy: { except: [] } })).not.toHaveProperty('environment');
  });
});

test("the release's images are fetched where the file says so", () => {
  expect(settings('one', { installer: { images: true } })).toMatchObject({ 'installer-images': 'true' });
  expect(settings('one', { installer: {} })).not.toHaveProperty('installer-images');
});

test('a jump host is on the way to each host that does not go around it', () => {
  const login = { jump: 'ops@jump.example.com:2222' };
  expect(settings('one', {}, login)).toMatchObject({ jump: 'ops@jump.example.com:2222' });
  expect(settings('two', {}, login)).not.toHaveProperty('jump');
  expect(settings('one', {})).not.toHaveProperty('jump');
});
