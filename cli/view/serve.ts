import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure } from '../failure.ts';

const LOOPBACK = '127.0.0.1';

/**
 * Serves a page on loopback, made anew for whoever asks, until the process ends.
 *
 * @param port 0 for any that is free.
 * @returns its URL, once it answers, and its end.
 */
export async function serve(
  port: number,
  page: () => Promise<string>,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer(async (request, response) => {
    // Another name that leads here is a site that wants to read the page in its visitor's browser.
    const { host = '' } = request.headers;
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return void response.writeHead(403).end();
    if (request.method !== 'GET' || request.url !== '/') return void response.writeHead(404).end();
    try {
      const html = await page();
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      response.end(html);
    } catch (error) {
      // The file may be half written just now: the next request sees it whole.
      console.error((error as Error).message);
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end((error as Error).message);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Failure(`cannot serve on ${LOOPBACK}:${port}: ${error.message}`)));
    server.listen(port, LOOPBACK, resolve);
  });
  const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}
