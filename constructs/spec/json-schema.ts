import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { federation } from './federation.ts';

/** The JSON Schema of a federation file: what an editor completes and checks it with. */
export function federationJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(federation, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    reused: 'ref',
  });
  return { $schema, title: 'Federation', ...schema };
}

// `npm run schema` writes it beside federation.yaml.
if (process.argv[1] === import.meta.filename) {
  writeFileSync('federation.schema.json', `${JSON.stringify(federationJsonSchema(), null, 1)}\n`);
}
