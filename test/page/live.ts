import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readFederation } from '../../cli/federation.ts';
import { observation } from '../../cli/status/status.ts';
import { type Bundle, pageBundle } from '../../cli/view/bundle.ts';
import { pageHtml } from '../../cli/view/html.ts';
import { pageData } from '../../cli/view/page-data.ts';
import { html, json, serve } from '../../cli/view/serve.ts';
import { outlook } from '../../constructs/ahead/outlook.ts';
import { Federation } from '../../constructs/federation.ts';
import { synth } from '../../main.ts';
import { alongBinding, cluster, Fleet, federation, on, PATHS, shopBinding } from '../cli/fleet.ts';
import { barriers, WatchedPage } from './browser.ts';

/*
 * A real browser, kubectl and server of the page; the API servers behind them are stand-ins.
 */

export function livePageTests(browser: () => Browser): void {
  let folder: string;
  let file: string;
  let bundle: Bundle;
  let page: Page;
  let watched: WatchedPage;
  let fleet: Fleet;
  let served: { readonly url: string; readonly close: () => void };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'live-'));
    file = join(folder, 'federation.yaml');
    writeFileSync(file, JSON.stringify(federation));
    vi.spyOn(console, 'error').mockReturnValue();
    synth(file, join(folder, 'dist'));
    bundle = await pageBundle();
    watched = await WatchedPage.of(browser());
    page = watched.page;
  });
  afterAll(async () => {
    await page?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    watched.forget();
    fleet = await Fleet.start();
    const options = { dist: join(folder, 'dist'), kubeconfigDir: fleet.work, timeout: '20' };
    const { observer, desired } = observation(options, 'view');
    const spec = readFederation(file);
    const input = outlook(spec, new Federation(spec).manifests.objects('karmada'));
    const text = pageHtml({ ...pageData({ input, spec }), live: 1 }, bundle);
    const { url, close } = await serve(0, {
      '/': html(async () => text),
      '/live': json(() => observer.look(desired())),
    });
    served = {
      url,
      close: () => {
        close();
        observer.close();
      },
    };
    await page.goto(url);
  });
  afterEach(async () => {
    await page.goto('about:blank');
    served.close();
    fleet.stop();
  });

  const live = () => page.getByRole('region', { name: 'Live' });
  const cell = (city: string) => page.getByRole('button', { name: `default/shop on ${city}` });
  /** What is seen of it, with what is below the button. */
  const seen = (city: string) => cell(city).locator('xpath=..');

  test('shows beside what is computed what is there, and asks nobody but its own server', async () => {
    await live().getByText('All is well').waitFor();
    await seen('oslo').getByText('● 2').waitFor();
    expect(await cell('oslo').getAttribute('aria-label')).toBe(
      'default/shop on oslo: 2 replicas, now 2 replicas, 2 ready, healthy',
    );
    expect(await seen('bern').innerText()).toMatch(/^1\s+● 1$/);
    expect(new Set(watched.requests.filter((request) => !request.startsWith('data:')))).toEqual(
      new Set([served.url, `${served.url}live`]),
    );
    expect(watched.complaints).toEqual([]);
    const outcome = await page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'reached', (error) => error.name)");
    expect(outcome).toBe('TypeError');
    expect(watched.complaints.join()).toContain('connect-src');
  });

  test('follows what happens, and tells what is wrong where it is looked at', async () => {
    await live().getByText('All is well').waitFor();
    const { karmada } = fleet;
    const down = { type: 'Ready', status: 'False', reason: 'ClusterNotReachable', message: '<b>gone</b>' };
    karmada.says(PATHS.karmada.clusters, cluster('oslo', 'Push'), cluster('bern', 'Pull', down));
    const sick = on('oslo', 1, { health: 'Unhealthy' });
    karmada.says(PATHS.karmada.bindings, shopBinding({ aggregatedStatus: [sick, on('bern', 1)] }), alongBinding());
    await live().getByText('Something is not well').waitFor();
    // A look may fall between the two.
    await live().getByText('member bern is not ready: ClusterNotReachable, <b>gone</b>').waitFor();
    await live().getByText('Deployment default/shop on oslo: 1 of 2 replicas ready').waitFor();
    await page.getByRole('grid').getByText('not ready', { exact: true }).waitFor();
    expect(await seen('oslo').innerText()).toMatch(/^2\s+▲ 2$/);
    expect(await seen('bern').innerText()).toMatch(/^1\s+○ 1$/);
    await cell('oslo').click();
    expect(await page.getByLabel('Details').innerText()).toContain('1 ready, unhealthy: 1 of 2 replicas ready');
    await page.getByRole('button', { name: 'bern', exact: true }).first().click();
    expect(await page.getByLabel('Details').innerText()).toContain('Live: not ready, Kubernetes v1.35.2');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page)).toEqual([]);
    }

    karmada.says(PATHS.karmada.clusters, cluster('oslo', 'Push'), cluster('bern', 'Pull'));
    karmada.says(PATHS.karmada.bindings, shopBinding(), alongBinding());
    await live().getByText('All is well').waitFor();
  });

  test('keeps a question, and what is asked by it, while it follows', async () => {
    await live().getByText('All is well').waitFor();
    await page.getByRole('button', { name: 'Take bern away' }).click();
    const looks = () => watched.requests.filter((request) => request.endsWith('/live')).length;
    const before = looks();
    await vi.waitFor(() => expect(looks()).toBeGreaterThan(before + 1), { timeout: 60_000 });
    expect(await seen('bern').innerText()).toMatch(/^1→–\s+● 1$/);
  });

  test('says that it is not known how it is, and shows what was known last', async () => {
    await live().getByText('All is well').waitFor();
    fleet.karmada.stop();
    await live().getByText('Not all of it answers').waitFor();
    // A request that is under way then fails otherwise.
    await live()
      .getByText(/Karmada does not answer: .*connection refused/)
      .waitFor();
    served.close();
    await live()
      .getByText(/^No answer: /)
      .waitFor();
    expect(await live().innerText()).toContain('as it was at');
  });
}
