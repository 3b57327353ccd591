import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

/** Files of the folder `crds` of a Karmada release (`charts/karmada/_crds`), by path: `bases/policy/….yaml`. */
export type CrdFiles = Readonly<Record<string, string>>;

/** What a release's folder must hold: the list of CRDs, and of the patches for their conversion. */
const KUSTOMIZATION = 'kustomization.yaml';

/** Most that a ConfigMap holds, less some room for its metadata (kubernetes.io/docs/concepts/configuration/configmap). */
const MAX_BYTES = 1_000_000;

/**
 * Reads the CRDs of a Karmada release from a folder: the unpacked `crds.tar.gz` of the release, or the folder `crds` in
 * it. For a synth without a network later; constructs get the text.
 *
 * @throws Error when the folder lacks what its `kustomization.yaml` names, or a file does not fit into a ConfigMap.
 */
export function readCrds(folder: string): CrdFiles {
  const root = [folder, join(folder, 'crds')].find((path) => existsSync(join(path, KUSTOMIZATION)));
  if (!root) {
    throw new Error(
      `'${folder}' holds no '${KUSTOMIZATION}', it must be the folder 'crds' out of crds.tar.gz of a Karmada release`,
    );
  }
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.yaml'))
    .sort();
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const { resources = [], patches = [] } = load(files[KUSTOMIZATION] ?? '') as {
    resources?: string[];
    patches?: { path?: string }[];
  };
  const named = [...resources, ...patches.flatMap(({ path }) => path ?? [])];
  const missing = named.filter((path) => files[path] === undefined);
  if (missing.length > 0) throw new Error(`'${root}' lacks ${missing.map((path) => `'${path}'`).join(', ')}`);
  const large = paths.find((path) => Buffer.byteLength(files[path] ?? '') > MAX_BYTES);
  if (large) throw new Error(`'${join(root, large)}' has more than ${MAX_BYTES} bytes, it fits into no ConfigMap`);
  return Object.fromEntries([KUSTOMIZATION, ...named].map((path) => [path, files[path] ?? '']));
}

/**
 * Releases with one set of CRDs, and the SHA-256 of a list of their files in the order of their names, as `sha256sum`
 * writes it: `<SHA-256>  ./bases/….yaml`. No source has the checksum of the archive itself.
 *
 * Source: charts/karmada/_crds of the Go module github.com/karmada-io/karmada, which Go's checksum database vouches for;
 * .github/workflows/release.yml packs that folder, as it is.
 */
const CONTENT = {
  versions: ['v1.18.0', 'v1.18.1', 'v1.18.2'],
  sha256: '243d467d1e510ec1ba75fef946f1a77a7dac7acece594c2b56b2b49a7b7aaed6',
};

/** SHA-256 of the list of files in a release's `crds`, see `static-resources.sh`; undefined for an unknown release. */
export function crdContentChecksum(version: string): string | undefined {
  return CONTENT.versions.includes(version) ? CONTENT.sha256 : undefined;
}

/** Where Karmada publishes the CRDs of a release (karmada: .github/workflows/release.yml). */
export function crdArchiveUrl(version: string): string {
  return `https://github.com/karmada-io/karmada/releases/download/${encodeURIComponent(version)}/crds.tar.gz`;
}
