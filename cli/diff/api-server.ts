import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { Failure } from '../failure.ts';
import type { Access } from './targets.ts';

/** What a server answers: an object, or a Status where there is none. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes from a server has any shape
  readonly body: any;
}

/**
 * An API server, by way of `kubectl proxy`, which knows all ways to log in that a kubeconfig may name. The proxy listens
 * on a socket in a folder that is open to this user alone.
 */
export class ApiServer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private readonly resources = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  private constructor(
    private readonly folder: string,
    private readonly proxy: ChildProcess,
    private readonly timeout: number,
  ) {}

  /**
   * Connects to a server.
   *
   * @param timeout milliseconds that one request may last.
   * @throws Failure where it can't be reached.
   */
  static async connect({ file, context }: Access, timeout: number): Promise<ApiServer> {
    const folder = mkdtempSync(join(tmpdir(), 'serverless-federation-'));
    const args = ['proxy', '--unix-socket', join(folder, 'socket'), '--kubeconfig', file];
    const proxy = spawn('kubectl', context ? [...args, '--context', context] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new ApiServer(folder, proxy, timeout);
    try {
      await server.started();
      const { status, body } = await server.call('GET', '/version');
      if (status !== 200) throw new Failure(`answers ${status}: ${body.message ?? body}`);
      return server;
    } catch (error) {
      server.close();
      throw error;
    }
  }

  private started(): Promise<void> {
    return new Promise((resolve, reject) => {
      let said = '';
      const late = setTimeout(
        () => reject(new Failure(`kubectl proxy did not start within ${this.timeout / 1000}s`)),
        this.timeout,
      );
      const ended = (message: string) => {
        clearTimeout(late);
        reject(new Failure(message));
      };
      this.proxy.once('error', ({ message }) => ended(`cannot run kubectl: ${message}`));
      this.proxy.once('exit', () => ended(said.trim().replace(/^error: /, '') || 'kubectl proxy ended'));
      this.proxy.stderr?.on('data', (data) => {
        said += data;
      });
      // Where it needs a name or a password it asks for them here, too, of nobody.
      createInterface({ input: this.proxy.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (!line.startsWith('Starting to serve')) return;
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** Makes a request, with an object as its body where one is given. */
  call(method: 'GET' | 'PATCH', path: string, apply?: KubeObject): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: join(this.folder, 'socket'),
          agent: this.agent,
          method,
          path,
          timeout: this.timeout,
          headers: {
            host: 'localhost',
            accept: 'application/json',
            ...(apply && { 'content-type': 'application/apply-patch+yaml' }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part) => {
            text += part;
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }));
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Failure(`no answer within ${this.timeout / 1000}s`)));
      outgoing.on('error', reject);
      // JSON is YAML, too.
      outgoing.end(apply && JSON.stringify(apply));
    });
  }

  /** Where an object is on the server; nothing where the server knows no such kind. */
  async pathOf({ apiVersion, kind, metadata }: KubeObject): Promise<string | undefined> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let resources = this.resources.get(base);
    if (!resources) {
      resources = this.resourcesAt(base);
      this.resources.set(base, resources);
    }
    const resource = (await resources).get(kind);
    if (!resource) return undefined;
    const place = resource.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? 'default')}` : '';
    return `${base}${place}/${resource.name}/${encodeURIComponent(metadata.name)}`;
  }

  private async resourcesAt(base: string): Promise<ReadonlyMap<string, Resource>> {
    const { status, body } = await this.call('GET', base);
    if (status === 404) return new Map();
    if (status !== 200) throw new Failure(`cannot tell the kinds of '${base}': ${body.message ?? status}`);
    const all = body.resources as readonly Resource[];
    return new Map(all.filter(({ name }) => !name.includes('/')).map((resource) => [resource.kind, resource]));
  }

  close(): void {
    this.agent.destroy();
    this.proxy.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() };
  }
}
