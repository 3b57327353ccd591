import { Misuse } from './misuse.ts';

/**
 * What a variable of the environment says, if it is set.
 *
 * @param command what a user types, for messages.
 * @throws Misuse where it is empty: what it was to be is not known, and the default would be another file or folder.
 */
export function fromEnvironment(name: string, command: string): string | undefined {
  const value = process.env[name];
  if (value === '') throw new Misuse(`${name} is empty: give it a value, or unset it`, command);
  return value;
}
