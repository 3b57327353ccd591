// First, for what comes with the other imports looks at it.
import './constructs/spec/jitless.ts';
import { basename } from 'node:path';
import { called } from './cli/called.ts';
import { readFederation, shownAs, toStandardError } from './cli/federation.ts';
import { lookAhead } from './constructs/ahead/look-ahead.ts';
import { Federation } from './constructs/federation.ts';
import { OutputFolder } from './constructs/output/folder.ts';
import { withReadme } from './constructs/overview/with-readme.ts';
import type { FederationSpec } from './constructs/spec/federation.ts';
import { judge } from './constructs/spec/load.ts';

/** The way of the data: federation.yaml, typed spec, constructs, what Karmada will do with them, dist/. */
export function synth(file: string, output: string): string {
  const folder = new OutputFolder(output);
  const spec = readFederation(file, toStandardError);
  const count = folder.replace(filesOf(spec), basename(shownAs(file)));
  return `${spec.name}: ${count} files in ${output}`;
}

/** The files of a federation, by their paths in dist/. */
export function filesOf(spec: FederationSpec): Iterable<readonly [path: string, text: string]> {
  const { manifests } = new Federation(spec);
  const ahead = judge(spec, (report) => lookAhead(spec, manifests.objects('karmada'), report));
  return withReadme(spec, ahead, manifests, called);
}

// `node --import tsx main.ts` is the subcommand `synth`, without a bundle.
if (process.argv[1] === import.meta.filename) {
  import('./cli/program.ts').then(({ run }) => run(['synth', ...process.argv.slice(2)]));
}
