/*
 * Regular expressions of Go, which has others than JavaScript: no look-arounds and back-references, but flags inside, and
 * names and classes of its own (regexp/syntax/parse.go).
 */

/** What an expression is made of; whatever none of the first names stands for itself. */
const PART = new RegExp(
  [
    /(?<literal>\\Q.*?(?:\\E|$))/,
    /(?<escape>\\(?:[pP](?:[A-Z]|\{\^?\w+\})|x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]+\})|0|[1-7][0-7]|[AabBdDfnrsStvwWz]|[^0-9A-Za-z\u0080-\uFFFF]))/,
    /(?<backReference>\\(?:\d|k))/,
    /(?<wrongEscape>\\.?)/,
    // A bracket right at its beginning is one of its characters.
    /(?<class>\[(?:\^|(?!\^))(?:\]|\\.|[^\]\\])(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])/,
    /(?<openClass>\[)/,
    /(?<flags>\(\?[imsU]*(?:-[imsU]+)?\))/,
    /(?<group>\((?!\?)|\(\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:))/,
    /(?<lookAround>\(\?<?[=!])/,
    /(?<wrongGroup>\(\?)/,
    /(?<end>\))/,
    /(?<or>\|)/,
    /(?<repeat>(?:[*+?]|\{(?<least>\d+)(?:,(?<most>\d*))?\})\??)/,
    /./,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gsu',
);

/** Most often that something may be repeated by a number. */
const MOST = 1000;

/** Why Go takes an expression for none, as far as can be told without compiling it; undefined where it may take it. */
export function goExpressionFault(text: string): string | undefined {
  let open = 0;
  /** What a repetition would be of. */
  let before: 'nothing' | 'something' | 'repetition' = 'nothing';
  for (const { 0: part, groups: is = {} } of text.matchAll(PART)) {
    if (is.backReference) return `has the back-reference '${part}', which Go's do not know`;
    if (is.wrongEscape)
      return part === '\\' ? 'ends with a backslash' : `has the escape '${part}', which Go's do not know`;
    if (is.openClass) return "has a '[' that nothing closes";
    if (is.lookAround) return `has the look-around '${part}', which Go's do not know`;
    if (is.wrongGroup) return "has a group that begins with '(?', of a kind that Go's do not know";
    if (is.flags) {
      if (before === 'repetition') before = 'something';
    } else if (is.repeat) {
      if (before === 'nothing') return `has a '${part}' that repeats nothing`;
      if (before === 'repetition') return `repeats by '${part}' what is a repetition already`;
      const [least, most] = [Number(is.least ?? 0), Number(is.most || is.least || 0)];
      if (least > most || most > MOST)
        return `has the repetition '${part}', which must be of 0 to ${MOST}, the lesser first`;
      before = 'repetition';
    } else if (is.group) {
      open++;
      before = 'nothing';
    } else if (is.or) {
      before = 'nothing';
    } else {
      if (is.end && open-- === 0) return "has a ')' that closes nothing";
      before = 'something';
    }
  }
  return open > 0 ? "has a '(' that nothing closes" : undefined;
}
