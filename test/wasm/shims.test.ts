import { expect, test } from 'vitest';
import {
  isSince,
  K3S_EXTENDS_TEMPLATE,
  K3S_FINDS_SHIMS,
  KNOWN_SHIMS,
  releaseUrl,
} from '../../constructs/wasm/shims.ts';

test('every known shim is called as containerd needs it, and its release names the architecture', () => {
  for (const [name, shim] of Object.entries(KNOWN_SHIMS)) {
    expect(shim.binary).toMatch(new RegExp(`^containerd-shim-${name}-v[12]$`));
    expect(releaseUrl(shim, 'v1.2.3', 'arm64')).toMatch(/^https:\/\/github\.com\/.*v1\.2\.3.*aarch64.*\.tar\.gz$/);
  }
});

test.each([
  ['v1.22.17+k3s1', false, false],
  ['v1.25.13+k3s1', false, true],
  ['v1.27.4+k3s1', false, false],
  ['v1.27.5+k3s1', false, true],
  ['v1.28.7+k3s1', false, true],
  ['v1.28.8+k3s1', true, true],
  ['v1.29.0+k3s1', false, true],
  ['v1.29.3-rc1+k3s1', true, true],
  ['v1.35.6+k3s1', true, true],
])('%s finds shims: %s, extends its template: %s', (version, finds, extendsTemplate) => {
  expect(isSince(version, K3S_FINDS_SHIMS)).toBe(finds);
  expect(isSince(version, K3S_EXTENDS_TEMPLATE)).toBe(extendsTemplate);
});
