import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is told of one path: the items of a list, or what else is answered; nothing hangs. */
export type Told = readonly object[] | { readonly status: number; readonly body: unknown } | undefined;

/** Stands in for an API server, without its log-in: tells lists by their paths, and of all else that it is not there. */
export class StandInApi {
  /** By path, without what follows a question mark. */
  readonly told = new Map<string, Told>();
  readonly requests: { readonly url: string; readonly accept: string | undefined }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StandInApi> {
    const server = createServer((request, response) => {
      const { url = '', headers } = request;
      const path = url.replace(/\?.*/, '');
      if (path !== '/version') api.requests.push({ url, accept: headers.accept });
      const answer = api.told.has(path) ? api.told.get(path) : NOT_THERE;
      if (answer === undefined) return;
      const { status, body } = Array.isArray(answer)
        ? { status: 200, body: { kind: 'List', items: answer } }
        : (answer as { status: number; body: unknown });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const api = new StandInApi(server);
    api.forgets();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** Forgets what it was to tell, and who has asked. */
  forgets(): void {
    this.requests.length = 0;
    this.told.clear();
    this.told.set('/version', { status: 200, body: { major: '1' } });
  }

  /** Tells from now on that these are the items of a list. */
  says(path: string, ...items: readonly object[]): void {
    this.told.set(path.replace(/\?.*/, ''), items);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const NOT_THERE = {
  status: 404,
  body: { kind: 'Status', message: 'the server could not find the requested resource' },
};
