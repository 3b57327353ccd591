// First, for what comes with the other imports looks at it.
import './constructs/spec/jitless.ts';
import { basename } from 'node:path';
import { fail } from './cli/failure.ts';
import { readFederation } from './cli/federation.ts';
import { synthOptions } from './cli/synth-options.ts';
import { Federation } from './constructs/federation.ts';
import { OutputFolder } from './constructs/output/folder.ts';

// The way of the data: federation.yaml, typed spec, constructs, dist/.
try {
  const options = synthOptions(import.meta.dirname);
  if (options) {
    const { file, output } = options;
    const folder = new OutputFolder(output);
    const spec = readFederation(file);
    const { manifests } = new Federation(spec);
    const count = folder.replace(manifests.files(), basename(file));
    console.log(`${spec.name}: ${count} files in ${output}`);
  }
} catch (error) {
  fail(error);
}
