import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { ManagedCertificates } from '../../../constructs/karmada/certificates/cert-manager.ts';
import { CertificateJob, type CertificateJobProps } from '../../../constructs/karmada/certificates/certificate-job.ts';
import { ControlPlaneCertificates } from '../../../constructs/karmada/certificates/control-plane-certificates.ts';
import { certificatesOf, SECRETS } from '../../../constructs/karmada/certificates/plan.ts';
import { TOOLS_IMAGE } from '../../../constructs/versions.ts';
import { testChart } from '../../chart.ts';

const BASE: CertificateJobProps = { components: ['etcd'] };

// biome-ignore lint/suspicious/noExplicitAny: what goes over the wire
type Wire = any;

function synth(props: Partial<CertificateJobProps> = {}): Wire[] {
  const chart = testChart();
  new CertificateJob(chart, 'certificates', { ...BASE, ...props });
  return Testing.synth(chart);
}
const one = (kind: string, objects: Wire[]): Wire => objects.find((object) => object.kind === kind);
const jobName = (props: Partial<CertificateJobProps> = {}) => one('Job', synth(props)).metadata.name;

test('the Job may create Secrets and read its own, and change, list or delete none', () => {
  const objects = synth();
  const [create, get] = one('Role', objects).rules;
  expect(create).toEqual({ apiGroups: [''], resources: ['secrets'], verbs: ['create'] });
  expect(get.verbs).toEqual(['get']);
  expect(get.resourceNames).toEqual(
    certificatesOf({ namespace: 'karmada-system', ...BASE }).map(({ secretName }) => secretName),
  );
  expect(objects.some(({ kind }) => kind.startsWith('ClusterRole'))).toBe(false);
});

test('keys have 3072 bits, unless another size is asked for', () => {
  const keySize = (props: Partial<CertificateJobProps> = {}) =>
    one('Job', synth(props)).spec.template.spec.containers[0].env.find(({ name }: Wire) => name === 'KEY_SIZE').value;
  expect(keySize()).toBe('3072');
  expect(keySize({ keySize: 4096 })).toBe('4096');
});

test('a Job whose content changes gets another name, one whose content stays keeps it', () => {
  expect(jobName()).toMatch(/^karmada-certificates-[0-9a-f]{8}$/);
  expect(jobName()).toBe(jobName());
  const others = [
    jobName({ hosts: ['karmada.example.com'] }),
    jobName({ components: ['etcd', 'search'] }),
    jobName({ days: 90 }),
    jobName({ registry: 'registry.example.com' }),
    jobName({ namespace: 'fed' }),
  ];
  expect(new Set([jobName(), ...others]).size).toBe(others.length + 1);
});

test("chart's fault 8: a Job that failed blocks nothing, for it stays and is no hook", () => {
  const { metadata, spec } = one('Job', synth());
  expect(metadata.annotations).toBeUndefined();
  expect(spec.ttlSecondsAfterFinished).toBeUndefined();
  expect(spec.activeDeadlineSeconds).toBeUndefined();
  expect(spec.backoffLimit).toBeGreaterThan(20);
});

test("chart's fault 9: the image has a fixed tag", () => {
  const [container] = one('Job', synth()).spec.template.spec.containers;
  expect(container.image).toBe(TOOLS_IMAGE);
  expect(container.image).toMatch(/:v\d+\.\d+\.\d+$/);
});

test('a registry mirror holds for the Job, too', () => {
  const [container] = one('Job', synth({ registry: 'registry.example.com/mirror' })).spec.template.spec.containers;
  expect(container.image).toMatch(/^registry\.example\.com\/mirror\/helmfile\//);
});

test('keys are written to memory alone, by a pod that keeps to the restricted standard', () => {
  const { spec } = one('Job', synth()).spec.template;
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  const [container] = spec.containers;
  expect(container.securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const work = spec.volumes.find(({ name }: Wire) => name === 'work');
  expect(work.emptyDir.medium).toBe('Memory');
  const mount = container.volumeMounts.find(({ name }: Wire) => name === 'work').mountPath;
  for (const name of ['HOME', 'TMPDIR']) {
    expect(container.env.find((variable: Wire) => variable.name === name).value).toBe(mount);
  }
});

test('a certificate that would outlast its CA is refused', () => {
  expect(() => synth({ days: 3650 })).toThrow("'days' must be fewer than 'caDays' (3650)");
  expect(() => synth({ caDays: 30 })).toThrow("got '365'");
  expect(() => synth({ days: 43_800 / 24, caDays: 3650 })).not.toThrow();
});

test('a CA lasts as long as it says, and so does what is in a Secret only for its key', () => {
  const plan: string = one('ConfigMap', synth({ days: 90, caDays: 1000 })).data.plan;
  expect(plan).toContain('karmada-ca - 1000\n');
  expect(plan).toContain('karmada-service-account - 1000\n');
  expect(plan).toContain('karmada-apiserver-server karmada-ca 90\n');
});

function managed(props: Partial<CertificateJobProps> = {}): Wire[] {
  const chart = testChart();
  new ManagedCertificates(chart, 'certificates', { ...BASE, ...props });
  return Testing.synth(chart);
}

test('cert-manager makes the same Secrets as the Job, with the same names and usages', () => {
  const certificates = managed({ hosts: ['karmada.example.com', '203.0.113.7'] }).filter(
    ({ kind }) => kind === 'Certificate',
  );
  const expected = certificatesOf({
    namespace: 'karmada-system',
    hosts: ['karmada.example.com', '203.0.113.7'],
    ...BASE,
  });
  expect(certificates.map(({ spec }) => spec.secretName)).toEqual(expected.map(({ secretName }) => secretName));
  for (const [i, { spec }] of certificates.entries()) {
    expect(spec.commonName).toBe(expected[i]?.commonName);
    expect(spec.dnsNames ?? []).toEqual(expected[i]?.dnsNames);
    expect(spec.ipAddresses ?? []).toEqual(expected[i]?.ipAddresses);
    expect(spec.subject?.organizations ?? []).toEqual(expected[i]?.organizations);
    expect(spec.usages).toEqual(expect.arrayContaining([...(expected[i]?.usages ?? [])]));
    expect(spec.usages.includes('server auth')).toBe(expected[i]?.usages.includes('server auth'));
    expect(spec.usages.includes('cert sign')).toBe(expected[i]?.isCa);
    expect(spec.privateKey).toMatchObject({ algorithm: 'RSA', size: 3072 });
  }
});

test('every issuer that a certificate names is there', () => {
  const objects = managed();
  const issuers = objects.filter(({ kind }) => kind === 'Issuer').map(({ metadata }) => metadata.name);
  for (const { spec } of objects.filter(({ kind }) => kind === 'Certificate')) {
    expect(issuers).toContain(spec.issuerRef.name);
  }
});

test('cert-manager keeps the keys of CAs and of tokens, and renews a CA before what it signs outlasts it', () => {
  const certificates = managed({ days: 90, caDays: 1000 }).filter(({ kind }) => kind === 'Certificate');
  const kept = certificates.filter(({ spec }) => spec.privateKey.rotationPolicy === 'Never');
  expect(kept.map(({ metadata }) => metadata.name)).toEqual([
    SECRETS.ca,
    SECRETS.etcdCa,
    SECRETS.frontProxyCa,
    SECRETS.serviceAccount,
  ]);
  for (const { spec } of kept) expect(spec).toMatchObject({ duration: '24000h0m0s', renewBefore: '2160h0m0s' });
  const server = certificates.find(({ metadata }) => metadata.name === SECRETS.apiserverServer);
  expect(server.spec).toMatchObject({ duration: '2160h0m0s', privateKey: { rotationPolicy: 'Always' } });
});

test('Secrets that are brought along are made by nobody, and may have names of their own', () => {
  const chart = testChart();
  const secretNames = { adminClient: 'mine' };
  new ControlPlaneCertificates(chart, 'certificates', { ...BASE, source: 'existing', secretNames });
  expect(Testing.synth(chart)).toEqual([]);
  expect(() => new ControlPlaneCertificates(testChart(), 'certificates', { ...BASE, secretNames })).toThrow(
    "'secretNames' must come with 'source' existing",
  );
});
