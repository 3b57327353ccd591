import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import type { Path } from './faults.ts';

/** A place in a text as editors count it, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML node, what is in it read when somebody asks: of a long text that is little. */
class Node {
  private aliased?: Node;
  private inside?: { entries?: ReadonlyMap<string, Entry>; items?: readonly Node[]; merged?: readonly Node[] };

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
    private readonly index: number,
  ) {}

  /** -1 where nothing is written, as after `key:`, or only on the lines that follow, as after `key: |`. */
  get start(): number {
    const event = this.event;
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
    if (event.type !== EVENT_ID.SCALAR) return event.start;
    const { style, valueStart } = event;
    if (style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK) return -1;
    return style === SCALAR_STYLE.PLAIN ? valueStart : valueStart - 1;
  }

  /** Whether other nodes are in it. */
  get isCollection(): boolean {
    return this.event.type === EVENT_ID.MAPPING || this.event.type === EVENT_ID.SEQUENCE;
  }

  /** A plain scalar, as it is written. */
  get plain(): string | undefined {
    const event = this.event;
    return event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN ? this.scalar : undefined;
  }

  /** One key or list position further in. */
  step(part: PropertyKey): { at: number; value: Node } | undefined {
    const { entries, items, merged = [] } = this.target.contents;
    if (typeof part === 'number') {
      const item = items?.[part];
      return item && { at: item.start, value: item };
    }
    const entry = entries?.get(String(part));
    if (entry) return { at: entry.key, value: entry.value };
    for (const one of merged) {
      const found = one.step(part);
      if (found) return found;
    }
    return undefined;
  }

  private get event() {
    return this.events[this.index] as NodeEvent;
  }

  private get scalar(): string {
    return this.event.type === EVENT_ID.SCALAR ? getScalarValue(this.text, this.event) : '';
  }

  /** Where an alias leads. */
  private get target(): Node {
    this.aliased ??= this.event.type === EVENT_ID.ALIAS ? this.find(this.event) : this;
    return this.aliased;
  }

  /** The last node before an alias that has its name. */
  private find(alias: NodeEvent): Node {
    const name = anchorOf(this.text, alias);
    for (let i = this.index - 1; i >= 0; i--) {
      const event = this.events[i] as Event;
      if (event.type === EVENT_ID.DOCUMENT) break;
      if (event.type === EVENT_ID.POP || event.type === EVENT_ID.ALIAS) continue;
      if (anchorOf(this.text, event) === name) return new Node(this.text, this.events, i);
    }
    return this;
  }

  private get contents() {
    this.inside ??= this.read();
    return this.inside;
  }

  private read(): NonNullable<Node['inside']> {
    if (!this.isCollection) return {};
    const nodes: Node[] = [];
    for (let i = this.index + 1; this.events[i]?.type !== EVENT_ID.POP; i = endOf(this.events, i)) {
      nodes.push(new Node(this.text, this.events, i));
    }
    if (this.event.type === EVENT_ID.SEQUENCE) return { items: nodes };
    const entries = new Map<string, Entry>();
    let merged: readonly Node[] = [];
    for (let i = 0; i + 1 < nodes.length; i += 2) {
      const [key, value] = [nodes[i] as Node, nodes[i + 1] as Node];
      // What `<<` brings into a mapping.
      if (key.scalar === '<<') merged = [...(value.contents.items ?? [value]), ...merged];
      else entries.set(key.scalar, { key: key.start < 0 ? this.start : key.start, value });
    }
    return { entries, merged };
  }
}

type NodeEvent = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

/** A value of a mapping, and where its key begins. */
interface Entry {
  readonly key: number;
  readonly value: Node;
}

function anchorOf(text: string, { anchorStart, anchorEnd }: NodeEvent): string | undefined {
  return anchorStart < 0 ? undefined : text.slice(anchorStart, anchorEnd);
}

/** What follows a node, and all that is in it. */
function endOf(events: readonly Event[], node: number): number {
  let [next, depth] = [node, 0];
  do {
    const type = events[next++]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    else if (type === EVENT_ID.POP) depth--;
  } while (depth > 0);
  return next;
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
  const root = rootOf(text, events, document);
  const positionAt = lineIndex(text);
  return (path, atKey = false) => {
    let [offset, node] = [root?.start ?? 0, root];
    for (const [i, part] of path.entries()) {
      const found = node?.step(part);
      if (!found) break;
      node = found.value;
      const last = i === path.length - 1;
      const written = !node.isCollection && node.start >= 0;
      offset = last && written && !atKey ? node.start : found.at;
    }
    return positionAt(offset);
  };
}

/** What a YAML text has at a path, letter for letter. Nothing where that is no plain scalar. */
export function writtenIn(text: string, document = 0): (path: Path) => string | undefined {
  let root: Node | undefined;
  return (path) => {
    root ??= rootOf(text, parseEvents(text, {}), document);
    let node = root;
    for (const part of path) node = node?.step(part)?.value;
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

/** The node that a document holds; none where it is empty. */
function rootOf(text: string, events: readonly Event[], document: number): Node | undefined {
  let left = document;
  const start = events.findIndex(({ type }) => type === EVENT_ID.DOCUMENT && left-- === 0) + 1;
  const first = events[start]?.type;
  return start === 0 || first === undefined || first === EVENT_ID.POP || first === EVENT_ID.DOCUMENT
    ? undefined
    : new Node(text, events, start);
}
