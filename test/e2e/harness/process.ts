import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, until } from './wait.ts';

/** Where this run keeps its files; run.sh makes it. */
export const runFolder = fromEnvironment('E2E_RUN');
export const logFolder = join(runFolder, 'logs');

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: the end-to-end test runs inside its sandbox, start it with test/e2e/run.sh`);
  return value;
}

export interface ProcessProps {
  readonly command: readonly string[];
  /** Added to the environment of this process. @default - nothing is added */
  readonly env?: Readonly<Record<string, string>>;
}

/** A server in the background. Its output goes to `<logs>/<name>.log`. */
export class Process {
  static readonly all: Process[] = [];
  readonly log: string;
  private child?: ChildProcess;
  private stopping = false;

  constructor(
    readonly name: string,
    private readonly props: ProcessProps,
  ) {
    this.log = join(logFolder, `${name}.log`);
    Process.all.push(this);
  }

  start(): this {
    const [program, ...args] = this.props.command;
    const log = openSync(this.log, 'a');
    this.stopping = false;
    this.child = spawn(program!, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.props.env },
      detached: true, // a process group of its own, to end it with its children
    });
    closeSync(log);
    return this;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Throws with the end of the log when the process is gone although nobody stopped it. */
  check(): void {
    if (this.child && !this.running && !this.stopping) {
      throw new Error(`${this.name} ended with ${this.child.exitCode ?? this.child.signalCode}:\n${this.tail()}`);
    }
  }

  /** Waits for `probe`, and gives up early, with the log, when the process dies. */
  async ready(what: string, probe: () => Promise<unknown>, seconds = 60): Promise<void> {
    try {
      await until(`${this.name} ${what}`, probe, { seconds, unless: () => this.check() });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.tail()}`);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.stopping = true;
    if (!this.running) return;
    const kill = (how: NodeJS.Signals) => {
      try {
        process.kill(-this.child!.pid!, how);
      } catch {
        // it is gone already
      }
    };
    kill(signal);
    for (let i = 0; i < 100 && this.running; i++) await sleep(50);
    if (this.running) kill('SIGKILL');
    await until(`${this.name} to end`, () => !this.running, { seconds: 10 });
  }

  /** Stops it as if it were not there any more, without its noticing. */
  kill(): Promise<void> {
    return this.stop('SIGKILL');
  }

  tail(lines = 40): string {
    const text = existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd() : '';
    return [`--- end of ${this.log}`, ...text.split('\n').slice(-lines), '---'].join('\n');
  }
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Seconds until the command is killed. @default 120 */
  readonly seconds?: number;
}

/** Runs a command to its end, whatever that is. */
export function attempt(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { seconds = 120 } = options;
  return new Promise((done, failed) => {
    const [program, ...args] = command;
    const child = spawn(program!, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let [stdout, stderr, late] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      late = true;
      process.kill(-child.pid!, 'SIGKILL');
    }, seconds * 1000);
    child.on('error', failed);
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code: code ?? 137, stdout, stderr: late ? `${stderr}\n(killed after ${seconds} s)` : stderr });
    });
    child.stdin.on('error', () => {}); // a command need not read all of its input
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a command that must succeed, and returns what it printed. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await attempt(command, options);
  if (result.code !== 0) {
    throw new Error(`${command.join(' ')} ended with ${result.code}:\n${result.stderr}${result.stdout}`.trimEnd());
  }
  return result.stdout;
}
