/** What ends a command with one sentence in place of a stack trace. */
export class Failure extends Error {
  constructor(
    message: string,
    /** 1 for what went wrong, 2 for a wrong call. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
    this.name = 'Failure';
  }
}
