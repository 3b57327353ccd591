import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { load } from 'js-yaml';

// biome-ignore lint/suspicious/noExplicitAny: an object as the server sent it
export type Obj = any;

export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the same may succeed a moment later: no answer at all, a server that is too busy, a conflict. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return [409, 429, 500, 502, 503, 504].includes(error.code) && !/denied the request/.test(error.message);
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Obj;
}

/** Milliseconds: a little more than an API server gives a request by itself, for one that has just come up takes its time. */
const LIMIT = 70_000;

/** As much of a Kubernetes client as the harness needs: JSON over HTTPS with a client certificate. */
export class Api {
  readonly server: string;
  private readonly agent: Agent;

  /** @param kubeconfig File with one cluster and one user, the certificates in it. */
  constructor(kubeconfig: string) {
    const config = load(readFileSync(kubeconfig, 'utf8')) as Obj;
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    const decode = (text: string) => Buffer.from(text, 'base64');
    this.server = cluster.server;
    this.agent = new Agent({
      keepAlive: true,
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    });
  }

  call(method: string, path: string, body?: Obj, contentType = 'application/json'): Promise<Obj> {
    const text = body && JSON.stringify(body);
    // Node tells no length for DELETE; the server would take the body for the connection's next request.
    const headers = text && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) };
    return new Promise((done, failed) => {
      const outgoing = request(
        new URL(path, this.server),
        { method, agent: this.agent, timeout: LIMIT, headers },
        (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            answer += part;
          });
          response.on('error', failed);
          response.on('end', () => {
            const code = response.statusCode ?? 0;
            const parsed = answer.startsWith('{') ? JSON.parse(answer) : answer;
            if (code < 300) done(parsed);
            else failed(new ApiError(code, `${method} ${path}: ${code} ${parsed.message ?? answer}`));
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer in ${LIMIT / 1000} s`)));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that the server has closed meanwhile, for it was idle for long.
        const isStale = outgoing.reusedSocket && ['EPIPE', 'ECONNRESET'].includes(error.code ?? '');
        if (isStale) this.call(method, path, body, contentType).then(done, failed);
        else failed(error);
      });
      outgoing.end(text);
    });
  }

  /**
   * Follows the objects of a path that come after a version of it, until the server or `stop` ends that.
   * @returns When it has ended, whatever the cause.
   */
  watch(
    path: string,
    resourceVersion: string,
    onEvent: (event: WatchEvent) => void,
    stop: AbortSignal,
    seconds = 300,
  ): Promise<void> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}&timeoutSeconds=${seconds}`;
    return new Promise((done) => {
      const url = new URL(`${path}?${query}`, this.server);
      // A connection that says nothing any more, not even its end, must not be waited for.
      const timeout = (seconds + 30) * 1000;
      const outgoing = request(url, { agent: this.agent, signal: stop, timeout }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          const lines = (rest + part).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) onEvent(JSON.parse(line));
        });
        response.on('close', done);
      });
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', () => done());
      outgoing.end();
    });
  }

  /** The object, or undefined when there is none. */
  async find(path: string): Promise<Obj | undefined> {
    try {
      return await this.call('GET', path);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  async list(path: string): Promise<Obj[]> {
    return (await this.find(path))?.items ?? [];
  }

  create(path: string, body: Obj): Promise<Obj> {
    return this.call('POST', path, body);
  }

  merge(path: string, body: Obj): Promise<Obj> {
    return this.call('PATCH', path, body, 'application/merge-patch+json');
  }

  delete(path: string, body?: Obj): Promise<Obj> {
    return this.call('DELETE', path, body);
  }
}
