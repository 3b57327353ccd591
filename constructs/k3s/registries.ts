import { toYaml } from '../output/yaml.ts';
import { type HostFile, secretMark } from './host-files.ts';

/** Where containerd pulls images from, and how it logs in there. */
export interface K3sRegistries {
  /** By registry, as images name it. */
  readonly mirrors: Readonly<Record<string, RegistryMirror>>;
  /** By host and port of a registry or an endpoint. */
  readonly configs: Readonly<Record<string, RegistryConfig>>;
}

/** Where the images of a registry are pulled from instead. */
export interface RegistryMirror {
  /** URLs, in the order that they are tried. */
  readonly endpoints: readonly string[];
  /**
   * Regular expressions over the images' paths, each with what takes its place.
   *
   * @default - the paths are the same
   */
  readonly rewrite?: Readonly<Record<string, string>>;
}

/** How to log in to a registry, and whose certificate it has: names of Secrets in the management cluster. */
export interface RegistryConfig {
  /** Its keys are `username` and `password`. @default - no login */
  readonly secret?: string;
  /** Its key is `ca.crt`. @default - the CAs of the host */
  readonly caSecret?: string;
}

const FOLDER = '/etc/rancher/k3s';

/**
 * k3s's `/etc/rancher/k3s/registries.yaml`, and the CAs that it names (docs.k3s.io/installation/private-registry).
 * None where nothing is said of registries.
 */
export function registryFiles(registries: K3sRegistries): HostFile[] {
  const mirrors = Object.entries(registries.mirrors);
  const configs = Object.entries(registries.configs);
  if (mirrors.length === 0 && configs.length === 0) return [];
  const logins = configs.flatMap(([, { secret }], i) =>
    secret
      ? ['username', 'password'].map((key) => ({ name: `registry-${i}-${key}`, secret: { name: secret, key } }))
      : [],
  );
  const content = {
    ...(mirrors.length > 0 && {
      mirrors: Object.fromEntries(
        mirrors.map(([name, { endpoints, rewrite }]) => [
          name,
          { endpoint: endpoints, ...(rewrite && { rewrite: quotedForToml(rewrite) }) },
        ]),
      ),
    }),
    ...(configs.length > 0 && {
      configs: Object.fromEntries(
        configs.map(([host, { secret, caSecret }], i) => [
          host,
          {
            ...(secret && {
              auth: { username: secretMark(`registry-${i}-username`), password: secretMark(`registry-${i}-password`) },
            }),
            ...(caSecret && { tls: { ca_file: caFile(i) } }),
          },
        ]),
      ),
    }),
  };
  const cas = configs.flatMap(([, { caSecret }], i): HostFile[] => {
    const name = `registry-${i}-ca`;
    return caSecret ? [{ name, path: caFile(i), secrets: [{ name, secret: { name: caSecret, key: 'ca.crt' } }] }] : [];
  });
  const path = `${FOLDER}/registries.yaml`;
  return [{ name: 'registries.yaml', path, text: toYaml(content), secrets: logins }, ...cas];
}

/**
 * k3s puts what stands here between the double quotes of containerd's TOML as it is (HostsTomlTemplate of
 * pkg/agent/templates/templates.go), where a lone backslash is an error that takes all mirrors of the registry with it.
 */
function quotedForToml(rewrite: Readonly<Record<string, string>>): Record<string, string> {
  const quoted = (text: string) => text.replace(/["\\]/g, '\\$&');
  return Object.fromEntries(Object.entries(rewrite).map(([pattern, path]) => [quoted(pattern), quoted(path)]));
}

function caFile(i: number): string {
  return `${FOLDER}/registry-${i}-ca.crt`;
}
