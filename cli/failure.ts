import { OutputFault } from '../constructs/output/fault.ts';
import { InvalidFederation } from '../constructs/spec/load.ts';
import { Misuse } from './misuse.ts';

/**
 * Tells a user on standard error why a command failed, and sets the exit status: 2 for a command line that can't be
 * followed, 1 for all else.
 *
 * @throws what is no fault of the user's: it is ours, and its trace says where.
 */
export function fail(error: unknown): void {
  const known = [InvalidFederation, OutputFault, Misuse].some((kind) => error instanceof kind);
  if (!known) throw error;
  console.error((error as Error).message);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
