import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { CORE_SCHEMA, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { federationJsonSchema } from '../../constructs/spec/json-schema.ts';

const root = join(import.meta.dirname, '../..');
const files = ['federation.yaml', ...readdirSync(join(root, 'examples')).map((name) => `examples/${name}`)].filter(
  (name) => name.endsWith('.yaml'),
);
const schema = federationJsonSchema();

test('the committed JSON Schema is what `npm run schema` makes', () => {
  expect(JSON.parse(readFileSync(join(root, 'federation.schema.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

describe('the JSON Schema', () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);

  test.each(files)('takes %s', (name) => {
    validate(load(readFileSync(join(root, name), 'utf8'), { schema: CORE_SCHEMA }));
    expect(validate.errors).toBeNull();
  });

  test.each(files)('is named in the first line of %s, so that an editor finds it', (name) => {
    const depth = name.includes('/') ? '..' : '.';
    expect(readFileSync(join(root, name), 'utf8')).toMatch(
      new RegExp(`^# yaml-language-server: \\$schema=${depth}/federation.schema.json\n`),
    );
  });

  test('refuses an unknown key and a wrong type', () => {
    const document = load(readFileSync(join(root, 'federation.yaml'), 'utf8'), { schema: CORE_SCHEMA }) as {
      spec: Record<string, unknown>;
    };
    document.spec.mebmers = [];
    document.spec.apps = 'none';
    validate(document);
    expect(validate.errors?.map(({ keyword }) => keyword)).toEqual(
      expect.arrayContaining(['additionalProperties', 'type']),
    );
  });

  test('describes every field that it offers', () => {
    const silent: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: Record<string, { description?: string; const?: unknown }> };
      for (const [key, field] of Object.entries(properties ?? {})) {
        if (!field.description && field.const === undefined) silent.push(`${path}.${key}`);
      }
      for (const [key, child] of Object.entries(node)) visit(child, key === 'properties' ? path : `${path}.${key}`);
    };
    visit((schema as { properties: { spec: object } }).properties.spec, 'spec');
    expect(silent).toEqual([]);
  });
});
