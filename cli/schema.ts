import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The JSON Schema of federation files. */
export function schema(): string {
  return readFileSync(join(import.meta.dirname, '../federation.schema.json'), 'utf8');
}
