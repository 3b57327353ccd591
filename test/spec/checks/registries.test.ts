import { expect, test } from 'vitest';
import { checkRegistries } from '../../../constructs/spec/checks/registries.ts';
import { formatPath } from '../../../constructs/spec/faults.ts';
import { API_VERSION, federation, resolve } from '../../../constructs/spec/federation.ts';

const app = { name: 'a', image: 'apps.example.com:5000/a:v1' };

function warnings(registries: object): string[] {
  const found: string[] = [];
  const hosts = [{ name: 'e1', publicIp: '192.0.2.1' }];
  const spec = { controlPlane: {}, k3s: { registries }, members: [{ name: 'e', hosts }, { name: 'f' }], apps: [app] };
  const file = { apiVersion: API_VERSION, kind: 'Federation', metadata: { name: 't' }, spec };
  const report = () => expect.unreachable();
  const warn = (path: readonly PropertyKey[], message: string) => void found.push(`${formatPath(path)}: ${message}`);
  checkRegistries(resolve(federation.parse(file)), Object.assign(report, { warn }));
  return found;
}

const login = { secret: 'login' };

test.each([
  ['r.example.com', { 'docker.io': { endpoints: ['https://r.example.com:5000/v2/hub'] } }, "'r.example.com:5000'"],
  ['r.example.com:443', { 'r.example.com': { endpoints: ['https://r.example.com'] } }, "'r.example.com'"],
  ['apps.example.com', {}, "'apps.example.com:5000'"],
])('a login for %s is warned of where the port makes it that of nothing', (name, mirrors, meant) => {
  expect(warnings({ mirrors, configs: { [name]: login } })).toEqual([
    `spec.k3s.registries.configs["${name}"]: is asked for nothing: a port is part of the name, and the file has ${meant}`,
  ]);
});

test('a login for what the file pulls from, or for what is not in it, is taken', () => {
  const mirrors = { 'docker.io': { endpoints: ['https://r.example.com:5000'] } };
  const configs = { 'r.example.com:5000': login, 'apps.example.com:5000': login, 'other.example.com': login };
  expect(warnings({ mirrors, configs })).toEqual([]);
});

test('Docker Hub is mirrored by the name that images have', () => {
  const mirror = { endpoints: ['https://r.example.com'] };
  expect(warnings({ mirrors: { 'docker.io': mirror } })).toEqual([]);
  expect(warnings({ mirrors: { 'index.docker.io': mirror } })).toEqual([
    `spec.k3s.registries.mirrors["index.docker.io"]: mirrors nothing: images of Docker Hub are those of 'docker.io'`,
  ]);
});
