import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Federation } from './constructs/federation.ts';
import { replaceFolder } from './constructs/manifests.ts';
import { InvalidFederation, loadFederation } from './constructs/spec/load.ts';

// The way of the data: federation.yaml, typed spec, constructs, dist/.
const { values } = parseArgs({ options: { output: { type: 'string', short: 'o' } } });
// npm starts scripts in the project's folder and tells in INIT_CWD where the user is.
const here = process.env.INIT_CWD ?? process.cwd();
const file = process.env.FEDERATION
  ? resolve(here, process.env.FEDERATION)
  : join(import.meta.dirname, 'federation.yaml');
const output = values.output
  ? resolve(here, values.output)
  : (process.env.CDK8S_OUTDIR ?? join(import.meta.dirname, 'dist'));

try {
  const shown = relative(here, file);
  const spec = loadFederation(file, {
    name: shown.startsWith('..') ? file : shown,
    onWarning: (line) => console.warn(line),
  });
  const files = new Federation(spec).manifests.render();
  replaceFolder(output, files);
  console.log(`${spec.name}: ${files.size} files in ${output}`);
} catch (error) {
  if (!(error instanceof InvalidFederation)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
