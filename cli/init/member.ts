import type { Start } from './federation-yaml.ts';

/** How a member is written on a command line, and in an answer. */
export const MEMBER_FORM = 'NAME or NAME=REGION';

/** The member that a text says, where it is of that form. */
export function memberIn(text: string): Start['members'][number] | undefined {
  const [, name, region] = /^([^=]+)(?:=([^=]+))?$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, ...(region !== undefined && { region }) };
}
