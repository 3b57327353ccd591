/** What went wrong in a command, as one sentence for its user. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Errors that are told to a user, by name: their classes would have to be loaded, which takes longer than all else. */
const TOLD: ReadonlySet<string> = new Set(['InvalidFederation', 'OutputFault', 'Misuse', 'Failure']);

/** Whether an error is told to a user; every other is a fault of ours. */
export function isTold(error: unknown): error is Error {
  return error instanceof Error && TOLD.has(error.name);
}

/**
 * Tells a user on standard error why a command failed, and sets the exit status: 2 for a command line that can't be
 * followed, `status` for all else.
 *
 * @throws what is no fault of the user's: it is ours, and its trace says where.
 */
export function fail(error: unknown, status = 1): void {
  if (error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'uv_cwd') {
    console.error('the current folder is not there any more: go to one that is');
  } else if (isTold(error)) {
    console.error(error.message);
  } else {
    // Node.js ends with 1 then, which may be an answer.
    process.once('exit', () => {
      process.exitCode = status;
    });
    throw error;
  }
  process.exitCode = error.name === 'Misuse' ? 2 : status;
}
