import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../cli/failure.ts';
import { readOptions } from '../../cli/misuse.ts';
import { federationJsonSchema } from './json-schema.ts';
import { referencePages } from './reference/pages.ts';

const HELP = `Makes what is made of the schema of a federation file: federation.schema.json, and the pages of docs/reference.

Usage: npm run schema
`;

const root = join(import.meta.dirname, '../..');

function generate(): void {
  const reference = join(root, 'docs/reference');
  const schema = federationJsonSchema();
  writeFileSync(join(root, 'federation.schema.json'), `${JSON.stringify(schema, null, 1)}\n`);
  spawnSync('biome', ['check', '--write', 'federation.schema.json'], { cwd: root, stdio: 'inherit' });
  rmSync(reference, { recursive: true, force: true });
  mkdirSync(reference, { recursive: true });
  for (const [name, text] of referencePages(schema)) writeFileSync(join(reference, name), text);
}

try {
  const { help } = readOptions('npm run schema --', {});
  if (help) process.stdout.write(HELP);
  else generate();
} catch (error) {
  fail(error);
}
