/*
 * Characters that look like others: what word processors, web pages and other alphabets bring into a file, and no eye
 * tells from what belongs there.
 */

/** Letters of other alphabets beside those of ASCII that they look like: Unicode's confusables.txt, what is common. */
const LETTERS = new Map(
  [
    ['АВСЕНІЈКМОРЅТХУ', 'ABCEHIJKMOPSTXY'],
    ['авсԁеһіјкӏмпорԛѕтԝху', 'abcdehijklmnopqstwxy'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['αινορυχ', 'aivopux'],
    ['ıɑɡⅼ', 'iagl'],
    ['‘’‚‛′', "'''''"],
    ['“”„‟″', '"""""'],
    ['․。', '..'],
    ['∶꞉ː', ':::'],
    ['⁄∕⧸', '///'],
    ['−⁃ー', '---'],
    ['‚，、', ',,,'],
  ].flatMap(([odd = '', plain = '']) => [...odd].map((character, i): [string, string] => [character, plain[i] ?? ''])),
);

/** The character of ASCII that one looks like, nothing for one that does not show, undefined where there is none. */
function looksLike(character: string): string | undefined {
  if (character <= '\x7f') return undefined;
  const known = LETTERS.get(character);
  if (known) return known;
  if (/\p{Pd}/u.test(character)) return '-';
  if (/\p{Zs}/u.test(character)) return ' ';
  if (/\p{Cf}/u.test(character)) return '';
  // Full width and mathematical letters.
  const folded = character.normalize('NFKC');
  return /^[\x21-\x7e]$/.test(folded) ? folded : undefined;
}

/** A text with look-alikes replaced by what they look like. */
export function asAscii(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text : [...text].map((character) => looksLike(character) ?? character).join('');
}

/** Names the first look-alike of a text, as `has U+2011 where '-' belongs`, or nothing where there is none. */
export function lookAlikes(text: string): string {
  for (const character of text.slice(0, 1000)) {
    const plain = looksLike(character);
    if (plain === undefined) continue;
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    if (plain === '') return `has ${code}, a character that does not show`;
    return plain === ' ' ? `has ${code} where a space belongs` : `has ${code} where '${plain}' belongs`;
  }
  return '';
}
