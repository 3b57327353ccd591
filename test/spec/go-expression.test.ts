import { expect, test } from 'vitest';
import { goExpressionFault } from '../../constructs/spec/go-expression.ts';

/* What Go's package regexp says of each, as of Go 1.26. */

test.each([
  '^rancher/(.*)',
  '(?i)^Library/',
  '(?P<name>a+)(?<other>b*?)(?s-i:.)',
  '[[:alpha:]]+[^]a][a\\]]',
  '\\Q(*\\E\\d\\pL\\p{Greek}\\x{10FFFF}\\x41\\0\\12\\_\\/\\z',
  'a{2}b{1,3}c{2,}?d{,3}e{',
  'a+(?i)*',
  '()|',
  ']}',
])('takes %s, as Go does', (text) => expect(goExpressionFault(text)).toBeUndefined());

test.each([
  ['^(?!repo1)', "has the look-around '(?!'"],
  ['(?<=a)b', "has the look-around '(?<='"],
  ['(a)\\1', "has the back-reference '\\1'"],
  ['(?<a>x)\\k<a>', "has the back-reference '\\k'"],
  ['a\\Z', "has the escape '\\Z'"],
  ['a\\', 'ends with a backslash'],
  ['(?>a)', "has a group that begins with '(?'"],
  ['((a)', "has a '(' that nothing closes"],
  ['a)', "has a ')' that closes nothing"],
  ['[]', "has a '[' that nothing closes"],
  ['*.io/', "has a '*' that repeats nothing"],
  ['(|+)', "has a '+' that repeats nothing"],
  ['a**', "repeats by '*' what is a repetition already"],
  ['a{2}{3}', "repeats by '{3}' what is a repetition already"],
  ['a{1001}', "has the repetition '{1001}'"],
  ['a{3,1}', "has the repetition '{3,1}'"],
])('tells why %s is none of Go', (text, fault) => expect(goExpressionFault(text)).toContain(fault));
