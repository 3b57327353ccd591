import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { federationJsonSchema } from './json-schema.ts';
import { referencePages } from './reference/pages.ts';

// What `npm run schema` makes of the schema: the JSON Schema beside federation.yaml, and the pages of docs/reference.
const root = join(import.meta.dirname, '../..');
const reference = join(root, 'docs/reference');
const schema = federationJsonSchema();
writeFileSync(join(root, 'federation.schema.json'), `${JSON.stringify(schema, null, 1)}\n`);
rmSync(reference, { recursive: true, force: true });
mkdirSync(reference, { recursive: true });
for (const [name, text] of referencePages(schema)) writeFileSync(join(reference, name), text);
