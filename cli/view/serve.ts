import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lookup } from '../../simulation/lookup.ts';
import { Failure } from '../failure.ts';

const LOOPBACK = '127.0.0.1';

/** What is served at a path, made anew for whoever asks. */
export interface Content {
  readonly type: string;
  readonly make: () => Promise<string>;
}

/** A page. */
export const html = (make: () => Promise<string>): Content => ({ type: 'text/html; charset=utf-8', make });

/** Data, which is made once for all who ask meanwhile. */
export function json(make: () => Promise<unknown>): Content {
  let making: Promise<string> | undefined;
  return {
    type: 'application/json',
    make: () => {
      making ??= make()
        .then((data) => JSON.stringify(data))
        .finally(() => {
          making = undefined;
        });
      return making;
    },
  };
}

/**
 * Serves on loopback, until the process ends.
 *
 * @param port 0 for any that is free.
 * @param contents by their paths.
 * @returns its URL, once it answers, and its end.
 */
export async function serve(
  port: number,
  contents: Readonly<Record<string, Content>>,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer(async (request, response) => {
    if (!isOwn(request)) return void response.writeHead(403).end();
    const { url = '' } = request;
    const content = lookup(contents, url);
    if (request.method !== 'GET' || content === undefined) return void response.writeHead(404).end();
    try {
      const text = await content.make();
      response.writeHead(200, {
        'content-type': content.type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      response.end(text);
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

/** Not from another site, in a visitor's browser, be it by its own name or by one that leads here. */
function isOwn({ headers }: IncomingMessage): boolean {
  const { host = '', 'sec-fetch-site': site = 'none' } = headers;
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) && ['none', 'same-origin'].includes(String(site));
}
