import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { called } from '../called.ts';
import { Failure } from '../failure.ts';
import type { Access } from './access.ts';

/** What a server answers: an object, or a Status where there is none. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes from a server has any shape
  readonly body: any;
}

/** Milliseconds that `kubectl proxy` may take to start: it asks nobody, so only a busy machine makes it late. */
const START_TIME = 30_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
  ) {
    for (const signal of SIGNALS) process.once(signal, this.end);
  }

  /**
   * Connects to a server.
   *
   * @param timeout milliseconds that one request may last.
   * @param cluster its name, for messages.
   * @throws Failure where it can't be reached.
   */
  static async connect({ file, context }: Access, timeout: number, cluster: string): Promise<ApiServer> {
    if (!existsSync(file)) {
      const way = cluster === 'karmada' ? `make it with "${called('karmada-kubeconfig')}"` : 'put it there';
      throw new Failure(
        `no kubeconfig for cluster '${cluster}': there is no '${file}'; ${way}, or give --kubeconfig ${cluster}=FILE`,
      );
    }
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
        () => reject(new Failure(`kubectl proxy did not start within ${START_TIME / 1000}s`)),
        START_TIME,
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

  /**
   * Makes a request, with an object as its body where one is given.
   *
   * @param accept the form that the answer is to have.
   */
  call(method: 'GET' | 'PATCH', path: string, apply?: KubeObject, accept = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // The whole answer is bounded, not only the time between two of its parts.
      const late = setTimeout(() => {
        reject(new Failure(`no answer within ${this.timeout / 1000}s`));
        outgoing.destroy();
      }, this.timeout);
      const outgoing = request(
        {
          socketPath: join(this.folder, 'socket'),
          agent: this.agent,
          method,
          path,
          headers: {
            host: 'localhost',
            accept,
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
      outgoing.on('error', reject);
      outgoing.on('close', () => clearTimeout(late));
      // JSON is YAML, too.
      outgoing.end(apply && JSON.stringify(apply));
    });
  }

  /**
   * The objects of a list.
   *
   * @param accept the form that the answer is to have.
   * @returns undefined where the server knows no such kind.
   * @throws Failure where it does not give the list away.
   */
  async list<T>(path: string, accept?: string): Promise<T[] | undefined> {
    const { status, body } = await this.call('GET', path, undefined, accept);
    if (status === 404) return undefined;
    if (status !== 200) throw new Failure(`answers ${status} to ${path}: ${body.message ?? body}`);
    return body.items as T[];
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

  /** What is on the way out ends the proxy first. */
  private readonly end = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.end);
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
