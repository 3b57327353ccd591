import { expect, test } from 'vitest';
import { unverifiedDownloads } from '../../../constructs/spec/checks/downloads.ts';
import { parseFederation } from '../../../constructs/spec/load.ts';

const SHA256 = 'a'.repeat(64);

/** What is told of a file with this spec. */
function told(spec: object): string[] {
  const head = { apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } };
  const federation = parseFederation(JSON.stringify({ ...head, spec }), 'f.yaml', () => {});
  return unverifiedDownloads(federation).map(({ path, what }) => `${path.join('.')}: ${what}`);
}

const hosts = [{ name: 'n1', publicIp: '192.0.2.1' }];
const app = (name: string, image: string) => ({ name, image, placement: { clusters: ['m1'] } });
const members = [{ name: 'm1', hosts: [{ name: 'n2', publicIp: '192.0.2.2' }] }];
const controlPlane = { address: 'k.example.com', hosts };

test('names CRDs and installers of releases that are not known, and images by a tag, each once', () => {
  const k3s = { version: 'v1.99.0+k3s1' };
  const karmada = { version: 'v1.18.99' };
  const apps = [app('one', 'ghcr.io/example/app:v1'), app('two', 'ghcr.io/example/app:v1')];
  expect(told({ k3s, controlPlane: { ...controlPlane, karmada }, members, runtimes: [], apps })).toEqual([
    "spec.k3s.installer: k3s's installer, https://raw.githubusercontent.com/k3s-io/k3s/v1.99.0%2Bk3s1/install.sh",
    "spec.controlPlane.karmada.crds: Karmada's CRDs, https://github.com/karmada-io/karmada/releases/download/v1.18.99/crds.tar.gz",
    'spec.apps: images that a tag alone names: ghcr.io/example/app:v1',
  ]);
});

test('names what lies elsewhere than a release has it', () => {
  const k3s = { installer: { url: 'https://files.example.com/install.sh' } };
  const karmada = { crds: { url: 'https://files.example.com/crds.tar.gz' } };
  expect(told({ k3s, controlPlane: { ...controlPlane, karmada }, members })).toEqual([
    "spec.k3s.installer: k3s's installer, https://files.example.com/install.sh",
    "spec.controlPlane.karmada.crds: Karmada's CRDs, https://files.example.com/crds.tar.gz",
  ]);
});

test('is silent about what is known or pinned', () => {
  const apps = [app('one', `ghcr.io/example/app:v1@sha256:${SHA256}`)];
  expect(told({ controlPlane, members, apps })).toEqual([]);
  const k3s = { version: 'v1.99.0+k3s1', installer: { sha256: SHA256 } };
  const karmada = { version: 'v1.18.99', crds: { sha256: SHA256 } };
  expect(told({ k3s, controlPlane: { ...controlPlane, karmada }, members })).toEqual([]);
});

test('the synth warns of each with the way out', () => {
  const lines: string[] = [];
  const text = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: test }
spec:
  controlPlane: { karmada: { version: v1.18.99, crds: {} } }
`;
  parseFederation(text, 'f.yaml', (line) => lines.push(line));
  expect(lines).toEqual([
    expect.stringMatching(
      /^f\.yaml:5:\d+: warning: spec\.controlPlane\.karmada\.crds: is fetched without being verified: .*; give 'sha256'/,
    ),
  ]);
});
