import type { Cluster } from '../../simulation/karmada.ts';
import { Misuse } from '../misuse.ts';

/**
 * Makes sure that names are members'.
 *
 * @throws Misuse for a name that none bears.
 */
export function checkNames(option: string, names: readonly string[], members: readonly Cluster[]): void {
  const known = new Set(members.map(({ metadata }) => metadata.name));
  for (const name of names) {
    if (known.has(name)) continue;
    const some = [...known].slice(0, 10).join(', ');
    throw new Misuse(
      `${option} names '${name}', which is not a member: there are ${some}${known.size > 10 ? ' and others' : ''}`,
      'plan',
    );
  }
}
