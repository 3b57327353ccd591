import { readFileSync } from 'node:fs';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { contentHash } from '../hash.ts';
import { mirrored } from '../images.ts';
import { enforce, NON_ROOT, restrictedContainer } from '../security.ts';
import { TOOLS_IMAGE } from '../versions.ts';
import { ARCHITECTURES, type Architecture } from './shims.ts';

// Read once, when this module is loaded: to the construct it is a constant.
const SCRIPT = readFileSync(new URL('install-shim.sh', import.meta.url), 'utf8');
const SCRIPT_FILE = 'install-shim.sh';

/** Namespace of the installers. It is theirs alone, for they need more rights than other pods shall have. */
export const SHIM_NAMESPACE = 'wasm-shims';

/** Where shims go: k3s finds those in the one folder by itself, and none in the other. */
const BIN_DIRS = { k3s: '/usr/local/bin', installer: '/opt/serverless-federation/bin' } as const;

/** A shim to install. */
export interface InstalledShim {
  /**
   * `k3s`: put it where k3s finds it by itself and makes containerd's entry; `installer`: also write the entry, as
   * runtimes need whose name or options k3s does not know.
   */
  readonly install: 'k3s' | 'installer';
  /** File name of the shim, such as `containerd-shim-spin-v2`. */
  readonly binary: string;
  /**
   * Where nodes of each architecture get the shim from: the file itself, or a `.tar.gz` that holds it.
   *
   * @default - from `image`
   */
  readonly downloads?: Readonly<Partial<Record<Architecture, { readonly url: string; readonly sha256: string }>>>;
  /**
   * Image that holds the shim, and the command `cp`.
   *
   * @default - from `downloads`
   */
  readonly image?: string;
  /**
   * Path of the shim in the image.
   *
   * @default - `/assets/` and the file name
   */
  readonly imagePath?: string;
  /**
   * Options of containerd's entry, for `install: installer`.
   *
   * @default - none
   */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/** A runtime whose shim is to be installed. */
export interface InstalledRuntime {
  /** Name of the runtime in the federation: its RuntimeClass. */
  readonly name: string;
  /** Name of the runtime in containerd's configuration: the RuntimeClass's handler. */
  readonly handler: string;
  /**
   * Labels of the nodes that get the shim.
   *
   * @default - all nodes
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly shim: InstalledShim;
}

/** Properties of `ShimInstaller`. */
export interface ShimInstallerProps {
  readonly runtimes: readonly InstalledRuntime[];
  /**
   * k3s's data folder on the nodes.
   *
   * @default '/var/lib/rancher/k3s'
   */
  readonly dataDir?: string;
  /**
   * Mirror that the images are pulled through.
   *
   * @default - the images' own registries
   */
  readonly registry?: string;
  /**
   * Secrets of the namespace that images are pulled with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
}

/**
 * Defines what installs Wasm shims on the k3s nodes of a cluster: a DaemonSet for each runtime, on the nodes with its
 * labels and no others. A pod of it does its work once, when it comes to its node, and rests; k3s is restarted only
 * where something changed. What it leaves on a node is outside of what an upgrade of k3s replaces.
 */
export class ShimInstaller extends Construct {
  constructor(scope: Construct, id: string, props: ShimInstallerProps) {
    super(scope, id);
    const { runtimes, dataDir = '/var/lib/rancher/k3s' } = props;
    new k8s.KubeNamespace(this, 'Namespace', {
      metadata: {
        name: SHIM_NAMESPACE,
        labels: {
          ...enforce('privileged'),
          'pod-security.kubernetes.io/audit': 'privileged',
          'pod-security.kubernetes.io/warn': 'privileged',
        },
      },
    });
    new k8s.KubeConfigMap(this, 'Script', {
      metadata: { name: 'install-shim', namespace: SHIM_NAMESPACE },
      data: { [SCRIPT_FILE]: SCRIPT },
    });
    for (const runtime of runtimes) {
      new k8s.KubeDaemonSet(this, `shim-${runtime.name}`, daemonSet(runtime, dataDir, props));
    }
  }
}

function daemonSet(
  runtime: InstalledRuntime,
  dataDir: string,
  { registry, imagePullSecrets }: ShimInstallerProps,
): k8s.KubeDaemonSetProps {
  const { name, handler, nodeSelector, shim } = runtime;
  const labels = { 'app.kubernetes.io/name': 'wasm-shim', 'app.kubernetes.io/instance': name };
  const etc = `${dataDir}/agent/etc/containerd`;
  const binDir = BIN_DIRS[shim.install];
  const shimFile = `/shim/${shim.binary}`;
  const tools = mirrored(TOOLS_IMAGE, registry);

  const fromImage: k8s.Container[] = shim.image
    ? [
        {
          name: 'shim',
          image: mirrored(shim.image, registry),
          command: ['cp', shim.imagePath ?? `/assets/${shim.binary}`, shimFile],
          securityContext: { ...restrictedContainer, runAsNonRoot: true, runAsUser: NON_ROOT, runAsGroup: NON_ROOT },
          resources: resources('64Mi'),
          volumeMounts: [{ name: 'shim', mountPath: '/shim' }],
        },
      ]
    : [];
  const env: Record<string, string> = {
    RUNTIME: handler,
    BINARY: shim.binary,
    BIN_DIR: binDir,
    ENTRY: shim.install === 'k3s' ? 'detected' : 'written',
    K3S_DATA_DIR: dataDir,
    ...(shim.install === 'installer' && { OPTIONS: toml(shim.options ?? {}) }),
    ...(shim.image ? { SHIM: shimFile } : downloadsEnv(shim)),
  };
  const install: k8s.Container = {
    name: 'install',
    image: tools,
    command: ['bash', `/scripts/${SCRIPT_FILE}`],
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    // Restarting k3s and asking its containerd means entering the mount namespace of the node's first process
    // (nsenter), which needs CAP_SYS_ADMIN, CAP_SYS_PTRACE and no AppArmor profile: as good as privileged, and root.
    securityContext: { privileged: true, runAsUser: 0, runAsGroup: 0, readOnlyRootFilesystem: true },
    resources: resources('512Mi'),
    volumeMounts: [
      { name: 'scripts', mountPath: '/scripts', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'containerd', mountPath: `/host${etc}` },
      { name: 'bin', mountPath: `/host${binDir}` },
      ...(shim.image ? [{ name: 'shim', mountPath: '/shim', readOnly: true }] : []),
    ],
  };
  const rest: k8s.Container = {
    name: 'rest',
    image: tools,
    command: ['sleep', 'infinity'],
    securityContext: { ...restrictedContainer, runAsNonRoot: true, runAsUser: NON_ROOT, runAsGroup: NON_ROOT },
    resources: resources('16Mi'),
  };

  return {
    metadata: { name: `shim-${name}`, namespace: SHIM_NAMESPACE, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
      template: {
        metadata: {
          labels,
          annotations: { 'serverless-federation.io/script': contentHash(SCRIPT) },
        },
        spec: {
          nodeSelector: { 'kubernetes.io/os': 'linux', ...nodeSelector },
          // The labels alone say where a shim belongs.
          tolerations: [{ operator: 'Exists' }],
          automountServiceAccountToken: false,
          imagePullSecrets: imagePullSecrets?.map((secret) => ({ name: secret })),
          enableServiceLinks: false,
          // The first process of the node, whose mounts the script enters, is seen only so.
          hostPid: true,
          securityContext: { fsGroup: NON_ROOT, seccompProfile: { type: 'RuntimeDefault' } },
          initContainers: [...fromImage, install],
          containers: [rest],
          terminationGracePeriodSeconds: 5,
          volumes: [
            { name: 'scripts', configMap: { name: 'install-shim' } },
            { name: 'tmp', emptyDir: {} },
            // On a node without k3s there is no such folder: the pod waits, and its events say why.
            { name: 'containerd', hostPath: { path: etc, type: 'Directory' } },
            { name: 'bin', hostPath: { path: binDir, type: 'DirectoryOrCreate' } },
            ...(shim.image ? [{ name: 'shim', emptyDir: {} }] : []),
          ],
        },
      },
    },
  };
}

function downloadsEnv({ downloads = {} }: InstalledShim): Record<string, string> {
  return Object.fromEntries(
    ARCHITECTURES.flatMap((arch) => {
      const download = downloads[arch];
      return download
        ? [
            [`URL_${arch.toUpperCase()}`, download.url],
            [`SHA256_${arch.toUpperCase()}`, download.sha256],
          ]
        : [];
    }),
  );
}

/** Options as lines of TOML. */
function toml(options: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(options)
    .map(([key, value]) => `  ${key} = ${typeof value === 'string' ? `'${value}'` : value}`)
    .join('\n');
}

function resources(memory: string): k8s.ResourceRequirements {
  return {
    requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('16Mi') },
    limits: { memory: k8s.Quantity.fromString(memory) },
  };
}
