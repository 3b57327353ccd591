import { lstatSync, readlinkSync, realpathSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OutputFault, outputFault } from './fault.ts';
import { headerOf, type Inventory, inventoryOf, remove } from './inventory.ts';
import { Replacement } from './replacement.ts';
import { Staging } from './staging.ts';

/** The folder that a synth writes, such as `dist/`. */
export class OutputFolder {
  /** The folder itself where `folder` is a link to it. */
  private readonly target: string;

  /**
   * Puts right what a killed synth has left beside it, so that the folder is there whatever comes of this one.
   *
   * @throws OutputFault when it can't be one.
   */
  constructor(private readonly folder: string) {
    this.target = this.saying(() => targetOf(resolve(folder)));
    this.saying(() => {
      for (const left of Staging.leftBeside(this.target)) left.close(this.target);
    });
  }

  /**
   * Makes the folder hold these files and nothing else. Where it does so already, nothing is touched. Else they are
   * written beside the old ones as they come, and then take their place all at once, so that the old ones stay whole
   * when this fails or is killed.
   *
   * @param files paths in the folder, and texts.
   * @param source name of the file that they are made from.
   * @returns how many files there are.
   * @throws OutputFault when the folder holds what no synth made, or can't be written.
   */
  replace(files: Iterable<readonly [path: string, text: string]>, source: string): number {
    return this.saying(() => {
      const old = this.inventory();
      const replacement = new Replacement(this.target, old && new Set(old.files));
      let kept: string | undefined;
      let count = 0;
      try {
        for (const [path, text] of files) {
          replacement.add(path, headerOf(path, source) + text);
          count++;
        }
        replacement.end();
        if (replacement.staging) this.exchange(replacement.staging, old);
      } finally {
        kept = replacement.staging?.close(this.target);
      }
      if (kept) {
        throw new OutputFault(
          `${this.folder} is new, but something wrote to the old one meanwhile: that is in ${kept}`,
        );
      }
      return count;
    });
  }

  private inventory(): Inventory | undefined {
    const there = statSync(this.target, { throwIfNoEntry: false });
    if (!there) return undefined;
    if (!there.isDirectory()) throw new OutputFault(`${this.folder}: is no folder`);
    if (there.dev !== statSync(dirname(this.target)).dev) throw this.mountPoint();
    return inventoryOf(this.target);
  }

  private exchange(staging: Staging, old: Inventory | undefined): void {
    try {
      if (old) renameSync(this.target, staging.old);
      renameSync(staging.fresh, this.target);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EBUSY' || code === 'EXDEV') throw this.mountPoint();
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
      throw new OutputFault(`${this.folder}: another synth wrote it at the same time, run this one again`);
    }
    if (old) remove(staging.old, old);
  }

  private mountPoint(): OutputFault {
    return new OutputFault(
      `${this.folder}: is a mount point, which can't be replaced as a whole: name a folder inside of it`,
    );
  }

  /** Runs something, and tells what the operating system has against it as a fault of the folder. */
  private saying<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw outputFault(this.folder, error);
    }
  }
}

/** Where a path leads: it may be a link to the folder, but not to nothing. */
function targetOf(path: string): string {
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  if (link && !statSync(path, { throwIfNoEntry: false })) {
    throw new OutputFault(`${path}: is a link to '${readlinkSync(path)}', which is not there`);
  }
  return link ? realpathSync(path) : path;
}
