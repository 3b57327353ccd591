import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { Authority } from '../e2e/harness/pki.ts';
import { run } from '../e2e/harness/process.ts';

/** A Git repository that is read over HTTPS, by git's own CGI program, and the work tree that goes into it. */
export class GitServer {
  private readonly tree: string;
  private server?: Server;

  /**
   * @param folder Folder of its own, which it makes.
   * @param name Name of the repository.
   */
  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {
    this.tree = join(folder, 'tree');
  }

  /** @param authority What has signed `server`, the certificate that it shows. */
  async start(address: string, port: number, authority: Authority): Promise<void> {
    const bare = join(this.folder, 'served', this.name);
    mkdirSync(bare, { recursive: true });
    await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', bare]);
    await run(['git', 'init', '--quiet', '--initial-branch=main', this.tree]);
    await this.git('config', 'user.name', 'test');
    await this.git('config', 'user.email', 'test@example.com');
    await this.git('remote', 'add', 'origin', bare);
    const tls = { cert: readFileSync(authority.crt('server')), key: readFileSync(authority.key('server')) };
    this.server = createServer(tls, (request, response) => this.serve(request, response));
    await new Promise<void>((done, failed) => this.server?.on('error', failed).listen(port, address, done));
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private git(...args: string[]): Promise<string> {
    return run(['git', '-C', this.tree, ...args]);
  }

  /** Puts a folder of manifests into the repository, in place of the one that is there, and returns the commit. */
  async publish(dist: string): Promise<string> {
    const target = join(this.tree, 'dist');
    rmSync(target, { recursive: true, force: true });
    cpSync(dist, target, { recursive: true });
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message=Synthesize');
    await this.git('push', '--quiet', 'origin', 'main');
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** Hands a request to git's CGI program, and its answer back. */
  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://git');
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: join(this.folder, 'served'),
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => {}); // it may not read all of the request
    request.pipe(child.stdin);
    const answer: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => answer.push(part));
    child.on('close', () => {
      const whole = Buffer.concat(answer);
      const end = whole.indexOf('\r\n\r\n');
      const headers = whole.subarray(0, Math.max(end, 0)).toString().split('\r\n');
      for (const header of headers) {
        const [name = '', value = ''] = header.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else if (name) response.setHeader(name, value);
      }
      response.end(whole.subarray(end + 4));
    });
  }
}
