import { Construct } from 'constructs';
import {
  ShimSpecFetchStrategyPlatformsArch as Arch,
  ShimSpecFetchStrategyPlatformsOs as Os,
  ShimSpecRolloutStrategyType as Rollout,
  Shim,
} from '../../imports/shim-runtime.spinkube.dev.ts';
import { ARCHITECTURES, type Architecture } from './shims.ts';

const ARCH: Record<Architecture, Arch> = { amd64: Arch.AMD64, arm64: Arch.ARM64 };

/** Properties of `ManagedShim`. */
export interface ManagedShimProps {
  /** Name of the RuntimeClass, which runtime-class-manager makes. */
  readonly name: string;
  /** Handler of the RuntimeClass: the shim's file name without `containerd-shim-`, which is not for choice. */
  readonly handler: string;
  /**
   * Labels of the nodes that get the shim.
   *
   * @default - all nodes
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly shim: {
    /** Where nodes of each architecture get the shim from: a `.tar.gz` that holds it. */
    readonly downloads: Readonly<Partial<Record<Architecture, { readonly url: string; readonly sha256: string }>>>;
    /**
     * Options in containerd's configuration.
     *
     * @default - none
     */
    readonly options?: Readonly<Record<string, string | number | boolean>>;
  };
}

/**
 * Defines a shim for SpinKube's runtime-class-manager, an operator that installs it on the nodes with these labels and
 * makes its RuntimeClass. The operator itself must run in the cluster (github.com/spinframework/runtime-class-manager).
 */
export class ManagedShim extends Construct {
  constructor(scope: Construct, id: string, props: ManagedShimProps) {
    super(scope, id);
    const { name, handler, nodeSelector = {}, shim } = props;
    new Shim(this, 'Resource', {
      metadata: { name },
      spec: {
        nodeSelector: Object.keys(nodeSelector).length > 0 ? { ...nodeSelector } : undefined,
        fetchStrategy: {
          platforms: ARCHITECTURES.flatMap((arch) => {
            const download = shim.downloads[arch];
            return download
              ? [{ os: Os.LINUX, arch: ARCH[arch], location: download.url, sha256: download.sha256 }]
              : [];
          }),
        },
        runtimeClass: { name, handler },
        rolloutStrategy: { type: Rollout.RECREATE },
        // The operator writes each value as it stands into the file, so texts bring their quotes along.
        containerdRuntimeOptions: Object.fromEntries(
          Object.entries(shim.options ?? {}).map(([key, value]) => [
            key,
            typeof value === 'string' ? `'${value}'` : String(value),
          ]),
        ),
      },
    });
  }
}
