import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { apiserverUrl } from '../names.ts';
import {
  CA_FILE,
  CERTIFICATE_FILE,
  certificatePath,
  KEY_FILE,
  KUBECONFIG_CONFIG_MAP,
  KUBECONFIG_KEY,
} from './mounts.ts';
import { SECRETS } from './plan.ts';

/** Properties for `Kubeconfig`. */
export interface KubeconfigProps {
  /** Namespace of the control plane. */
  readonly namespace: string;
  /**
   * DNS domain of the host cluster.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;
  /**
   * URL at which clients outside the host cluster reach the Karmada API server.
   *
   * @default - they do not
   */
  readonly publicUrl?: string;
  /**
   * Secret with the administrator's certificate.
   *
   * @default SECRETS.adminClient
   */
  readonly adminSecret?: string;
}

/** What `scripts/karmada-kubeconfig.sh` reads of the ConfigMap, to make a kubeconfig for people. */
const PUBLIC_URL_KEY = 'public-url';
const INSIDE_URL_KEY = 'inside-url';
const ADMIN_SECRET_KEY = 'admin-secret';

/**
 * ConfigMap with the kubeconfig that components use for the Karmada API. It names the files of the certificate that is
 * mounted beside it, so it holds no secret, and who its reader is depends on that certificate alone.
 */
export class Kubeconfig extends Construct {
  constructor(scope: Construct, id: string, props: KubeconfigProps) {
    super(scope, id);
    const name = 'karmada';
    const server = apiserverUrl(props);
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: KUBECONFIG_CONFIG_MAP, namespace: props.namespace },
      data: {
        ...(props.publicUrl && { [PUBLIC_URL_KEY]: props.publicUrl }),
        [INSIDE_URL_KEY]: server,
        [ADMIN_SECRET_KEY]: props.adminSecret ?? SECRETS.adminClient,
        // JSON is YAML, and needs no quoting of its own.
        [KUBECONFIG_KEY]: `${JSON.stringify(
          {
            apiVersion: 'v1',
            kind: 'Config',
            clusters: [
              {
                name,
                cluster: { server, 'certificate-authority': certificatePath('client', CA_FILE) },
              },
            ],
            users: [
              {
                name,
                user: {
                  'client-certificate': certificatePath('client', CERTIFICATE_FILE),
                  'client-key': certificatePath('client', KEY_FILE),
                },
              },
            ],
            contexts: [{ name, context: { cluster: name, user: name } }],
            'current-context': name,
          },
          null,
          2,
        )}\n`,
      },
    });
  }
}
