import { CORE_SCHEMA, constructFromEvents, EVENT_ID, type Event, mergeTag, parseEvents, YAMLException } from 'js-yaml';
import { lineIndex, type Position } from './positions.ts';

/** Why a text is no YAML that can be used, and where. */
export class YamlFault extends Error {
  constructor(
    message: string,
    readonly position: Position,
  ) {
    super(message);
    this.name = 'YamlFault';
  }
}

const START: Position = { line: 1, column: 1 };

/** More values than a file of many megabytes has, fewer than aliases of aliases can make of a few lines. */
const MOST_VALUES = 5_000_000;

/** What a parser meets in a text, in its order. */
export type Events = readonly Event[];

/** What a text was read as. */
export interface Read<Data> {
  readonly data: Data;
  /** What the parser met, by which places in the text are found. */
  readonly events: Events;
}

/**
 * The data of a text that holds one YAML document.
 *
 * @throws YamlFault in the words of whoever wrote the text.
 */
export function readYaml(text: string): Read<unknown> {
  const { data: documents, events } = readDocuments(text);
  const [data, ...more] = documents;
  if (documents.length === 0 || (data === null && more.length === 0 && isBlank(text))) {
    throw new YamlFault("is empty: a federation begins with 'apiVersion: serverless-federation.io/v1alpha1'", START);
  }
  if (more.length > 0) {
    throw new YamlFault(
      `has ${documents.length} YAML documents, it must be one: remove the line '---'`,
      secondDocument(text, events),
    );
  }
  return { data, events };
}

/**
 * The data of each document of a text; an empty one is null.
 *
 * @throws YamlFault in the words of whoever wrote the text.
 */
export function readDocuments(text: string): Read<unknown[]> {
  let documents: unknown[];
  let events: Event[];
  try {
    events = parseEvents(text, {});
    documents = constructFromEvents(events, { schema: CORE_SCHEMA.withTags(mergeTag), source: text });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw new YamlFault('is not valid YAML: it is nested too deeply', START);
    throw explained(text, error);
  }
  if (text.includes('&') && sizeOf(documents, new Map()) > MOST_VALUES) {
    throw new YamlFault('has aliases that hold themselves, or that make millions of values', START);
  }
  return { data: documents, events };
}

/** Whether a text has comments and space alone. */
function isBlank(text: string): boolean {
  return /^(\s|#.*|---|\.\.\.)*$/.test(text.slice(0, 10_000)) && text.length < 10_000;
}

function secondDocument(text: string, events: Events): Position {
  const marks = [...text.matchAll(/^---/gm)];
  const first = events.find((event) => event.type === EVENT_ID.DOCUMENT);
  const mark = marks[first && 'explicitStart' in first && first.explicitStart ? 1 : 0];
  return mark ? lineIndex(text)(mark.index) : START;
}

/** How many values a tree has once its aliases are followed; endless where one holds itself. */
function sizeOf(value: unknown, sizes: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  sizes.set(value, Number.POSITIVE_INFINITY);
  let size = 1;
  for (const inner of Object.values(value)) size += sizeOf(inner, sizes);
  sizes.set(value, size);
  return size;
}

/** What people do wrong most often, found by the line at which the parser gave up, then by what it says itself. */
function explained(text: string, { reason, mark }: YAMLException): YamlFault {
  const place = { line: mark ? mark.line + 1 : 1, column: mark ? mark.column + 1 : 1 };
  const fault = (message: string, position: Position = place) =>
    new YamlFault(`is not valid YAML: ${message}`, position);
  const rows = text.split(/\r\n|\r|\n/);

  const end = mark ? mark.position : text.length;
  const unclosed = UNCLOSED.test(reason) || /[\]}]/.test(text[end] ?? '') ? opening(text.slice(0, end)) : undefined;
  // The parser stops at the line after the one that misled it as often as at that line itself.
  for (const row of [place.line, place.line - 1]) {
    const line = rows[row - 1] ?? '';
    const at = (index: number): Position => ({ line: row, column: index + 1 });
    const tab = /^ *\t/.exec(line);
    if (tab && !/^\s*#/.test(line)) return fault('there is a tab here, indent with spaces', at(tab[0].length - 1));
    const odd = /[^\S \t\r\n\f\v]|\p{Cf}/u.exec(line);
    if (odd && !/^\s*#/.test(line.slice(0, odd.index))) {
      const code = (odd[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const name = code === '00A0' ? 'a non-breaking space' : 'a space that is none of YAML';
      return fault(`there is ${name} (U+${code}) here, write an ordinary space`, at(odd.index));
    }
    if (unclosed !== undefined) continue;
    const curly = /^\s*(?:- )?(?:[\w./-]+: *)?\{\{/.exec(line);
    if (curly) return fault("a value that begins with '{{' must be in quotes", at(curly[0].length - 2));
    const reserved = /(?:^\s*-? |: )([@`%])/.exec(line);
    if (reserved)
      return fault(
        `a value that begins with '${reserved[1]}' must be in quotes`,
        at(reserved.index + reserved[0].length - 1),
      );
    const colon = /^(\s*(?:- )*[\w./-]+: +)(?!['"|>{[&*!#])(?:[^#]|\S#)*?: /.exec(line);
    if (colon) return fault("a value with ': ' in it must be in quotes", at((colon[1] as string).length));
    const glued = /^(\s*(?:- )*[\w-]+):[^\s/:]/.exec(line);
    if (glued) return fault("a space must follow the ':'", at((glued[1] as string).length + 1));
  }
  if (unclosed !== undefined) {
    return fault(`${text[unclosed]} is opened here and never closed`, lineIndex(text)(unclosed));
  }
  const alias = /^unidentified alias "(.*)"$/.exec(reason);
  if (alias) return fault(`unknown alias '*${alias[1]}', nothing above is named '&${alias[1]}'`);
  if (/[\]}]/.test(text[end] ?? '')) return fault(`${text[end]} closes nothing that is open here`);
  if (/["']\s*$/.test(text.slice(0, end)) && /indentation/.test(reason)) {
    return fault('text after a closing quote, put the whole value in quotes');
  }
  const known = Object.entries(REASONS).find(([theirs]) => reason.startsWith(theirs));
  return fault(known ? known[1] : reason);
}

/** The parser's words beside ours. */
const REASONS: Readonly<Record<string, string>> = {
  'duplicated mapping key': 'this key is there already, a mapping has each key once',
  'bad indentation of a mapping entry':
    'this line is indented too far or too little, or a quote or comma is missing before it',
  'bad indentation of a sequence entry':
    'this line is indented too far or too little for an entry of the list above it',
  'missed comma between flow collection entries': "a ',' is missing before this, or a '}' or ']'",
  'can not read a block mapping entry': "this line has no ':', or is indented too little",
  'end of the stream or a document separator is expected':
    'this does not belong to what is above it: mind the indentation',
  'null byte is not allowed': 'is binary, or not UTF-8',
  'the stream contains non-printable': 'there is a control character, write it escaped in double quotes',
  'unknown escape sequence': "unknown escape in double quotes, write '\\\\' for a backslash, or use single quotes",
  'nesting exceeded': 'is nested too deeply',
};

/** What the parser says at the end of the text, or where a line is no part of what is open. */
const UNCLOSED = /^unexpected end of the|^deficient indentation/;

/** Where the last bracket or quote is opened that nothing closes. */
function opening(text: string): number | undefined {
  const open: number[] = [];
  const token = /(?<=^|[\s[{,:])(?:"(?:[^"\\]|\\[\s\S])*"?|'(?:[^']|'')*'?)|(?<=^|\s)#.*|[[{\]}]/gm;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found === '[' || found === '{') open.push(index);
    else if (found === ']' || found === '}') open.pop();
    else if (!found.startsWith('#') && (found.length === 1 || !found.endsWith(found[0] as string))) return index;
  }
  return open.at(-1);
}
