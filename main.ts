// First, for what comes with the other imports looks at it.
import './constructs/spec/jitless.ts';
import { basename } from 'node:path';
import { fail } from './cli/failure.ts';
import { readFederation, shownAs } from './cli/federation.ts';
import { synthOptions } from './cli/synth-options.ts';
import { Federation } from './constructs/federation.ts';
import { outlook } from './constructs/outlook.ts';
import { OutputFolder } from './constructs/output/folder.ts';
import { withReadme } from './constructs/overview/with-readme.ts';
import { simulate } from './simulation/simulate.ts';

// The way of the data: federation.yaml, typed spec, constructs, what Karmada will do with them, dist/.
try {
  const options = synthOptions(import.meta.dirname);
  if (options) {
    const { file, output } = options;
    const folder = new OutputFolder(output);
    const spec = readFederation(file);
    const { manifests } = new Federation(spec);
    const ahead = simulate(outlook(spec, manifests.objects('karmada')));
    const count = folder.replace(withReadme(spec, ahead, manifests), basename(shownAs(file)));
    console.log(`${spec.name}: ${count} files in ${output}`);
  }
} catch (error) {
  fail(error);
}
