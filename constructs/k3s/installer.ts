import { compareVersions } from '../compare-versions.ts';

/** Where k3s's installer and binary come from. */
export interface K3sInstaller {
  /** @default - `install.sh` at the release's tag of k3s-io/k3s */
  readonly url?: string;
  /**
   * SHA-256 of the installer, hexadecimal. The installer itself checks the binary that it fetches.
   *
   * @default - that of the installer at the release's tag, if it is from there and known; otherwise not checked
   */
  readonly sha256?: string;
  /**
   * Mirror of `https://github.com/k3s-io/k3s/releases`.
   *
   * @default - that itself
   */
  readonly releases?: string;
  /**
   * Whether hosts also get the release's images as an archive.
   *
   * @default false
   */
  readonly images?: boolean;
  /**
   * Whether the binary is on the hosts already.
   *
   * @default false
   */
  readonly skipDownload?: boolean;
}

/**
 * SHA-256 of install.sh, of all releases from one to another: the branch of a minor seldom changes it.
 * Source: install.sh and install.sh.sha256sum at the tags of k3s-io/k3s, and every commit of the branches between them.
 */
const CHECKSUMS: readonly { readonly from: string; readonly to: string; readonly sha256: string }[] = [
  {
    from: 'v1.33.0+k3s1',
    to: 'v1.33.13+k3s1',
    sha256: '9ca7930c31179d83bc13de20078fd8ad3e1ee00875b31f39a7e524ca4ef7d9de',
  },
  {
    from: 'v1.34.0+k3s1',
    to: 'v1.34.1+k3s1',
    sha256: '48fe6ec10517263cc69e1c924cf6b283c59a2b942b9b46186fc7c8d29e6f243a',
  },
  {
    from: 'v1.34.2+k3s1',
    to: 'v1.34.10+k3s1',
    sha256: '40b487f0d8ef4f5d1bf422e7bb6228cc7789c40ecc66c5ab067d396bbee9816e',
  },
  {
    from: 'v1.35.0+k3s1',
    to: 'v1.35.7+k3s1',
    sha256: '8598e002e61d658fed7b7542fc6d2c66d8da6eae69e088830105d2ee1ffb6d91',
  },
  {
    from: 'v1.36.0+k3s1',
    to: 'v1.36.4+k3s1',
    sha256: '46177d4c99440b4c0311b67233823a8e8a2fc09693f6c89af1a7161e152fbfad',
  },
];

/** The installer at a release's tag, which does not change; what get.k3s.io gives does. */
export function installerUrl(version: string): string {
  return `https://raw.githubusercontent.com/k3s-io/k3s/${encodeURIComponent(version)}/install.sh`;
}

/** SHA-256 of the installer at a release's tag, or undefined for a release that is not known. */
export function installerChecksum(version: string): string | undefined {
  return CHECKSUMS.find(({ from, to }) => compareVersions(from, version) <= 0 && compareVersions(version, to) <= 0)
    ?.sha256;
}

/** Where the installer of a release is fetched, and its checksum where one is given or known. */
export function installerSource(
  version: string,
  { url, sha256 }: Pick<K3sInstaller, 'url' | 'sha256'> = {},
): { readonly url: string; readonly sha256?: string } {
  // What lies elsewhere may be another one.
  const checksum = sha256 ?? (url ? undefined : installerChecksum(version));
  return { url: url ?? installerUrl(version), ...(checksum && { sha256: checksum }) };
}
