import { type Resolved, resolver, type Schema } from './schema.ts';

/** Where the reference says that it is made. */
const HEADER = '<!-- Made by "npm run schema" from constructs/spec. Do not edit. -->';

/**
 * The reference of every field as Markdown pages, by file name: one for each part of a federation file, and `README.md`
 * that leads to them. A shape that stands in several places is described once, and linked to from the others.
 */
export function referencePages(schema: Schema): Map<string, string> {
  const resolve = resolver(schema);
  const root = resolve(resolve(schema).properties?.spec ?? {});
  const reference = new Reference(resolve);
  const pages = new Map<string, string>();
  const parts = Object.entries(root.properties ?? {});
  const paged = parts.filter(([, part]) => reference.shapes(resolve(part)).length > 0);
  for (const [name, part] of paged) {
    const sections = reference.sections(`${name}.md`, `spec.${name}`, resolve(part));
    pages.set(
      `${name}.md`,
      [`# spec.${name}`, HEADER, resolve(part).description ?? '', ...sections].join('\n\n').concat('\n'),
    );
  }
  pages.set('README.md', [INTRODUCTION, reference.table('README.md', 'spec', root)].join('\n\n').concat('\n'));
  return pages;
}

const INTRODUCTION = `# Reference of federation.yaml

${HEADER}

A file has these four keys; \`spec\` holds all else. A field is optional unless its type says *required*.

\`\`\`yaml
apiVersion: serverless-federation.io/v1alpha1
kind: Federation
metadata: { name: edge-cloud } # a DNS label, part of names
spec: {}
\`\`\`

Editors show the same as you type: begin a file with \`# yaml-language-server: $schema=./federation.schema.json\`.`;

/** An object with fields of its own: how its place is told from its field's, and what tells it from other choices. */
interface Shape {
  readonly shape: Resolved;
  /** `[]` for each of a list, `.*` for each of a mapping. */
  readonly suffix: string;
  readonly title: string | undefined;
}

/** Gathers sections, and remembers where a shape has been described. */
class Reference {
  private readonly described = new Map<string, string>();

  constructor(private readonly resolve: (schema: Schema) => Resolved) {}

  /** The sections of a part of the file: one for its own fields, then one for each shape in it. */
  sections(page: string, path: string, schema: Resolved): string[] {
    const shapes = this.shapes(schema);
    return shapes.flatMap(({ title, shape, suffix }) => {
      const place = `${path}${suffix}`;
      const heading = title === undefined ? place : `${place}, ${title}`;
      if (shape.id !== undefined) this.described.set(shape.id, `${page}#${anchor(heading)}`);
      const inner = Object.entries(shape.properties ?? {}).flatMap(([name, field]) => {
        const resolved = this.resolve(field);
        const known = this.shapes(resolved).every(({ shape: { id } }) => id !== undefined && this.described.has(id));
        return known ? [] : this.sections(page, `${place}.${name}`, resolved);
      });
      return [`## ${heading}`, this.table(page, place, shape), ...inner];
    });
  }

  /** The objects with fields of their own that a value may be. */
  shapes(schema: Resolved, suffix = '', inside: readonly string[] = []): Shape[] {
    // A value of any kind may hold values of any kind.
    if (schema.id !== undefined && inside.includes(schema.id)) return [];
    const within = schema.id === undefined ? inside : [...inside, schema.id];
    if (schema.properties) return [{ title: undefined, shape: schema, suffix }];
    if (schema.items) return this.shapes(this.resolve(schema.items), `${suffix}[]`, within);
    if (typeof schema.additionalProperties === 'object') {
      return this.shapes(this.resolve(schema.additionalProperties), `${suffix}.*`, within);
    }
    return (schema.oneOf ?? schema.anyOf ?? []).flatMap((choice) =>
      this.shapes(this.resolve(choice), suffix, within).map((one) => ({
        ...one,
        title: one.title ?? this.choiceTitle(one.shape),
      })),
    );
  }

  /** What tells one choice from the others: `provider: headscale`. */
  private choiceTitle(shape: Resolved): string | undefined {
    for (const [name, field] of Object.entries(shape.properties ?? {})) {
      const { const: value, enum: values } = this.resolve(field);
      if (value !== undefined) return `${name}: ${String(value)}`;
      if (values && shape.required?.includes(name)) return `${name}: ${values.join(' or ')}`;
    }
    return undefined;
  }

  table(page: string, path: string, { properties = {}, required = [] }: Resolved): string {
    const rows = Object.entries(properties).map(([name, field]) => {
      const schema = this.resolve(field);
      const type = `${this.type(schema)}${required.includes(name) ? ', *required*' : ''}`;
      const link = this.link(page, `${path}.${name}`, schema);
      return `| ${link === undefined ? `\`${name}\`` : `[\`${name}\`](${link})`} | ${type} | ${cell(text(schema))} |`;
    });
    return ['| field | type | description |', '| --- | --- | --- |', ...rows].join('\n');
  }

  /** Where the fields of a value are described. */
  private link(page: string, path: string, schema: Resolved): string | undefined {
    const [first] = this.shapes(schema);
    if (!first) return undefined;
    if (page === 'README.md') return `${path.split('.')[1]}.md`;
    const known = first.shape.id === undefined ? undefined : this.described.get(first.shape.id);
    const heading = `${path}${first.suffix}${first.title === undefined ? '' : `, ${first.title}`}`;
    return (known ?? `${page}#${anchor(heading)}`).replace(new RegExp(`^${page.replace('.', '\\.')}(?=#)`), '');
  }

  private type(schema: Resolved, inside: readonly string[] = []): string {
    if (schema.id !== undefined && inside.includes(schema.id)) return 'anything';
    const within = schema.id === undefined ? inside : [...inside, schema.id];
    if (schema.const !== undefined) return `\`${String(schema.const)}\``;
    if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return [...new Set(choices.map((choice) => this.type(this.resolve(choice), within)))].join(' or ');
    if (schema.items) return `list of ${this.type(this.resolve(schema.items), within)}`;
    if (schema.properties) return 'mapping';
    if (typeof schema.additionalProperties === 'object') {
      return `mapping of names to ${this.type(this.resolve(schema.additionalProperties), within)}`;
    }
    return scalar(schema);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'whole number',
  number: 'number',
  object: 'mapping',
  array: 'list',
  null: 'null',
};

function scalar({ type, minimum, maximum }: Resolved): string {
  const name = [type ?? []].flat().map((one) => TYPES[one] ?? one);
  const bounds = [
    minimum !== undefined && Math.abs(minimum) < Number.MAX_SAFE_INTEGER ? `from ${minimum}` : '',
    maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER ? `to ${maximum}` : '',
  ].filter(Boolean);
  return [name.length > 0 ? name.join(' or ') : 'anything', ...bounds].join(' ');
}

/** The description of a field, with its default where the description does not tell it. */
function text({ description = '', default: value }: Resolved): string {
  if (value === undefined || /\bDefault:/.test(description)) return description;
  const plain = typeof value !== 'object' || value === null || Object.keys(value).length > 0;
  return plain ? `${description} Default: \`${JSON.stringify(value)}\`.`.trim() : description;
}

function cell(value: string): string {
  return value.replace(/[|<>*]/g, '\\$&').replaceAll('\n', ' ');
}

/** The anchor that GitHub gives a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
