import { installerSource } from '../../k3s/installer.ts';
import { crdArchiveUrl, crdContentChecksum } from '../../karmada/crds.ts';
import type { Path, Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';

/** Something that is fetched, and that nothing is known of to verify it by. */
export interface UnverifiedDownload {
  /** Where the file could say what it must be. */
  readonly path: Path;
  readonly what: string;
  /** How to pin it. */
  readonly wayOut: string;
}

/**
 * What is fetched unverified. Shims, packages of VPN clients, k3s's installer and binary, and the CRDs of known releases
 * of Karmada have checksums or signatures of their own.
 */
export function unverifiedDownloads(spec: FederationSpec): UnverifiedDownload[] {
  const installers = new Set(
    clustersOf(spec)
      .filter(({ cluster }) => cluster.hosts.length > 0)
      .map(({ cluster: { k3s } }) => installerSource(k3s.version, k3s.installer))
      .flatMap(({ url, sha256 }) => (sha256 ? [] : [url])),
  );
  const { crds, version } = spec.controlPlane.karmada;
  const images = [...new Set(spec.apps.map(({ image }) => image))].filter((image) => !image.includes('@sha256:'));
  const some = `${images.slice(0, 3).join(', ')}${images.length > 3 ? ` and ${images.length - 3} more` : ''}`;
  return [
    ...(installers.size > 0
      ? [
          {
            path: ['spec', 'k3s', 'installer'],
            what: `k3s's installer, ${[...installers].join(', ')}`,
            wayOut: "give 'sha256', which 'curl -L URL | sha256sum' tells of one that you have looked at",
          },
        ]
      : []),
    ...(crds.sha256 || crds.folder || (!crds.url && crdContentChecksum(version))
      ? []
      : [
          {
            path: ['spec', 'controlPlane', 'karmada', 'crds'],
            what: `Karmada's CRDs, ${crds.url ?? crdArchiveUrl(version)}`,
            wayOut: "give 'sha256', which 'curl -L URL | sha256sum' tells, or their 'folder'",
          },
        ]),
    ...(images.length > 0
      ? [
          {
            path: ['spec', 'apps'],
            what: `images that a tag alone names: ${some}`,
            wayOut:
              "add the digest, as in 'NAME:TAG@sha256:…', which 'docker buildx imagetools inspect NAME:TAG' tells",
          },
        ]
      : []),
  ];
}

/** Warns of what is fetched unverified, each once. */
export function checkDownloads(spec: FederationSpec, report: Report): void {
  for (const { path, what, wayOut } of unverifiedDownloads(spec)) {
    report.warn(path, `is fetched without being verified: ${what}; ${wayOut}`);
  }
}
