import { Yaml } from 'cdk8s';

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

/** A key of a Secret that the bootstrap takes to a host, by the name that the host's settings call it. */
export interface HostSecret {
  readonly name: string;
  readonly secret: { readonly name: string; readonly key: string };
}

const FOLDER = '/etc/rancher/k3s';

/** What the bootstrap takes to a host of `registries`. */
export function registrySecrets({ configs }: K3sRegistries): HostSecret[] {
  return Object.values(configs).flatMap(({ secret, caSecret }, i) => [
    ...(secret
      ? ['username', 'password'].map((key) => ({ name: `registry-${i}-${key}`, secret: { name: secret, key } }))
      : []),
    ...(caSecret ? [{ name: `registry-${i}-ca`, secret: { name: caSecret, key: 'ca.crt' } }] : []),
  ]);
}

/**
 * The settings of a host that make its `/etc/rancher/k3s/registries.yaml`: the file, with a mark for each secret that
 * the host fills in, and what else goes where (docs.k3s.io/installation/private-registry).
 */
export function registrySettings(registries: K3sRegistries): Record<string, string> {
  const mirrors = Object.entries(registries.mirrors);
  const configs = Object.entries(registries.configs);
  if (mirrors.length === 0 && configs.length === 0) return {};
  const content = {
    ...(mirrors.length > 0 && {
      mirrors: Object.fromEntries(
        mirrors.map(([name, { endpoints, rewrite }]) => [name, { endpoint: endpoints, ...(rewrite && { rewrite }) }]),
      ),
    }),
    ...(configs.length > 0 && {
      configs: Object.fromEntries(
        configs.map(([host, { secret, caSecret }], i) => [
          host,
          {
            ...(secret && {
              auth: { username: mark(`registry-${i}-username`), password: mark(`registry-${i}-password`) },
            }),
            ...(caSecret && { tls: { ca_file: caFile(i) } }),
          },
        ]),
      ),
    }),
  };
  const files = [
    ['host/registries.yaml', `${FOLDER}/registries.yaml`],
    ...configs.flatMap(([, { caSecret }], i) => (caSecret ? [[`secrets/registry-${i}-ca`, caFile(i)]] : [])),
  ];
  return {
    'registries.yaml': Yaml.stringify(content),
    files: files.map((line) => `${line.join(' ')}\n`).join(''),
  };
}

/** What `remote.sh` puts the secret in place of, as the inside of a text in double quotes. */
function mark(secret: string): string {
  return `@secret:${secret}@`;
}

function caFile(i: number): string {
  return `${FOLDER}/registry-${i}-ca.crt`;
}
