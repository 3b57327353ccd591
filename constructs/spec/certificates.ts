import { z } from 'zod';
import { DEFAULT_CA_DAYS, DEFAULT_DAYS, DEFAULT_KEY_SIZE } from '../karmada/certificates/certificate-job.ts';
import { type CertificatePurpose, SECRETS } from '../karmada/certificates/plan.ts';
import { APISERVER_PORT } from '../karmada/names.ts';
import { httpsAt } from '../network/addresses.ts';
import { address } from './addresses.ts';
import type { ControlPlane } from './federation.ts';
import { dnsName, httpsUrl, sha256 } from './primitives.ts';

const days = z.int().min(1, 'must be a number of days, 1 or more').max(36_500, 'must be 36500 days or less');

const purposes = Object.keys(SECRETS) as [CertificatePurpose, ...CertificatePurpose[]];

/** `spec.controlPlane.karmada.certificates`. */
export const certificates = z
  .strictObject({
    source: z
      .enum(['job', 'cert-manager', 'existing'])
      .default('job')
      .describe(
        'job: a Job makes those that are missing; cert-manager: it makes and renews them; existing: you bring the Secrets.',
      ),
    hosts: z
      .array(address)
      .prefault([])
      .describe("Further names and addresses at which clients reach the Karmada API, besides the control plane's."),
    days: days.default(DEFAULT_DAYS).describe('Days that a certificate lasts; cert-manager renews it in time.'),
    caDays: days.default(DEFAULT_CA_DAYS).describe('Days that a CA lasts.'),
    keySize: z
      .union([z.literal(2048), z.literal(3072), z.literal(4096)], { error: 'must be 2048, 3072 or 4096' })
      .default(DEFAULT_KEY_SIZE)
      .describe('Bits of the RSA keys.'),
    secretNames: z
      .partialRecord(z.enum(purposes), dnsName)
      .prefault({})
      .describe("With 'source: existing': Secrets that have a name of their own, by what they are for."),
  })
  .superRefine(({ source, days, caDays, secretNames }, context) => {
    if (days >= caDays) {
      const message = `must be fewer than 'caDays', which is ${caDays}: no certificate outlasts its CA`;
      context.addIssue({ code: 'custom', path: ['days'], message });
    }
    if (source !== 'existing' && Object.keys(secretNames).length > 0) {
      const message = "needs 'source: existing': Secrets that are made here have names of their own";
      context.addIssue({ code: 'custom', path: ['secretNames'], message });
    }
  });

/** `spec.controlPlane.karmada.crds`. */
export const crds = z
  .strictObject({
    url: httpsUrl.optional().describe("URL of crds.tar.gz of the release. Default: Karmada's own."),
    sha256: sha256
      .optional()
      .describe(
        "Checksum of what the URL gives, which is then verified. Default: the files in it are those of the release, if that is known and no 'url' is given; otherwise not checked.",
      ),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe('Unpacked crds.tar.gz, read by the synth, for clusters without internet; relative to this file.'),
  })
  .superRefine(({ url, sha256, folder }, context) => {
    if (!folder) return;
    for (const [key, value] of Object.entries({ url, sha256 })) {
      if (!value) continue;
      const message = "is for an archive that is fetched: leave it out, or leave out 'folder'";
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

/** Names and addresses at which clients outside the central cluster reach the Karmada API. */
export function outsideAddresses({ address, hosts, karmada }: ControlPlane): string[] {
  const known = [address, ...hosts.flatMap(({ publicIp, vpnIp }) => [publicIp, vpnIp]), ...karmada.certificates.hosts];
  return [...new Set(known.filter((name) => name !== undefined))];
}

/** URL at which members in other networks reach the Karmada API server: none where its Service has no address there. */
export function publicUrl({ address, hosts, karmada }: ControlPlane): string | undefined {
  const { type, nodePort } = karmada.apiserver.service;
  const host = publicAddress({ address, hosts });
  if (!host || type === 'ClusterIP') return undefined;
  const port = type === 'NodePort' ? nodePort : APISERVER_PORT;
  return port === undefined ? undefined : httpsAt(host, port);
}

/** Name or address at which the central cluster is reached from outside. */
export function publicAddress({ address, hosts }: Pick<ControlPlane, 'address' | 'hosts'>): string | undefined {
  return address ?? hosts.find(({ role }) => role === 'server')?.publicIp;
}
