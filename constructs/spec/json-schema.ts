import { z } from 'zod';
import { federation } from './federation.ts';

/** The JSON Schema of a federation file: what an editor completes and checks it with. */
export function federationJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(federation, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    reused: 'ref',
    // The file's own keys.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {} };
    },
  });
  return { $schema, title: 'Federation', ...schema };
}
