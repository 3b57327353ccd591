import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import type { Access } from '../servers/access.ts';
import type { Host } from './live.ts';
import type { CertificateStatus } from './report.ts';

/** The certificate Job writes it on the Secrets that it makes: constructs/karmada/certificates/certificates.sh. */
const NOT_AFTER = 'serverless-federation.io/not-after';

const DAY = 86_400_000;

/** A certificate, and when it ends: as OpenSSL or as Kubernetes writes it. */
interface Found {
  readonly name: string;
  readonly ends: string;
}

/**
 * When the certificates of the control plane and those in kubeconfigs end, the first that ends first.
 *
 * @param host nothing where the host does not answer.
 * @param now milliseconds since 1970.
 * @param days how many days before its end a certificate is one that ends soon.
 */
export function certificatesOf(
  host: Host | undefined,
  kubeconfigs: readonly Access[],
  now: number,
  days: number,
): CertificateStatus[] {
  return [...(host ? certificatesOn(host) : []), ...kubeconfigs.flatMap(certificatesIn)]
    .map(({ name, ends }) => ({ name, at: Date.parse(ends) }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at)
    .map(({ name, at }) => ({
      name,
      ends: new Date(at).toISOString(),
      days: Math.floor((at - now) / DAY),
      soon: at - now < days * DAY,
    }));
}

/** What Secrets that the Job made, and Certificates of cert-manager, say of themselves. */
function certificatesOn({ secrets, certificates }: Host): Found[] {
  return [
    ...secrets.map(({ metadata }) => ({
      name: `Secret ${metadata.namespace}/${metadata.name}`,
      ends: metadata.annotations?.[NOT_AFTER] ?? '',
    })),
    ...certificates.map(({ metadata, status }) => ({
      name: `Certificate ${metadata.namespace}/${metadata.name}`,
      ends: status?.notAfter ?? '',
    })),
  ];
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: { readonly user?: string } }[];
  readonly users?: readonly {
    readonly name: string;
    readonly user?: { readonly 'client-certificate-data'?: string; readonly 'client-certificate'?: string };
  }[];
}

/** The client certificate that a kubeconfig logs in with, if it does so by one. What is wrong with the file kubectl tells. */
function certificatesIn({ file, context }: Access): Found[] {
  if (!existsSync(file)) return [];
  try {
    const config = load(readFileSync(file, 'utf8'), { schema: CORE_SCHEMA }) as Kubeconfig;
    const used = config.contexts?.find(({ name }) => name === (context ?? config['current-context']));
    const user = config.users?.find(({ name }) => name === used?.context?.user);
    const { 'client-certificate-data': data, 'client-certificate': path } = user?.user ?? {};
    if (data === undefined && path === undefined) return [];
    const pem = data === undefined ? readFileSync(resolve(dirname(file), path ?? '')) : Buffer.from(data, 'base64');
    return [{ name: `${basename(file)}, user ${user?.name}`, ends: new X509Certificate(pem).validTo }];
  } catch {
    return [];
  }
}
