/**
 * Writes plain data as YAML that every parser reads alike: those of YAML 1.2, of YAML 1.1, and the one of kubectl,
 * sigs.k8s.io/yaml, which takes more texts for numbers than either (resolve.go of go.yaml.in/yaml/v2).
 *
 * The shape is that of most manifests: lists indented below their key, texts of several lines as literal blocks, and
 * quotes only where a text would be read as something else.
 *
 * @throws Error for what JSON does not have either: numbers that are not finite, and halves of a surrogate pair.
 */
export function toYaml(...documents: unknown[]): string {
  return documents.map(documentOf).join('---\n');
}

function documentOf(value: unknown): string {
  // A block has nothing here to be indented against.
  if (typeof value === 'string') return `${line(value)}\n`;
  if (typeof value !== 'object' || value === null || isEmpty(value)) return `${scalar(value, '')}\n`;
  return Array.isArray(value) ? list(value, '', '') : map(value as Record<string, unknown>, '', '');
}

const STEP = '  ';

/** A map, its first line after `start`, the others after `indent`. */
function map(value: Record<string, unknown>, indent: string, start: string): string {
  let text = '';
  let margin = start;
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    text += margin + keyText(key, indent) + valueText(item, indent);
    margin = indent;
  }
  return text;
}

/** What follows a key, to the end of its last line. */
function valueText(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null || isEmpty(value)) return ` ${scalar(value, indent)}\n`;
  const inner = indent + STEP;
  if (Array.isArray(value)) return `\n${list(value, inner, inner)}`;
  return `\n${map(value as Record<string, unknown>, inner, inner)}`;
}

/** A list, its first line after `start`, the others after `indent`. */
function list(values: readonly unknown[], indent: string, start: string): string {
  const inner = indent + STEP;
  let text = '';
  let margin = start;
  for (const value of values) {
    text += `${margin}- `;
    if (typeof value !== 'object' || value === null || isEmpty(value)) text += `${scalar(value, indent)}\n`;
    else if (Array.isArray(value)) text += list(value, inner, '');
    else text += map(value as Record<string, unknown>, inner, '');
    margin = indent;
  }
  return text;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object' || value === null) return false;
  for (const key of Object.keys(value)) if ((value as Record<string, unknown>)[key] !== undefined) return false;
  return true;
}

/** A value of one piece, its further lines one step deeper than `indent`. */
function scalar(value: unknown, indent: string): string {
  switch (typeof value) {
    case 'string':
      return value.includes('\n') ? lines(value, indent + STEP) : line(value);
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`YAML manifests have no number ${value}`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? '[]' : '{}';
    case 'undefined':
      return 'null';
    default:
      throw new Error(`YAML manifests have no ${typeof value}`);
  }
}

/** The longest key that a parser finds without being told where it begins. */
const LONGEST_KEY = 1024;
/** Keys come again and again. */
const keys = new Map<string, string>();

function keyText(key: string, indent: string): string {
  let text = keys.get(key);
  if (text === undefined) {
    const quoted = line(key);
    text = quoted.length > LONGEST_KEY ? '' : `${quoted}:`;
    if (keys.size < 1000) keys.set(key, text);
  }
  return text || `? ${line(key)}\n${indent}:`;
}

/** Texts that are plain at first sight, unless they are a `WORD`. */
const SIMPLE = /^[A-Za-z_/][\w/.-]*$/;
/** What YAML 1.1 takes for true, false or nothing, in any mix of cases. */
const WORD = /^(?:y|yes|n|no|on|off|true|false|null)$/i;
/**
 * What cannot stand without quotes: the characters that mean something at the beginning or between blanks, the marks
 * between documents, and the empty text.
 */
const INDICATOR = /^$|^[ ,[\]{}#&*!|>'"%@`~=]|^<<$|^[?:-]$|^[?:-] |^---|^\.\.\.|: | #|[ :]$|\t/;
/** What some parser takes for a number, once underscores are gone: see `resolve` in go-yaml, which drops them. */
const NUMBER =
  /^(?:[-+]?0[xob][-+]?[0-9a-f]*|[-+]?(?:\d+\.?\d*|\.\d*)(?:e[-+]?\d*)?|[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?|[-+]?\.(?:inf|nan))$/i;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt \t])/;
/** What parsers refuse, drop or take for the end of a line: it stands as an escape in double quotes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/;
const UNPRINTABLE_AFTER_JSON = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
const HALF_OF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A text on one line. */
function line(text: string): string {
  if (SIMPLE.test(text)) return WORD.test(text) ? `"${text}"` : text;
  if (INDICATOR.test(text) || UNPRINTABLE.test(text) || text.includes('\n') || HALF_OF_PAIR.test(text)) {
    return quoted(text);
  }
  return isNumber(text) || DATE.test(text) ? quoted(text) : text;
}

function isNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  // Digits, '+', '-' and '.': what no parser begins a number with is none.
  if ((first < 0x30 || first > 0x39) && first !== 0x2b && first !== 0x2d && first !== 0x2e) return false;
  return NUMBER.test(text.includes('_') ? text.replaceAll('_', '') : text);
}

function quoted(text: string): string {
  if (text.includes('"') && !text.includes("'") && !UNPRINTABLE.test(text) && !/[\t\n]/.test(text)) return `'${text}'`;
  if (HALF_OF_PAIR.test(text))
    throw new Error(`${JSON.stringify(text)} holds half of a surrogate pair, which is no text`);
  return JSON.stringify(text).replace(
    UNPRINTABLE_AFTER_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text of several lines, as a literal block where that can hold it. */
function lines(text: string, indent: string): string {
  // Blanks on the last line would be taken for its indentation, and nothing but line ends for no text at all.
  if (UNPRINTABLE.test(text) || HALF_OF_PAIR.test(text) || /\n[\t ]+$/.test(text) || /^\n*$/.test(text)) {
    return quoted(text);
  }
  // Blanks on the first line would be taken for the indentation of the block, unless that is told.
  const told = /^\n*[ \t]/.test(text) ? STEP.length : '';
  const body = text.replace(/\n+$/, '');
  const ends = text.length - body.length;
  const chomping = ends === 0 ? '-' : ends === 1 ? '' : '+';
  const kept = '\n'.repeat(Math.max(ends - 1, 0));
  return `|${told}${chomping}\n${indent}${body.replace(/\n+/g, `$&${indent}`)}${kept}`;
}
