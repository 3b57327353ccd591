/** A key of a Secret in the management cluster that the bootstrap takes to a host, and what the host calls it. */
export interface HostSecret {
  readonly name: string;
  readonly secret: { readonly name: string; readonly key: string };
}

/** A file that the bootstrap puts on a host before k3s starts, mode 0600. A change of it restarts k3s. */
export interface HostFile {
  /** Name among the host's settings, or of the secret that is all of it. */
  readonly name: string;
  /** Where it goes. */
  readonly path: string;
  /**
   * Content. What `secretMark` gives is replaced on the host.
   *
   * @default - the secret of that name
   */
  readonly text?: string;
  /** What it holds of Secrets. */
  readonly secrets: readonly HostSecret[];
}

/** Stands for a secret in a file, inside of a YAML text in double quotes. */
export function secretMark(secret: string): string {
  return `@secret:${secret}@`;
}

/** The settings of a host by which `remote.sh` puts the files there. */
export function fileSettings(files: readonly HostFile[]): Record<string, string> {
  if (files.length === 0) return {};
  const source = ({ name, text }: HostFile) => `${text === undefined ? 'secrets' : 'host'}/${name}`;
  return {
    files: files.map((file) => `${source(file)} ${file.path}\n`).join(''),
    ...Object.fromEntries(files.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text]]))),
    // The Job mounts them; scripts/bootstrap.sh has to be told where to find them.
    ...Object.fromEntries(
      files.flatMap(({ secrets }) =>
        secrets.map(({ name, secret }) => [`secret-${name}`, `${secret.name}/${secret.key}`]),
      ),
    ),
  };
}
