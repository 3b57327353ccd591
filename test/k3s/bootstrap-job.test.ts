import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { CONNECT_SCRIPT, REMOTE_SCRIPT } from '../../constructs/k3s/bootstrap/scripts.ts';
import { BootstrapScripts, ClusterBootstrap, type ClusterBootstrapProps } from '../../constructs/k3s/bootstrap-job.ts';
import { TOOLS_IMAGE } from '../../constructs/versions.ts';
import { testChart } from '../chart.ts';

const required: ClusterBootstrapProps = {
  cluster: {
    name: 'edge-1',
    vpn: true,
    hosts: [
      { name: 'worker', role: 'agent', vpnIp: '100.64.0.30' },
      { name: 'first', role: 'server', publicIp: '203.0.113.5', vpnIp: '100.64.0.5' },
      {
        name: 'second',
        role: 'server',
        address: 'second.example.com',
        vpnIp: '100.64.0.6',
        ssh: { user: 'ops', port: 2222 },
      },
    ],
    k3s: { version: 'v1.35.6+k3s1' },
  },
  network: { flannelBackend: 'none', disableNetworkPolicy: true },
  ssh: { user: 'root', port: 22, secret: 'federation-ssh' },
};

// biome-ignore lint/suspicious/noExplicitAny: objects as an API server would get them
function synth(props: Partial<ClusterBootstrapProps> = {}): any[] {
  const chart = testChart();
  new ClusterBootstrap(chart, 'bootstrap', { ...required, ...props });
  return Testing.synth(chart);
}

function settings(name: string, props?: Partial<ClusterBootstrapProps>): Record<string, string> {
  return synth(props).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `bootstrap-edge-1-${name}`)
    .data;
}

function job(name: string, props?: Partial<ClusterBootstrapProps>) {
  return synth(props).find(
    ({ kind, metadata }) => kind === 'Job' && metadata.name.replace(/-[0-9a-f]{8}$/, '') === `bootstrap-edge-1-${name}`,
  );
}

const pod = (name: string, props?: Partial<ClusterBootstrapProps>) => job(name, props).spec.template.spec;

test('every host has a Job, servers before agents', () => {
  const jobs = synth().filter(({ kind }) => kind === 'Job');
  expect(jobs.map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/, ''))).toEqual([
    'bootstrap-edge-1-first',
    'bootstrap-edge-1-second',
    'bootstrap-edge-1-worker',
  ]);
});

test('all objects are in the namespace of the federation', () => {
  expect(new Set(synth().map(({ metadata }) => metadata.namespace))).toEqual(new Set(['serverless-federation']));
});

test('a host is described by a file for each setting', () => {
  const { 'config.yaml': config, ...rest } = settings('first');
  expect(rest).toEqual({
    address: '203.0.113.5',
    port: '22',
    user: 'root',
    cluster: 'edge-1',
    kind: 'server',
    node: 'first',
    version: 'v1.35.6+k3s1',
    first: 'true',
    servers: '2',
    url: 'https://100.64.0.5:6443',
    peers: 'https://100.64.0.6:6443\n',
    labels: '',
    taints: '',
    nodes: 'worker||\nfirst||\nsecond||\n',
    'cgroup-v1': 'refused',
    ports:
      '6443/tcp the API server\n2379/tcp the clients of etcd\n2380/tcp the members of etcd\n10250/tcp the kubelet\n',
    immutable:
      'cluster-cidr 10.42.0.0/16 10.42.0.0/16\nservice-cidr 10.43.0.0/16 10.43.0.0/16\ncluster-domain cluster.local cluster.local\n',
    encryption: 'true',
    ready: 'Ready',
    'ready-timeout': '600',
    settle: '25',
    'upgrade-by': 'bootstrap',
    'installer-url': 'https://raw.githubusercontent.com/k3s-io/k3s/v1.35.6%2Bk3s1/install.sh',
    'installer-sha256': '8598e002e61d658fed7b7542fc6d2c66d8da6eae69e088830105d2ee1ffb6d91',
    'kubeconfig-server': 'https://100.64.0.5:6443',
  });
  expect(load(config ?? '')).toMatchObject({ 'cluster-init': true, 'node-name': 'first' });
});

test('a host may differ in address, user and port', () => {
  expect(settings('second')).toMatchObject({ address: 'second.example.com', user: 'ops', port: '2222' });
  expect(settings('worker')).toMatchObject({ address: '100.64.0.30', user: 'root', port: '22' });
});

test('only the first server hands a kubeconfig over', () => {
  expect(settings('second')).not.toHaveProperty('kubeconfig-server');
  expect(settings('worker')).not.toHaveProperty('kubeconfig-server');
});

test('the installer is the one at the release, with its checksum where that is known', () => {
  const of = (k3s: object) => settings('first', { cluster: { ...required.cluster, k3s } as never });
  const known = of({ version: 'v1.35.6+k3s1' });
  expect(known['installer-url']).toContain('/v1.35.6%2Bk3s1/');
  expect(known['installer-sha256']).toMatch(/^[0-9a-f]{64}$/);
  // Each branch of k3s has its own, and some release of it the first with another.
  const checksums = ['v1.33.5+k3s1', 'v1.34.1+k3s1', 'v1.34.2+k3s1', 'v1.35.6+k3s1', 'v1.36.0+k3s1'].map(
    (version) => of({ version })['installer-sha256'],
  );
  expect(new Set(checksums).size).toBe(5);
  for (const version of ['v1.32.9+k3s1', 'v1.34.2-rc1+k3s1', 'v1.34.99+k3s1', 'v1.99.0+k3s1']) {
    expect(of({ version })).not.toHaveProperty('installer-sha256');
  }
  expect(of({ version: 'v1.35.6+k3s1', installer: { url: 'https://mirror.example.com/i.sh' } })).not.toHaveProperty(
    'installer-sha256',
  );
  expect(of({ version: 'v1.35.6+k3s1', installer: { sha256: 'a'.repeat(64) } })).toMatchObject({
    'installer-sha256': 'a'.repeat(64),
  });
});

test('the installer is another one, or one with a checksum', () => {
  const installer = {
    url: 'https://mirror.example.com/i.sh',
    sha256: 'a'.repeat(64),
    releases: 'https://m.example.com',
    skipDownload: true,
  };
  const cluster = { ...required.cluster, k3s: { ...required.cluster.k3s, installer } };
  expect(settings('first', { cluster })).toMatchObject({
    'installer-url': 'https://mirror.example.com/i.sh',
    'installer-sha256': 'a'.repeat(64),
    'installer-releases': 'https://m.example.com',
    'installer-skip-download': 'true',
  });
});

describe('permissions', () => {
  test('are to make Secrets, and to change only the two of this cluster', () => {
    expect(synth().find(({ kind }) => kind === 'Role').rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['edge-1-kubeconfig', 'edge-1-token'],
        verbs: ['get', 'patch'],
      },
    ]);
  });

  test('are those of the first server alone; the others have none and no account token', () => {
    expect(pod('first')).toMatchObject({ serviceAccountName: 'bootstrap-edge-1', automountServiceAccountToken: true });
    for (const name of ['second', 'worker']) {
      expect(pod(name)).not.toHaveProperty('serviceAccountName');
      expect(pod(name).automountServiceAccountToken).toBe(false);
    }
  });
});

test('pods of hosts that join wait until the token exists; the first server gets it where it does', () => {
  const secret = { secretName: 'edge-1-token', defaultMode: 0o400 };
  expect(pod('second').volumes).toContainEqual({ name: 'token', secret });
  expect(pod('worker').volumes).toContainEqual({ name: 'token', secret });
  expect(pod('first').volumes).toContainEqual({ name: 'token', secret: { ...secret, optional: true } });
});

test('pods meet the restricted standard and hold the SSH key for their user only', () => {
  const { securityContext, containers, volumes } = pod('worker');
  expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(containers).toHaveLength(1);
  expect(containers[0]).toMatchObject({
    image: TOOLS_IMAGE,
    command: ['bash', '/bootstrap/scripts/job.sh'],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  });
  expect(volumes).toContainEqual({ name: 'ssh', secret: { secretName: 'federation-ssh', defaultMode: 0o400 } });
  expect(volumes).toContainEqual({ name: 'work', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } });
});

test('what the environment names is mounted', () => {
  for (const name of ['first', 'worker']) {
    const [container] = pod(name).containers;
    const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    const paths = container.env
      .map(({ value }: { value: string }) => value)
      .filter((value: string) => value.startsWith('/'));
    for (const path of paths)
      expect(
        mounts.some((mount: string) => `${path}/`.startsWith(`${mount}/`)),
        path,
      ).toBe(true);
    expect(
      pod(name)
        .volumes.map(({ name }: { name: string }) => name)
        .sort(),
    ).toEqual(container.volumeMounts.map(({ name }: { name: string }) => name).sort());
  }
});

test('steps bring their script, environment and secret along', () => {
  const steps = () => [
    {
      name: '10-vpn',
      script: 'join',
      env: { SERVER: 'https://vpn.example.com' },
      secret: { name: 'vpn', key: 'auth-key' },
    },
  ];
  expect(settings('worker', { steps })).toMatchObject({
    'before-10-vpn.sh': 'join',
    'before-10-vpn.env': 'SERVER=https://vpn.example.com\n',
    'secret-10-vpn': 'vpn/auth-key',
  });
  expect(pod('worker', { steps }).volumes).toContainEqual({
    name: 'secrets',
    projected: {
      defaultMode: 0o400,
      sources: [{ secret: { name: 'vpn', items: [{ key: 'auth-key', path: '10-vpn' }] } }],
    },
  });
});

test('a step may not smuggle lines into its environment', () => {
  const steps = () => [{ name: 'vpn', script: '', env: { SERVER: 'a\nPATH=/tmp' } }];
  expect(() => synth({ steps })).toThrow("step 'vpn' has the variable 'SERVER'");
});

test('manifests are for the first server', () => {
  const manifests = { '10-calico': 'kind: HelmChart\n' };
  expect(settings('first', { manifests })).toHaveProperty('manifest-10-calico.yaml', 'kind: HelmChart\n');
  expect(settings('second', { manifests })).not.toHaveProperty('manifest-10-calico.yaml');
});

describe('a Job has another name', () => {
  const name = (host: string, props?: Partial<ClusterBootstrapProps>) => job(host, props).metadata.name;

  test('when the settings of its host change, and only then', () => {
    const ssh = { ...required.ssh, port: 2022 };
    expect(name('first', { ssh })).not.toBe(name('first'));
    expect(name('second', { ssh })).toBe(name('second'));
  });

  test('when its image changes', () => {
    expect(name('first', { registry: 'mirror.example.com' })).not.toBe(name('first'));
  });

  test('of at most 63 characters, distinct even where the names of hosts are long', () => {
    const long = 'x'.repeat(60);
    const hosts = [
      { name: `${long}-a`, role: 'server' as const, vpnIp: '100.64.0.5' },
      { name: `${long}-b`, role: 'agent' as const, vpnIp: '100.64.0.6' },
    ];
    const names = synth({ cluster: { ...required.cluster, hosts } })
      .filter(({ kind }) => kind === 'Job')
      .map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$/);
  });
});

test('the scripts are in one ConfigMap, remote.sh with all of its parts', () => {
  const chart = testChart();
  new BootstrapScripts(chart, 'scripts');
  const [configMap] = Testing.synth(chart);
  expect(configMap.metadata).toMatchObject({ name: 'bootstrap-scripts', namespace: 'serverless-federation' });
  const folder = join(import.meta.dirname, '../../constructs/k3s/bootstrap');
  const { 'remote.sh': remote, ...others } = configMap.data;
  const files = readdirSync(folder).filter((file) => file.endsWith('.sh'));
  expect(others).toEqual(Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])));
  for (const part of readdirSync(join(folder, 'host'))) {
    expect(remote).toContain(readFileSync(join(folder, 'host', part), 'utf8'));
  }
});

test('the scripts that run on hosts are plain sh', () => {
  for (const input of [REMOTE_SCRIPT, CONNECT_SCRIPT]) {
    expect(() => execFileSync('sh', ['-n'], { input })).not.toThrow();
  }
});

test('a host knows its labels and taints; the first server those of all nodes', () => {
  const hosts = required.cluster.hosts.map((host) =>
    host.name === 'worker' ? { ...host, labels: { tier: 'edge', zone: 'a' }, taints: ['edge=yes:NoSchedule'] } : host,
  );
  const cluster = { ...required.cluster, hosts };
  expect(settings('worker', { cluster })).toMatchObject({ labels: 'tier=edge,zone=a', taints: 'edge=yes:NoSchedule' });
  expect(settings('worker', { cluster })).not.toHaveProperty('nodes');
  expect(settings('first', { cluster }).nodes).toBe('worker|tier=edge,zone=a|edge=yes:NoSchedule\nfirst||\nsecond||\n');
});

describe('what a host must have', () => {
  const k3s = (changes: object) => ({ cluster: { ...required.cluster, k3s: { ...required.cluster.k3s, ...changes } } });

  test('is control groups v2 where its kubelet asks for them', () => {
    expect(settings('worker')).toHaveProperty('cgroup-v1', 'refused');
    expect(settings('worker', k3s({ version: 'v1.34.9+k3s1' }))).not.toHaveProperty('cgroup-v1');
    expect(settings('worker', k3s({ agent: { 'kubelet-arg': ['fail-cgroupv1=false'] } }))).not.toHaveProperty(
      'cgroup-v1',
    );
  });

  test('is WireGuard where the pod network needs it, and its port', () => {
    const network = { flannelBackend: 'wireguard-native' as const };
    expect(settings('worker', { network })).toMatchObject({ wireguard: 'true' });
    expect(settings('worker', { network }).ports).toContain('51820/udp the pod network');
    expect(settings('worker', { network: {} }).ports).toContain('8472/udp the pod network');
  });

  test('is its API server at a port of its own', () => {
    expect(settings('first', k3s({ server: { 'https-listen-port': 7443 } })).ports).toContain(
      '7443/tcp the API server',
    );
    expect(settings('first', k3s({ server: { 'https-listen-port': 7443 } })).peers).toBe('https://100.64.0.6:7443\n');
  });

  test('is, of a server, the networks that its cluster has once and for all', () => {
    const cluster = { ...required.cluster, podCidr: '10.50.0.0/16' };
    expect(settings('second', { cluster }).immutable).toContain('cluster-cidr 10.42.0.0/16 10.50.0.0/16\n');
    expect(settings('worker', { cluster })).not.toHaveProperty('immutable');
  });
});
