import { distance } from 'fastest-levenshtein';
import { asAscii, lookAlikes } from './look-alikes.ts';
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
  /** What was meant, where that is all but certain: another key, or another value. */
  readonly meant?: { readonly key: string } | { readonly value: unknown };
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
      if (!/^[A-Za-z_][-A-Za-z0-9_]*$/.test(key)) return `["${printable(key)}"]`;
      return i === 0 ? shorten(key) : `.${shorten(key)}`;
    })
    .join('');
}

/** The longest text that is compared with others or shown in full. */
const LONG = 80;

/** The name nearest to a misspelt one, or undefined where none is near. */
export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  if (wrong.length > LONG) return undefined;
  const plain = asAscii(wrong).toLowerCase();
  let best: { name: string; steps: number } | undefined;
  for (const name of names) {
    if (name === wrong || Math.abs(name.length - plain.length) > 3) continue;
    const steps = distance(plain, name.toLowerCase());
    const short = Math.min(name.length, plain.length);
    // Three steps make another word of six letters: 'worker' is not meant to be 'server'.
    const near = Math.max(1, Math.min(short < 7 ? 2 : 3, Math.floor(short / 2)));
    if (steps <= near && (!best || steps < best.steps)) best = { name, steps };
  }
  return best?.name;
}

/** The name nearest to a misspelt one, as `, did you mean 'x'?`, or nothing where none is near. */
export function suggest(wrong: string, names: Iterable<string>): string {
  const name = nearest(wrong, names);
  return name === undefined ? '' : didYouMean(wrong, name);
}

/** Asks whether a name was meant by a wrong one, and says why nobody sees the difference where that is so. */
export function didYouMean(wrong: string, name: string): string {
  const odd = lookAlikes(wrong);
  return `, did you mean '${name}'?${odd && ` It ${odd}`}`;
}

/** As `suggest`, from names of the file itself, some of which may be no names. */
export function suggestName(wrong: string, names: Iterable<string>): string {
  return suggest(
    wrong,
    [...names].filter((name) => NAME.test(name)),
  );
}

/** What members, runtimes and apps may be called. */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A value as a message shows it: on one line, without what does not show, not endless. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return `'${printable(value)}'`;
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a mapping';
  return String(value);
}

/** Texts in quotes with commas between, the first of them where there are many. */
export function list(values: Iterable<unknown>): string {
  const quoted = [...values].map(quote);
  const shown = quoted.slice(0, 20).join(', ');
  return quoted.length > 20 ? `${shown} and ${quoted.length - 20} more` : shown;
}

function printable(text: string): string {
  // JSON leaves the control characters above ASCII as they are, and spaces that are none.
  const safe = JSON.stringify(text.slice(0, LONG))
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
      (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return text.length > LONG ? `${safe}…` : safe;
}

function shorten(text: string): string {
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}
