import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { Federation } from '../constructs/federation.ts';
import { loadFederation, parseFederation } from '../constructs/spec/load.ts';
import { type Supply, supplies } from '../constructs/supplies.ts';
import { CALICO_VERSION, K3S_VERSION, METALLB_VERSION } from '../constructs/versions.ts';

const root = join(import.meta.dirname, '..');
const spec = loadFederation(join(root, 'test/mirror.yaml'));
const rendered = new Federation(spec).manifests.render();

/** Hosts of all that the federation of the file takes from elsewhere. */
const isInside = (from: string) => /^((https|oci):\/\/)?([a-z]+\.)?example\.com(\/|$)/.test(from);

// biome-ignore lint/suspicious/noExplicitAny: objects as an API server would get them
const objects: any[] = [...rendered.values()].flatMap((text) => loadAll(text)).filter(Boolean);

describe('with a mirror', () => {
  test('nothing that the platform takes comes from outside', () => {
    const found = supplies(spec);
    expect(found.filter(({ from }) => !isInside(from))).toEqual([]);
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['image', 'chart', 'file', 'list']));
  });

  test('no manifest names an image outside, in whatever field', () => {
    const images = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value === 'string') {
        for (const line of value.split('\n')) {
          const [, image] =
            /^(?:.*image: *)?"?((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?\/[a-z0-9._/-]+:v?[0-9][\w.-]*)"?$/.exec(line) ?? [];
          if (image) images.add(image);
        }
      } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
    };
    objects.forEach(visit);
    expect(images.size).toBeGreaterThan(15);
    expect([...images].filter((image) => !isInside(image))).toEqual([]);
  });

  test('no setting of a host, chart or Job holds a URL outside', () => {
    const urls = new Set<string>();
    for (const object of objects) {
      // Scripts tell in comments where facts are from.
      if (object.kind === 'ConfigMap' && Object.keys(object.data).some((key) => key.endsWith('.sh'))) continue;
      const text = JSON.stringify(object).replace(/raw\.githubusercontent\.com\/karmada-io\/[^"]*schema[^"]*/g, '');
      for (const [url] of text.matchAll(/(https|oci):\/\/[^\s"'\\]+/g)) urls.add(url);
    }
    const own =
      /^https:\/\/(192\.0\.2\.\d+|karmada\.example\.com|[a-z0-9.-]+\.svc(\.[a-z.]+)?|\$|127\.0\.0\.1|0\.0\.0\.0|localhost)/;
    expect([...urls].filter((url) => !own.test(url) && !isInside(url))).toEqual([]);
  });

  test('charts run the images of the mirror by their values', () => {
    const values = (name: string) =>
      loadAll(
        objects.find(({ kind, metadata }) => kind === 'HelmChart' && metadata.name === name).spec.valuesContent,
      )[0];
    const registry = 'registry.example.com/mirror';
    expect(values('calico')).toMatchObject({
      tigeraOperator: { registry },
      installation: { registry: `${registry}/` },
    });
    expect(values('metallb')).toMatchObject({
      controller: { image: { repository: `${registry}/metallb/controller` } },
      speaker: {
        image: { repository: `${registry}/metallb/speaker` },
        frr: { image: { repository: `${registry}/frrouting/frr` } },
      },
    });
    expect(values('ingress-nginx')).toMatchObject({
      controller: { image: { registry }, admissionWebhooks: { patch: { image: { registry } } } },
    });
  });

  test('charts are fetched from a registry or a repository, each with its kind of login', () => {
    const chart = (path: string) => {
      const [found] = loadAll(rendered.get(path) ?? '').filter(
        (object) => (object as { kind: string }).kind === 'HelmChart',
      );
      return (found as { spec: object }).spec;
    };
    expect(chart('members/edge/15-network.yaml')).toMatchObject({
      chart: 'oci://registry.example.com/charts/metallb',
      version: METALLB_VERSION,
      dockerRegistrySecret: { name: 'chart-login' },
      repoCAConfigMap: { name: 'chart-ca' },
    });
    expect(chart('members/edge/15-network.yaml')).not.toHaveProperty('repo');
    expect(chart('members/far/15-network.yaml')).toMatchObject({
      repo: 'https://charts.example.com',
      chart: 'metallb',
      authSecret: { name: 'chart-login' },
    });
  });

  test('servers get the login of the charts before anything needs it, without a word of it in the manifests', () => {
    const data = (name: string) => objects.find(({ metadata }) => metadata.name === name).data;
    const edge = data('bootstrap-edge-e1');
    expect(loadAll(edge['chart-login.yaml'])).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'chart-login', namespace: 'kube-system' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': '@secret:charts-dockerconfigjson@' },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'chart-ca', namespace: 'kube-system' },
        data: { 'ca.crt': '@secret:charts-ca@' },
      },
    ]);
    expect(edge['chart-login.yaml']).toContain('"@secret:charts-dockerconfigjson@"');
    expect(edge.files).toContain('host/chart-login.yaml /var/lib/rancher/k3s/server/manifests/');
    expect(edge['secret-charts-dockerconfigjson']).toBe('chart-login/.dockerconfigjson');
    expect(data('bootstrap-far-f1')).toMatchObject({ 'secret-charts-password': 'chart-login/password' });
  });

  test('pods of ours are pulled with its login, which somebody has to make in each place', () => {
    const pods = objects.flatMap(({ kind, metadata, spec }) =>
      ['Job', 'Deployment', 'DaemonSet', 'StatefulSet'].includes(kind)
        ? [{ name: metadata.name, secrets: spec.template.spec.imagePullSecrets }]
        : [],
    );
    expect(pods.length).toBeGreaterThan(15);
    expect(
      pods.filter(({ secrets }) => !secrets?.some(({ name }: { name: string }) => name === 'registry-login')),
    ).toEqual([]);
    const { data } = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'secrets');
    expect(Object.keys(data).filter((key) => key.endsWith('_registry-login'))).toEqual([
      'edge_karmada-system_registry-login',
      'edge_system-upgrade_registry-login',
      'edge_wasm-shims_registry-login',
      'far_system-upgrade_registry-login',
      'far_wasm-shims_registry-login',
      'host_karmada-system_registry-login',
      'host_system-upgrade_registry-login',
      'management_serverless-federation_registry-login',
    ]);
  });

  test('k3s pulls its own images from it, unless the file says another', () => {
    const config = objects.find(({ metadata }) => metadata.name === 'bootstrap-edge-e1').data['config.yaml'];
    expect(loadAll(config)[0]).toMatchObject({ 'system-default-registry': 'registry.example.com/mirror' });
  });
});

test('without a mirror all comes from its source, and the list says what a mirror would have to hold', () => {
  const plain = loadFederation(join(root, 'examples/own-clusters.yaml'));
  const found = supplies(plain);
  const sources = (kind: Supply['kind']) => found.filter((supply) => supply.kind === kind).map(({ source }) => source);
  expect(found.filter(({ kind, source, from }) => kind === 'image' && source !== from)).toEqual([]);
  expect(sources('image')).toEqual(
    expect.arrayContaining([
      `quay.io/calico/node:${CALICO_VERSION}`,
      `quay.io/metallb/speaker:v${METALLB_VERSION}`,
      `docker.io/rancher/k3s-upgrade:${K3S_VERSION.replace('+', '-')}`,
    ]),
  );
  expect(sources('image').filter((image) => image.includes('/functions/'))).toEqual([]);
  expect(sources('chart')).toContain(`https://docs.tigera.io/calico/charts tigera-operator ${CALICO_VERSION}`);
  expect(sources('list')).toEqual([
    `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(K3S_VERSION)}/k3s-images.txt`,
  ]);
  expect(new Set(found.map(({ kind, source, from }) => `${kind} ${source} ${from}`)).size).toBe(found.length);
});

test('images of a chart of another version are told by the chart, and packages of a VPN by their place', () => {
  const own = parseFederation(
    `
apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: t }
spec:
  vpn: { provider: tailscale }
  network: { cni: calico, calico: { version: v3.33.0 } }
  controlPlane: { hosts: [{ name: a, vpnIp: 100.64.0.1 }] }
`,
    'test',
  );
  const found = supplies(own);
  expect(found.find(({ kind, what }) => kind === 'list' && what.includes('tigera-operator'))).toMatchObject({
    source: 'https://docs.tigera.io/calico/charts tigera-operator v3.33.0',
  });
  expect(found.find(({ kind }) => kind === 'packages')).toMatchObject({ source: 'https://pkgs.tailscale.com/stable' });
});
