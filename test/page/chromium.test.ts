import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeWith } from '../scripts/run.ts';
import { chromiumPath, launch } from './browser.ts';
import { livePageTests } from './live.ts';
import { pageTests } from './page.ts';

const chromium = chromiumPath();
if (chromium === undefined) console.log('no Chromium here: the page is not tried in a browser');

// One for all tests that need one, for it takes long to start.
let browser: Browser;
beforeAll(async () => {
  if (chromium !== undefined) browser = await launch(chromium);
});
afterAll(() => browser?.close());

describe.skipIf(chromium === undefined)('the page in Chromium', () => pageTests(() => browser));
describeWith(chromium ? ['kubectl'] : ['kubectl', 'chromium'], 'the live page in Chromium', () =>
  livePageTests(() => browser),
);
