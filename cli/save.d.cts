/** Writes a file as a whole: whoever reads it meanwhile, or after this was killed, finds the one that was there. */
export function writeWhole(file: string, content: string | Uint8Array, mode?: number): void;
