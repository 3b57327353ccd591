import { afterEach, expect, test, vi } from 'vitest';
import { distFolder, here } from '../../cli/here.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const at = (folder: string, env: Record<string, string | undefined>) => {
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  for (const name of ['INIT_CWD', 'npm_package_json']) vi.stubEnv(name, env[name]);
};

test('files are named from where npm was called, and from where a script of it has gone to', () => {
  const env = { INIT_CWD: '/shop/docs', npm_package_json: '/shop/package.json' };
  at('/shop', env);
  expect(here()).toBe('/shop/docs');
  at('/shop/infra', env);
  expect(here()).toBe('/shop/infra');
  at('/shop', {});
  expect(here()).toBe('/shop');
});

test('manifests are where the user says, or in the folder that is worked on', () => {
  at('/shop', { INIT_CWD: '/shop/docs', npm_package_json: '/shop/package.json' });
  expect(distFolder()).toBe('/shop/dist');
  expect(distFolder('out')).toBe('/shop/docs/out');
});
