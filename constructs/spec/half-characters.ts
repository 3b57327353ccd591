import type { Fault } from './faults.ts';

/** Surrogates come in pairs, which are one character; a text with half of one can't be written to any file. */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Finds the texts that hold half of a character.
 *
 * @param data what the text was read as.
 * @param text the file: only an escape in it can be such a half.
 */
export function halfCharacters(data: unknown, text: string): Fault[] {
  const faults: Fault[] = [];
  if (!/\\u(?:0000)?d[89a-f]/i.test(text)) return faults;
  const visit = (value: unknown, path: (string | number)[]) => {
    if (typeof value === 'string') look(value, path);
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...path, i]);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        look(key, [...path, key]);
        visit(item, [...path, key]);
      }
    }
  };
  const look = (value: string, path: (string | number)[]) => {
    const half = HALF.exec(value)?.[0];
    if (half === undefined) return;
    const code = `\\u${half.charCodeAt(0).toString(16)}`;
    faults.push({ path, message: `holds '${code}', which is half of a character: write the character itself` });
  };
  visit(data, []);
  return faults;
}
