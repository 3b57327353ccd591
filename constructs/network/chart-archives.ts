import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Archives of charts in base64, by file name: `metallb-0.16.1.tgz`. */
export type ChartArchives = Readonly<Record<string, string>>;

/** Most that k3s's Helm takes: it passes the archive on in a ConfigMap, which holds 1 MiB. */
const MAX_CHARACTERS = 1_000_000;

/**
 * Reads all archives of a folder, for a synth without a network later; constructs get their content.
 *
 * @throws Error when the folder can't be read, or an archive is larger than k3s takes.
 */
export function readChartArchives(folder: string): ChartArchives {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return Object.fromEntries(
    names.sort().map((name) => {
      if (!statSync(join(folder, name)).isFile()) throw new Error(`'${name}' is no plain file`);
      const content = readFileSync(join(folder, name)).toString('base64');
      if (content.length > MAX_CHARACTERS) throw new Error(`'${name}' is larger than the 750 kB that k3s takes`);
      return [name, content];
    }),
  );
}
