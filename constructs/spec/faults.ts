import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Position } from './positions.ts';

/** A place in the file: keys and list positions from the root. */
export type Path = readonly PropertyKey[];

/** What is wrong at one place of the file. The message completes the sentence "PATH: …". */
export interface Fault {
  readonly path: Path;
  readonly message: string;
  /** Whether the key itself is wrong, not what is under it. */
  readonly atKey?: boolean;
  /** Where it is, for what has no path: text that is no YAML. */
  readonly position?: Position;
}

/** Takes what a check finds. */
export interface Report {
  /** A fault: the file can't be used. */
  (path: Path, message: string): void;
  /** A warning: what is most likely not meant, but may be. The file is used. */
  readonly warn: (path: Path, message: string) => void;
}

/** A report that gathers what it is told in two lists. */
export function reportTo(faults: Fault[], warnings: Fault[] = []): Report {
  return Object.assign((path: Path, message: string): void => void faults.push({ path, message }), {
    warn: (path: Path, message: string): void => void warnings.push({ path, message }),
  });
}

/** `['spec', 'apps', 0, 'a/b']` as `spec.apps[0]["a/b"]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = String(part);
      if (!/^[A-Za-z_][-A-Za-z0-9_]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join('');
}

/** The name nearest to a misspelt one, as `, did you mean 'x'?`, or nothing where none is near. */
export function suggest(wrong: string, names: Iterable<string>): string {
  const near = [...names]
    .map((name) => ({ name, steps: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, steps }) => steps <= Math.min(3, Math.max(1, Math.floor(Math.min(name.length, wrong.length) / 2))))
    .sort((a, b) => a.steps - b.steps)[0];
  return near ? `, did you mean '${near.name}'?` : '';
}

/** A value as a message shows it: on one line, without control characters, not endless. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    // JSON leaves the control characters above ASCII as they are.
    const text = JSON.stringify(value)
      .slice(1, -1)
      .replaceAll('\\"', '"')
      .replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`;
  }
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a mapping';
  return String(value);
}

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/**
 * Says what zod found in the terms of the file, for use as its error map. A message that the schema itself gives
 * stays as it is.
 */
export const explain: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = KINDS[issue.expected] ?? `a ${issue.expected}`;
      return issue.input === undefined
        ? `is missing, it must be ${wanted}`
        : `must be ${wanted}, got ${quote(issue.input)}`;
    }
    case 'invalid_value': {
      const values = issue.values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
      const wanted = values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
      if (issue.input === undefined) return `is missing, it must be ${wanted}`;
      const hint = typeof issue.input === 'string' ? suggest(issue.input, issue.values.map(String)) : '';
      return `must be ${wanted}, got ${quote(issue.input)}${hint}`;
    }
    case 'unrecognized_keys':
      // One fault a key: `faultsOf` takes the issue apart again.
      return JSON.stringify(Object.fromEntries(issue.keys.map((key) => [key, unknownKey(key, issue.inst)])));
    case 'too_small':
      return `must ${bound(issue.origin, issue.minimum, 'at least')}, got ${quote(issue.input)}`;
    case 'too_big':
      return `must ${bound(issue.origin, issue.maximum, 'at most')}, got ${quote(issue.input)}`;
    case 'invalid_union':
      return issue.discriminator
        ? discriminator(issue)
        : `has a value of no kind that fits here, got ${quote(issue.input)}`;
    default:
      return undefined;
  }
};

function bound(origin: string, limit: number | bigint, word: string): string {
  const unit: Record<string, string> = { string: 'characters', array: 'entries', object: 'entries', map: 'entries' };
  return unit[origin] ? `have ${word} ${limit} ${unit[origin]}` : `be ${word} ${limit}`;
}

function discriminator(issue: z.core.$ZodRawIssue): string {
  const union = issue.inst instanceof z.ZodDiscriminatedUnion ? issue.inst : undefined;
  const key = String(issue.discriminator);
  const values = [...(union?._zod.propValues?.[key] ?? [])].map((value) => `'${String(value)}'`);
  const got = (issue.input as Record<string, unknown> | undefined)?.[key];
  const wanted = values.length > 0 ? `must be one of ${values.join(', ')}` : 'must be one of the kinds known here';
  return got === undefined ? `is missing, it ${wanted}` : `${wanted}, got ${quote(got)}`;
}

function unknownKey(key: string, schema: unknown): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return `is no field that is known here${suggest(key, known) || (known.length > 0 ? `, known are ${known.join(', ')}` : '')}`;
}

/** zod's issues as faults of the file, in its order. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], under: Path = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...under, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return Object.entries(JSON.parse(issue.message) as Record<string, string>).map(([key, message]) => ({
          path: [...path, key],
          message,
          atKey: true,
        }));
      case 'invalid_key':
      case 'invalid_element':
        return issue.issues.map((inner) => ({ path, message: `its key ${inner.message}`, atKey: true }));
      case 'invalid_format':
        return [{ path, message: `${issue.message}, got ${quote(issue.input)}` }];
      default:
        return [{ path, message: issue.message }];
    }
  });
}
