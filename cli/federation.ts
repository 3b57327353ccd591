import { join, relative, resolve } from 'node:path';
import { Federation } from '../constructs/federation.ts';
import { outlook } from '../constructs/outlook.ts';
import { loadFederation } from '../constructs/spec/load.ts';
import type { Input } from '../simulation/model.ts';

/** What Karmada will look at, by the federation file of the folder that the user is in, or that FEDERATION names. */
export function federationInput(): Input {
  // npm starts scripts in the project's folder and tells in INIT_CWD where the user is.
  const here = process.env.INIT_CWD ?? process.cwd();
  const file = resolve(here, process.env.FEDERATION ?? join(process.cwd(), 'federation.yaml'));
  const shown = relative(here, file);
  const spec = loadFederation(file, {
    name: shown.startsWith('..') ? file : shown,
    onWarning: (line) => console.error(line),
  });
  return outlook(spec, new Federation(spec).manifests.objects('karmada'));
}
