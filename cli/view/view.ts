import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../failure.ts';
import { here } from '../here.ts';
import { Misuse } from '../misuse.ts';
import { type OutlookOptions, outlookFor } from '../outlook.ts';
import { pageBundle } from './bundle.ts';
import { pageHtml } from './html.ts';
import { pageData } from './page-data.ts';
import { serve } from './serve.ts';

/** Options of `view`, as its help tells them. */
export interface ViewOptions extends OutlookOptions {
  readonly output: string;
  /** A port, or true for any that is free. */
  readonly serve?: string | true;
}

/**
 * Writes the page of a federation, or serves it.
 *
 * @returns where it is, for standard error; nothing where the page itself went to standard output.
 * @throws Misuse for wrong options.
 * @throws Failure for files that cannot be used.
 */
export async function view(options: ViewOptions): Promise<string | undefined> {
  const port = options.serve === undefined ? undefined : portOf(options.serve);
  const bundle = await pageBundle();
  const page = async () => pageHtml(pageData(await outlookFor(options, 'view')), bundle);
  if (port !== undefined) return `${(await serve(port, page)).url} shows the federation; Ctrl-C ends it`;
  const html = await page();
  if (options.output === '-') {
    process.stdout.write(html);
    return undefined;
  }
  try {
    writeFileSync(resolve(here(), options.output), html);
  } catch (error) {
    throw new Failure(`cannot write '${options.output}': ${(error as Error).message}`);
  }
  return `${options.output} shows the federation: open it in a browser`;
}

function portOf(text: string | true): number {
  const port = text === true ? 0 : Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Misuse(`--serve must be a port, such as 8080, got '${text}'`, 'view');
  }
  return port;
}
