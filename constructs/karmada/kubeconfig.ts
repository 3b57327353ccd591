import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import {
  apiserverUrl,
  CA_FILE,
  CERTIFICATE_FILE,
  certificatePath,
  KEY_FILE,
  KUBECONFIG_CONFIG_MAP,
  KUBECONFIG_KEY,
} from './certificates.ts';

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
}

/**
 * ConfigMap with the kubeconfig that components use for the Karmada API. It names the files of the certificate that is
 * mounted beside it, so it holds no secret, and who its reader is depends on that certificate alone.
 */
export class Kubeconfig extends Construct {
  constructor(scope: Construct, id: string, props: KubeconfigProps) {
    super(scope, id);
    const name = 'karmada';
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: KUBECONFIG_CONFIG_MAP, namespace: props.namespace },
      data: {
        // JSON is YAML, and needs no quoting of its own.
        [KUBECONFIG_KEY]: `${JSON.stringify(
          {
            apiVersion: 'v1',
            kind: 'Config',
            clusters: [
              {
                name,
                cluster: { server: apiserverUrl(props), 'certificate-authority': certificatePath('client', CA_FILE) },
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
