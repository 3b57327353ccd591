import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
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
    validate(load(readFileSync(join(root, name), 'utf8'), { schema: CORE_SCHEMA.withTags(mergeTag) }));
    expect(validate.errors).toBeNull();
  });

  test.each(files)('is named in the first line of %s, so that an editor finds it', (name) => {
    const depth = name.includes('/') ? '..' : '.';
    expect(readFileSync(join(root, name), 'utf8')).toMatch(
      new RegExp(`^# yaml-language-server: \\$schema=${depth}/federation.schema.json\n`),
    );
  });

  test('refuses an unknown key and a wrong type', () => {
    const document = load(readFileSync(join(root, 'federation.yaml'), 'utf8'), {
      schema: CORE_SCHEMA.withTags(mergeTag),
    }) as {
      spec: Record<string, unknown>;
    };
    document.spec.mebmers = [];
    document.spec.apps = 'none';
    validate(document);
    expect(validate.errors?.map(({ keyword }) => keyword)).toEqual(
      expect.arrayContaining(['additionalProperties', 'type']),
    );
  });

  test("describes every field that it offers, those that are Kubernetes' own excepted", () => {
    type Node = {
      properties?: Record<string, Node>;
      description?: string;
      const?: unknown;
      $ref?: string;
      allOf?: Node[];
    };
    const { definitions = {} } = schema as { definitions?: Record<string, Node> };
    const target = ({ $ref }: Node) => ($ref ? definitions[$ref.split('/').at(-1) as string] : undefined);
    const described = (node: Node | undefined): boolean =>
      node !== undefined &&
      (node.description !== undefined ||
        node.const !== undefined ||
        described(target(node)) ||
        (node.allOf ?? []).some(described));
    const silent = new Set<string>();
    const visit = (node: unknown, path: string, seen: readonly unknown[]): void => {
      if (typeof node !== 'object' || node === null || seen.includes(node)) return;
      const { properties = {} } = node as Node;
      for (const [key, field] of Object.entries(properties)) {
        if (!described(field)) silent.add(`${path}.${key}`);
        if (key === 'affinity' || key === 'tolerations') continue;
        visit(field, `${path}.${key}`, [...seen, node]);
      }
      visit(target(node as Node), path, [...seen, node]);
      for (const [key, child] of Object.entries(node)) if (key !== 'properties') visit(child, path, [...seen, node]);
    };
    visit((schema as { properties: { spec: object } }).properties.spec, 'spec', []);
    expect([...silent]).toEqual([]);
  });
});
