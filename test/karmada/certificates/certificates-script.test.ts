import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CertificateJob, type CertificateJobProps } from '../../../constructs/karmada/certificates/certificate-job.ts';
import { type CertificateNaming, certificatesOf, SECRETS } from '../../../constructs/karmada/certificates/plan.ts';
import { testChart } from '../../chart.ts';

/*
 * The Job's script, with real openssl; kubectl is a stand-in (stand-in/kubectl) that keeps Secrets as files. The
 * end-to-end test runs the Job against a real API server.
 */

// Keys are made and processes started by the hundred, on a machine that may do other things, too.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const naming = {
  namespace: 'karmada-system',
  hosts: ['karmada.example.com', '203.0.113.7', '100.64.0.5'],
  components: ['etcd', 'schedulerEstimator', 'descheduler', 'search', 'metricsAdapter'],
  keySize: 1024, // 3072 takes twenty times as long; what the Job gets by default is in certificate-job.test.ts
} satisfies CertificateJobProps & CertificateNaming;

const root = mkdtempSync(join(tmpdir(), 'certificates-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A cluster's Secrets, and the Job that makes them. */
class Cluster {
  readonly folder = mkdtempSync(join(root, 'cluster-'));
  readonly secrets = join(this.folder, 'secrets');

  constructor() {
    mkdirSync(this.secrets);
  }

  /** Runs the Job's script; what it says is returned. */
  run(props: Partial<CertificateJobProps> = {}, env: Record<string, string> = {}): { status: number; log: string } {
    const chart = testChart();
    new CertificateJob(chart, 'certificates', { ...naming, ...props });
    const objects = Testing.synth(chart);
    const plan = mkdtempSync(join(this.folder, 'plan-'));
    const data: Record<string, string> = objects.find(({ kind }) => kind === 'ConfigMap').data;
    for (const [name, text] of Object.entries(data)) writeFileSync(join(plan, name), text);
    const container = objects.find(({ kind }) => kind === 'Job').spec.template.spec.containers[0];
    const given = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    const result = spawnSync('bash', [join(plan, 'certificates.sh')], {
      encoding: 'utf8',
      env: {
        ...given,
        PATH: `${import.meta.dirname}/stand-in:${process.env.PATH}`,
        PLAN_DIR: plan,
        TMPDIR: this.folder,
        HOME: this.folder,
        SECRETS_DIR: this.secrets,
        ...env,
      },
    });
    return { status: result.status ?? -1, log: result.stderr };
  }

  names(): string[] {
    return readdirSync(this.secrets).filter((name) => !name.startsWith('.'));
  }

  file(secret: string, key: 'tls.crt' | 'tls.key' | 'ca.crt'): string {
    const line = readFileSync(join(this.secrets, secret), 'utf8').match(new RegExp(`^  ${key}: (.*)$`, 'm'));
    const path = join(this.folder, `${secret}.${key}`);
    writeFileSync(path, Buffer.from(line![1]!, 'base64'));
    return path;
  }

  certificate(secret: string): X509Certificate {
    return new X509Certificate(readFileSync(this.file(secret, 'tls.crt')));
  }

  serials(): Record<string, string> {
    return Object.fromEntries(this.names().map((name) => [name, this.certificate(name).serialNumber]));
  }
}

const openssl = (...args: string[]) => spawnSync('openssl', args, { encoding: 'utf8' });

describe('a first run', () => {
  const cluster = new Cluster();
  let result: ReturnType<Cluster['run']>;
  beforeAll(() => {
    result = cluster.run();
  });

  test('makes a Secret for every purpose', () => {
    expect(result.log).not.toContain('error');
    expect(result.status).toBe(0);
    expect(cluster.names().sort()).toEqual(Object.values(SECRETS).sort());
  });

  test('makes Secrets that say when their certificates end, and whose they are', () => {
    const manifest = readFileSync(join(cluster.secrets, SECRETS.adminClient), 'utf8');
    const end = new Date(cluster.certificate(SECRETS.adminClient).validTo).toISOString().replace('.000', '');
    expect(manifest).toContain(`serverless-federation.io/not-after: "${end}"`);
    expect(manifest).toContain('app.kubernetes.io/managed-by: serverless-federation');
    // By these, whoever renews them names them.
    expect(manifest).toContain('app.kubernetes.io/component: certificate');
    expect(manifest).toContain(`app.kubernetes.io/name: ${SECRETS.adminClient}`);
    expect(result.log).toContain(`made ${SECRETS.adminClient}, ends on ${end}`);
  });

  test.each(certificatesOf(naming).filter(({ issuer }) => issuer))(
    '$secretName is signed by its CA for its usages and names, and its key fits',
    ({ secretName, issuer, usages, commonName, organizations, dnsNames, ipAddresses }) => {
      const [crt, ca] = [cluster.file(secretName, 'tls.crt'), cluster.file(secretName, 'ca.crt')];
      expect(readFileSync(ca, 'utf8')).toBe(readFileSync(cluster.file(SECRETS[issuer!], 'tls.crt'), 'utf8'));
      for (const usage of ['server auth', 'client auth'] as const) {
        const purpose = usage === 'server auth' ? 'sslserver' : 'sslclient';
        const verified = openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, crt);
        expect(verified.status === 0, `${usage}: ${verified.stderr}`).toBe(usages.includes(usage));
      }
      const certificate = cluster.certificate(secretName);
      expect(certificate.checkPrivateKey(privateKey(cluster, secretName))).toBe(true);
      expect(certificate.subject.split('\n')).toEqual([...organizations.map((o) => `O=${o}`), `CN=${commonName}`]);
      const names = (certificate.subjectAltName ?? '').split(', ').filter(Boolean);
      expect(names).toHaveLength(dnsNames.length + ipAddresses.length);
      for (const name of dnsNames) expect(names).toContain(`DNS:${name}`);
      for (const ip of ipAddresses) expect(certificate.checkIP(ip)).toBe(ip);
    },
  );

  test('certificates last a year, the CAs ten', () => {
    const days = (secret: string) => {
      const { validFrom, validTo } = cluster.certificate(secret);
      return (Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000;
    };
    expect([SECRETS.ca, SECRETS.etcdCa, SECRETS.frontProxyCa].map(days)).toEqual([3650, 3650, 3650]);
    expect([SECRETS.apiserverServer, SECRETS.adminClient].map(days)).toEqual([365, 365]);
  });

  test('the key that signs ServiceAccount tokens is nobody else’s', () => {
    const keys = cluster
      .names()
      .map((name) => cluster.certificate(name).publicKey.export({ format: 'pem', type: 'spki' }));
    expect(new Set(keys).size).toBe(cluster.names().length);
  });

  test('keys are as long as the Job asks for', () => {
    const lengths = cluster
      .names()
      .map((name) => cluster.certificate(name).publicKey.asymmetricKeyDetails?.modulusLength);
    expect(new Set(lengths)).toEqual(new Set([naming.keySize]));
  });

  test('leaves no key behind', () => {
    const left = openssl('version').status === 0 ? readdirSync(cluster.folder) : [];
    expect(left.filter((name) => name.startsWith('tmp.'))).toEqual([]);
  });

  test('a second run changes nothing', () => {
    const before = cluster.serials();
    const again = cluster.run();
    expect(again.status).toBe(0);
    expect(again.log).not.toContain('made ');
    expect(again.log).not.toContain('warning');
    expect(cluster.serials()).toEqual(before);
  });

  test('a certificate whose Secret is gone is made anew by the same CA, and no other', () => {
    const before = cluster.serials();
    rmSync(join(cluster.secrets, SECRETS.apiserverServer));
    expect(cluster.run().status).toBe(0);
    const after = cluster.serials();
    expect(after[SECRETS.apiserverServer]).not.toBe(before[SECRETS.apiserverServer]);
    expect({ ...after, [SECRETS.apiserverServer]: '' }).toEqual({ ...before, [SECRETS.apiserverServer]: '' });
  });

  test('an address that was added later is named, for the certificate is kept', () => {
    const before = cluster.serials();
    const { status, log } = cluster.run({ hosts: [...naming.hosts, 'new.example.com', '192.0.2.9'] });
    expect(status).toBe(0);
    expect(log).toContain(`'${SECRETS.apiserverServer}' is not valid for 'new.example.com'`);
    expect(log).toContain(`'${SECRETS.apiserverServer}' is not valid for '192.0.2.9'`);
    expect(log.match(/warning/g)).toHaveLength(2);
    expect(cluster.serials()).toEqual(before);
  });

  test('no CA is made anew under the certificates that it signed', () => {
    const backup = readFileSync(join(cluster.secrets, SECRETS.ca));
    rmSync(join(cluster.secrets, SECRETS.ca));
    const { status, log } = cluster.run();
    writeFileSync(join(cluster.secrets, SECRETS.ca), backup);
    expect(status).toBe(1);
    expect(log).toContain(`no '${SECRETS.ca}', which holds the CA that signed it`);
  });

  test('CAs are made anew when all that they signed goes with them, and the key of tokens stays', () => {
    const before = cluster.serials();
    for (const name of cluster.names()) if (name !== SECRETS.serviceAccount) rmSync(join(cluster.secrets, name));
    expect(cluster.run().status).toBe(0);
    const after = cluster.serials();
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(Object.keys(after).filter((name) => after[name] === before[name])).toEqual([SECRETS.serviceAccount]);
  });
});

describe('a CA that is brought along', () => {
  test('signs the rest, and is named when they would outlast it', async () => {
    const cluster = new Cluster();
    const [crt, key] = [join(cluster.folder, 'own.crt'), join(cluster.folder, 'own.key')];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:1024',
      '-noenc',
      '-days',
      '20',
      '-subj',
      '/CN=own',
      '-keyout',
      key,
      '-out',
      crt,
    );
    // Within its first second it would end in 20 whole days.
    const made = new Date(new X509Certificate(readFileSync(crt)).validFrom).getTime();
    await setTimeout(Math.max(0, made + 1000 - Date.now()));
    const base64 = (path: string) => readFileSync(path).toString('base64');
    writeFileSync(
      join(cluster.secrets, SECRETS.ca),
      `  tls.crt: ${base64(crt)}\n  tls.key: ${base64(key)}\n  ca.crt: ${base64(crt)}\n`,
    );
    const { status, log } = cluster.run({ components: ['etcd'] });
    expect(status).toBe(0);
    expect(log).toContain(`the certificate in '${SECRETS.ca}' ends on`);
    expect(log).toContain(`the CA in '${SECRETS.ca}' ends in 19 days, so '${SECRETS.apiserverServer}' does too`);
    const certificate = cluster.certificate(SECRETS.apiserverServer);
    expect(certificate.issuer).toBe('CN=own');
    expect(Date.parse(certificate.validTo)).toBeLessThanOrEqual(
      Date.parse(new X509Certificate(readFileSync(crt)).validTo),
    );
  });
});

test('an API server that refuses ends the run before anything is made', () => {
  const cluster = new Cluster();
  const bin = join(cluster.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'kubectl'), '#!/bin/sh\necho forbidden >&2\nexit 1\n', { mode: 0o755 });
  const { status, log } = cluster.run({}, { PATH: `${bin}:${process.env.PATH}` });
  expect(status).toBe(1);
  expect(log).toContain(`cannot read 'tls.crt' of Secret '${SECRETS.ca}'`);
  expect(existsSync(join(cluster.secrets, SECRETS.ca))).toBe(false);
});

function privateKey(cluster: Cluster, secret: string) {
  return createPrivateKey(readFileSync(cluster.file(secret, 'tls.key')));
}
