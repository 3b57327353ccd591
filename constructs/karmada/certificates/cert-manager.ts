import { Construct } from 'constructs';
import {
  Certificate,
  CertificateSpecPrivateKeyAlgorithm,
  CertificateSpecPrivateKeyRotationPolicy,
  CertificateSpecUsages,
} from '../../../imports/certificate-cert-manager.io.ts';
import { Issuer } from '../../../imports/issuer-cert-manager.io.ts';
import { type ControlPlaneSettings, settled } from '../settings.ts';
import { type CertificateLifetimes, settledLifetimes } from './certificate-job.ts';
import { type CertificateNaming, type CertificateSpec, certificatesOf, SECRETS } from './plan.ts';

/** Properties for `ManagedCertificates`. */
export interface ManagedCertificatesProps
  extends Pick<ControlPlaneSettings, 'namespace' | 'clusterDomain'>,
    Pick<CertificateNaming, 'hosts' | 'components'>,
    CertificateLifetimes {}

/** Issuer of what signs itself: the CAs. */
const SELF_SIGNED = 'karmada-self-signed';

const USAGES = { 'server auth': CertificateSpecUsages.SERVER_AUTH, 'client auth': CertificateSpecUsages.CLIENT_AUTH };

/**
 * The certificates of a control plane as cert-manager makes and renews them. The Secrets are those of `CertificateJob`;
 * kubeconfigs name the mounted files, so that a renewed certificate is used without a restart and no key is templated.
 *
 * A CA keeps its key when it is renewed, and is renewed while the certificates that it signed have their whole life
 * before them: at no time is one not trusted.
 */
export class ManagedCertificates extends Construct {
  constructor(scope: Construct, id: string, props: ManagedCertificatesProps) {
    super(scope, id);
    const { namespace, clusterDomain } = settled(props);
    const lifetimes = settledLifetimes(props);
    new Issuer(this, 'SelfSigned', { metadata: { name: SELF_SIGNED, namespace }, spec: { selfSigned: {} } });
    for (const certificate of certificatesOf({ ...props, namespace, clusterDomain })) {
      const { secretName, isCa } = certificate;
      const one = new Construct(this, secretName);
      new Certificate(one, 'Resource', {
        metadata: { name: secretName, namespace },
        spec: specOf(certificate, lifetimes),
      });
      if (isCa) new Issuer(one, 'Issuer', { metadata: { name: secretName, namespace }, spec: { ca: { secretName } } });
    }
  }
}

function specOf(certificate: CertificateSpec, { days, caDays, keySize }: Required<CertificateLifetimes>) {
  const { purpose, secretName, commonName, organizations, usages, dnsNames, ipAddresses, isCa, issuer } = certificate;
  // Tokens that a lost key signed would be worth nothing, nor would certificates that a lost CA's did.
  const isKept = isCa || purpose === 'serviceAccount';
  return {
    secretName,
    secretTemplate: { labels: { 'app.kubernetes.io/component': 'certificate' } },
    commonName,
    subject: organizations.length > 0 ? { organizations: [...organizations] } : undefined,
    dnsNames: dnsNames.length > 0 ? [...dnsNames] : undefined,
    ipAddresses: ipAddresses.length > 0 ? [...ipAddresses] : undefined,
    isCa: isCa || undefined,
    usages: isCa
      ? [CertificateSpecUsages.CERT_SIGN, CertificateSpecUsages.CRL_SIGN, CertificateSpecUsages.DIGITAL_SIGNATURE]
      : [
          CertificateSpecUsages.DIGITAL_SIGNATURE,
          CertificateSpecUsages.KEY_ENCIPHERMENT,
          ...usages.map((usage) => USAGES[usage]),
        ],
    duration: hours(isKept ? caDays : days),
    // The rest is renewed after two thirds of its life.
    renewBefore: isKept ? hours(days) : undefined,
    privateKey: {
      algorithm: CertificateSpecPrivateKeyAlgorithm.RSA,
      size: keySize,
      rotationPolicy: isKept
        ? CertificateSpecPrivateKeyRotationPolicy.NEVER
        : CertificateSpecPrivateKeyRotationPolicy.ALWAYS,
    },
    issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: issuer ? SECRETS[issuer] : SELF_SIGNED },
  };
}

/** Days as cert-manager takes them: a duration of Go, which knows no days. */
function hours(days: number): string {
  return `${days * 24}h0m0s`;
}
