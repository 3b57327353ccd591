import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../../constructs/reason.ts';
import { Failure } from '../failure.ts';
import { bytesOf } from '../files.ts';
import { here } from '../here.ts';
import { Misuse } from '../misuse.ts';
import { type OutlookOptions, outlookFor } from '../outlook.ts';
import { writeWhole } from '../save.cjs';
import { observation, PAUSE, type StatusOptions } from '../status/status.ts';
import { pageBundle } from './bundle.ts';
import { GENERATOR, pageHtml } from './html.ts';
import { pageData } from './page-data.ts';
import { type Content, html, json, serve } from './serve.ts';

/** Options of `view`, as its help tells them. */
export interface ViewOptions extends OutlookOptions, Omit<StatusOptions, 'output' | 'watch' | 'dryRun'> {
  readonly output: string;
  /** A port, or true for any that is free. */
  readonly serve?: string | true;
  /** Seconds between two looks at the clusters, or true for some. */
  readonly live?: string | true;
}

/**
 * Writes the page of a federation, or serves it.
 *
 * @returns where it is, for standard error; nothing where the page itself went to standard output.
 * @throws Misuse for wrong options.
 * @throws Failure for files that cannot be used.
 */
export async function view(options: ViewOptions): Promise<string | undefined> {
  const live = options.live === undefined ? undefined : secondsOf(options.live);
  // Only a server can tell how the federation is.
  const port = portOf(options.serve ?? (live === undefined ? undefined : true));
  if (live !== undefined && options.manifests !== undefined) {
    throw new Misuse('--live looks at the federation of this folder, and --manifests at something else', 'view');
  }
  const bundle = await pageBundle();
  const page = async () => {
    const data = pageData(await outlookFor(options, 'view'));
    return pageHtml({ ...data, ...(live !== undefined && { live }) }, bundle);
  };
  if (port !== undefined) {
    const { url } = await serve(port, { '/': html(page), ...(live !== undefined && { '/live': status(options) }) });
    return `${url} shows the federation; Ctrl-C ends it`;
  }
  if (options.output === '-') {
    process.stdout.write(await page());
    return undefined;
  }
  const file = resolve(here(), options.output);
  if (holdsOther(file)) {
    throw new Failure(`'${options.output}' is there, and no page of this command: it is not overwritten`);
  }
  const text = await page();
  try {
    write(file, text);
  } catch (error) {
    throw new Failure(`cannot write '${options.output}': ${reasonOf(error)}`);
  }
  return `${options.output} shows the federation: open it in a browser`;
}

/** Writes a page. Where it replaces one, that is there until this is whole, be it behind a link. */
function write(file: string, text: string): void {
  const there = statSync(file, { throwIfNoEntry: false });
  // A pipe or a device cannot be replaced.
  if (there && !there.isFile()) writeFileSync(file, text);
  else writeWhole(there ? realpathSync(file) : file, text, there?.mode);
}

/** Whether a file holds something else than a page, such as the federation by a slip of the keyboard. */
function holdsOther(file: string): boolean {
  let isFile: boolean | undefined;
  try {
    isFile = statSync(file, { throwIfNoEntry: false })?.isFile();
  } catch {
    return false; // it cannot be written either, which says why
  }
  if (!isFile) return false;
  const bytes = bytesOf(file);
  return bytes.length > 0 && !bytes.includes(GENERATOR);
}

/** How the federation is, as `status -o json` tells it. */
function status(options: ViewOptions): Content {
  const { observer, desired } = observation(options, 'view');
  return json(async () => observer.look(desired()));
}

function secondsOf(text: string | true): number {
  if (text === true) return PAUSE;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Misuse(`--live must be a number of seconds, got '${text}'`, 'view');
  return Number(text);
}

function portOf(text: string | true | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = text === true ? 0 : Number(text);
  if ((text !== true && !/^\d{1,5}$/.test(text)) || port > 65535) {
    throw new Misuse(`--serve must be a port, such as 8080, got '${text}'`, 'view');
  }
  return port;
}
