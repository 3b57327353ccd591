import { loadAll } from 'js-yaml';
import { Federation } from './federation.ts';
import { mirrored } from './images.ts';
import { installerUrl } from './k3s/installer.ts';
import { crdArchiveUrl } from './karmada/crds.ts';
import { chartImages } from './network/chart-images.ts';
import { packageSources } from './network/vpn.ts';
import { type Cluster, clustersOf, type FederationSpec } from './spec/federation.ts';
import { offeredRuntimes } from './spec/runtime.ts';

/** Something that a federation takes from elsewhere when it comes up. */
export interface Supply {
  /**
   * `image`: a container image; `chart`: a Helm chart; `file`: something that is downloaded; `list`: a file that names
   * further images, or the program that prints them; `packages`: a repository of packages.
   */
  readonly kind: 'image' | 'chart' | 'file' | 'list' | 'packages';
  /** What it is, in a few words. */
  readonly what: string;
  /** Where it is from. */
  readonly source: string;
  /** Where this federation takes it from: the source itself, or what stands in for it. */
  readonly from: string;
}

/** Where k3s publishes its releases. */
const K3S_RELEASES = 'https://github.com/k3s-io/k3s/releases';

/**
 * All that the platform takes from elsewhere, each once, with where the federation takes it from: what a mirror has to
 * hold, and what would still come from outside. Images of apps are their own matter.
 */
export function supplies(spec: FederationSpec): Supply[] {
  const found = [...images(spec), ...charts(spec), ...k3s(spec), ...shims(spec), ...karmada(spec), ...vpn(spec)];
  const unique = new Map(found.map((supply) => [`${supply.kind} ${supply.source} ${supply.from}`, supply]));
  return [...unique.values()];
}

/** The federation as it would be without any mirror. */
function unmirrored(spec: FederationSpec): FederationSpec {
  const plain = <C extends Cluster>(cluster: C): C => ({ ...cluster, network: { ...cluster.network, charts: {} } });
  return {
    ...spec,
    registry: undefined,
    chartArchives: undefined,
    controlPlane: plain(spec.controlPlane),
    members: spec.members.map(plain),
  };
}

type Manifest = { kind: string; metadata: { name: string }; spec?: Record<string, unknown> };

/** Objects of the platform by the file that they are in. What goes to the Karmada API are the apps'. */
function* objectsOf(spec: FederationSpec): Generator<[string, Manifest]> {
  for (const [path, text] of new Federation(spec).manifests.render()) {
    if (path.startsWith('karmada/') || !path.endsWith('.yaml')) continue;
    for (const object of loadAll(text) as (Manifest | null)[]) if (object) yield [path, object];
  }
}

function images(spec: FederationSpec): Supply[] {
  const found = new Set<string>();
  for (const [, object] of objectsOf(unmirrored(spec))) collectImages(object, found);
  return [...found].sort().map((source) => {
    const from = mirrored(source, spec.registry);
    return { kind: 'image', what: 'an image of the platform', source, from };
  });
}

/** Images stand in containers, in Plans, and in the environment of what starts containers itself. */
function collectImages(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const { name, value: text, image } = value as { name?: unknown; value?: unknown; image?: unknown };
  if (typeof image === 'string') found.add(image);
  if (typeof name === 'string' && name.endsWith('_IMAGE') && typeof text === 'string') found.add(text);
  for (const inner of Object.values(value)) collectImages(inner, found);
}

function charts(spec: FederationSpec): Supply[] {
  const actual = new Map(
    [...objectsOf(spec)].map(([path, object]) => [`${path} ${object.metadata.name}`, object.spec]),
  );
  return [...objectsOf(unmirrored(spec))].flatMap(([path, { kind, metadata, spec: own = {} }]): Supply[] => {
    if (kind !== 'HelmChart') return [];
    const { repo, chart, version } = own as { repo: string; chart: string; version: string };
    const { chartContent, repo: from, chart: name } = actual.get(`${path} ${metadata.name}`) ?? {};
    const what = `the chart ${chart} ${version}`;
    const held = chartImages(chart, version);
    return [
      {
        kind: 'chart',
        what,
        source: `${repo} ${chart} ${version}`,
        from: chartContent ? 'the manifests' : `${from ?? name}`,
      },
      ...(held?.map((source): Supply => {
        return { kind: 'image', what: `an image of ${what}`, source, from: mirrored(source, spec.registry) };
      }) ?? [
        {
          kind: 'list',
          what: `the images of ${what}, as 'helm template' shows them`,
          source: `${repo} ${chart} ${version}`,
          from: spec.registry ?? 'their own registries',
        } satisfies Supply,
      ]),
    ];
  });
}

function k3s(spec: FederationSpec): Supply[] {
  return clustersOf(spec).flatMap(({ cluster }): Supply[] => {
    if (cluster.hosts.length === 0) return [];
    const { version, installer } = cluster.k3s;
    const releases = installer.releases ?? K3S_RELEASES;
    const file = (base: string, name: string) => `${base}/download/${encodeURIComponent(version)}/${name}`;
    const both = (name: string) => ({ source: file(K3S_RELEASES, name), from: file(releases, name) });
    const registry = cluster.k3s.server['system-default-registry'] ?? spec.registry;
    return [
      {
        kind: 'file',
        what: `the installer of k3s ${version}`,
        source: installerUrl(version),
        from: installer.url ?? installerUrl(version),
      },
      ...(installer.skipDownload
        ? []
        : ['k3s', 'sha256sum-amd64.txt'].map(
            (name): Supply => ({ kind: 'file', what: `k3s ${version} (amd64; arm64 and arm likewise)`, ...both(name) }),
          )),
      ...(installer.images && !installer.skipDownload
        ? [
            {
              kind: 'file',
              what: `images of k3s ${version}`,
              ...both('k3s-airgap-images-amd64.tar.zst'),
            } satisfies Supply,
          ]
        : []),
      {
        kind: 'list',
        what: `the images of k3s ${version}`,
        source: file(K3S_RELEASES, 'k3s-images.txt'),
        from: registry === undefined ? 'their own registries' : String(registry),
      },
    ];
  });
}

function shims({ runtimes, members }: FederationSpec): Supply[] {
  return members.flatMap((member) =>
    offeredRuntimes(runtimes, member).flatMap(({ name, shim }) =>
      Object.values(shim.downloads).map(
        ({ url }): Supply => ({ kind: 'file', what: `the shim of the runtime ${name}`, source: url, from: url }),
      ),
    ),
  );
}

function karmada({ controlPlane }: FederationSpec): Supply[] {
  const { version, crds } = controlPlane.karmada;
  if (crds.folder !== undefined) return [];
  const source = crdArchiveUrl(version);
  return [{ kind: 'file', what: `the CRDs of Karmada ${version}`, source, from: crds.url ?? source }];
}

function vpn(spec: FederationSpec): Supply[] {
  const { vpn } = spec;
  const joining = clustersOf(spec).some(({ cluster }) => cluster.vpn && cluster.hosts.length > 0);
  if (!vpn?.install || !joining) return [];
  return packageSources(vpn).map((url) => ({
    kind: 'packages',
    what: `the client of ${vpn.provider} ${vpn.version}`,
    source: url,
    from: url,
  }));
}
