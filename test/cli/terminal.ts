import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished, vi } from 'vitest';

const START = new URL('../../cli/start.cjs', import.meta.url).pathname;

/** The command at a terminal of its own, which util-linux's `script` makes. */
export class Terminal {
  /** All that was printed, as a terminal gets it. */
  raw = '';
  /** Its exit status, once it has ended. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcessWithoutNullStreams;

  constructor(args: readonly string[], { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv }) {
    const words = [process.execPath, START, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    // A terminal that nobody looks at has no size.
    const command = `stty cols 120 rows 50; exec ${words.join(' ')}`;
    const { NO_COLOR: _, INIT_CWD: __, ...own } = process.env;
    this.child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd,
      env: { ...own, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.raw += text;
    });
    this.child.stdin.on('error', () => {}); // it may have ended
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
    onTestFinished(() => void this.child.kill());
  }

  /** What was printed, without colours and movements. */
  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r', '');
  }

  /** Waits until something was printed after what was looked for before. */
  async shows(text: string): Promise<void> {
    await vi.waitFor(
      () => {
        const at = this.text.indexOf(text, this.seen);
        if (at < 0) throw new Error(`waited for '${text}' at the terminal, which shows\n${this.text}`);
        this.seen = at + text.length;
      },
      { timeout: 60_000, interval: 50 },
    );
  }
  private seen = 0;

  type(text: string): void {
    this.child.stdin.write(text);
  }
}
