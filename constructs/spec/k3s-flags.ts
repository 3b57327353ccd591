import { z } from 'zod';
import { flagsOf, isFlag, OWNED_FLAGS, type Role, wrongValue } from '../k3s/flags.ts';
import { didYouMean, suggest } from './faults.ts';
import { mapping } from './free-keys.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const value = z.union([z.string(), z.number(), z.boolean(), z.array(scalar)], {
  error: 'must be a text, a number, true or false, or a list of such',
});

/** Takes a fault of the flag with that name. */
type Fault = (name: string, message: string) => void;

/**
 * Reports flags that k3s does not have, for k3s would only warn and run without them; such as the federation sets
 * itself; and values of another type. Whether the cluster's release has a flag is another check's.
 */
export function checkFlagValues(role: Role, flags: Readonly<Record<string, unknown>>, fault: Fault): void {
  for (const [name, given] of Object.entries(flags)) {
    const wrong = wrongValue(name, given);
    if (!isFlag(role, name)) fault(name, `is no flag of 'k3s ${role}'${spelt(name, free(role))}`);
    else if (name in OWNED_FLAGS) fault(name, `is not to be set here: ${OWNED_FLAGS[name]}`);
    else if (wrong) fault(name, wrong);
  }
}

/** What was meant by a name that is no flag's: with the dashes of a command line, or without those between its words. */
function spelt(name: string, flags: readonly string[]): string {
  const plain = name.replace(/^-+/, '').replaceAll('_', '-').toLowerCase();
  return flags.includes(plain) ? didYouMean(name, plain) : suggest(plain, flags);
}

function free(role: Role): string[] {
  return flagsOf(role).filter((flag) => !(flag in OWNED_FLAGS));
}

/** Flags that the file may set, by name. */
export function flags(role: Role) {
  return mapping(z.string().meta({ enum: free(role) }), value).superRefine((record, context) => {
    checkFlagValues(role, record, (name, message) => context.addIssue({ code: 'custom', path: [name], message }));
  });
}

/** Flags of one host; its role says which they may be. */
export const hostFlags = mapping(z.string().meta({ enum: [...new Set([...free('server'), ...free('agent')])] }), value);
