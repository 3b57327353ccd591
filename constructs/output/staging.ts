import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inventoryOf, remove } from './inventory.ts';

/** The file by which a staging folder is known: a folder without it is somebody else's, whatever its name. */
const MARK_FILE = '.synth.json';

/** What `MARK_FILE` says: whose the folder is, and of which output folder. */
interface Mark {
  readonly madeBy: 'serverless-federation';
  readonly target: string;
  readonly process: string;
}

/**
 * A folder beside the output folder, on the same file system, where a synth writes the new files and, for the moment
 * between two renames, keeps the old ones.
 */
export class Staging {
  /** The new files. */
  readonly fresh: string;
  /** The old files. */
  readonly old: string;

  private constructor(private readonly path: string) {
    this.fresh = join(path, 'new');
    this.old = join(path, 'old');
  }

  /** Makes a staging folder beside an output folder. */
  static beside(target: string): Staging {
    const path = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
    const mark: Mark = { madeBy: 'serverless-federation', target: basename(target), process: identityOf(process.pid) };
    writeFileSync(join(path, MARK_FILE), JSON.stringify(mark));
    const staging = new Staging(path);
    mkdirSync(staging.fresh);
    return staging;
  }

  /** What synths have left beside an output folder that were killed. */
  static leftBeside(target: string): Staging[] {
    const parent = dirname(target);
    return entriesOf(parent)
      .map((name) => join(parent, name))
      .filter((path) => {
        const mark = markOf(path);
        return mark?.target === basename(target) && !isRunning(mark.process);
      })
      .map((path) => new Staging(path));
  }

  /**
   * Puts the old folder back where the new one has not taken its place, and deletes the rest. What has come into the
   * old folder that no synth made stays.
   *
   * @returns the folder where that is.
   */
  close(target: string): string | undefined {
    if (existsSync(this.old)) {
      if (!existsSync(target)) renameSync(this.old, target);
      else {
        try {
          remove(this.old, inventoryOf(this.old));
        } catch {
          // Not all of it is ours.
        }
      }
    }
    rmSync(this.fresh, { recursive: true, force: true });
    if (existsSync(this.old)) return this.old;
    rmSync(this.path, { recursive: true, force: true });
    return undefined;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('.'));
  } catch {
    return [];
  }
}

function markOf(path: string): Mark | undefined {
  try {
    const mark = JSON.parse(readFileSync(join(path, MARK_FILE), 'utf8')) as Mark;
    return mark.madeBy === 'serverless-federation' ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** A process for as long as the machine runs: its number and when it began, for numbers come again. */
function identityOf(pid: number): string {
  try {
    // Fields after the command, which is in brackets and can hold anything: proc_pid_stat(5).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${pid}-${fields[19]}`;
  } catch {
    return `${pid}`;
  }
}

function isRunning(identity: string): boolean {
  const pid = Number(identity.split('-')[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return identityOf(pid) === identity;
}
