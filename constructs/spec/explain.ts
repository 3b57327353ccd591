import { z } from 'zod';
import { didYouMean, type Fault, list, nearest, type Path, quote } from './faults.ts';
import { lookAlikes } from './look-alikes.ts';
import { guess } from './other-names.ts';
import { valueAt } from './repair.ts';

/*
 * Says what zod found in the words of the file's users. The only place that knows zod's issues.
 */

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

const TRUTH: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** Message of a union whose branches say more. */
const BRANCHES = 'see its branches';

/** zod's error map. A message that the schema itself gives stays as it is. */
export const explain: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input, issue.inst);
    case 'invalid_value': {
      const wanted = oneOf(issue.values);
      if (issue.input === undefined) return `is required, it must be ${wanted}`;
      if (issue.input === null) return `is empty, it must be ${wanted}`;
      return `must be ${wanted}, got ${quote(issue.input)}${hint(issue.input, issue.values.map(String))}`;
    }
    case 'unrecognized_keys':
      // One fault a key: `faultsOf` takes the issue apart again, and knows the fields no more.
      return JSON.stringify(issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []);
    case 'too_small':
      return `must ${bound(issue.origin, issue.minimum, 'at least')}${got(issue.input)}`;
    case 'too_big':
      return `must ${bound(issue.origin, issue.maximum, 'at most')}${got(issue.input)}`;
    case 'invalid_union':
      return issue.discriminator ? discriminator(issue) : BRANCHES;
    default:
      return undefined;
  }
};

function wrongType(expected: string, input: unknown, schema: unknown): string {
  const wanted = TYPES[expected] ?? `a ${expected}`;
  if (input === undefined) return `is required, it must be ${wanted}`;
  if (input === null) return `is empty, it must be ${wanted}`;
  if (expected === 'string' && isPlain(input)) return quoteIt(String(input));
  const wrong = `must be ${wanted}, got ${quote(input)}`;
  const text = typeof input === 'string' ? input : undefined;
  switch (expected) {
    case 'string':
      return `${wrong}${alone(input)}`;
    case 'number':
    case 'int':
      return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? `${wrong}: write it without quotes` : wrong;
    case 'boolean': {
      const meant = text === undefined ? undefined : text.toLowerCase();
      if (meant === 'true' || meant === 'false') return `${wrong}: write it without quotes`;
      return meant !== undefined && Object.hasOwn(TRUTH, meant) ? `${wrong}: write ${TRUTH[meant]}` : wrong;
    }
    case 'array':
      if (typeof input === 'object') return `${wrong}: begin each entry with '- '`;
      return `${wrong}: write it as a list, [${text === undefined || /^[\w./-]{1,60}$/.test(text) ? String(input) : '…'}]`;
    case 'object':
    case 'record':
      if (Array.isArray(input)) return `${wrong}: ${asFields(input)}`;
      if (text !== undefined && lookAlikes(text)) return `${wrong}, which ${lookAlikes(text)}`;
      if (text !== undefined && isRunTogether(text, schema)) return `${wrong}: a space must follow the colon`;
      return `${wrong}${asMapping(input, schema)}`;
    default:
      return wrong;
  }
}

/** Whether a text is a field and its value without the space between: an image or a URL has a colon, too. */
function isRunTogether(text: string, schema: unknown): boolean {
  const [, key] = /^([\w./-]+):[^\s/]/.exec(text) ?? [];
  if (key === undefined) return false;
  return schema instanceof z.ZodObject ? Object.hasOwn(schema.shape, key) : !key.includes('/');
}

/** How to write what is the one value that a mapping needs, or a truth that turns it on. */
function asMapping(input: unknown, schema: unknown): string {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const kinds = [...(schema._zod.propValues?.[discriminator] ?? [])];
    return kinds.includes(input as string) ? `: write it as { ${discriminator}: ${input} }` : '';
  }
  if (!(schema instanceof z.ZodObject)) return '';
  const fields = Object.entries<z.ZodType>(schema.shape);
  const needed = fields.filter(([, field]) => !field.safeParse(undefined).success);
  if (needed.length === 0) return input === true ? ': write {}' : '';
  const [[key, field] = []] = needed.length === 1 ? needed : [];
  return key && typeof input === 'string' && PLAIN.test(input) && field?.safeParse(input).success
    ? `: write it as { ${key}: ${input} }`
    : '';
}

/** How to write a list as a mapping, such as the one that Kubernetes has of environment variables. */
function asFields(entries: readonly unknown[]): string {
  const [first] = entries as { name?: unknown; value?: unknown }[];
  return typeof first?.name === 'string' && Object.hasOwn(first, 'value') && PLAIN.test(first.name)
    ? `write each as NAME: value, such as ${first.name}: …`
    : "write its fields without '- '";
}

/** How to write a name, or a taint, that Kubernetes has in a mapping of its own. */
function alone(input: unknown): string {
  const fields = Object.entries(Object(input));
  if (!fields.every(([, value]) => typeof value === 'string' && PLAIN.test(value))) return '';
  const { key, value, effect, name } = input as Readonly<Record<string, string | undefined>>;
  if (key && effect) return `: write ${key}${value === undefined ? '' : `=${value}`}:${effect}`;
  return name && fields.length === 1 ? `: write ${name} alone` : '';
}

/** Text that is the same in YAML without quotes. */
const PLAIN = /^[A-Za-z./][\w./-]{0,60}$/;

/** Whether YAML made a number or a truth of what is to be text. */
function isPlain(input: unknown): input is number | boolean {
  return typeof input === 'number' || typeof input === 'boolean';
}

function quoteIt(written: string): string {
  return `must be a string, quote it: "${written}"`;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? quote(values[0]) : `one of ${list(values)}`;
}

function bound(origin: string, limit: number | bigint, word: string): string {
  const unit = { string: 'character', array: 'entry', object: 'entry', map: 'entry' }[origin];
  if (!unit) return `be ${word} ${limit}`;
  return `have ${word} ${limit} ${Number(limit) === 1 ? unit : unit.replace(/y$/, 'ie').concat('s')}`;
}

/** What was given, where that says more than the bound. */
function got(input: unknown): string {
  return typeof input === 'object' ? '' : `, got ${quote(input)}`;
}

function discriminator(issue: z.core.$ZodRawIssue): string {
  const union = issue.inst instanceof z.ZodDiscriminatedUnion ? issue.inst : undefined;
  const key = String(issue.discriminator);
  const values = [...(union?._zod.propValues?.[key] ?? [])].map(String);
  const given = (issue.input as Record<string, unknown> | undefined)?.[key];
  const wanted = `must be one of ${list(values)}`;
  if (given === undefined) return `is required, it ${wanted}`;
  return `${wanted}, got ${quote(given)}${hint(given, values)}`;
}

/** Which of the choices a wrong one may stand for. */
function hint(given: unknown, choices: readonly string[]): string {
  const meant = typeof given === 'string' ? guess(given, choices) : undefined;
  return meant === undefined ? '' : didYouMean(String(given), meant.name);
}

/**
 * zod's issues as faults of the file, in its order, one for each mistake.
 *
 * @param data what was looked at.
 * @param written what the file has at a path, letter for letter.
 */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  data?: unknown,
  written: (path: Path) => string | undefined = () => undefined,
): Fault[] {
  const found = issues.flatMap((issue) => faultsOfIssue(issue, [], written));
  // A field that is required, and there under a misspelt name, is one mistake.
  const misspelt = new Set(
    found.flatMap(({ path, meant }) => (meant && 'key' in meant ? [placeOf([...path.slice(0, -1), meant.key])] : [])),
  );
  // What a mapping lacks is, as like as not, what stands there under a name that nobody knows.
  const holding = new Set(
    found.flatMap(({ path, message }) => (message.startsWith(UNKNOWN) ? [placeOf(path.slice(0, -1))] : [])),
  );
  const told = new Set<string>();
  return found.filter(({ path, atKey }) => {
    const place = placeOf(path);
    if (!atKey && (misspelt.has(place) || holding.has(place))) return false;
    // Of what is wrong with one text or number, the first says enough.
    const isFirst = !told.has(place);
    told.add(place);
    const value = valueAt(data, path);
    return isFirst || value === undefined || (typeof value === 'object' && value !== null);
  });
}

const UNKNOWN = 'unknown field';

function placeOf(path: Path): string {
  return JSON.stringify(path);
}

function faultsOfIssue(issue: z.core.$ZodIssue, under: Path, written: (path: Path) => string | undefined): Fault[] {
  const path = [...under, ...issue.path];
  const { input, message } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = JSON.parse(message) as string[];
      const free = known.filter((key) => !Object.hasOwn(Object(input), key));
      return issue.keys.map((key) => unknownField([...path, key], key, known, free));
    }
    case 'invalid_type':
      if (issue.expected === 'string' && path.at(-1) === 'matchLabels') {
        return [{ path, message: "is no label: write what is in it without 'matchLabels' around it", atKey: true }];
      }
      if (issue.expected !== 'string' || !isPlain(input) || message !== quoteIt(String(input))) break;
      return [{ path, message: quoteIt(written(path) ?? String(input)), meant: { value: String(input) } }];
    case 'invalid_value': {
      const value = typeof input === 'string' ? nearest(input, issue.values.map(String)) : undefined;
      return [{ path, message, ...(value !== undefined && { meant: { value } }) }];
    }
    case 'invalid_key':
      return issue.issues.slice(0, 1).map((inner) => ({
        path,
        message: `its key ${inner.message}${lookAlikes(String(inner.input)) && `; it ${lookAlikes(String(inner.input))}`}`,
        atKey: true,
      }));
    case 'invalid_union': {
      // The branch that is for a value of this type says what is wrong with it; of texts, the union itself may say more.
      const says = (error: z.core.$ZodIssue) =>
        error.path.length > 0 || (message === BRANCHES && error.code !== 'invalid_type');
      const branch = issue.errors.find((errors) => errors.every(says));
      if (branch) return branch.flatMap((error) => faultsOfIssue(error, path, written));
      if (message !== BRANCHES) break;
      return [{ path, message: `has a value of a type that does not fit here, got ${quote(input)}` }];
    }
    default:
      break;
  }
  return [{ path, message: ofText(issue) }];
}

/** The message of an issue, with the text that it is about where that is of use. */
function ofText(issue: z.core.$ZodIssue): string {
  const { code, message, input } = issue;
  if (typeof input !== 'string') return message;
  const odd = lookAlikes(input);
  if (code === 'invalid_format') return `${message}, got ${quote(input)}${odd && `, which ${odd}`}`;
  return odd && !message.includes('U+') && code === 'custom' ? `${message}; it ${odd}` : message;
}

function unknownField(path: Path, key: string, known: readonly string[], free: readonly string[]): Fault {
  const meant = guess(key, free);
  if (meant !== undefined) {
    const { name, sure } = meant;
    return {
      path,
      message: `${UNKNOWN}${didYouMean(key, name)}`,
      atKey: true,
      ...(sure && { meant: { key: name } }),
    };
  }
  const there = guess(key, known);
  if (there?.sure) {
    return { path, message: `${UNKNOWN}, and '${there.name}' is set already: remove it`, atKey: true };
  }
  const odd = lookAlikes(key);
  const fields = known.length > 0 ? `, known are ${list(known)}` : '';
  // A path leads below a field that may well be set.
  const more = there?.name.includes('.') ? didYouMean(key, there.name) : fields;
  return { path, message: `${UNKNOWN}${odd ? `, it ${odd}` : more}`, atKey: true };
}
