import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import type { Path } from './faults.ts';

/** A place in a text as editors count it, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML node with where it begins, and what is in it. */
interface Node {
  /** -1 where nothing is written, as after `key:`, or only on the lines that follow, as after `key: |`. */
  start: number;
  /** A plain scalar, as it is written. */
  plain?: string;
  entries?: Map<string, { key: number; value: Node }>;
  items?: Node[];
  /** What `<<` brings into a mapping. */
  merged?: Node[];
  /** Where an alias leads. */
  target?: Node;
}

/**
 * Finds the places of a YAML text: of a scalar its value, of a mapping or list the key that it is under, of what is not
 * there the nearest that is around it.
 *
 * @param text one that is YAML.
 * @param document which of its documents, from 0.
 * @param events what the parser met in it, where that is known.
 */
export function positionsIn(
  text: string,
  document = 0,
  events: readonly Event[] = parseEvents(text, {}),
): (path: Path, atKey?: boolean) => Position {
  const root = readNodes(text, events, document);
  const positionAt = lineIndex(text);
  return (path, atKey = false) => {
    let [offset, node] = [root?.start ?? 0, root];
    for (const [i, part] of path.entries()) {
      const found = node && step(node, part);
      if (!found) break;
      node = found.value;
      const last = i === path.length - 1;
      const written = !node.entries && !node.items && node.start >= 0;
      offset = last && written && !atKey ? node.start : found.at;
    }
    return positionAt(offset);
  };
}

/** What a YAML text has at a path, letter for letter. Nothing where that is no plain scalar. */
export function writtenIn(text: string, document = 0): (path: Path) => string | undefined {
  let root: Node | undefined;
  return (path) => {
    root ??= readNodes(text, parseEvents(text, {}), document);
    let node = root;
    for (const part of path) node = node && step(node, part)?.value;
    return node?.plain;
  };
}

/** Turns offsets of a text into positions. */
export function lineIndex(text: string): (offset: number) => Position {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
}

/** One key or list position further in. */
function step(node: Node, part: PropertyKey): { at: number; value: Node } | undefined {
  const whole = node.target ?? node;
  if (typeof part === 'number') {
    const item = whole.items?.[part];
    return item && { at: item.start, value: item };
  }
  const entry = whole.entries?.get(String(part));
  if (entry) return { at: entry.key, value: entry.value };
  for (const merged of whole.merged ?? []) {
    const found = step(merged, part);
    if (found) return found;
  }
  return undefined;
}

function readNodes(text: string, events: readonly Event[], document = 0): Node | undefined {
  const anchors = new Map<string, Node>();
  const starts = events.flatMap(({ type }, i) => (type === EVENT_ID.DOCUMENT ? [i] : []));
  let next = (starts[document] ?? -1) + 1;

  function read(): { node: Node; key: string } | undefined {
    const event = events[next++];
    if (!event || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      return { node: { start: event.anchorStart - 1, ...(target && { target }) }, key: '' };
    }
    const node: Node = { start: -1 };
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
    if (event.type === EVENT_ID.SCALAR) {
      const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
      const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      if (!isBlock) node.start = event.valueStart - (isQuoted ? 1 : 0);
      const key = getScalarValue(text, event);
      if (event.style === SCALAR_STYLE.PLAIN) node.plain = key;
      return { node, key };
    }
    node.start = event.start;
    if (event.type === EVENT_ID.SEQUENCE) {
      node.items = [];
      for (let item = read(); item; item = read()) node.items.push(item.node);
      return { node, key: '' };
    }
    node.entries = new Map();
    for (let key = read(); key; key = read()) {
      const value = read();
      if (!value) break;
      if (key.key === '<<') node.merged = [...(value.node.items ?? [value.node]), ...(node.merged ?? [])];
      else node.entries.set(key.key, { key: key.node.start < 0 ? node.start : key.node.start, value: value.node });
    }
    return { node, key: '' };
  }

  return read()?.node;
}
