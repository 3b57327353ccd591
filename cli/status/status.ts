import { setTimeout as sleep } from 'node:timers/promises';
import { distFolder } from '../here.ts';
import { Misuse } from '../misuse.ts';
import { type Access, type AccessOptions, accessTo, checkClusters } from '../servers/access.ts';
import { type Desired, desiredIn, memberNames } from './desired.ts';
import { drawn } from './draw.ts';
import { pathsOf } from './live.ts';
import { Observer } from './look.ts';
import type { StatusReport } from './report.ts';

/** Options of `status`, as its help tells them. */
export interface StatusOptions extends AccessOptions {
  readonly output?: 'json';
  readonly dist?: string;
  /** @default '30' */
  readonly timeout?: string;
  /** @default '30' */
  readonly days?: string;
  /** Seconds between two looks, or true for some. */
  readonly watch?: string | true;
  readonly dryRun?: boolean;
}

/** Seconds between two looks. */
export const PAUSE = 5;

/** Exit status for each verdict. */
const STATUS: Readonly<Record<StatusReport['verdict'], number>> = { well: 0, wrong: 1, unknown: 2 };

/** Puts the cursor where a terminal begins, and clears what is there. */
const CLEAR = '\x1b[H\x1b[2J\x1b[3J';

/**
 * Shows how the federation is, once or again and again, and sets the exit status: 0 where all is well, 1 where something
 * is not, 2 where that can't be told.
 *
 * @throws Misuse for wrong options.
 * @throws Failure where there is nothing to look at.
 */
export async function status(options: StatusOptions): Promise<void> {
  const pause =
    options.watch === undefined
      ? undefined
      : secondsIn('watch', options.watch === true ? `${PAUSE}` : options.watch, 'status');
  const { observer, desired, accesses } = observation(options, 'status');
  try {
    if (options.dryRun) return dryRun(desired(), accesses);
    for (let first = true; ; first = false) {
      const report = await observer.look(desired());
      process.exitCode = STATUS[report.verdict];
      show(report, options, pause !== undefined, first);
      if (pause === undefined) return;
      await sleep(pause * 1000);
    }
  } finally {
    observer.close();
  }
}

/** What is looked at, and by what. */
export interface Observation {
  readonly observer: Observer;
  /** What dist/ holds now. */
  readonly desired: () => Desired;
  readonly accesses: { readonly host: Access; readonly karmada: Access };
}

/**
 * Prepares looking at the federation of a folder.
 *
 * @param command what a user types, for messages.
 * @throws Misuse for wrong options.
 */
export function observation(options: Omit<StatusOptions, 'output' | 'watch' | 'dryRun'>, command: string): Observation {
  const { timeout = '30', days = '30' } = options;
  if (!/^\d{1,5}$/.test(days)) throw new Misuse(`--days '${days}' is not a number of days`, command);
  const dist = distFolder(options.dist);
  checkClusters(options, memberNames(dist), command);
  const access = (cluster: string) => accessTo(cluster, options, false, command);
  const [host, karmada] = [access('host'), access('karmada')];
  const desired = () => desiredIn(dist);
  const observer = new Observer({
    host,
    karmada,
    kubeconfigs: () => [host, karmada, ...memberNames(dist).map(access)],
    timeout: secondsIn('timeout', timeout, command) * 1000,
    days: Number(days),
  });
  return { observer, desired, accesses: { host, karmada } };
}

function secondsIn(option: string, text: string, command: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Misuse(`--${option} '${text}' is not a number of seconds`, command);
  return Number(text);
}

function show(report: StatusReport, { output }: StatusOptions, watches: boolean, first: boolean): void {
  if (output === 'json') {
    console.log(JSON.stringify(report, undefined, watches ? 0 : 2));
    return;
  }
  const told = report.verdict === 'well' ? ['all is well'] : [...report.unknown, ...report.faults];
  if (!watches) {
    const seen = drawn(report);
    if (seen !== '') process.stdout.write(`${seen}\n`);
    for (const line of told) console.error(line);
    return;
  }
  const start = process.stdout.isTTY ? CLEAR : first ? '' : '\n';
  process.stdout.write(`${start}${report.federation}, ${report.at}\n\n${drawn(report)}\n${told.join('\n')}\n`);
}

/** What would be asked, in the words that a reader can try. */
function dryRun({ federation }: Desired, accesses: Observation['accesses']): void {
  for (const [cluster, paths] of Object.entries(pathsOf(federation))) {
    const { file, context } = accesses[cluster as 'host' | 'karmada'];
    for (const path of Object.values(paths)) {
      const words = ['kubectl', '--kubeconfig', file, ...(context ? ['--context', context] : []), 'get', '--raw', path];
      console.log(words.map(quoted).join(' '));
    }
  }
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[a-zA-Z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
