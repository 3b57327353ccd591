import { Construct } from 'constructs';
import { ManagedCertificates } from './cert-manager.ts';
import { CertificateJob, type CertificateJobSettings, type CertificateLifetimes } from './certificate-job.ts';
import type { CertificateNaming, CertificatePurpose } from './plan.ts';

/** Who makes the certificates. The Secrets are the same ones, whoever does. */
export type CertificateSource = 'job' | 'cert-manager' | 'existing';

/** Settings of a control plane's certificates. */
export interface CertificateSettings extends CertificateLifetimes {
  /**
   * `job`: a Job makes what is missing. `cert-manager`: it makes and renews them. `existing`: the Secrets are brought
   * along, all of them.
   *
   * @default 'job'
   */
  readonly source?: CertificateSource;
  /**
   * Names and addresses at which clients outside the host cluster reach the Karmada API server.
   *
   * @default - none but its Service's
   */
  readonly hosts?: readonly string[];
  /**
   * Secrets that have another name than `SECRETS` says, for those that are brought along.
   *
   * @default - the names of `SECRETS`
   */
  readonly secretNames?: Partial<Record<CertificatePurpose, string>>;
}

/** Properties for `ControlPlaneCertificates`. */
export interface ControlPlaneCertificatesProps
  extends CertificateSettings,
    Pick<CertificateNaming, 'components'>,
    CertificateJobSettings {}

/** What makes a control plane's certificates; nothing where they are brought along. */
export class ControlPlaneCertificates extends Construct {
  constructor(scope: Construct, id: string, props: ControlPlaneCertificatesProps) {
    super(scope, id);
    const { source = 'job', secretNames = {}, ...rest } = props;
    const [renamed] = Object.keys(secretNames);
    if (source !== 'existing' && renamed) {
      throw new Error(
        `'secretNames' must come with 'source' existing, for ${source} makes Secrets of fixed names, got '${renamed}'`,
      );
    }
    if (source === 'job') new CertificateJob(this, 'Job', rest);
    if (source === 'cert-manager') new ManagedCertificates(this, 'CertManager', rest);
  }
}
