import { dirname, resolve } from 'node:path';

/**
 * Where the user is: npm starts scripts in the folder of their package, and tells in INIT_CWD where it was called. A
 * script that has gone elsewhere since names files from there.
 */
export function here(): string {
  const { INIT_CWD, npm_package_json: file } = process.env;
  const folder = process.cwd();
  return INIT_CWD && (file === undefined || dirname(file) === folder) ? INIT_CWD : folder;
}

/** The folder of manifests: what the user names, or `dist` in the folder that is worked on. */
export function distFolder(named?: string): string {
  return named === undefined ? resolve('dist') : resolve(here(), named);
}
