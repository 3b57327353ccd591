import { z } from 'zod';
import { lookup } from '../../simulation/lookup.ts';
import { ARCHITECTURES, type Architecture, KNOWN_SHIMS, releaseUrl } from '../wasm/shims.ts';
import { mapping } from './free-keys.ts';
import { dnsLabel, httpsUrl, image, labels, sha256 } from './primitives.ts';

/** A plain file name, for it becomes one in a folder of the node. */
const binary = z
  .string()
  .regex(
    /^containerd-shim-[a-z0-9]+(-[a-z0-9]+)*$/,
    "must be a shim's file name, such as 'containerd-shim-spin-v2', for containerd finds it by that",
  );

const download = z.strictObject({
  url: httpsUrl
    .optional()
    .describe('The shim itself, or a .tar.gz that holds it. Default for known shims: the release of that version.'),
  sha256: sha256.describe('Checksum of the download.'),
});

const install = z
  .enum(['none', 'k3s', 'installer', 'runtime-class-manager'])
  .describe(
    "none: the nodes have it already; k3s: put where k3s finds it by itself; installer: likewise on k3s, with an entry in containerd's configuration; runtime-class-manager: by SpinKube's operator, which must run there.",
  );

const shim = z.strictObject({
  install: install.default('none'),
  name: dnsLabel
    .optional()
    .describe(`Which shim: ${Object.keys(KNOWN_SHIMS).join(', ')}, or another. Default: the handler.`),
  version: z
    .string()
    .regex(/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "must be a release of the shim, such as 'v0.23.0'")
    .optional()
    .describe('Release of the shim. Default for spin: one whose checksums are known.'),
  binary: binary.optional().describe('File name of the shim. Default for known shims: their own.'),
  downloads: z
    .strictObject({
      amd64: download.optional().describe('For nodes with x86-64 processors.'),
      arm64: download.optional().describe('For nodes with 64-bit Arm processors.'),
    })
    .optional()
    .describe('Where nodes of each architecture get the shim from.'),
  image: image.optional().describe('Image that holds the shim and the command cp, in place of downloads.'),
  imagePath: z
    .string()
    .regex(/^(\/[A-Za-z0-9_][-A-Za-z0-9_.]*)+$/, "must be an absolute path, such as '/assets/containerd-shim-spin-v2'")
    .optional()
    .describe("Path of the shim in the image. Default: '/assets/' and its file name."),
  options: mapping(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, "must be an option of the shim, such as 'SystemdCgroup'"),
    z.union(
      [z.boolean(), z.int(), z.string().regex(/^[^"'\\{}\p{Cc}]*$/u, 'must not hold quotes, backslashes or braces')],
      {
        error: 'must be true, false, an integer or a string without quotes, backslashes or braces',
      },
    ),
  )
    .optional()
    .describe(
      "Options in containerd's configuration; {} for containerd 1.6, which hands shims none. Default: SystemdCgroup true, as on k3s under systemd.",
    ),
});
type GivenShim = z.output<typeof shim>;

/** What differs from a runtime's shim on a member. */
const memberShim = shim.extend({ install: install.optional() });
type MemberShim = z.output<typeof memberShim>;

/** A download, once its URL is known. */
export interface ShimDownload {
  readonly url: string;
  readonly sha256: string;
}

/** How a runtime's shim comes to the nodes, every default filled in. */
export interface Shim {
  readonly install: 'none' | 'k3s' | 'installer' | 'runtime-class-manager';
  /** File name of the shim. */
  readonly binary: string;
  /** Empty where an image holds the shim, and where nothing is installed. */
  readonly downloads: Readonly<Partial<Record<Architecture, ShimDownload>>>;
  readonly image?: string;
  readonly imagePath: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** A Wasm runtime: its RuntimeClass, the nodes that have it, and how it comes to them. */
export interface Runtime {
  /** Name of the RuntimeClass. */
  readonly name: string;
  /** Name of the runtime in containerd's configuration. */
  readonly handler: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly shim: Shim;
  /** The shim as the file has it, over which members put what differs. */
  readonly given: GivenShim;
}

/** `spec.runtimes[]`: a Wasm runtime. */
export const runtime = z
  .strictObject({
    name: dnsLabel.describe('Name of the RuntimeClass, which apps name as their runtime.'),
    handler: dnsLabel.optional().describe("Name of the runtime in containerd's configuration. Default: the name."),
    nodeSelector: labels
      .prefault({})
      .describe(
        "Labels of the nodes that have the runtime; pods that use it go to no others. Hosts get them by their 'labels', nodes of existing clusters by kubectl label. Default: all nodes.",
      ),
    shim: shim
      .prefault({})
      .describe('How the shim comes to the nodes, where a member says nothing else. Default: it is there already.'),
  })
  .transform((value, context): Runtime => {
    const { name, handler, nodeSelector, shim: given } = value;
    const fault = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    return { name, nodeSelector, ...settle(given, name, handler, fault), given: { name: handler ?? name, ...given } };
  });

/** `spec.members[].runtimes[]`: a runtime that the nodes of a member offer. */
export const memberRuntime = z.union(
  [
    dnsLabel,
    z.strictObject({
      name: dnsLabel.describe("Name of the runtime in 'spec.runtimes'."),
      shim: memberShim
        .prefault({})
        .describe("What differs from the runtime's shim on this member, such as 'install: none' on a managed cloud."),
    }),
  ],
  { error: "must be the name of a runtime, or a mapping of its 'name' and 'shim'" },
);

/** What a member says of the runtimes that it offers. */
export interface RuntimeOffer {
  /** Names of the runtimes. */
  readonly runtimes: readonly string[];
  /** What differs from their shims on the member, by name of the runtime. */
  readonly shims?: Readonly<Record<string, MemberShim>>;
}

/**
 * The runtimes that a member offers, each with its shim as it comes to this member.
 *
 * @param fault takes what is wrong in the member's own settings, with the runtime's name and the path in its entry.
 */
export function offeredRuntimes(
  runtimes: readonly Runtime[],
  { runtimes: names, shims = {} }: RuntimeOffer,
  fault: (runtime: string, path: readonly string[], message: string) => void = () => {},
): Runtime[] {
  return runtimes
    .filter(({ name }) => names.includes(name))
    .map((offered) => {
      const { name, given } = offered;
      const own = lookup(shims, name);
      if (!own) return offered;
      const { image, imagePath, downloads, ...rest } = given;
      const source = own.image || own.downloads ? {} : { image, imagePath, downloads };
      const merged = { ...rest, ...source, ...own, install: own.install ?? given.install };
      // runtime-class-manager makes the member a RuntimeClass of its own, whatever the handler is elsewhere.
      const handler = merged.install === 'runtime-class-manager' ? undefined : offered.handler;
      const settled = settle(merged, name, handler, (path, message) => {
        if (path[0] === 'handler') fault(name, ['shim', 'install'], `does not fit: the handler ${message}`);
        else fault(name, path, message);
      });
      return { ...offered, ...settled };
    });
}

/** What runtime-class-manager calls the runtime of a shim: the file name without its beginning. */
const managedHandler = (file: string) => file.replace(/^containerd-shim-/, '');

/** Fills in the defaults of a shim, and tells what does not fit together; paths are those of a runtime. */
function settle(
  { install, downloads, ...given }: GivenShim,
  name: string,
  ownHandler: string | undefined,
  fault: (path: readonly string[], message: string) => void,
): Pick<Runtime, 'handler' | 'shim'> {
  const named = given.name ?? ownHandler ?? name;
  const known = lookup(KNOWN_SHIMS, named);
  const file = given.binary ?? known?.binary ?? `containerd-shim-${named}-v1`;
  const handler = ownHandler ?? (install === 'runtime-class-manager' ? managedHandler(file) : name);

  const isUnknown = install !== 'none' && !known && !given.binary;
  if (isUnknown) {
    fault(
      ['shim'],
      `is not a known shim ('${named}'): give its 'binary', or as 'name' one of ${Object.keys(KNOWN_SHIMS).join(', ')}`,
    );
  }
  if (install === 'k3s') {
    if (KNOWN_SHIMS[handler]?.binary !== file) {
      fault(
        ['handler'],
        `is '${handler}', but k3s gives each shim that it finds its own name: take one of ${Object.keys(KNOWN_SHIMS).join(', ')}, or 'install: installer'`,
      );
    }
    if (given.options) fault(['shim', 'options'], "are k3s's own with 'install: k3s': take 'install: installer'");
  }
  if (install === 'runtime-class-manager') {
    if (handler !== managedHandler(file)) {
      fault(['handler'], `must be '${managedHandler(file)}': runtime-class-manager names it after the shim's file`);
    }
    if (given.image) fault(['shim', 'image'], "is not for runtime-class-manager, which downloads: give 'downloads'");
  }
  if (given.image && downloads) fault(['shim', 'image'], "and 'downloads' exclude each other, give one of them");
  if (given.imagePath && !given.image) fault(['shim', 'imagePath'], "is a path in 'image', which is not given");

  const version = given.version ?? known?.pinned?.version;
  const checksums = version !== undefined && version === known?.pinned?.version ? known.pinned.sha256 : undefined;
  const sources: Partial<Record<Architecture, ShimDownload>> = {};
  if (install !== 'none' && !given.image) {
    for (const arch of ARCHITECTURES) {
      const source = downloads ? downloads[arch] : checksums && { url: undefined, sha256: checksums[arch] };
      if (!source) continue;
      const url = source.url ?? (known && version ? releaseUrl(known, version, arch) : undefined);
      if (url) sources[arch] = { url, sha256: source.sha256 };
      else fault(['shim', 'downloads', arch, 'url'], "is required: give it, or the 'version' of a known shim");
    }
    if (!downloads && !checksums && !isUnknown) {
      fault(
        ['shim'],
        version && known
          ? `has no checksums of ${version}: give 'downloads' with the 'sha256' of amd64, arm64 or both`
          : "has no source: give 'downloads' with a 'url' and 'sha256' for amd64, arm64 or both, or an 'image'",
      );
    } else if (downloads && Object.keys(downloads).length === 0) {
      fault(['shim', 'downloads'], 'is empty: give amd64, arm64 or both');
    }
  }
  return {
    handler,
    shim: {
      install,
      binary: file,
      downloads: sources,
      ...(given.image && { image: given.image }),
      imagePath: given.imagePath ?? `/assets/${file}`,
      options: given.options ?? { SystemdCgroup: true },
    },
  };
}
