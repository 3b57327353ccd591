import { k8s } from 'cdk8s-plus-28';

/** Files from outside an app's image, and where the app finds them: exactly one of `emptyDir`, `configMap`, `secret`, `claim`. */
export interface AppVolume {
  /** Name of the volume, unique in the app. */
  readonly name: string;
  /** Absolute path in the container. */
  readonly mountPath: string;
  /** @default - all of the volume. */
  readonly subPath?: string;
  /** @default false */
  readonly readOnly?: boolean;
  /** A folder that is empty at first; `sizeLimit` is a quantity. */
  readonly emptyDir?: { readonly medium?: 'Memory'; readonly sizeLimit?: string };
  /** Name of a ConfigMap in the app's namespace. */
  readonly configMap?: string;
  /** Name of a Secret in the app's namespace. */
  readonly secret?: string;
  /** Name of a PersistentVolumeClaim in the app's namespace. */
  readonly claim?: string;
  /**
   * Keys of the ConfigMap or Secret, each a file of that name.
   *
   * @default - all keys.
   */
  readonly keys?: readonly string[];
  /**
   * Whether the app starts without the ConfigMap or Secret.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** Kubernetes' form of volumes: what they are, and where they are mounted. */
export function toVolumes(volumes: readonly AppVolume[] = []): {
  volumes?: k8s.Volume[];
  volumeMounts?: k8s.VolumeMount[];
} {
  if (volumes.length === 0) return {};
  return {
    volumes: volumes.map(toVolume),
    volumeMounts: volumes.map(({ name, mountPath, subPath, readOnly }) => ({ name, mountPath, subPath, readOnly })),
  };
}

function toVolume({ name, emptyDir, configMap, secret, claim, keys, optional }: AppVolume): k8s.Volume {
  const items = keys?.map((key) => ({ key, path: key }));
  if (configMap !== undefined) return { name, configMap: { name: configMap, items, optional } };
  if (secret !== undefined) return { name, secret: { secretName: secret, items, optional } };
  if (claim !== undefined) return { name, persistentVolumeClaim: { claimName: claim } };
  if (!emptyDir) throw new Error(`volume '${name}' must be an 'emptyDir', 'configMap', 'secret' or 'claim'`);
  const { medium, sizeLimit } = emptyDir;
  return {
    name,
    emptyDir: { medium, sizeLimit: sizeLimit === undefined ? undefined : k8s.Quantity.fromString(sizeLimit) },
  };
}
