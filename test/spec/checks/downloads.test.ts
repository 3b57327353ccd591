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
const pinned = { karmada: { crds: { sha256: SHA256 } } };

test("names Karmada's CRDs, the installer of all clusters with hosts, and images by a tag, each once", () => {
  const controlPlane = { address: 'k.example.com', hosts };
  const apps = [app('one', 'ghcr.io/example/app:v1'), app('two', 'ghcr.io/example/app:v1')];
  expect(told({ controlPlane, members, runtimes: [], apps })).toEqual([
    "spec.k3s.installer: k3s's installer, https://raw.githubusercontent.com/k3s-io/k3s/v1.35.6%2Bk3s1/install.sh",
    "spec.controlPlane.karmada.crds: Karmada's CRDs, https://github.com/karmada-io/karmada/releases/download/v1.18.2/crds.tar.gz",
    'spec.apps: images that a tag alone names: ghcr.io/example/app:v1',
  ]);
});

test('is silent about what is pinned, and about clusters that exist', () => {
  const apps = [app('one', `ghcr.io/example/app:v1@sha256:${SHA256}`)];
  expect(told({ controlPlane: pinned, members: [{ name: 'm1' }], apps })).toEqual([]);
  const k3s = { installer: { sha256: SHA256 } };
  expect(told({ k3s, controlPlane: { ...pinned, address: 'k.example.com', hosts }, members })).toEqual([]);
});

test('the synth warns of each with the way out', () => {
  const lines: string[] = [];
  const text = `apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: test }
spec:
  controlPlane: { karmada: { crds: {} } }
`;
  parseFederation(text, 'f.yaml', (line) => lines.push(line));
  expect(lines).toEqual([
    expect.stringMatching(
      /^f\.yaml:5:\d+: warning: spec\.controlPlane\.karmada\.crds: is fetched without being verified: .*; give 'sha256'/,
    ),
  ]);
});
