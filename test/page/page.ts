import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bundle, pageBundle } from '../../cli/view/bundle.ts';
import { pageHtml } from '../../cli/view/html.ts';
import type { PageData } from '../../page/data.ts';
import type { Input } from '../../simulation/model.ts';
import { deployment, member, policy } from '../simulation/objects.ts';
import { barriers, WatchedPage } from './browser.ts';

const EVEN = { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' } };
const CITIES = ['oslo', 'bern', 'rome'];

function federation(input: Partial<Input> = {}): PageData {
  const members = CITIES.map((name) => member(name, { labels: { tier: 'edge' }, spec: { region: name.slice(0, 2) } }));
  return {
    name: 'fleet',
    central: { address: 'karmada.example.com', vpn: true },
    vpn: 'headscale',
    facts: CITIES.map((name) => ({ name, vpn: name !== 'rome', runtimes: ['spin'] })),
    input: { objects: [deployment('web', { replicas: 6 }), policy(EVEN)], members, ...input },
  };
}

export function pageTests(browser: () => Browser): void {
  let folder: string;
  let bundle: Bundle;
  let page: Page;
  let watched: WatchedPage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'page-'));
    bundle = await pageBundle();
    // One for all tests: a browser takes long to make another.
    watched = await WatchedPage.of(browser());
    page = watched.page;
  });
  afterAll(async () => {
    await page?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => watched.forget());

  async function open(data: PageData, colorScheme: 'light' | 'dark' = 'light'): Promise<string> {
    const file = join(folder, 'page.html');
    writeFileSync(file, pageHtml(data, bundle));
    const url = pathToFileURL(file).href;
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return url;
  }

  const status = () => page.getByRole('status').innerText();
  const cell = (city: string) => page.getByRole('button', { name: `shop/web on ${city}` }).innerText();
  const cells = async () => Object.fromEntries(await Promise.all(CITIES.map(async (city) => [city, await cell(city)])));

  test('takes a member away by a click, and back, and shows where its replicas go', async () => {
    await open(federation());
    expect(await cells()).toEqual({ oslo: '2', bern: '2', rome: '2' });
    await page.getByRole('button', { name: 'Take bern away' }).click();
    expect(await cells()).toEqual({ oslo: '2→3', bern: '2→–', rome: '2→3' });
    expect(await status()).toBe('1 object changes, 0 with nowhere to go, 0 stay as they are.');
    await page.getByRole('button', { name: 'shop/web on bern' }).click();
    expect(await page.getByLabel('Details').innerText()).toContain('bern is taken away');
    await page.getByRole('button', { name: 'Undo all' }).click();
    expect(await cells()).toEqual({ oslo: '2', bern: '2', rome: '2' });
  });

  test('relabels and taints a member, and changes replicas', async () => {
    const placement = { ...EVEN, clusterAffinity: { labelSelector: { matchLabels: { tier: 'edge' } } } };
    await open(federation({ objects: [deployment('web', { replicas: 6 }), policy(placement)] }));
    await page.getByRole('button', { name: 'bern', exact: true }).click();
    await page.getByLabel('Labels').fill('tier');
    await page.getByLabel('Labels').press('Enter');
    expect(await page.getByRole('alert').innerText()).toBe("a label must be key=value, such as tier=edge, got 'tier'");
    await page.getByLabel('Labels').fill('tier=cloud');
    await page.getByLabel('Labels').press('Enter');
    await page.getByLabel('Taints').fill('gpu=true:NoSchedule');
    await page.getByLabel('Taints').press('Enter');
    await page.getByLabel('Place everything afresh').check();
    expect(await cells()).toEqual({ oslo: '2→3', bern: '2→–', rome: '2→3' });
    await page.getByRole('button', { name: 'shop/web on bern' }).click();
    expect(await page.getByLabel('Details').innerText()).toContain('bern lacks the labels that the placement asks for');
    await page.getByRole('button', { name: 'web Deployment, shop' }).click();
    await page.getByRole('spinbutton', { name: 'Replicas' }).fill('8');
    await page.getByRole('spinbutton', { name: 'Replicas' }).press('Enter');
    expect(await cells()).toEqual({ oslo: '2→4', bern: '2→–', rome: '2→4' });
  });

  test('asks nobody for anything, and could not', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const outside = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const url = await open(federation());
      await page.getByRole('button', { name: 'Take bern away' }).click();
      await page.getByRole('button', { name: 'shop/web on oslo' }).click();
      expect(watched.requests.filter((request) => !request.startsWith('data:'))).toEqual([url]);
      expect(watched.complaints).toEqual([]);
      const outcome = await page.evaluate(`Promise.all([
        new Promise((resolve) => {
          const image = new Image();
          image.onload = () => resolve('loaded');
          image.onerror = () => resolve('refused');
          image.src = '${outside}';
        }),
        fetch('${outside}', { mode: 'no-cors' }).then(() => 'fetched', () => 'refused'),
      ])`);
      expect(outcome).toEqual(['refused', 'refused']);
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });

  test('shows hostile names as text', async () => {
    const hostile = '</script><script>top.hacked=1</script><img src=x onerror="top.hacked=1"><!--';
    const labels = { [hostile]: hostile };
    const members = [member(hostile, { labels, spec: { region: hostile, provider: hostile } }), member('oslo')];
    const objects = [deployment(hostile, { replicas: 2 }, { labels }), policy({})];
    await open({ ...federation({ members, objects }), name: hostile, vpn: hostile, facts: [] });
    expect(await page.title()).toBe(hostile);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(hostile);
    await page.getByRole('button', { name: `shop/${hostile} on ${hostile}` }).click();
    expect(await page.getByLabel('Details').innerText()).toContain(hostile);
    await page.getByRole('button', { name: `Take ${hostile} away` }).click();
    expect(await page.locator('img, script').count()).toBe(2); // its data and its program
    expect(await page.evaluate("'hacked' in window")).toBe(false);
    expect(watched.complaints).toEqual([]);
  });

  test('is used by the keyboard alone: arrows move in the matrix, Enter opens, Escape leads back', async () => {
    await open(federation());
    await page.getByRole('button', { name: 'web Deployment, shop' }).focus();
    // Some of it moves after the page is drawn.
    const focused = async (what: RegExp) => {
      const label = async () => {
        const element = page.locator(':focus');
        return (await element.getAttribute('aria-label')) ?? (await element.innerText());
      };
      await expect.poll(label, { timeout: 30_000 }).toMatch(what);
    };
    await page.keyboard.press('ArrowDown');
    await focused(/^shop\/web on bern: 2 replicas/);
    await page.keyboard.press('ArrowLeft');
    await focused(/^Take bern away/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await focused(/^shop\/web on bern$/);
    await page.keyboard.press('Escape');
    await focused(/^shop\/web on bern: 2 replicas/);
  });

  test('folds the groups of hundreds of members, and finds one of them', async () => {
    const members = Array.from({ length: 400 }, (_, i) => member(`m${i}`, { spec: { region: `r${i % 8}` } }));
    await open(federation({ members }));
    expect(await page.getByRole('row').count()).toBe(1 + 8);
    await page.getByLabel('Find members').fill('m123');
    expect(await page.getByRole('button', { name: 'Take m123 away' }).count()).toBe(1);
    expect(await page.getByRole('row').count()).toBe(1 + 1);
  });

  test.each(['light', 'dark'] as const)('has no barrier that axe knows, %s', async (scheme) => {
    await open(federation(), scheme);
    await page.getByRole('button', { name: 'Take bern away' }).click();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'rome', exact: true }).click();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'shop/web on bern' }).click();
    expect(await barriers(page)).toEqual([]);
  });
}
