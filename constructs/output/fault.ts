/** Why an output folder can't be written: one sentence, for the one who named it. */
export class OutputFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutputFault';
  }
}

/** What the operating system has against a folder, as a sentence; other errors as they are. */
export function outputFault(folder: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof OutputFault || code === undefined || syscall === undefined) return error;
  // Node.js writes "EACCES: permission denied, mkdir '…'"; the path there is of no use to a user.
  const reason = message.slice(code.length + 2).split(', ')[0];
  return new OutputFault(`${folder}: can't be written: ${reason}`);
}
