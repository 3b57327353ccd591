import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/*
 * Broken federation files: those of this project with something in them replaced, taken away, renamed or moved.
 */

/** Folder of the project. */
export const root = join(import.meta.dirname, '../..');
/** The texts that are broken. */
export const seeds = [
  join(root, 'federation.yaml'),
  ...readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, 'examples', name)),
].map((file) => readFileSync(file, 'utf8'));
/** A key that nobody knows. */
export const FOREIGN = 'zzForeign';

export type Tree = Record<string, unknown> | unknown[];

/** Every place in a document: its holder and key. */
function places(node: unknown): [Tree, string | number][] {
  if (typeof node !== 'object' || node === null) return [];
  const keys = Array.isArray(node) ? node.map((_, i) => i) : Object.keys(node);
  return keys.flatMap((key) => [[node as Tree, key] as [Tree, string | number], ...places((node as never)[key])]);
}

/** A text of any characters. The `string` of fast-check would first lay out a table of them all, which takes a second. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const characters = fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength });
  return characters.map((points) => String.fromCodePoint(...points));
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    1e21,
    '',
    ' ',
    'latest',
    '0.0.0.0/0',
    '10.0.0.1/8',
    '::/0',
    '../../etc/passwd',
    '$(reboot)',
    "'; reboot; '",
    'a\nb',
    '{{ x }}',
    [],
    {},
    [[]],
    [null],
    { '': '' },
  ),
  anyText(40),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One thing that is done to a document. */
export const mutation = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'foreign', 'rename', 'repeat', 'swap'),
  at: fc.nat(),
  other: fc.nat(),
  value: oddValue,
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** Does it. */
export function mutate(document: Tree, { kind, at, other, value }: Mutation): void {
  const all = places(document);
  const pick = (n: number) => all[n % all.length] as [Record<string | number, unknown>, string | number];
  if (all.length === 0) return;
  const [holder, key] = pick(at);
  switch (kind) {
    case 'replace':
      holder[key] = value;
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(key as number, 1);
      else delete holder[key];
      break;
    case 'foreign':
      if (!Array.isArray(holder)) holder[FOREIGN] = value;
      break;
    case 'rename':
      if (!Array.isArray(holder)) {
        holder[`${key}s`] = holder[key];
        delete holder[key];
      }
      break;
    case 'repeat':
      if (Array.isArray(holder)) holder.push(structuredClone(holder[key as number]));
      break;
    case 'swap': {
      const [otherHolder, otherKey] = pick(other);
      // A clone, so that no node comes to hold itself.
      [holder[key], otherHolder[otherKey]] = [structuredClone(otherHolder[otherKey]), structuredClone(holder[key])];
    }
  }
}
