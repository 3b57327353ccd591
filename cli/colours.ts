import { createColors } from 'picocolors';

/** Colours for standard output: at a terminal alone, and never against NO_COLOR (https://no-color.org). */
export function colours() {
  return createColors(process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb');
}
