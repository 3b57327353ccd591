import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import ipaddr from 'ipaddr.js';
import { FILES_PATH, ScriptJob } from '../script-job.ts';
import { type ControlPlaneSettings, settled } from '../settings.ts';
import { type CertificateNaming, type CertificateSpec, certificatesOf, SECRETS } from './plan.ts';

/** How long certificates last, and how long their keys are. */
export interface CertificateLifetimes {
  /**
   * Days that a certificate lasts; at most as long as its CA.
   *
   * @default 365
   */
  readonly days?: number;
  /**
   * Days that a CA lasts.
   *
   * @default 3650
   */
  readonly caDays?: number;
  /**
   * Bits of the RSA keys.
   *
   * @default 3072
   */
  readonly keySize?: number;
}

export const DEFAULT_DAYS = 365;
export const DEFAULT_CA_DAYS = 3650;
export const DEFAULT_KEY_SIZE = 3072;

/** Fills in what is not given. Throws when a certificate would outlast the CA that signs it. */
export function settledLifetimes(lifetimes: CertificateLifetimes): Required<CertificateLifetimes> {
  const { days = DEFAULT_DAYS, caDays = DEFAULT_CA_DAYS, keySize = DEFAULT_KEY_SIZE } = lifetimes;
  if (days >= caDays) {
    throw new Error(
      `'days' must be fewer than 'caDays' (${caDays}), for no certificate outlasts its CA, got '${days}'`,
    );
  }
  return { days, caDays, keySize };
}

/** What of a control plane's settings the Job that makes its certificates needs. */
export type CertificateJobSettings = Pick<
  ControlPlaneSettings,
  | 'namespace'
  | 'clusterDomain'
  | 'registry'
  | 'toolsImage'
  | 'imagePullPolicy'
  | 'imagePullSecrets'
  | 'nodeSelector'
  | 'tolerations'
>;

/** Properties for `CertificateJob`. */
export interface CertificateJobProps
  extends CertificateJobSettings,
    Pick<CertificateNaming, 'hosts' | 'components'>,
    CertificateLifetimes {}

const NAME = 'karmada-certificates';

/** Makes missing certificates in the cluster. Read once, when this module is loaded: to the construct it is a constant. */
const SCRIPT = readFileSync(join(import.meta.dirname, 'certificates.sh'), 'utf8');

/**
 * Job that makes the certificates of a control plane in the host cluster. What is there it keeps, whoever made it: a CA
 * brought along in its Secret signs the rest. Its log, and an annotation of each Secret, say when a certificate ends.
 *
 * To renew certificates: delete their Secrets and the Job, `kubectl rollout restart` the workloads, whose new pods wait
 * for their Secrets, then `scripts/apply.sh host`. The CAs' Secrets stay in this; the script refuses to make a CA anew
 * while a certificate that it signed is there.
 *
 * To renew the CAs: delete their Secrets with all that they signed, this Job and that of the static resources, which
 * hands the CA on, and all pods at once: etcd's members would not know each other one by one. Then apply as before.
 * Whoever has a kubeconfig from outside needs a new one (`scripts/karmada-kubeconfig.sh`, `scripts/join.sh` for agents).
 *
 * `karmada-service-account` stays in both: it never ends, and without it no token is worth anything any more.
 */
export class CertificateJob extends Construct {
  constructor(scope: Construct, id: string, props: CertificateJobProps) {
    super(scope, id);
    const { namespace, clusterDomain } = settled(props);
    const { days, caDays, keySize } = settledLifetimes(props);
    const certificates = certificatesOf({ ...props, namespace, clusterDomain });
    const metadata = { name: NAME, namespace, labels: { 'app.kubernetes.io/name': NAME } };

    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    new k8s.KubeRole(this, 'Role', {
      metadata,
      rules: [
        // RBAC cannot bind `create` to names. Without `update` and `patch`, nothing that exists can be changed.
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: certificates.map(({ secretName }) => secretName),
          verbs: ['get'],
        },
      ],
    });
    new k8s.KubeRoleBinding(this, 'RoleBinding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    });

    new ScriptJob(this, 'Job', {
      ...props,
      name: NAME,
      script: 'certificates.sh',
      files: {
        'certificates.sh': SCRIPT,
        plan: certificates.map((certificate) => planLine(certificate, days, caDays)).join(''),
        ...Object.fromEntries(
          certificates.map((certificate) => [`${certificate.secretName}.cnf`, request(certificate)]),
        ),
      },
      env: { NAMESPACE: namespace, PLAN_DIR: FILES_PATH, KEY_SIZE: String(keySize) },
      serviceAccountName: NAME,
    });
  }
}

function planLine({ secretName, issuer, isCa, purpose }: CertificateSpec, days: number, caDays: number): string {
  // What signs tokens is read as a key; that it is in a certificate at all is for the Secret's type.
  const life = isCa || purpose === 'serviceAccount' ? caDays : days;
  return `${secretName} ${issuer ? SECRETS[issuer] : '-'} ${life}\n`;
}

/** A certificate request as openssl reads it (openssl-req, x509v3_config). */
function request({ commonName, organizations, usages, dnsNames, ipAddresses, isCa }: CertificateSpec): string {
  const names = [
    ...dnsNames.map((name, i) => `DNS.${i + 1} = ${name}`),
    ...ipAddresses.map((ip, i) => `IP.${i + 1} = ${fullAddress(ip)}`),
  ];
  const keyUsage = isCa ? 'keyCertSign, cRLSign, digitalSignature' : 'digitalSignature, keyEncipherment';
  const oids = { 'server auth': 'serverAuth', 'client auth': 'clientAuth' };
  return [
    '[req]',
    'prompt = no',
    'string_mask = utf8only',
    'distinguished_name = subject',
    '',
    '[subject]',
    ...organizations.map((organization, i) => `${i}.O = ${organization}`),
    `CN = ${commonName}`,
    '',
    '[extensions]',
    `basicConstraints = critical, CA:${isCa ? 'TRUE, pathlen:0' : 'FALSE'}`,
    `keyUsage = critical, ${keyUsage}`,
    ...(usages.length > 0 ? [`extendedKeyUsage = ${usages.map((usage) => oids[usage]).join(', ')}`] : []),
    'subjectKeyIdentifier = hash',
    ...(isCa ? [] : ['authorityKeyIdentifier = keyid']),
    ...(names.length > 0 ? ['subjectAltName = @names', '', '[names]', ...names] : []),
    '',
  ].join('\n');
}

/** An address as openssl writes it in a certificate: IPv6 without `::`. */
function fullAddress(ip: string): string {
  return ipaddr.parse(ip).toNormalizedString();
}
