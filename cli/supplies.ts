import { type Supply, supplies } from '../constructs/supplies.ts';
import { federationFile, readFederation } from './federation.ts';
import { Misuse } from './misuse.ts';
import { table } from './table.ts';

const KINDS: readonly Supply['kind'][] = ['image', 'chart', 'file', 'list', 'packages'];

/**
 * What `supplies` prints.
 *
 * @throws Misuse for a kind that there is not.
 */
export function suppliesText({ output, kind }: { output?: 'json' | 'sources'; kind?: string }): string {
  if (kind !== undefined && !(KINDS as readonly string[]).includes(kind)) {
    throw new Misuse(`--kind must be one of ${KINDS.join(', ')}, got '${kind}'`, 'supplies');
  }
  const spec = readFederation(federationFile(process.cwd(), 'supplies'));
  const found = supplies(spec).filter((supply) => kind === undefined || supply.kind === kind);
  if (output === 'json') return `${JSON.stringify(found, undefined, 2)}\n`;
  if (output === 'sources') return found.map(({ source }) => `${source}\n`).join('');
  return table([
    ['KIND', 'SOURCE', 'FROM', 'WHAT'],
    ...found.map(({ kind, source, from, what }) => [kind, source, from === source ? '-' : from, what]),
  ]);
}
