import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { MultiClusterService as MultiClusterServiceResource } from '../../imports/multiclusterservice-networking.karmada.io.ts';
import { nonEmpty } from './app-deployment.ts';

/** Where an Ingress leads to an app. */
export interface AppIngressSettings {
  /** Host name of the address. */
  readonly host: string;
  /**
   * Path below which everything goes to the app.
   *
   * @default '/'
   */
  readonly path?: string;
  /**
   * IngressClass on the members.
   *
   * @default 'traefik', as k3s packages it
   */
  readonly className?: string;
  /**
   * Secret with the certificate.
   *
   * @default - no TLS; with an issuer, the app's name and `-tls`.
   */
  readonly tlsSecret?: string;
  /**
   * Issuer of cert-manager on the members, which makes the Secret there.
   *
   * @default - none: somebody makes the Secret.
   */
  readonly issuer?: {
    readonly name: string;
    /** @default 'ClusterIssuer' */
    readonly kind?: 'ClusterIssuer' | 'Issuer';
  };
  /**
   * Annotations for the ingress controller.
   *
   * @default - none.
   */
  readonly annotations?: { readonly [key: string]: string };
}

/** Properties for `AppIngress`. */
export interface AppIngressProps extends AppIngressSettings {
  /** Name of the Ingress and of the Service behind it. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
  /**
   * Port of the Service.
   *
   * @default 80
   */
  readonly servicePort?: number;
}

/** Defines the address of an app on every member where it runs: DNS decides which member a caller meets. */
export class AppIngress extends Construct {
  constructor(scope: Construct, id: string, props: AppIngressProps) {
    super(scope, id);
    const { name, namespace = 'default', host, path = '/', className = 'traefik', issuer, annotations } = props;
    const tlsSecret = props.tlsSecret ?? (issuer && `${name}-tls`);
    // What cert-manager makes a Certificate of (its ingress-shim).
    const issued: { [key: string]: string } = issuer
      ? { [`cert-manager.io/${issuer.kind === 'Issuer' ? 'issuer' : 'cluster-issuer'}`]: issuer.name }
      : {};
    new k8s.KubeIngress(this, 'Resource', {
      metadata: {
        name,
        namespace,
        labels: { 'app.kubernetes.io/name': name },
        annotations: nonEmpty({ ...issued, ...annotations }),
      },
      spec: {
        ingressClassName: className,
        rules: [
          {
            host,
            http: {
              paths: [
                { path, pathType: 'Prefix', backend: { service: { name, port: { number: props.servicePort ?? 80 } } } },
              ],
            },
          },
        ],
        tls: tlsSecret === undefined ? undefined : [{ hosts: [host], secretName: tlsSecret }],
      },
    });
  }
}

/** Who serves and who may call a Service that all members share. */
export interface MultiClusterServiceSettings {
  /**
   * `CrossCluster`: reached from pods of other members. `LoadBalancer`: from outside, by a load balancer that Karmada
   * is told of. Karmada refuses to change it later.
   *
   * @default 'CrossCluster'
   */
  readonly type?: 'CrossCluster' | 'LoadBalancer';
  /**
   * Members whose pods serve.
   *
   * @default - every member that has them.
   */
  readonly providers?: readonly string[];
  /**
   * Members whose pods may call.
   *
   * @default - every member.
   */
  readonly consumers?: readonly string[];
}

/** Properties for `MultiClusterService`. */
export interface MultiClusterServiceProps extends MultiClusterServiceSettings {
  /** Name of the Service. */
  readonly name: string;
  /**
   * @default 'default'
   */
  readonly namespace?: string;
  /** Port of the Service. */
  readonly port: number;
}

/**
 * Defines one Service for all members. Karmada takes the Service of that name to the members itself, so that no policy
 * may select it. Needs the gate `MultiClusterService`, and routes between the pod networks of the members.
 */
export class MultiClusterService extends Construct {
  constructor(scope: Construct, id: string, props: MultiClusterServiceProps) {
    super(scope, id);
    const { name, namespace = 'default', type = 'CrossCluster', port, providers, consumers } = props;
    new MultiClusterServiceResource(this, 'Resource', {
      metadata: { name, namespace },
      spec: {
        types: [type],
        ports: [{ name: 'http', port }],
        providerClusters: providers?.map((member) => ({ name: member })),
        consumerClusters: consumers?.map((member) => ({ name: member })),
      },
    });
  }
}
