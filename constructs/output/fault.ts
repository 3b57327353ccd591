import { reasonOf } from '../reason.ts';

/** Why an output folder can't be written: one sentence, for the one who named it. */
export class OutputFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutputFault';
  }
}

/** What the operating system has against a folder, as a sentence; other errors as they are. */
export function outputFault(folder: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof OutputFault || code === undefined || syscall === undefined) return error;
  return new OutputFault(`${folder}: can't be written: ${reasonOf(error)}`);
}
