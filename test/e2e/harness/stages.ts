import { readdirSync, readFileSync } from 'node:fs';

interface Stage {
  readonly name: string;
  readonly seconds: number;
  readonly processes: number;
  readonly mebibytes: number;
}

/** What each part of the story took, for the table at its end. */
export class Stages {
  private readonly stages: Stage[] = [];
  private readonly begin = Date.now();

  async measure<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begin = Date.now();
    try {
      return await work();
    } finally {
      this.stages.push({ name, seconds: (Date.now() - begin) / 1000, ...memory() });
    }
  }

  /** Seconds that each stage took, and the processes and memory (proportional set size) at its end. */
  table(): string {
    const width = Math.max(...this.stages.map(({ name }) => name.length));
    const row = (name: string, seconds: number, processes: number, mebibytes: number) =>
      `${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)}  ${String(processes).padStart(9)}  ${mebibytes.toFixed(0).padStart(6)}`;
    const total = (Date.now() - this.begin) / 1000;
    const most = (of: (stage: Stage) => number) => Math.max(0, ...this.stages.map(of));
    return [
      `${'stage'.padEnd(width)}  seconds  processes     MiB`,
      ...this.stages.map(({ name, seconds, processes, mebibytes }) => row(name, seconds, processes, mebibytes)),
      row(
        'all, and the most at once',
        total,
        most(({ processes }) => processes),
        most(({ mebibytes }) => mebibytes),
      ),
    ].join('\n');
  }
}

/** Of all processes of the sandbox: how many they are, and the memory that they occupy. */
function memory(): { processes: number; mebibytes: number } {
  let [processes, kibibytes] = [0, 0];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const [, size] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${entry}/smaps_rollup`, 'utf8')) ?? [];
      kibibytes += Number(size ?? 0);
      processes++;
    } catch {
      // it has ended meanwhile, or is a thread of the kernel
    }
  }
  return { processes, mebibytes: kibibytes / 1024 };
}
