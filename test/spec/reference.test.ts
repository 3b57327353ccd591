import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { federationJsonSchema } from '../../constructs/spec/json-schema.ts';
import { referencePages } from '../../constructs/spec/reference/pages.ts';
import { resolver, type Schema } from '../../constructs/spec/reference/schema.ts';

const FOLDER = join(import.meta.dirname, '../../docs/reference');
const PAGES = referencePages(federationJsonSchema());

/** As GitHub makes an anchor of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('the reference of all fields', () => {
  test('is in docs/reference as "npm run schema" makes it', () => {
    const files = readdirSync(FOLDER);
    expect(files.sort()).toEqual([...PAGES.keys()].sort());
    for (const file of files) expect(readFileSync(join(FOLDER, file), 'utf8'), file).toBe(PAGES.get(file));
  });

  test('names every field of the schema', () => {
    const schema: Schema = federationJsonSchema();
    const resolve = resolver(schema);
    const fields = new Set<string>();
    const seen = new Set<Schema>();
    const walk = (value: Schema) => {
      const { properties = {}, items, additionalProperties, oneOf = [], anyOf = [] } = resolve(value);
      if (seen.has(value)) return;
      seen.add(value);
      for (const [name, field] of Object.entries(properties)) {
        fields.add(name);
        walk(field);
      }
      for (const one of [...oneOf, ...anyOf]) walk(one);
      if (items) walk(items);
      if (typeof additionalProperties === 'object') walk(additionalProperties);
    };
    walk(resolve(schema).properties?.spec ?? {});
    const all = [...PAGES.values()].join('');
    expect([...fields].filter((field) => !all.includes(`\`${field}\``))).toEqual([]);
    expect(fields.size).toBeGreaterThan(100);
  });

  test('has no link that leads nowhere', () => {
    const places = new Set(
      [...PAGES].flatMap(([page, text]) => [
        page,
        ...[...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => `${page}#${anchor(heading)}`),
      ]),
    );
    const links = [...PAGES].flatMap(([page, text]) =>
      [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => (link.startsWith('#') ? `${page}${link}` : link)),
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((link) => !places.has(link))).toEqual([]);
  });
});
