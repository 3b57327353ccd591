import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where Chromium is; undefined where there is none. In CI there must be one. */
export function chromiumPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (path === undefined && process.env.CI === 'true') throw new Error(`needs one of ${NAMES.join(', ')} on the PATH`);
  return path;
}

/** Starts Chromium without a window. */
export function launch(executablePath: string): Promise<Browser> {
  // Its sandbox does not start for root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A page of a browser, with what it has asked for and what it has complained about since it was to forget that. */
export class WatchedPage {
  requests: string[] = [];
  complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => this.complaints.push(message.text()));
  }

  static async of(browser: Browser): Promise<WatchedPage> {
    return new WatchedPage(await browser.newPage());
  }

  forget(): void {
    [this.requests, this.complaints] = [[], []];
  }
}

/** What axe knows that keeps somebody from using a page, with the elements that do. */
export function barriers(page: Page): Promise<unknown> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
  return page.evaluate(`${axe}; axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}
