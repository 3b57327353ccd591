import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { FEDERATION_NAMESPACE } from './names.ts';

/** A Secret that manifests name and that somebody has to make. */
export interface RequiredSecret {
  /** Cluster that needs it: `management`, `host`, `karmada`, `argocd` or the name of a member. */
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * Type of the Secret.
   *
   * @default Opaque
   */
  readonly type?: string;
  /** What each key is, in a few words that tell a person what to give: `the key that hosts join the VPN with`. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Properties of `RequiredSecrets`. */
export interface RequiredSecretsProps {
  /** One that is listed more than once has the keys of all. */
  readonly secrets: readonly RequiredSecret[];
}

/**
 * Defines the list of Secrets that `scripts/secrets.sh` makes: a ConfigMap in the management cluster's namespace of the
 * federation. It has a key `<cluster>_<namespace>_<name>` for each (no name has an underscore); the first line of its
 * text is the type, every other a key and what it is.
 */
export class RequiredSecrets extends Construct {
  constructor(scope: Construct, id: string, props: RequiredSecretsProps) {
    super(scope, id);
    const merged = new Map<string, { type: string; keys: Record<string, string> }>();
    for (const { cluster, namespace, name, type = 'Opaque', keys } of props.secrets) {
      const place = `${cluster}_${namespace}_${name}`;
      const other = merged.get(place);
      merged.set(place, { type: typeFor(type, other?.type), keys: { ...other?.keys, ...keys } });
    }
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: 'secrets', namespace: FEDERATION_NAMESPACE },
      data: Object.fromEntries(
        [...merged].map(([place, { type, keys }]) => [
          place,
          [type, ...Object.entries(keys).map(([key, what]) => `${key} ${what}`), ''].join('\n'),
        ]),
      ),
    });
  }
}

/** Types by what needs them most: a kubelet pulls images with no other, the API server asks keys of the rest. */
const TYPES = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/tls', 'kubernetes.io/ssh-auth'];

/** The type of a Secret that serves two uses: each has its keys in it, whatever the type. */
function typeFor(one: string, other = one): string {
  return TYPES.find((type) => type === one || type === other) ?? one;
}
