import { InvalidArgumentError, Option } from 'commander';

/** For options whose value must not be empty, as an unset variable of a shell makes it. */
export function given(value: string): string {
  if (value === '') throw new InvalidArgumentError('It needs a value.');
  return value;
}

/** For options that may be given several times. */
export const several = (value: string, earlier: string[] = []) => [...earlier, given(value)];

/** `-o json`. */
export const jsonOutput = () => new Option('-o, --output <format>', 'print JSON for programs').choices(['json']);
